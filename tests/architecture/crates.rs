//! Levels of crates and the direction of arrows between them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// From the bottom upwards; an arrow goes down.
const LEVELS: [&str; 6] = ["ground", "engine", "source", "pipeline", "platform", "app"];

/// Arrows inside one level: from, to, and why.
const SAME_LEVEL: &[(&str, &str, &str)] = &[
    ("bulkhead-alerts", "bulkhead-events", "an alert tells of an event"),
    ("bulkhead-alerts", "bulkhead-rules", "an alert is a rule that was met"),
    ("bulkhead-archive", "bulkhead-limits", "every decoder draws from the budget"),
    ("bulkhead-archive", "bulkhead-model", "odd archives are classed as problems of a report are"),
    ("bulkhead-inventory", "bulkhead-layers", "catalogers are detectors"),
    ("bulkhead-exceptions", "bulkhead-limits", "ignore files are read under a budget"),
    (
        "bulkhead-exceptions",
        "bulkhead-yaml",
        "ignore files are YAML, and mistakes in them have a line",
    ),
    ("bulkhead-exceptions", "bulkhead-model", "an exception is about findings"),
    ("bulkhead-posture", "bulkhead-objects", "controls are about objects"),
    ("bulkhead-posture", "bulkhead-objects", "controls judge objects"),
    ("bulkhead-rbac", "bulkhead-objects", "roles and bindings are objects"),
    ("bulkhead-reachability", "bulkhead-objects", "clusters are made of objects"),
    ("bulkhead-registry", "bulkhead-http", "registries are reached by the one client"),
    ("bulkhead-rules", "bulkhead-events", "rules are held against events"),
    ("xtask", "bulkhead-end-to-end", "demo and benchmarks scan the images of the tests"),
    (
        "bulkhead-advisories",
        "bulkhead-sbom",
        "distributions publish their advisories as CSAF, the form in which VEX is read, too",
    ),
];

/// What would make an engine wait for something outside itself.
const OUTSIDE: [&str; 4] = ["kube", "reqwest", "rusqlite", "tokio"];

/// The workspace and everything under it, as built for the platform that Bulkhead runs on.
pub(crate) static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let options = ["--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    MetadataCommand::new()
        .manifest_path(bulkhead_testing::repository().join("Cargo.toml"))
        .other_options(options.map(str::to_owned))
        .exec()
        .expect("cargo metadata describes the workspace")
});

#[test]
fn each_crate_has_a_level_and_a_description() {
    for package in METADATA.workspace_packages() {
        assert!(level(package).is_some(), "{}: level is not one of {LEVELS:?}", package.name);
        let described = package.description.as_deref().is_some_and(|text| text.contains(' '));
        assert!(described, "{}: its description does not say what it is", package.name);
    }
}

#[test]
fn arrows_go_down() {
    let arrows = arrows();
    for (from, to) in &arrows {
        let allowed = SAME_LEVEL.iter().any(|(a, b, _)| (*a, *b) == (&from.name, &to.name));
        assert!(
            level(from) > level(to) || (level(from) == level(to) && allowed),
            "{} must not depend on {}: arrows go down, or stand in SAME_LEVEL with a reason",
            from.name,
            to.name
        );
    }
    for (from, to, _) in SAME_LEVEL {
        let used = arrows.iter().any(|(a, b)| (*from, *to) == (&a.name, &b.name));
        assert!(used, "SAME_LEVEL allows {from} → {to}, which is not there");
    }
}

#[test]
fn engines_reach_nothing_outside() {
    let engine = LEVELS.iter().position(|name| *name == "engine");
    for package in METADATA.workspace_packages() {
        if level(package) > engine {
            continue;
        }
        let reached: BTreeSet<&str> =
            closure(&package.id).into_iter().map(|id| METADATA[id].name.as_str()).collect();
        for name in OUTSIDE {
            assert!(!reached.contains(name), "{} reaches {name}: engines are pure", package.name);
        }
    }
}

#[test]
fn testing_is_a_development_dependency() {
    for package in METADATA.workspace_packages() {
        let built_in = package.dependencies.iter().any(|dependency| {
            dependency.name == "bulkhead-testing" && dependency.kind != DependencyKind::Development
        });
        // The images for tests, the inputs of fuzzers and what is measured are crates that only tests and tasks use.
        let of_tests = ["bulkhead-benches", "bulkhead-end-to-end", "bulkhead-fuzz"];
        assert!(
            !built_in || of_tests.contains(&package.name.as_str()),
            "{} ships bulkhead-testing",
            package.name
        );
    }
}

/// Each crate says which of its modules read hostile bytes, so that a new one cannot be forgotten:
/// `parses` beside its level, empty where there are none.
#[test]
fn parsers_deny_what_could_panic() {
    let lints =
        ["unwrap_used", "expect_used", "panic", "indexing_slicing", "arithmetic_side_effects"];
    for package in METADATA.workspace_packages() {
        let parses = package.metadata["bulkhead"].get("parses").and_then(|list| list.as_array());
        if level(package) == level_of("app") {
            continue;
        }
        let parses = parses.unwrap_or_else(|| panic!("{}: says not what it parses", package.name));
        for module in parses.iter().filter_map(|module| module.as_str()) {
            let text = fs_err::read_to_string(folder(package).join(module));
            let text = text.expect("a parser's module");
            for lint in lints.map(|lint| format!("clippy::{lint}")) {
                assert!(text.contains(&lint), "{}/{module} does not deny {lint}", package.name);
            }
        }
    }
}

#[test]
fn each_crate_inherits_the_lints() {
    for package in METADATA.workspace_packages() {
        let manifest = fs_err::read_to_string(&package.manifest_path).expect("a manifest");
        let manifest: toml::Table = manifest.parse().expect("a manifest is TOML");
        let inherits = manifest["lints"].get("workspace").and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{}: lints are not the workspace's", package.name);
    }
}

/// The folder of a crate.
pub(crate) fn folder(package: &Package) -> &Path {
    package.manifest_path.parent().expect("a manifest lies in a folder").as_std_path()
}

/// How high a crate stands.
fn level(package: &Package) -> Option<usize> {
    let name = package.metadata.get("bulkhead")?.get("level")?.as_str()?;
    level_of(name)
}

fn level_of(name: &str) -> Option<usize> {
    LEVELS.iter().position(|level| *level == name)
}

/// Every arrow between two crates of the workspace that is built into what is shipped.
fn arrows() -> Vec<(&'static Package, &'static Package)> {
    let packages = METADATA.workspace_packages();
    let mut arrows = Vec::new();
    for from in &packages {
        for dependency in &from.dependencies {
            let shipped = dependency.kind != DependencyKind::Development;
            let target = packages.iter().find(|package| package.name.as_str() == dependency.name);
            if let (true, Some(to)) = (shipped, target) {
                arrows.push((*from, *to));
            }
        }
    }
    arrows
}

/// Everything that a crate reaches through normal dependencies, itself included.
fn closure(root: &'static PackageId) -> BTreeSet<&'static PackageId> {
    let nodes = &METADATA.resolve.as_ref().expect("metadata holds the resolved graph").nodes;
    let mut reached = BTreeSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node.id == *id).expect("every package has a node");
        let normal = node.deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        });
        open.extend(normal.map(|dependency| &dependency.pkg));
    }
    reached
}
