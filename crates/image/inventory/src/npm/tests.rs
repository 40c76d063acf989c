//! Manifests and lock files as they are found, and what Node would load.

mod other_locks;

use super::{lock, manifest};
use crate::Mode;
use crate::fixture::{Tree, summary};

#[test]
fn manifests_of_every_kind() {
    let check = |json: &str, expected: Option<(&str, &str, &[&str])>| {
        let read = manifest::parse(json.as_bytes()).value;
        let shown = read.as_ref().map(|manifest| {
            let licences: Vec<&str> = manifest.licences.iter().map(String::as_str).collect();
            (manifest.name.as_str(), manifest.version.as_str(), licences)
        });
        let expected = expected.map(|(name, version, licences)| (name, version, licences.to_vec()));
        assert_eq!(shown, expected, "{json}");
    };
    check(r#"{"name":"a","version":"1.0.0","license":"MIT"}"#, Some(("a", "1.0.0", &["MIT"])));
    check(r#"{"name":"a","version":2,"author":{"name":3}}"#, Some(("a", "2", &[])));
    check(r#"{"name":"a","license":{"type":"MIT","url":""}}"#, Some(("a", "", &["MIT"])));
    check(
        r#"{"name":"a","version":"1","licenses":[{"type":"MIT"},"ISC",null]}"#,
        Some(("a", "1", &["MIT", "ISC"])),
    );
    check(r#"{"type":"module"}"#, None);
    check(r#"{"name":{"x":[]},"version":"1"}"#, None);
    check("[]", None);
    check("\u{feff}{\"name\":\"a\",\"version\":\"\\u0031\"}", Some(("a", "1", &[])));
}

#[test]
fn broken_manifests_are_problems() {
    for json in ["", "{\"name\":\"a\",", "{\"name\":\"a\"}}", "\0"] {
        let parsed = manifest::parse(json.as_bytes());
        assert_eq!((parsed.value, parsed.faults.len()), (None, 1), "{json}");
    }
}

#[test]
fn locks_of_every_version() {
    let check = |json: &str, expected: &[(&str, &str, &str)]| {
        let lock = lock::parse(json.as_bytes()).value.unwrap();
        let mut shown: Vec<_> = lock
            .packages
            .iter()
            .map(|locked| (locked.place.as_str(), locked.name.as_str(), locked.version.as_str()))
            .collect();
        shown.sort_unstable();
        assert_eq!(shown, expected, "{json}");
    };
    check(
        r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","requires":{"b":"^2"},
            "dependencies":{"b":{"version":"2.0.0"}}},"c":{"version":"npm:@x/real@3.0.0"}}}"#,
        &[
            ("node_modules/a", "a", "1.0.0"),
            ("node_modules/a/node_modules/b", "b", "2.0.0"),
            ("node_modules/c", "@x/real", "3.0.0"),
        ],
    );
    check(
        r#"{"lockfileVersion":3,"packages":{"":{"name":"root","version":"0.1.0"},
            "node_modules/@s/a":{"version":"1.0.0"},
            "node_modules/alias":{"name":"real","version":"2.0.0"}},"dependencies":{"z":{}}}"#,
        &[
            ("", "root", "0.1.0"),
            ("node_modules/@s/a", "@s/a", "1.0.0"),
            ("node_modules/alias", "real", "2.0.0"),
        ],
    );
    check(r#"{"packages":null,"dependencies":[1]}"#, &[]);
}

/// npm 6, "package-lock.json", `version`: an address where a package comes out of no registry.
#[test]
fn addresses_in_place_of_versions() {
    let lock = r#"{"lockfileVersion":1,"dependencies":{
        "archive":{"version":"https://user:word@host/archive.tgz"},
        "folder":{"version":"file:../folder"},
        "hosted":{"version":"github:o/hosted#0ab","from":"github:o/hosted"},
        "packed":{"version":"file:packed-1.0.0.tgz"},
        "repository":{"version":"git+ssh://git@host/r.git#0ab","from":"git+ssh://git@host/r.git"},
        "tar":{"version":"https://host/tar/-/tar-1.2.3.tgz"}}}"#;
    let tree = Tree::default()
        .file("package-lock.json", lock)
        .file("node_modules/hosted/package.json", manifest("hosted", "2.0.0", &[]));
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert_eq!(problems, []);
    let purls: Vec<&str> = inventory.packages.iter().map(|package| package.purl.as_str()).collect();
    assert_eq!(
        purls,
        [
            "pkg:npm/archive",
            "pkg:npm/hosted@2.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fhosted.git%400ab",
            "pkg:npm/packed",
            "pkg:npm/repository?vcs_url=git%2Bssh:%2F%2Fhost%2Fr.git%400ab",
            "pkg:npm/tar@1.2.3",
        ]
    );
    assert_eq!(inventory.packages[0].properties["npm:resolved"], "https://host/archive.tgz");
}

