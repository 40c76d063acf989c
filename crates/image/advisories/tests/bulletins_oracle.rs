//! The publishers' own OVAL files and the records of `AlmaLinux` against a naive reading of their text, which
//! shares no code with the readers: every row, and what modules mean for packages in and out of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "matching/world.rs"]
mod world;

#[path = "oracle/almalinux.rs"]
mod almalinux;
#[path = "oracle/modules.rs"]
mod modules;
#[path = "oracle/oval.rs"]
mod oval;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_advisories::{Catalogue, FeedSource, Format, Item, Record, locate, read};
use bulkhead_limits::{Budget, Limits};

/// What a publisher says of a package: the same facts, however they were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Its id.
    pub bulletin: String,
    /// The release, `9`.
    pub release: String,
    /// The binary package.
    pub package: String,
    /// The first version that is not affected, without an epoch of 0.
    pub fixed: String,
    /// Empty for all.
    pub architectures: BTreeSet<String>,
    /// `nodejs:18`, `*` for any, empty for none.
    pub module: String,
}

/// Statements of one file, and the CVEs that each bulletin covers.
#[derive(Debug, Default)]
pub struct Expected {
    /// What is said of packages.
    pub statements: BTreeSet<Statement>,
    /// Bulletins, each with a CVE.
    pub covers: BTreeSet<(String, String)>,
}

/// The files of all feeds that are chosen, and what the readers make of them.
fn files(chosen: impl Fn(&FeedSource) -> bool, check: impl Fn(&FeedSource, &Path, Vec<Record>)) {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    let mut files: Vec<(FeedSource, PathBuf)> = Vec::new();
    for located in locate(&catalogue, &folder).unwrap().feeds {
        if chosen(located.feed) {
            files.extend(located.files.into_iter().map(|file| (located.feed.clone(), file)));
        }
    }
    assert!(!files.is_empty());
    for (feed, file) in files {
        let mut records = Vec::new();
        let summary = read(&feed, &file, &Budget::new(Limits::DEFAULT), &mut |item| {
            if let Item::Record(record) = item {
                records.push(*record);
            }
        });
        // A definition that refers to a test which is not there is broken as published.
        let problems = summary.unwrap().problems;
        let other = problems.iter().find(|problem| !problem.message.starts_with("no test"));
        assert_eq!(other, None, "{}", file.display());
        check(&feed, &file, records);
    }
}

/// What was read, in the oracle's words.
fn statements(records: &[Record]) -> BTreeSet<Statement> {
    let mut statements = BTreeSet::new();
    for record in records {
        for row in &record.affected {
            // Rows without a fix are what a tree says beside: the kernel of a live patch.
            for fixed in row.versions.upper_bounds() {
                statements.insert(Statement {
                    bulletin: record.id.clone(),
                    release: row.key.scope().to_string().split_once(':').unwrap().1.to_owned(),
                    package: row.key.name().to_owned(),
                    fixed: fixed.to_owned(),
                    architectures: row.architectures.iter().cloned().collect(),
                    module: row.module.clone().unwrap_or_default(),
                });
            }
        }
    }
    statements
}

fn covers(records: &[Record]) -> BTreeSet<(String, String)> {
    let pairs = records.iter().flat_map(|record| {
        record.covers.iter().map(|covered| (record.id.clone(), covered.clone()))
    });
    pairs.collect()
}

fn compare(file: &Path, records: &[Record], expected: &Expected) {
    let (found, wanted) = (statements(records), &expected.statements);
    let missing: Vec<_> = wanted.difference(&found).take(3).collect();
    let more: Vec<_> = found.difference(wanted).take(3).collect();
    assert!(missing.is_empty() && more.is_empty(), "{}: {missing:#?} {more:#?}", file.display());
    assert!(!found.is_empty(), "{}", file.display());
    let found = covers(records);
    let difference: Vec<_> = found.symmetric_difference(&expected.covers).take(3).collect();
    assert!(difference.is_empty(), "{}: {difference:?}", file.display());
}

#[test]
fn every_statement_of_oval_bulletins_is_a_row() {
    files(
        |feed| matches!(feed.format, Format::RedhatOval | Format::UbuntuOval),
        |_, file, records| compare(file, &records, &oval::expected(file)),
    );
}

#[test]
fn every_statement_of_almalinux_is_a_row() {
    files(
        |feed| feed.id == "osv-almalinux",
        |_, file, records| compare(file, &records, &almalinux::expected(file)),
    );
}

/// Modules both ways: from "Module … is enabled" of the Red Hat family, and from the versions of
/// `AlmaLinux`.
#[test]
fn packages_are_hit_by_statements_about_their_own_module_alone() {
    files(
        |feed| feed.format == Format::RedhatOval,
        |feed, file, records| modules::check(feed, records, oval::expected(file)),
    );
    files(
        |feed| feed.id == "osv-almalinux",
        |feed, file, records| modules::check(feed, records, almalinux::expected(file)),
    );
}
