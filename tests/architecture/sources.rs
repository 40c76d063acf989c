//! The shape of the sources: size of files, names, no crate without code.

use std::path::{Path, PathBuf};

use crate::crates::{METADATA, folder};

/// No file is longer, tests included.
const LONGEST: usize = 500;

/// Half of the files are at most this long.
const MEDIAN: usize = 250;

/// Endings of names that say nothing about the thing named.
const EMPTY_NAMES: [&str; 5] = ["Manager", "Helper", "Util", "Utils", "Processor"];

#[test]
fn no_file_is_too_long() {
    let mut lengths = Vec::new();
    for path in sources() {
        let length = read(&path).lines().count();
        assert!(length <= LONGEST, "{} has {length} lines: split it", path.display());
        lengths.push(length);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= MEDIAN, "the median file has {median} lines");
}

#[test]
fn modules_stand_beside_their_folders() {
    for path in sources() {
        assert_ne!(path.file_name().and_then(|name| name.to_str()), Some("mod.rs"), "{path:?}");
    }
}

#[test]
fn no_crate_is_empty() {
    for package in METADATA.workspace_packages() {
        let code: usize = bulkhead_testing::files_below(folder(package))
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .map(|path| code_lines(&read(path)))
            .sum();
        assert!(code >= 20, "{} has {code} lines of code: it is a stub", package.name);
    }
}

#[test]
fn libraries_open_with_what_they_are() {
    for package in METADATA.workspace_packages() {
        for target in &package.targets {
            let text = read(target.src_path.as_std_path());
            assert!(text.starts_with("//! "), "{} does not say what it is", target.src_path);
        }
    }
}

#[test]
fn types_have_telling_names() {
    for path in sources() {
        for line in read(&path).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(at) =
                words.iter().position(|word| matches!(*word, "struct" | "enum" | "trait"))
            else {
                continue;
            };
            let name = words.get(at + 1).copied().unwrap_or_default();
            let name = name.split(['<', '(', ';', ':']).next().unwrap_or(name);
            let empty = EMPTY_NAMES.iter().find(|ending| name.ends_with(*ending));
            assert!(empty.is_none(), "{name} in {}: a noun for what it is", path.display());
        }
    }
}

/// Every Rust file of the repository.
fn sources() -> Vec<PathBuf> {
    let root = bulkhead_testing::repository();
    let folders = ["benches", "crates", "fuzz", "tests", "xtask"].map(|name| root.join(name));
    let mut sources: Vec<PathBuf> = folders
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| bulkhead_testing::files_below(folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.components().any(|part| part.as_os_str() == "target"))
        .collect();
    sources.sort();
    sources
}

fn code_lines(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn read(path: &Path) -> String {
    fs_err::read_to_string(path).expect("a source file is text")
}
