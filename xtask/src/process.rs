//! Commands that are shown before they run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The root of the repository, where commands run.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A program that will run at the root of the repository and find the tools that
/// [`crate::machine`] installs.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repository());
    if let Ok(path) = crate::machine::search_path() {
        command.env("PATH", path);
    }
    command
}

/// Prints a command as one would type it, then runs it with its output on this terminal.
pub(crate) fn show_and_run(command: &mut Command) -> anyhow::Result<()> {
    println!("\n$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return short(word);
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A path inside the repository without the repository.
fn short(word: &str) -> String {
    let prefix = format!("{}/", repository().display());
    word.replace(&prefix, "")
}

/// Builds the binary in the profile of tests and demo, and returns its path.
pub(crate) fn build_bulkhead() -> anyhow::Result<PathBuf> {
    let arguments = ["build", "--profile", "ci", "--package", "bulkhead-cli", "--bin", "bulkhead"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(bulkhead_end_to_end::target_folder()?.join("ci/bulkhead"))
}
