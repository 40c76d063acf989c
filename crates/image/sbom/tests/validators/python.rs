//! Packages of the Python index, by which publishers ship schemas and tools.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of an installed package, `name==version`; none, and a skip, where it cannot be had.
pub(crate) fn package(name: &str, options: &[&str]) -> Option<PathBuf> {
    let python = bulkhead_testing::tool("python3")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.try_exists().unwrap() {
        return Some(folder);
    }
    // Unpacked beside and renamed, because tests run at the same time.
    let fresh = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let status = Command::new(python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(options)
        .arg("--target")
        .arg(fresh.path())
        .args(["--disable-pip-version-check", "--root-user-action=ignore", name])
        .status()
        .unwrap();
    if !status.success() {
        bulkhead_testing::skip(&format!("{name} could not be installed"));
        return None;
    }
    let _ = fs_err::rename(fresh.path(), &folder);
    Some(folder)
}
