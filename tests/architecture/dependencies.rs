//! The table of versions in the root manifest.

use std::collections::BTreeSet;

use crate::crates::METADATA;

#[test]
fn each_dependency_gives_its_reason() {
    let manifest = manifest();
    let outside = table(&manifest).filter(|line| !line.contains("path ="));
    for line in outside {
        let reason = line.rsplit_once('#').map(|(_, reason)| reason.trim());
        assert!(
            reason.is_some_and(|reason| reason.split_whitespace().count() >= 1),
            "no reason beside: {line}"
        );
    }
}

#[test]
fn each_dependency_is_used() {
    let used: BTreeSet<&str> = METADATA
        .workspace_packages()
        .iter()
        .flat_map(|package| &package.dependencies)
        .map(|dependency| dependency.name.as_str())
        .collect();
    for name in table(&manifest()).map(name) {
        assert!(used.contains(name), "{name} stands in the root manifest and nobody uses it");
    }
}

#[test]
fn dependencies_stand_in_order() {
    let manifest = manifest();
    let (own, outside): (Vec<&str>, Vec<&str>) =
        table(&manifest).map(name).partition(|name| name.starts_with("bulkhead-"));
    assert!(own.is_sorted(), "{own:?}");
    assert!(outside.is_sorted(), "{outside:?}");
}

fn manifest() -> String {
    let path = bulkhead_testing::repository().join("Cargo.toml");
    fs_err::read_to_string(path).expect("the root manifest can be read")
}

/// The lines of `[workspace.dependencies]`, one dependency each.
fn table(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn name(line: &str) -> &str {
    line.split(['=', ' ']).next().unwrap_or(line)
}
