//! Debian's rpm.

use std::path::Path;
use std::process::Command;

use super::{databases, lines, name, read};

/// One line a package, as [`lines`] writes them; none where rpm is not installed. rpm writes into
/// the folder of a database, so it is given a copy.
pub(super) fn list(folder: &Path) -> Option<Vec<String>> {
    let format = "%{NAME}|%{EVR}|%{ARCH}|%{LICENSE}|%{VENDOR}|%{MODULARITYLABEL}\n";
    query(folder, &["-qa", "--qf", format])
}

/// What rpm answers, line by line, sorted.
pub(super) fn query(folder: &Path, arguments: &[&str]) -> Option<Vec<String>> {
    let rpm = bulkhead_testing::tool("rpm")?;
    let copy = tempfile::tempdir().unwrap();
    for file in bulkhead_testing::files_below(folder) {
        fs_err::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    let output =
        Command::new(rpm).arg("--dbpath").arg(copy.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    Some(lines)
}

#[test]
fn lists_are_those_of_rpm() {
    for path in databases(&["rpmdb.sqlite", "Packages"]) {
        let Some(expected) = list(path.parent().unwrap()) else { return };
        let content = fs_err::read(&path).unwrap();
        let (inventory, problems) = read(&[(name(&path), &content)]);
        assert_eq!(problems, [], "{}", path.display());
        assert!(!expected.is_empty(), "{}", path.display());
        assert_eq!(lines(&inventory), expected, "{}", path.display());
    }
}
