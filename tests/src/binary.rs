//! The programs under test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context as _;

use crate::{run, target_folder};

/// Set where nothing can be built: what there is, is used.
pub const BUILT: &str = "BULKHEAD_BUILT";

/// The binary, built once in the profile of the running test, with one of its own tests: so all that it consists of has the
/// features that it has where all tests are built together, and is not built a second time.
///
/// # Errors
/// Where it does not build.
pub fn bulkhead() -> anyhow::Result<&'static Path> {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    if let Some(binary) = BINARY.get() {
        return Ok(binary);
    }
    let folder = build(&["--workspace", "--bin", "bulkhead", "--test", "commands"])?;
    Ok(BINARY.get_or_init(|| folder.join("bulkhead")))
}

/// The program that does in containers what rules are about. Whoever runs all tests has built it; who runs some of them
/// may have none, or an old one: then it is built.
///
/// # Errors
/// Where it does not build.
pub fn trigger() -> anyhow::Result<&'static Path> {
    static TRIGGER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(trigger) = TRIGGER.get() {
        return Ok(trigger);
    }
    let (folder, _) = profile()?;
    let path = folder.join("examples/trigger");
    let built = fs_err::metadata(&path).and_then(|metadata| metadata.modified()).ok();
    let mut is_old = built.is_none();
    for source in fs_err::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("triggers"))? {
        is_old |= source?.metadata()?.modified().ok() > built;
    }
    if is_old {
        build(&["--package", env!("CARGO_PKG_NAME"), "--example", "trigger"])?;
    }
    Ok(TRIGGER.get_or_init(|| path))
}

/// A test of another crate, as whoever runs all tests has built it.
///
/// # Errors
/// Where it does not build.
pub fn built_test(package: &str, name: &str) -> anyhow::Result<PathBuf> {
    let (_, profile) = profile()?;
    let mut cargo = cargo()?;
    // As all are built together: alone, it would be built anew with other features.
    cargo.args(["test", "--workspace", "--test", name, "--no-run", "--quiet"]);
    cargo.args(["--profile", &profile, "--message-format", "json"]);
    let said = String::from_utf8(run(&mut cargo)?)?;
    let built = said.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == name
            && message["package_id"].as_str().is_some_and(|id| id.contains(package));
        let path = message["executable"].as_str().map(PathBuf::from);
        path.filter(|_| is_it)
    });
    built.with_context(|| format!("cargo builds no test {name} of {package}"))
}

/// Where programs of the running test's profile lie, and what that is called.
fn profile() -> anyhow::Result<(PathBuf, String)> {
    let target = target_folder()?;
    let program = std::env::current_exe()?;
    let inside = program.strip_prefix(&target)?;
    let folder = inside.iter().next().context("tests lie in a profile")?;
    let name = if folder == "debug" { "dev".as_ref() } else { folder };
    Ok((target.join(folder), name.to_string_lossy().into_owned()))
}

/// Builds what some words say, and tells where it lies.
fn build(what: &[&str]) -> anyhow::Result<PathBuf> {
    let (folder, profile) = profile()?;
    if std::env::var_os(BUILT).is_some() {
        return Ok(folder);
    }
    let mut cargo = cargo()?;
    cargo.args(["build", "--quiet"]).args(what).args(["--profile", &profile]);
    run(&mut cargo).with_context(|| format!("it does not build: {what:?}"))?;
    Ok(folder)
}

fn cargo() -> anyhow::Result<Command> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a repository")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository).env("CARGO_TARGET_DIR", target_folder()?);
    Ok(cargo)
}
