//! The database file: what goes in comes out, the same items give the same bytes, and one that is
//! not what it should be is refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, reason = "modules of a test are its own")]

#[path = "database/items.rs"]
mod items;

use bulkhead_advisories::{BuildError, BuildOptions, Builder, Database, FeedDescription, build};
use bulkhead_model::{FixState, PackageKey, Severity};
use items::{builder, feeds, items, many};

fn database() -> Database {
    Database::from_bytes("test", bytes(builder(items()))).unwrap()
}

fn bytes(mut builder: Builder) -> Vec<u8> {
    builder.finish(&BuildOptions::default()).unwrap()
}

fn key(scope: &str, name: &str) -> PackageKey {
    PackageKey::new(scope.parse().unwrap(), name)
}

#[test]
fn rows_come_out_as_they_went_in() {
    let database = database();
    let rows = database.affected(&key("npm", "widget")).unwrap();
    assert_eq!(
        rows.iter().map(|row| row.versions.to_string()).collect::<Vec<_>>(),
        ["=0.5", "[1.0,2.0)"]
    );
    let row = &rows[1];
    assert_eq!((row.feed.as_str(), row.record.as_str()), ("osv", "GHSA-aaaa"));
    assert_eq!(row.vulnerabilities, ["CVE-2024-1"]);
    assert_eq!(row.state, FixState::Fixed);
    assert_eq!(row.architectures, ["aarch64", "x86_64"]);
    assert_eq!(row.severity, Some(Severity::High));

    // Builder and reader make keys by the same function.
    let python = database.affected(&key("pypi", "WIDGET")).unwrap();
    assert_eq!(python.len(), 1);
    let bulletin = &database.affected(&key("almalinux:9", "widget")).unwrap()[0];
    assert_eq!(bulletin.vulnerabilities, ["CVE-2024-1", "CVE-2024-2"]);
    assert_eq!(bulletin.module.as_deref(), Some("widget:1"));
    for absent in
        [key("npm", "widge"), key("npm", "widgets"), key("npm", ""), key("npm", "widget\0osv")]
    {
        assert_eq!(database.affected(&absent).unwrap(), [], "{absent}");
    }
}

#[test]
fn records_in_pieces_are_one() {
    let advisories = database().advisory("GHSA-aaaa").unwrap();
    let [advisory] = &advisories[..] else { panic!("{advisories:?}") };
    assert_eq!(advisory.aliases, ["CVE-2024-1", "PYSEC-2024-1"]);
    assert_eq!(advisory.cwes, [22, 79]);
    assert_eq!(advisory.title.as_deref(), Some("widget: code execution"));
    assert_eq!(advisory.description.as_deref(), Some("Anything may happen."));
    assert_eq!(advisory.packages, [key("npm", "widget"), key("pypi", "widget")]);
    assert!((advisory.cvss[0].score - 9.8).abs() < 1e-9);
}

#[test]
fn every_name_leads_to_everything_known() {
    let database = database();
    for (id, expected) in [
        ("CVE-2024-1", "CVE-2024-1"),
        ("GHSA-aaaa", "CVE-2024-1"),
        ("PYSEC-2024-1", "CVE-2024-1"),
        ("ALSA-2024:1", "CVE-2024-1 CVE-2024-2"),
        ("CVE-2024-2", "CVE-2024-2"),
        ("CVE-2024-3", ""),
        ("", ""),
    ] {
        assert_eq!(database.aliases(id).unwrap().join(" "), expected, "{id}");
    }
    let known = database.search("PYSEC-2024-1").unwrap();
    assert_eq!(known.vulnerabilities, ["CVE-2024-1"]);
    assert_eq!(known.names, ["GHSA-aaaa", "PYSEC-2024-1"]);
    assert_eq!(known.exploited.len(), 1);
    let records: Vec<_> = known.advisories.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(records, ["ALSA-2024:1", "CVE-2024-1", "GHSA-aaaa"]);
    let scopes: Vec<_> = known.affected.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(
        scopes,
        ["almalinux:9 widget", "debian:12 node-widget", "npm widget", "npm widget", "pypi widget"]
    );
}

