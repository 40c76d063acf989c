//! The catalogue of feeds, and how it finds them in a mirror folder.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_advisories::{Catalogue, Error, locate};
use bulkhead_model::{Ecosystem, Scope};

/// A catalogue of one feed with these lines, and one postponed feed.
fn catalogue(lines: &str) -> Result<Catalogue, Error> {
    Catalogue::parse(&format!(
        "silences: {{severity: No severity is given.}}
feeds:
  - id: first
    publisher: Somebody
    name: A feed
    addresses: [https://example.org/]
    paths: [example.org/*/list.json]
    format: osv
    terms: CC0-1.0
    pace_days: 7
{lines}
  - id: later
    publisher: Somebody
    name: Another feed
    addresses: [https://example.org/]
    paths: [example.org/later.json]
    format: kev
    terms: CC0-1.0
    pace_days: 7
    postponed: nobody needs it
"
    ))
}

#[test]
fn the_embedded_catalogue_follows_its_schema() {
    let content = bulkhead_testing::repository().join("content");
    let schema = fs_err::read_to_string(content.join("feeds.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let yaml = fs_err::read_to_string(content.join("feeds.yaml")).unwrap();
    let value: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(Catalogue::parse(&yaml).unwrap(), Catalogue::embedded().unwrap());
}

#[test]
fn every_scope_of_the_embedded_catalogue_exists() {
    for feed in Catalogue::embedded().unwrap().feeds {
        for scope in &feed.scopes {
            let example = scope.replace('*', "1").parse::<Scope>().unwrap();
            assert!(feed.speaks_about(&example), "{}: {scope}", feed.id);
            assert!(bulkhead_advisories::scheme_of(&example).is_some(), "{}: {scope}", feed.id);
        }
    }
}

fn catalogue_error(lines: &str) -> Error {
    catalogue(lines).unwrap_err()
}

#[test]
fn a_feed_is_refused_with_what_is_wrong() {
    for (lines, wrong) in [
        ("    silent_about: [unknown]", "unknown"),
        ("    colour: red", "colour"),
        ("    scopes: 5", "scopes"),
        (
            "  - {id: first, publisher: a, name: a, addresses: [], paths: [], format: kev, terms: a, pace_days: 1}",
            "first",
        ),
    ] {
        let message = catalogue_error(lines).to_string();
        assert!(message.contains(wrong), "{lines}: {message}");
    }
}

#[test]
fn a_feed_speaks_about_its_scopes_only() {
    let catalogue = catalogue("    scopes: [npm, \"debian:*\"]").unwrap();
    let feed = catalogue.feed("first").unwrap();
    for (scope, expected) in [
        ("npm", true),
        ("pypi", false),
        ("debian:12", true),
        ("debian:sid", true),
        ("ubuntu:12", false),
    ] {
        assert_eq!(feed.speaks_about(&scope.parse().unwrap()), expected, "{scope}");
    }
    let general = catalogue.feed("later").unwrap();
    assert!(!general.speaks_about(&Scope::Language(Ecosystem::Npm)));
}

#[test]
fn files_are_found_postponed_or_unknown_but_never_silent() {
    let folder = tempfile::tempdir().unwrap();
    for path in
        ["example.org/b/list.json", "example.org/a/list.json", "example.org/later.json", "README"]
    {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, "{}").unwrap();
    }
    let catalogue = catalogue("").unwrap();
    let mirror = locate(&catalogue, folder.path()).unwrap();
    let [first] = mirror.feeds.as_slice() else { panic!("{mirror:?}") };
    assert_eq!(first.feed.id, "first");
    assert_eq!(
        first.files,
        ["example.org/a/list.json", "example.org/b/list.json"].map(|path| folder.path().join(path))
    );
    let [later] = mirror.postponed.as_slice() else { panic!("{mirror:?}") };
    assert_eq!(later.feed.id, "later");
    assert_eq!(mirror.unknown, [folder.path().join("README")]);
    assert!(locate(&catalogue, &folder.path().join("absent")).is_err());
}
