//! The starter set by itself: complete, tidy, and found by a scan.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeSet;

use bulkhead_advisories::{
    Catalogue, Item, Record, STARTER, STARTER_FILES, compile_starter, custom, starter,
};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{PackageKey, Severity};

/// The records of one file.
fn records(name: &str, text: &str) -> Vec<Record> {
    let (items, problems) = custom::read(name, text, &Budget::new(Limits::DEFAULT));
    assert_eq!(problems, [], "{name}");
    items
        .into_iter()
        .filter_map(|item| match item {
            Item::Record(record) => Some(*record),
            Item::Exploited(_) | Item::Predicted(_) | Item::EndOfLife(_) => None,
        })
        .collect()
}

fn all() -> Vec<Record> {
    STARTER_FILES.iter().flat_map(|(name, text)| records(name, text)).collect()
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let folder = bulkhead_testing::repository().join("content/advisories");
    let on_disk = custom::files(&folder).unwrap();
    let embedded: Vec<&str> = STARTER_FILES.iter().map(|(_, text)| *text).collect();
    assert_eq!(on_disk.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), embedded);
    for ((path, _), (name, _)) in on_disk.iter().zip(STARTER_FILES) {
        assert!(path.ends_with(&format!("/{name}")), "{path} is embedded as {name}");
    }
}

#[test]
fn every_advisory_is_complete() {
    let records = all();
    assert!(records.len() >= 150, "only {} advisories", records.len());
    for record in records {
        let id = &record.id;
        assert!(!record.affected.is_empty(), "{id} names no package");
        assert!(record.severity.is_some() || !record.cvss.is_empty(), "{id} has no severity");
        assert!(record.cvss.iter().all(|cvss| cvss.score > 0.0), "{id} has a vector of no effect");
        assert!(record.severity.is_none_or(|severity| severity > Severity::Negligible), "{id}");
        assert!(record.published.is_some(), "{id} has no day");
        let title = record.title.as_deref().unwrap_or_default();
        let (product, weakness) = title.split_once(": ").unwrap_or_default();
        assert!(
            !product.is_empty() && !weakness.is_empty(),
            "{id}: {title:?} is no \"product: weakness\""
        );
        assert!(weakness.split(' ').count() <= 10, "{id}: the title is too long");
        for affected in &record.affected {
            assert!(!affected.versions.is_everything(), "{id} calls every version affected");
            assert!(!affected.versions.is_empty(), "{id} calls no version affected");
        }
    }
}

#[test]
fn every_name_is_of_a_known_kind_and_used_once() {
    let mut names = BTreeSet::new();
    for record in all() {
        assert!(record.id.starts_with("CVE-") || record.id.starts_with("GHSA-"), "{}", record.id);
        for name in record.aliases.iter().chain([&record.id]) {
            assert!(is_well_formed(name), "{name}");
            assert!(names.insert(name.clone()), "{name} stands twice");
        }
    }
}

