//! The ranges of the starter set against the feeds' records of the same ids.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_advisories::{Affected, Catalogue, Item, Record, STARTER_FILES, custom, locate, read};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{FixState, PackageKey};
use bulkhead_versions::Bound;
use serde::Deserialize;

/// Where a feed's record is known to be wrong, or to mean something else.
const EXCEPTIONS: &str = include_str!("starter_against_feeds/exceptions.yaml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    id: String,
    package: String,
    feed: String,
    versions: Vec<String>,
    reason: String,
}

/// One version on which the starter set and a feed's record differ.
type Difference = (String, String, String, String);

#[test]
fn every_range_agrees_with_the_feeds_on_every_version_that_either_names() {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let ours = ours();
    let catalogue = Catalogue::embedded().unwrap();
    let mirror = locate(&catalogue, &folder).unwrap();
    let scopes: BTreeSet<_> = ours.keys().map(|(_, key)| key.scope().clone()).collect();
    let mut compared = Compared::default();
    for located in &mirror.feeds {
        if !scopes.iter().any(|scope| located.feed.speaks_about(scope)) {
            continue;
        }
        compared.feeds.insert(located.feed.id.clone());
        for file in &located.files {
            let budget = Budget::new(Limits::DEFAULT);
            let mut sink = |item| compared.hold(&located.feed.id, &item, &ours);
            read(located.feed, file, &budget, &mut sink).unwrap();
        }
    }
    assert!(compared.feeds.is_empty() || compared.versions > 0, "no feed has any of our ids");
    settle(&compared);
}

fn ours() -> BTreeMap<(String, PackageKey), Affected> {
    let mut ours = BTreeMap::new();
    for (name, text) in STARTER_FILES {
        let (items, problems) = custom::read(name, text, &Budget::new(Limits::DEFAULT));
        assert_eq!(problems, []);
        for item in items {
            let Item::Record(record) = item else { continue };
            for affected in &record.affected {
                let known =
                    ours.insert((record.id.clone(), affected.key.clone()), affected.clone());
                assert!(known.is_none(), "{} names {} twice", record.id, affected.key);
            }
        }
    }
    ours
}

#[derive(Default)]
struct Compared {
    feeds: BTreeSet<String>,
    versions: usize,
    differences: BTreeMap<Difference, String>,
}

impl Compared {
    fn hold(&mut self, feed: &str, item: &Item, ours: &BTreeMap<(String, PackageKey), Affected>) {
        let Item::Record(record) = item else { return };
        let Some(id) = only_vulnerability(record) else { return };
        let keys: BTreeSet<&PackageKey> = record.affected.iter().map(|one| &one.key).collect();
        for key in keys {
            let Some(our) = ours.get(&(id.to_owned(), key.clone())) else { continue };
            let theirs: Vec<&Affected> =
                record.affected.iter().filter(|one| one.key == *key).collect();
            self.versions(feed, id, our, &theirs);
        }
    }

    fn versions(&mut self, feed: &str, id: &str, our: &Affected, theirs: &[&Affected]) {
        let named: BTreeSet<&str> = theirs.iter().copied().chain([our]).flat_map(named).collect();
        for version in named {
            self.versions += 1;
            let is_ours = our.versions.contains(our.scheme, version.as_bytes());
            let is_theirs = theirs.iter().any(|one| {
                one.state != FixState::NotAffected
                    && one.versions.contains(one.scheme, version.as_bytes())
            });
            if is_ours != is_theirs {
                let sets: Vec<String> = theirs.iter().map(|one| one.versions.to_string()).collect();
                let told = format!("ours is {}, theirs {}", our.versions, sets.join(" and "));
                let package = format!("{}/{}", our.key.scope(), our.key.name());
                let difference = (id.to_owned(), package, feed.to_owned(), version.to_owned());
                self.differences.insert(difference, told);
            }
        }
    }
}

/// The CVE of a record that is about one, else its id in the starter set's own manner.
fn only_vulnerability(record: &Record) -> Option<&str> {
    let names: BTreeSet<&str> =
        record.aliases.iter().chain([&record.id]).map(String::as_str).collect();
    let mut cves = names.iter().filter(|name| name.starts_with("CVE-"));
    match (cves.next(), cves.next()) {
        (Some(cve), None) => Some(cve),
        (None, None) => names.iter().find(|name| name.starts_with("GHSA-")).copied(),
        _ => None,
    }
}

/// Every version that occurs in a statement.
fn named(affected: &Affected) -> impl Iterator<Item = &str> {
    let ends = affected.versions.intervals().iter().flat_map(|one| [&one.low, &one.high]);
    let exact = affected.versions.exact().iter().chain(&affected.fixed).map(String::as_str);
    // What `~> 5.2` ends with is below every pre-release of 5.3, and nobody's version.
    ends.filter_map(Bound::version)
        .chain(exact)
        .filter(|version| version.strip_suffix(".A").is_none())
}

/// Each difference has a reason, and each reason a difference where its feed is there.
fn settle(compared: &Compared) {
    let exceptions: Vec<Exception> = serde_saphyr::from_str(EXCEPTIONS).unwrap();
    let mut excused = BTreeSet::new();
    for one in &exceptions {
        assert!(one.reason.split(' ').count() > 3, "{} has no reason", one.id);
        for version in &one.versions {
            excused.insert((
                one.id.clone(),
                one.package.clone(),
                one.feed.clone(),
                version.clone(),
            ));
        }
    }
    let unexplained: Vec<_> = compared
        .differences
        .iter()
        .filter(|(difference, _)| !excused.contains(*difference))
        .collect();
    assert!(unexplained.is_empty(), "without a reason: {unexplained:#?}");
    let unused: Vec<_> = excused
        .iter()
        .filter(|one| compared.feeds.contains(&one.2) && !compared.differences.contains_key(*one))
        .collect();
    assert!(unused.is_empty(), "reasons for no difference: {unused:#?}");
}
