//! Matching through a database against a naive reading of the same items, which shares no code with
//! the builder and the matcher but the order of versions.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "matching/world.rs"]
mod world;

use std::collections::BTreeSet;

use bulkhead_advisories::{Affected, Record};
use bulkhead_model::{FixState, Inventory, PackageKey, PackageType, Scope};
use proptest::prelude::*;
use world::{database, inventory, matched, scheme};

const SCOPES: [&str; 4] = ["npm", "pypi", "debian:12", "alpine:3.18"];
const NAMES: [&str; 5] = ["a", "b", "a-b", "A.b", "ab"];
const RANGES: [&str; 7] =
    ["(,1.5)", "[1.2,2.0)", "(,)", "=1.1 =1.9", "[1.0,1.1] [1.6,)", "none", "(1.3,1.3]"];

fn affected() -> impl Strategy<Value = Affected> {
    let state = prop_oneof![
        5 => Just(FixState::Fixed),
        2 => Just(FixState::Affected),
        1 => Just(FixState::NotAffected),
    ];
    (0..SCOPES.len(), 0..NAMES.len(), 0..RANGES.len(), state).prop_map(
        |(scope, name, range, state)| {
            let scope: Scope = SCOPES[scope].parse().unwrap();
            Affected {
                scheme: scheme(&scope),
                key: PackageKey::new(scope, NAMES[name]),
                state,
                versions: RANGES[range].parse().unwrap(),
                fixed: Vec::new(),
                architectures: Vec::new(),
                module: None,
                severity: None,
            }
        },
    )
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (0..6).prop_map(|number| format!("CVE-2023-{number}")),
        2 => (0..6).prop_map(|number| format!("GHSA-{number}")),
        1 => (0..6).prop_map(|number| format!("PYSEC-{number}")),
    ]
}

fn records() -> impl Strategy<Value = Vec<(usize, Record)>> {
    let record = (
        id(),
        prop::collection::vec(id(), 0..3),
        prop::collection::vec(id(), 0..2),
        prop::collection::vec(affected(), 0..4),
    )
        .prop_map(|(id, aliases, covers, affected)| Record {
            aliases: aliases.into_iter().filter(|alias| *alias != id).collect(),
            covers: covers.into_iter().filter(|covered| *covered != id).collect(),
            id,
            affected,
            ..Record::default()
        });
    prop::collection::vec((0..3_usize, record), 0..14)
}

/// Each record by itself: no indices, no groups, no pages. Names are followed from id to id.
fn oracle(
    records: &[(usize, Record)],
    inventory: &Inventory,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut found, mut overruled) = (BTreeSet::new(), BTreeSet::new());
    for package in &inventory.packages {
        let scope = match package.package_type {
            PackageType::Language(ecosystem) => Scope::Language(ecosystem),
            _ => inventory.operating_system.clone().unwrap().scope.unwrap(),
        };
        let key = PackageKey::new(scope, &package.name);
        let (mut vulnerable, mut cleared) = (BTreeSet::new(), BTreeSet::new());
        for (_, record) in records {
            for row in record.affected.iter().filter(|row| row.key == key) {
                if row.versions.contains(row.scheme, package.version.as_bytes()) {
                    let set = if row.state == FixState::NotAffected {
                        &mut cleared
                    } else {
                        &mut vulnerable
                    };
                    set.extend(about(record, records));
                }
            }
        }
        for id in vulnerable {
            let line = format!("{} {} {id}", package.purl, package.locations[0]);
            if cleared.contains(&id) {
                overruled.insert(line)
            } else {
                found.insert(line)
            };
        }
    }
    (found, overruled)
}

fn is_cve(id: &str) -> bool {
    id.starts_with("CVE")
}

fn ids(record: &Record) -> BTreeSet<String> {
    record.aliases.iter().chain([&record.id]).cloned().collect()
}

fn cves(record: &Record) -> BTreeSet<String> {
    ids(record).into_iter().filter(|id| is_cve(id)).collect()
}

fn is_single(record: &Record) -> bool {
    record.covers.is_empty() && cves(record).len() < 2
}

/// What a record is about: the CVEs it names or covers; where it names none, what its id means.
fn about(record: &Record, records: &[(usize, Record)]) -> BTreeSet<String> {
    let mut about = cves(record);
    for covered in &record.covers {
        about.extend(meaning(covered, records));
    }
    if about.is_empty() { meaning(&record.id, records) } else { about }
}

/// The CVEs that names lead to; else those of bulletins that name one of them; else the best name.
fn meaning(id: &str, records: &[(usize, Record)]) -> BTreeSet<String> {
    if is_cve(id) {
        return [id.to_owned()].into();
    }
    let (names, cves) = same(id, records);
    if !cves.is_empty() {
        return cves;
    }
    let mut bulletins = BTreeSet::new();
    for (_, record) in records.iter().filter(|(_, record)| !is_single(record)) {
        if ids(record).is_disjoint(&names) {
            continue;
        }
        bulletins.extend(self::cves(record));
        for covered in &record.covers {
            let (names, cves) = same(covered, records);
            match cves.is_empty() {
                _ if is_cve(covered) => drop(bulletins.insert(covered.clone())),
                true => drop(bulletins.insert(best(&names))),
                false => bulletins.extend(cves),
            }
        }
    }
    if bulletins.is_empty() { [best(&names)].into() } else { bulletins }
}

/// `GHSA-…` before `PYSEC-…`: the order of the alphabet, as it happens.
fn best(names: &BTreeSet<String>) -> String {
    names.first().unwrap().clone()
}

/// All names that records about one vulnerability share with the id, and the CVEs beside them.
fn same(id: &str, records: &[(usize, Record)]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut names, mut cves) = (BTreeSet::from([id.to_owned()]), BTreeSet::new());
    loop {
        let before = (names.len(), cves.len());
        for (_, record) in records.iter().filter(|(_, record)| is_single(record)) {
            if !ids(record).is_disjoint(&names) {
                names.extend(ids(record).into_iter().filter(|id| !is_cve(id)));
                cves.extend(self::cves(record));
            }
        }
        if before == (names.len(), cves.len()) {
            return (names, cves);
        }
    }
}

fn installed() -> impl Strategy<Value = Inventory> {
    let package = (0..4_usize, 0..NAMES.len(), 0..12_u32);
    let system = prop_oneof![Just("debian:12"), Just("alpine:3.18")];
    (system, prop::collection::vec(package, 0..12)).prop_map(|(system, packages)| {
        let lines: Vec<String> = packages
            .iter()
            .map(|(kind, name, minor)| {
                let own = if system == "debian:12" { "deb" } else { "apk" };
                let kind = ["npm", "pypi", own, own][*kind];
                format!("{kind} {} 1.{minor}", NAMES[*name])
            })
            .collect();
        inventory(system, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_database_finds_what_reading_every_record_finds(records in records(), inventory in installed()) {
        const FEEDS: [&str; 3] = ["f", "g", "h"];
        let (found, overruled) = oracle(&records, &inventory);
        let pushed = records.iter().map(|(feed, record)| (FEEDS[*feed], record.clone())).collect();
        let result = matched(&[&database(pushed)], &inventory);
        let lines = |findings: &[bulkhead_model::Finding]| -> BTreeSet<String> {
            findings
                .iter()
                .map(|finding| {
                    let bulkhead_model::Subject::Package { purl, .. } = &finding.subject else { panic!("no vulnerability of a package") };
                    format!("{purl} {} {}", finding.location, finding.rule)
                })
                .collect()
        };
        prop_assert_eq!(lines(&result.findings), found);
        prop_assert_eq!(lines(&result.overruled), overruled);
    }
}
