use super::{Kind, list};
use crate::Mode;
use crate::fixture::{Tree, summary};

#[test]
fn files_are_known_by_their_places() {
    for (path, expected) in [
        ("composer.lock", Some(Kind::Lock)),
        ("vendor/a/b/composer.lock", None),
        ("vendor/composer/installed.json", Some(Kind::Installed)),
        ("composer.json", None),
    ] {
        assert_eq!(Kind::of(&path.into()), expected, "{path}");
    }
}

const LOCK: &str = r#"{"packages": [
    {"name": "Acme/App", "version": "v1.2.0", "license": ["MIT", "BSD"],
     "source": {"type": "git", "url": "https://user:word@host/app.git", "reference": "0ab"},
     "require": {"php": ">=8", "acme/virtual": "*", "acme/lib": "^2"}},
    {"name": "acme/lib", "version": "2.0.0", "provide": {"acme/virtual": "1.0"}},
    {"name": "acme/local", "version": "dev-main", "dist": {"type": "path", "url": "../local"}}],
  "packages-dev": [{"name": "acme/tool", "version": "3.0.0", "require": {"acme/lib": "*"}}]}"#;

const PACKAGES: &str = r#"[
    {"name": "acme/app", "version": "v1.2.0", "version_normalized": "1.2.0.0", "require": {"acme/lib": "^2"}},
    {"name": "acme/lib", "version": "2.0.0", "version_normalized": "2.0.0.0", "dist": {"type": "path"}},
    {"name": "acme/tool", "version": "3.0.0", "version_normalized": "3.0.0.0", "type": "library"}]"#;

#[test]
fn locked_packages() {
    let (inventory, problems) = Tree::default().file("composer.lock", LOCK).assemble(Mode::Project);
    assert_eq!(problems, []);
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        ["composer Acme/App@v1.2.0", "composer acme/lib@2.0.0", "composer acme/tool@3.0.0"]
    );
    assert_eq!(
        shown.relations,
        ["Acme/App@v1.2.0 depends_on acme/lib@2.0.0", "acme/tool@3.0.0 depends_on acme/lib@2.0.0"]
    );
    let [app, lib, tool] = inventory.packages.as_slice() else { panic!("three packages") };
    assert_eq!(app.purl, "pkg:composer/acme/app@v1.2.0");
    assert_eq!(app.licences, ["MIT", "BSD"]);
    assert_eq!(app.properties["composer:source"], "git+https://host/app.git@0ab");
    assert_eq!(tool.properties["composer:development"], "true");
    assert!(!lib.properties.contains_key("composer:development"));
}

#[test]
fn installed_packages_of_both_versions() {
    let second =
        format!(r#"{{"packages": {PACKAGES}, "dev": true, "dev-package-names": ["acme/tool"]}}"#);
    for list in [PACKAGES, &second] {
        // The first version does not say what is for development, the lock file does.
        let tree = Tree::default()
            .file("srv/vendor/composer/installed.json", list)
            .file("srv/composer.lock", LOCK);
        let inventory = tree.installed();
        let shown = summary(&inventory);
        assert_eq!(
            shown.packages,
            ["composer acme/app@v1.2.0", "composer acme/lib@2.0.0", "composer acme/tool@3.0.0"]
        );
        assert!(shown.relations.contains(&"acme/app@v1.2.0 depends_on acme/lib@2.0.0".to_owned()));
        assert_eq!(inventory.packages[2].properties["composer:development"], "true");
        assert!(!inventory.packages[1].properties.contains_key("composer:development"));
    }
}

/// Composer's own folder tells what the file is, whoever wrote it.
#[test]
fn installed_packages_without_a_normalised_version() {
    for list in [
        r#"[{"name": "a/b", "version": "1"}]"#,
        r#"{"packages": [{"name": "a/b", "version": "1"}]}"#,
    ] {
        let tree = Tree::default().file("vendor/composer/installed.json", list);
        assert_eq!(summary(&tree.installed()).packages, ["composer a/b@1"], "{list}");
    }
}

#[test]
fn other_files_of_the_name_are_passed_over() {
    for text in [r#"{"packages": [{"name": "a", "version": "1"}]}"#, "[]", "{}", "[1, null, {}]"] {
        let read = list::installed(text.as_bytes(), false);
        assert!(read.value.is_none() && read.faults.is_empty(), "{text}");
    }
    assert_eq!(list::installed(b"[{]", true).faults.len(), 1);
    assert_eq!(list::lock(b"").faults.len(), 1);
}
