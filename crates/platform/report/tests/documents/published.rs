//! What publishers ship to check their formats with, from the registries by their own clients.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A package of the npm registry, installed for the tests; none, and a recorded skip, where that
/// cannot be done.
pub(crate) fn npm(name: &str, version: &str) -> Option<PathBuf> {
    let npm = bulkhead_testing::tool("npm")?;
    let folder = installed(&format!("{name}@{version}"), |fresh, package| {
        let mut command = Command::new(npm);
        command.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]);
        command.args(["--no-save", "--prefix"]).arg(fresh).arg(package);
        command
    })?;
    Some(folder.join("node_modules").join(name))
}

/// The folder of a package of the Python index, to be put on Python's path.
pub(crate) fn python(package: &str) -> Option<PathBuf> {
    let python = bulkhead_testing::tool("python3")?;
    installed(package, |fresh, package| {
        let mut command = Command::new(python);
        command.args(["-m", "pip", "install", "--quiet", "--target"]).arg(fresh);
        command.args(["--disable-pip-version-check", "--root-user-action=ignore", package]);
        command
    })
}

fn installed(package: &str, install: impl FnOnce(&Path, &str) -> Command) -> Option<PathBuf> {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = base.join(package.replace('/', "-"));
    if !folder.try_exists().unwrap() {
        // Installed beside and renamed, because tests run at the same time.
        let fresh = tempfile::tempdir_in(base).unwrap();
        let output = install(fresh.path(), package).output().unwrap();
        if !output.status.success() {
            bulkhead_testing::skip(&format!("{package} could not be installed"));
            return None;
        }
        let _ = fs_err::rename(fresh.path(), &folder);
    }
    Some(folder)
}
