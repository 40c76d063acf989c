//! What tests need from outside, and a record of what was skipped for the lack of it.
//!
//! Only tests, and the crates that make their inputs, depend on it. A test asks for what it needs and returns where there is none:
//!
//! ```no_run
//! # fn test() {
//! let Some(folder) = bulkhead_testing::data("fixtures/version-order") else { return };
//! # }
//! ```
//!
//! The skip is recorded under the test's own name. `cargo xtask test` prints the record; with
//! `BULKHEAD_NO_SKIP=1` a skip is a failure on the spot.

#![expect(clippy::expect_used, reason = "a test that cannot read its input must fail")]

mod server;

pub use server::{Answer, Asked, Authority, Fault, Server};

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

/// A folder or file of the test data: below `BULKHEAD_TEST_DATA`, else `../shared/data` beside the
/// repository. None, and a recorded skip, where it is absent.
pub fn data(relative: &str) -> Option<PathBuf> {
    let path = data_root().join(relative);
    if path.try_exists().unwrap_or(false) {
        return Some(path);
    }
    skip(&format!("no test data {relative}"));
    None
}

/// The files below a folder of the test data, sorted, links and folders left out. Empty, and a
/// recorded skip, where the folder is absent or holds no file.
pub fn data_files(relative: &str) -> Vec<PathBuf> {
    let Some(folder) = data(relative) else { return Vec::new() };
    let files = files_below(&folder);
    if files.is_empty() {
        skip(&format!("no files in test data {relative}"));
    }
    files
}

/// All regular files below a folder, sorted.
///
/// # Panics
/// Where the folder cannot be read.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("test data can be read") {
            let entry = entry.expect("test data can be read");
            let kind = entry.file_type().expect("test data can be read");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

/// A program on the search path. None, and a recorded skip, where it is not installed.
pub fn tool(name: &str) -> Option<PathBuf> {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found
}

/// Records that the running test was skipped, or fails it under `BULKHEAD_NO_SKIP=1`.
///
/// # Panics
/// Under `BULKHEAD_NO_SKIP=1`.
pub fn skip(reason: &str) {
    let name = running_test();
    assert!(
        std::env::var_os("BULKHEAD_NO_SKIP").is_none_or(|value| value != "1"),
        "{name} would be skipped: {reason}"
    );
    if let Some(record) = std::env::var_os("BULKHEAD_SKIP_RECORD") {
        let mut file = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(PathBuf::from(record))
            .expect("the record of skips can be written");
        // One write per line: tests of several processes append to the same file.
        file.write_all(format!("{name}: {reason}\n").as_bytes())
            .expect("the record of skips can be written");
    }
}

/// The test that runs, after the program it lies in: test names alone are not unique.
fn running_test() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo appends a hash to the name of the program.
    let program = program.rsplit_once('-').map_or(&*program, |(name, _)| name);
    format!("{program}::{}", thread::current().name().unwrap_or("unnamed"))
}

/// The root of the repository.
///
/// # Panics
/// Where this crate was moved without this function.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).expect("three folders down")
}

fn data_root() -> PathBuf {
    std::env::var_os("BULKHEAD_TEST_DATA")
        .map_or_else(|| repository().join("../shared/data"), PathBuf::from)
}