#[test]
fn the_statement_tells_which_feeds_are_outdated() {
    let database = database();
    let statement = database.statement("2026-11-24").unwrap();
    assert_eq!(statement.built.as_deref(), Some("2026-11-20T00:00:00Z"), "the newest feed's day");
    assert_eq!(&statement.digest, database.digest());
    let feeds: Vec<_> = statement
        .feeds
        .iter()
        .map(|feed| (feed.id.as_str(), feed.records, feed.outdated, feed.scopes.join(" ")))
        .collect();
    assert_eq!(
        feeds,
        [
            ("alpine", 0, false, "alpine:3.22".to_owned()),
            ("debian", 1, true, "debian:12".to_owned()),
            ("kev", 1, false, String::new()),
            ("osv", 3, false, "almalinux:9 npm pypi".to_owned()),
        ]
    );
    let outdated = |today: &str| {
        let feeds = database.statement(today).unwrap().feeds;
        feeds.iter().filter(|feed| feed.outdated).map(|feed| feed.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(outdated("2023-07-27"), Vec::<String>::new(), "seven days old, as its pace allows");
    assert_eq!(outdated("2023-07-28"), ["debian"]);
    assert_eq!(outdated("2026-12-02"), ["alpine", "debian", "kev", "osv"]);
}

/// Nothing in a database is newer than itself.
#[test]
fn an_undated_feed_is_as_old_as_its_database() {
    let mut builder = Builder::new();
    for feed in feeds() {
        let date = feed.date.filter(|_| feed.id != "alpine");
        builder.feed(FeedDescription { date, ..feed });
    }
    let database = Database::from_bytes("test", bytes(builder)).unwrap();
    let outdated = |today: &str| {
        let feeds = database.statement(today).unwrap().feeds;
        let alpine = feeds.into_iter().find(|feed| feed.id == "alpine").unwrap();
        assert_eq!(alpine.date, None);
        alpine.outdated
    };
    assert!(!outdated("2026-11-24"));
    assert!(outdated("2026-12-20"));
}

#[test]
fn a_feed_assesses_its_scopes_even_without_rows() {
    let database = database();
    for (scope, expected) in [
        ("alpine:3.22", true),
        ("debian:12", true),
        ("npm", true),
        ("debian:11", false),
        ("golang", false),
    ] {
        assert_eq!(database.assesses(&scope.parse().unwrap()).unwrap(), expected, "{scope}");
    }
}

#[test]
fn the_same_items_give_the_same_bytes() {
    let expected = bytes(builder([items(), many(4_000)].concat()));
    // In another order, and each feed described last.
    let mut backwards = Builder::new();
    for (feed, item) in [items(), many(4_000)].concat().into_iter().rev() {
        backwards.push(feed, item);
    }
    for feed in feeds().into_iter().rev() {
        backwards.feed(feed);
    }
    assert!(bytes(backwards) == expected);
    // In parts, as files are read side by side.
    let mut whole = Builder::new();
    for chunk in [many(4_000), items()].concat().chunks(700) {
        whole.absorb(builder(chunk.to_vec()));
    }
    assert!(bytes(whole) == expected);
    // With one thread.
    let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert!(single.install(|| bytes(builder([items(), many(4_000)].concat()))) == expected);
}

#[test]
fn what_is_found_does_not_depend_on_the_number_of_pages() {
    let database = Database::from_bytes("many", bytes(builder(many(20_000)))).unwrap();
    for number in (0..20_000_u32).step_by(601) {
        let id = format!("CVE-2025-{number:05}");
        let known = database.search(&id).unwrap();
        assert_eq!(known.names, [format!("GHSA-{number:06}")]);
        let description = known.advisories[0].description.clone().unwrap();
        assert!(description.starts_with(&format!("Text number {number}. ")));
        let rows = database.affected(&key("npm", &format!("package-{}", number % 997))).unwrap();
        assert_eq!(rows.len(), (number % 997..20_000).step_by(997).count());
        assert!(rows.iter().any(|row| row.vulnerabilities == [id.clone()]));
    }
}

#[test]
fn the_header_states_what_the_builder_was_told() {
    let options = BuildOptions {
        built_at: Some("2026-11-24T10:00:00Z".to_owned()),
        expires_at: Some("2026-12-24".to_owned()),
        sequence: 41,
    };
    let database =
        Database::from_bytes("test", builder(items()).finish(&options).unwrap()).unwrap();
    assert_eq!(database.sequence(), 41);
    assert_eq!(database.expires_at().unwrap().to_string(), "2026-12-24T00:00:00Z");
    assert_eq!(database.statement("").unwrap().built.as_deref(), Some("2026-11-24T10:00:00Z"));
    let wrong = BuildOptions { built_at: Some("yesterday".to_owned()), ..options };
    let error = builder(items()).finish(&wrong).unwrap_err();
    assert!(matches!(error, BuildError::Moment { .. }), "{error}");
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.yaml");
    let text = "advisories:\n  - id: ACME-1\n    affected:\n      - package: npm/widget\n        versions: [\"< 2\"]\n";
    fs_err::write(&own, text).unwrap();
    let empty = folder.path().join("empty");
    fs_err::create_dir(&empty).unwrap();

    let output = folder.path().join("new.db");
    let options = BuildOptions::default();
    let custom = [own.clone()];
    let summary = build(&empty, &custom, &output, &options, &|_, _, _| {}).unwrap();
    assert_eq!((summary.affected_rows, summary.problems.len()), (1, 0));
    let database = Database::open(&output).unwrap();
    assert_eq!(Some(database.digest().clone()), summary.digest);
    assert_eq!(database.affected(&key("npm", "widget")).unwrap()[0].vulnerabilities, ["ACME-1"]);

    let nothing = build(&empty, &[], &output, &options, &|_, _, _| {}).unwrap_err();
    assert!(nothing.to_string().contains("no file of a known feed"), "{nothing}");
    let nowhere = folder.path().join("absent/new.db");
    assert!(build(&empty, &custom, &nowhere, &options, &|_, _, _| {}).is_err());
    let mut left: Vec<_> = fs_err::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["empty", "new.db", "own.yaml"]);
}
