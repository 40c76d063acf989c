//! Other programs, run to their end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Runs a command to its end and returns what it wrote to its standard output.
///
/// # Errors
/// Where it cannot be started, or fails: with the end of what it wrote to standard error.
pub fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let shown = format!("{command:?}");
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
