//! Two databases compared, against what is known to differ between the lists that they are made of.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own")]

#[path = "database/items.rs"]
mod items;

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_advisories::{
    AdvisoryId, Affected, BuildOptions, Change, Database, Difference, Exploited, Item, Record,
};
use bulkhead_model::{KnownExploitation, PackageKey};
use items::{builder, many};

type Items = Vec<(&'static str, Item)>;

fn database(items: Items) -> Database {
    let bytes = builder(items).finish(&BuildOptions::default()).unwrap();
    Database::from_bytes("test", bytes).unwrap()
}

/// Compares both ways: what is added in one direction is removed in the other.
fn difference(older: &Database, newer: &Database) -> Difference {
    let there = older.difference(newer).unwrap();
    let back = newer.difference(older).unwrap();
    let turned = |change: &Change| match change {
        Change::Added => Change::Removed,
        Change::Removed => Change::Added,
        Change::Changed => Change::Changed,
    };
    let flat = |difference: &Difference| {
        let all = difference.scopes.iter().flat_map(|(scope, advisories)| {
            advisories.iter().map(|(id, it)| ((scope.clone(), id.clone()), it.change))
        });
        all.collect::<BTreeMap<_, _>>()
    };
    let turned: BTreeMap<_, _> =
        flat(&back).iter().map(|(key, change)| (key.clone(), turned(change))).collect();
    assert_eq!(flat(&there), turned);
    there
}

fn record(item: &mut Item) -> &mut Record {
    let Item::Record(record) = item else { panic!("a record") };
    record
}

/// Ids of the records of a scope, by how they differ.
fn ids(difference: &Difference, scope: &str, wanted: Change) -> BTreeSet<String> {
    let advisories = difference.scopes.get(scope).into_iter().flatten();
    let wanted = advisories.filter(|(_, advisory)| advisory.change == wanted);
    wanted.map(|(id, _)| id.record.clone()).collect()
}

#[test]
fn equal_databases_differ_in_nothing_and_are_not_read() {
    let (one, other) = (database(many(3000)), database(many(3000)));
    let difference = one.difference(&other).unwrap();
    assert!(difference.scopes.is_empty() && difference.records.is_empty());
    assert_eq!(difference.pages_read, 0);
    assert!(difference.pages > 100);
}

#[test]
fn everything_that_differs_is_told_and_nothing_else() {
    let older = many(6000);
    let mut newer = older.clone();
    let mut expected: BTreeMap<Change, BTreeSet<String>> = BTreeMap::new();
    let (mut widened, mut retitled) = (BTreeSet::new(), BTreeSet::new());
    let mut changes = |change, id: &str| {
        expected.entry(change).or_default().insert(id.to_owned());
    };
    for (number, (_, item)) in newer.iter_mut().enumerate() {
        let record = record(item);
        let first = record.affected[0].clone();
        match number {
            n if n % 610 == 1 => {
                record.affected[0].versions = "[7.0,8.0)".parse().unwrap();
                changes(Change::Changed, &record.id);
            }
            // The same statement has a further row, perhaps in another page.
            n if n % 610 == 2 => {
                record.affected.push(Affected { versions: "=9.9".parse().unwrap(), ..first });
                changes(Change::Changed, &record.id);
            }
            n if n % 610 == 3 => {
                record.title = Some("another title".to_owned());
                retitled.insert(record.id.clone());
            }
            // A scope that it said nothing about.
            n if n % 610 == 4 => {
                let key = PackageKey::new("pypi".parse().unwrap(), "other");
                record.affected.push(Affected { key, ..first });
                widened.insert(record.id.clone());
            }
            n if n % 610 == 5 => record.description = Some("Texts are not compared.".to_owned()),
            _ => {}
        }
    }
    let mut number = 0;
    newer.retain_mut(|(_, item)| {
        number += 1;
        let is_kept = number % 610 != 7;
        if !is_kept {
            changes(Change::Removed, &record(item).id);
        }
        is_kept
    });
    let mut further = many(6003).split_off(6000);
    for (_, item) in &mut further {
        changes(Change::Added, &record(item).id);
    }
    newer.extend(further);
    let entry = KnownExploitation {
        source: "kev".to_owned(),
        added: "2026-11-20".to_owned(),
        due: None,
        ransomware: false,
    };
    newer.push(("kev", Item::Exploited(Exploited { id: "CVE-2025-00009".to_owned(), entry })));

    let found = difference(&database(older), &database(newer));
    for (change, expected) in &expected {
        assert_eq!(ids(&found, "npm", *change), *expected, "{change:?}");
    }
    assert_eq!(ids(&found, "pypi", Change::Added), widened);
    assert_eq!(found.scopes.keys().collect::<Vec<_>>(), ["npm", "pypi"]);
    let records: BTreeSet<String> = found.records.keys().map(|id| id.record.clone()).collect();
    assert_eq!(records, retitled);
    assert_eq!(found.scores, [("CVE-2025-00009".to_owned(), Change::Added)].into());
    assert!(found.pages_read < found.pages / 2, "{} of {}", found.pages_read, found.pages);
}

#[test]
fn packages_are_told_with_what_happened_to_each() {
    let mut items = many(1);
    let mut further = record(&mut items[0].1).clone();
    let other = PackageKey::new("npm".parse().unwrap(), "other");
    further.affected.push(Affected { key: other, ..further.affected[0].clone() });
    further.affected[0].versions = "=1.5".parse().unwrap();
    let newer = vec![("osv", Item::Record(Box::new(further)))];
    let found = difference(&database(items), &database(newer));
    let id = AdvisoryId { record: "GHSA-000000".to_owned(), feed: "osv".to_owned() };
    let advisory = &found.scopes["npm"][&id];
    assert_eq!(advisory.change, Change::Changed);
    let expected = [("other", Change::Added), ("package-0", Change::Changed)];
    let expected = expected.map(|(name, change)| (name.to_owned(), change));
    assert_eq!(advisory.packages, BTreeMap::from(expected));
}