#[test]
fn deep_locks_end_with_a_problem() {
    let deep = r#"{"dependencies":{"a":"#.repeat(10_000);
    assert_eq!(lock::parse(deep.as_bytes()).faults.len(), 1);
}

fn manifest(name: &str, version: &str, dependencies: &[&str]) -> String {
    let dependencies: serde_json::Map<_, _> =
        dependencies.iter().map(|name| ((*name).to_owned(), "*".into())).collect();
    serde_json::json!({"name": name, "version": version, "dependencies": dependencies}).to_string()
}

#[test]
fn dependencies_are_those_that_node_loads() {
    let tree = Tree::default()
        .file("app/node_modules/a/package.json", manifest("a", "1", &["b", "c", "absent"]))
        .file("app/node_modules/a/node_modules/b/package.json", manifest("b", "1", &["c"]))
        .file("app/node_modules/b/package.json", manifest("b", "2", &[]))
        .file("app/node_modules/.store/c/package.json", manifest("c", "3", &["b"]))
        .link("app/node_modules/c", ".store/c")
        .file("other/node_modules/d/package.json", manifest("d", "4", &["b"]));
    let shown = summary(&tree.installed());
    assert_eq!(shown.packages, ["npm a@1", "npm b@1", "npm b@2", "npm c@3", "npm d@4"]);
    assert_eq!(
        shown.relations,
        ["a@1 depends_on b@1", "a@1 depends_on c@3", "b@1 depends_on c@3", "c@3 depends_on b@2"]
    );
}

const LOCK: &str = r#"{"lockfileVersion":3,"packages":{
    "":{"name":"app","version":"0.0.1","dependencies":{"a":"^1"}},
    "node_modules/a":{"version":"1.0.0","resolved":"https://host/a.tgz","dependencies":{"b":"*"}},
    "node_modules/b":{"version":"2.0.0","dev":true,"integrity":"sha512-x"}}}"#;

#[test]
fn in_images_locks_only_describe_what_is_installed() {
    let tree = Tree::default()
        .file("app/package-lock.json", LOCK)
        .file("app/node_modules/a/package.json", manifest("a", "1.0.0", &["b"]));
    let inventory = tree.installed();
    assert_eq!(summary(&inventory).packages, ["npm a@1.0.0"]);
    assert_eq!(inventory.packages[0].properties["npm:resolved"], "https://host/a.tgz");
}

#[test]
fn in_projects_locked_packages_count() {
    let tree = Tree::default()
        .file("package.json", manifest("app", "0.0.1", &["a"]))
        .file("package-lock.json", LOCK)
        .file("test/fixture/package.json", manifest("fixture", "9", &[]))
        .file("node_modules/a/package.json", manifest("a", "1.0.0", &["b"]));
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert_eq!(problems, []);
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["npm a@1.0.0", "npm app@0.0.1", "npm b@2.0.0"]);
    assert_eq!(shown.relations, ["a@1.0.0 depends_on b@2.0.0", "app@0.0.1 depends_on a@1.0.0"]);
    let places: Vec<String> =
        inventory.packages[0].locations.iter().map(ToString::to_string).collect();
    assert_eq!(places, ["node_modules/a/package.json", "package-lock.json"]);
    let locked = &inventory.packages[2];
    assert_eq!(locked.properties["npm:development"], "true");
    assert_eq!(locked.locations[0].to_string(), "package-lock.json!node_modules/b");
}
