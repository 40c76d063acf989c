//! The archives of OSV records against the schema's own algorithm ("Evaluation"), run on each record's
//! JSON for the versions that it mentions. Only the order of versions is shared.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_advisories::{Catalogue, Format, Item, Record, locate, read, scheme_of};
use bulkhead_archive::zip;
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{Ecosystem, PackageKey, Scope};
use bulkhead_versions::Scheme;
use serde_json::Value;

/// Versions of one record and package that are asked for.
const PROBES: usize = 40;

#[test]
fn records_say_of_each_version_what_the_schema_says() {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    let mirror = locate(&catalogue, &folder).unwrap();
    let languages = mirror.feeds.iter().filter(|it| it.feed.format == Format::Osv);
    for located in languages.filter(|it| it.feed.scopes.iter().all(|scope| !scope.contains(':'))) {
        for file in &located.files {
            let mut records: BTreeMap<String, Record> = BTreeMap::new();
            let budget = Budget::new(Limits::DEFAULT);
            let summary = read(located.feed, file, &budget, &mut |item| {
                if let Item::Record(record) = item {
                    records.insert(record.id.clone(), *record);
                }
            });
            let problems = summary.unwrap().problems;
            let named: BTreeSet<String> =
                problems.iter().map(|it| it.location.as_ref().unwrap().to_string()).collect();
            let mut asked = 0_usize;
            for (name, document) in documents(&fs_err::read(file).unwrap()) {
                if !document["withdrawn"].is_string() && !named.contains(&name) {
                    let record = records.get(document["id"].as_str().unwrap());
                    asked += check(&name, &document, record);
                }
            }
            assert!(asked > 0, "{}", file.display());
        }
    }
}

fn documents(content: &[u8]) -> Vec<(String, Value)> {
    let budget = Budget::new(Limits::DEFAULT);
    let archive = zip::Archive::open(&content, &budget).unwrap();
    let mut documents = Vec::new();
    for entry in archive.entries() {
        let entry = entry.unwrap();
        if entry.name.ends_with(b".json") {
            let text = archive.read(&entry, 64 << 20).unwrap();
            let name = String::from_utf8(entry.name.clone()).unwrap();
            documents.push((name, serde_json::from_slice(&text).unwrap()));
        }
    }
    documents
}

/// Asks for every version that the record mentions of each of its packages; how many there were.
fn check(name: &str, document: &Value, record: Option<&Record>) -> usize {
    let mut packages: BTreeMap<PackageKey, Vec<&Value>> = BTreeMap::new();
    for affected in document["affected"].as_array().into_iter().flatten() {
        let ecosystem = affected["package"]["ecosystem"].as_str().unwrap_or_default();
        let known = Ecosystem::ALL.into_iter().find(|one| title(*one) == ecosystem);
        if let (Some(ecosystem), Some(package)) = (known, affected["package"]["name"].as_str()) {
            let key = PackageKey::new(Scope::Language(ecosystem), package);
            packages.entry(key).or_default().push(affected);
        }
    }
    let mut asked = 0;
    for (key, parts) in packages {
        let scheme = scheme_of(key.scope()).unwrap();
        for version in mentioned(&parts) {
            // The schema leaves open in which order events at one version count.
            let expected = [false, true].map(|ends_first| {
                parts.iter().any(|part| is_vulnerable(version, part, scheme, ends_first))
            });
            let rows = record.into_iter().flat_map(|record| &record.affected);
            let found = rows
                .filter(|row| row.key == key)
                .any(|row| row.versions.contains(row.scheme, version.as_bytes()));
            assert!(expected.contains(&found), "{name}: {key} {version}: {found}");
            asked += 1;
        }
    }
    asked
}

/// What the schema calls an ecosystem that the archives of the test data may have.
fn title(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Go => "Go",
        Ecosystem::PyPi => "PyPI",
        Ecosystem::Bitnami => "Bitnami",
        Ecosystem::Npm => "npm",
        Ecosystem::Cargo => "crates.io",
        _ => "",
    }
}

fn mentioned<'d>(parts: &[&'d Value]) -> BTreeSet<&'d str> {
    let mut versions: BTreeSet<&str> = BTreeSet::new();
    for part in parts {
        let listed = part["versions"].as_array().into_iter().flatten();
        versions.extend(listed.filter_map(Value::as_str).take(PROBES));
        for event in events(part) {
            let named = event.as_object().into_iter().flat_map(serde_json::Map::values);
            versions.extend(named.filter_map(Value::as_str));
        }
    }
    versions.remove("0");
    versions
}

/// The events of ranges over versions.
fn events(part: &Value) -> impl Iterator<Item = &Value> {
    ranges(part).flat_map(|range| range["events"].as_array().into_iter().flatten())
}

fn ranges(part: &Value) -> impl Iterator<Item = &Value> {
    let ranges = part["ranges"].as_array().into_iter().flatten();
    ranges.filter(|range| range["type"] != "GIT")
}

fn is_vulnerable(version: &str, part: &Value, scheme: Scheme, ends_first: bool) -> bool {
    let listed = part["versions"].as_array().into_iter().flatten();
    let is_listed = listed
        .filter_map(Value::as_str)
        .any(|one| scheme.compare(one.as_bytes(), version.as_bytes()).is_eq());
    is_listed || ranges(part).any(|range| in_range(version, range, scheme, ends_first))
}

fn in_range(version: &str, range: &Value, scheme: Scheme, ends_first: bool) -> bool {
    let mut events: Vec<(&str, &str)> = Vec::new();
    for event in range["events"].as_array().into_iter().flatten() {
        for kind in ["introduced", "fixed", "last_affected"] {
            events.extend(event[kind].as_str().map(|at| (at, kind)));
        }
    }
    if ends_first {
        events.sort_by_key(|(_, kind)| *kind == "introduced");
    }
    let zero_first = |at: &str| if at == "0" { None } else { Some(at.as_bytes().to_vec()) };
    events.sort_by(|(one, _), (other, _)| match (zero_first(one), zero_first(other)) {
        (Some(one), Some(other)) => scheme.compare(&one, &other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    let mut vulnerable = false;
    for (at, kind) in events {
        let order = scheme.compare(version.as_bytes(), at.as_bytes());
        match kind {
            "introduced" if at == "0" || order.is_ge() => vulnerable = true,
            "fixed" if order.is_ge() => vulnerable = false,
            "last_affected" if order.is_gt() => vulnerable = false,
            _ => {}
        }
    }
    vulnerable
}
