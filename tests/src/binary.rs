//! The binary under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context as _;

use crate::{run, target_folder};

/// The binary, built once in the profile of the running test.
///
/// # Errors
/// Where it does not build.
pub fn bulkhead() -> anyhow::Result<&'static Path> {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    if let Some(binary) = BINARY.get() {
        return Ok(binary);
    }
    let target = target_folder()?;
    let program = std::env::current_exe()?;
    let inside = program.strip_prefix(&target)?;
    let folder = inside.iter().next().context("tests lie in a profile")?;
    let profile = if folder == "debug" { "dev".as_ref() } else { folder };
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a repository")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "bulkhead-cli", "--bin", "bulkhead", "--profile"]);
    cargo.arg(profile).current_dir(repository).env("CARGO_TARGET_DIR", &target);
    run(&mut cargo).context("bulkhead does not build")?;
    Ok(BINARY.get_or_init(|| target.join(folder).join("bulkhead")))
}