/// By the publishers' own rules for their ids.
fn is_well_formed(name: &str) -> bool {
    let digits = |text: &str, least: usize| {
        text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<&str> = name.split('-').collect();
    match parts.as_slice() {
        ["CVE" | "GO" | "RUSTSEC", year, number] => {
            year.len() == 4 && digits(year, 4) && digits(number, 4)
        }
        ["PYSEC", year, number] => year.len() == 4 && digits(year, 4) && digits(number, 1),
        ["GHSA", groups @ ..] => {
            let alphabet = |byte: u8| b"23456789cfghjmpqrvwx".contains(&byte);
            groups.len() == 3
                && groups.iter().all(|group| group.len() == 4 && group.bytes().all(alphabet))
        }
        _ => false,
    }
}

#[test]
fn advisories_stand_in_order() {
    for (file, text) in STARTER_FILES {
        let records = records(file, text);
        let scope = |record: &Record| record.affected[0].key.scope().to_string();
        let first =
            |record: &Record| (record.affected[0].key.name().to_lowercase(), ordinal(&record.id));
        if file == "several.yaml" {
            for record in &records {
                let scopes: BTreeSet<_> =
                    record.affected.iter().map(|one| one.key.scope()).collect();
                assert!(scopes.len() > 1, "{} belongs into the file of its ecosystem", record.id);
            }
            assert!(records.is_sorted_by_key(|record| ordinal(&record.id)), "{file}");
            continue;
        }
        let ecosystem = file.split(['-', '.']).next().unwrap();
        assert!(records.iter().all(|record| scope(record) == ecosystem), "{file}");
        let unsorted = records.windows(2).find(|pair| first(&pair[0]) > first(&pair[1]));
        assert_eq!(unsorted.map(|pair| &pair[1].id), None, "{file}: stands too late");
    }
}

/// The kind of id, and its numbers as numbers.
fn ordinal(id: &str) -> (String, Vec<u64>) {
    let parts = id.split('-');
    (parts.clone().next().unwrap().to_owned(), parts.filter_map(|part| part.parse().ok()).collect())
}

/// `BULKHEAD_UPDATE_STARTER=1` writes the file anew after a change of the advisories or of the format.
#[test]
fn the_committed_database_is_that_of_the_files() {
    let path = bulkhead_testing::repository().join("content/advisories/starter.db");
    let (compiled, problems) = compile_starter().unwrap();
    assert_eq!(problems, []);
    if std::env::var_os("BULKHEAD_UPDATE_STARTER").is_some_and(|value| value == "1") {
        fs_err::write(&path, &compiled).unwrap();
    }
    assert!(
        fs_err::read(&path).unwrap() == compiled,
        "the advisories have changed: run again with BULKHEAD_UPDATE_STARTER=1"
    );
}

#[test]
fn its_database_tells_what_it_is() {
    let database = starter().unwrap();
    let statement = database.statement("2030-01-01").unwrap();
    let [feed] = statement.feeds.as_slice() else { panic!("{:?}", statement.feeds) };
    assert_eq!((feed.id.as_str(), feed.records > 150), (STARTER, true));
    let newest = all().into_iter().filter_map(|record| record.published.max(record.modified)).max();
    assert!(feed.date >= newest && newest.is_some(), "{:?}", feed.date);
    let silences = Catalogue::embedded().unwrap().silences;
    assert!(!feed.silent_about.is_empty());
    assert!(feed.silent_about.iter().all(|silence| silences.contains_key(silence)));
    for scope in ["npm", "pypi", "maven", "golang", "gem", "composer", "nuget", "cargo"] {
        assert!(database.assesses(&scope.parse().unwrap()).unwrap(), "{scope}");
    }
    for scope in ["debian:12", "alpine:3.18", "hex"] {
        assert!(!database.assesses(&scope.parse().unwrap()).unwrap(), "{scope}");
    }
}

#[test]
fn its_database_knows_famous_packages() {
    let database = starter().unwrap();
    for (scope, name, version, known) in [
        (
            "npm",
            "lodash",
            "4.17.4",
            &[
                "CVE-2018-3721",
                "CVE-2018-16487",
                "CVE-2019-10744",
                "CVE-2020-8203",
                "CVE-2021-23337",
            ][..],
        ),
        ("npm", "lodash", "4.17.21", &[]),
        (
            "pypi",
            "Django",
            "3.0",
            &["CVE-2019-19844", "CVE-2020-7471", "CVE-2020-9402", "CVE-2020-13254"],
        ),
        (
            "maven",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
            &["CVE-2021-44228", "CVE-2021-44832", "CVE-2021-45046", "CVE-2021-45105"],
        ),
        ("maven", "org.apache.logging.log4j:log4j-core", "2.17.1", &[]),
        ("golang", "stdlib", "1.21.2", &["CVE-2023-39325"]),
        ("gem", "actionview", "5.2.2", &["CVE-2019-5418"]),
        ("composer", "drupal/core", "8.5.0", &["CVE-2018-7600", "CVE-2018-7602"]),
        ("nuget", "newtonsoft.json", "12.0.3", &["CVE-2024-21907"]),
        ("cargo", "smallvec", "1.6.0", &["CVE-2021-25900"]),
    ] {
        let key = PackageKey::new(scope.parse().unwrap(), name);
        let found: BTreeSet<String> = database
            .affected(&key)
            .unwrap()
            .into_iter()
            .filter(|row| row.versions.contains(row.scheme, version.as_bytes()))
            .map(|row| row.record)
            .collect();
        for id in known {
            assert!(found.contains(*id), "{name} {version} lacks {id}: {found:?}");
        }
        assert!(!known.is_empty() || found.is_empty(), "{name} {version}: {found:?}");
    }
}
