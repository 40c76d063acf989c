//! Other programs, run to their end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, ensure};

static SHOW: AtomicBool = AtomicBool::new(false);

/// From now on [`run`] prints each command before it runs.
pub fn show_commands() {
    SHOW.store(true, Ordering::Relaxed);
}

/// Prints a command as one would type it.
#[expect(clippy::print_stdout, reason = "for the workspace's own commands on a terminal")]
pub fn show(command: &Command) {
    let folder = command.get_current_dir().map(|folder| folder.display().to_string());
    match folder.filter(|folder| !std::env::current_dir().is_ok_and(|here| here.ends_with(folder)))
    {
        Some(folder) => println!("\n$ cd {folder} && {}", shown(command)),
        None => println!("\n$ {}", shown(command)),
    }
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Runs a command to its end and returns what it wrote to its standard output.
///
/// # Errors
/// Where it cannot be started, or fails: with the end of what it wrote to standard error.
pub fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    if SHOW.load(Ordering::Relaxed) {
        show(command);
    }
    let shown = shown(command);
    let output = command
        .env("PATH", path_with_system_folders())
        .output()
        .with_context(|| format!("cannot start {shown}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = errors.lines().rev().take(20).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    ensure!(output.status.success(), "{shown} failed: {}\n{}", output.status, last.join("\n"));
    Ok(output.stdout)
}

/// Runs a program with arguments in a folder; see [`run`].
///
/// # Errors
/// As [`run`].
pub fn run_in(folder: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    run(Command::new(program).args(arguments).current_dir(folder))
}

/// The search path with the folders of system programs, which a plain login may lack.
pub fn path_with_system_folders() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::join_paths(std::env::split_paths(&path).chain(system)).unwrap_or(path)
}
