//! Commands that are shown before they run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use bulkhead_end_to_end::{show, shown};

/// The root of the repository, where commands run: where cargo says this task lies.
pub(crate) fn repository() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
    let folder = manifest.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&folder).parent().unwrap_or(Path::new(".")).to_owned()
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
    show(command);
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    ensure!(status.success(), "{} failed: {status}", shown(command));
    Ok(())
}

/// Builds the binary in the profile of tests and demo, and returns its path.
pub(crate) fn build_bulkhead() -> anyhow::Result<PathBuf> {
    let arguments = ["build", "--profile", "ci", "--package", "bulkhead-cli", "--bin", "bulkhead"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(bulkhead_end_to_end::target_folder()?.join("ci/bulkhead"))
}
