//! The publishers' own files through the database: every row that was read is there again.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_advisories::{BuildOptions, Builder, Catalogue, Database, Item, Record, locate, read};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::PackageKey;

/// Records that are followed of each file; all of them are in the database.
const FOLLOWED: usize = 300;

#[test]
fn every_row_of_a_feed_is_in_the_database() {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    for located in locate(&catalogue, &folder).unwrap().feeds {
        for file in &located.files {
            let (mut builder, mut followed) = (Builder::new(), Vec::new());
            let budget = Budget::new(Limits::DEFAULT);
            let summary = read(located.feed, file, &budget, &mut |item| {
                if let Item::Record(record) = &item
                    && followed.len() < FOLLOWED
                {
                    followed.push(record.clone());
                }
                builder.push(&located.feed.id, item);
            });
            assert!(summary.unwrap().records > 0, "{}", file.display());
            let bytes = builder.finish(&BuildOptions::default()).unwrap();
            let database = Database::from_bytes("feed", bytes).unwrap();
            for record in &followed {
                check(&database, &located.feed.id, record, file);
            }
        }
    }
}

fn check(database: &Database, feed: &str, record: &Record, file: &Path) {
    let place = || format!("{} of {}", record.id, file.display());
    let advisories = database.advisory(&record.id).unwrap();
    assert_eq!(advisories.iter().filter(|one| one.feed == feed).count(), 1, "{}", place());
    assert!(!database.aliases(&record.id).unwrap().is_empty(), "{}", place());
    for affected in &record.affected {
        let key = PackageKey::new(affected.key.scope().clone(), affected.key.name());
        assert!(database.assesses(key.scope()).unwrap(), "{}", place());
        let rows = database.affected(&key).unwrap();
        let own = rows.iter().find(|row| {
            row.record == record.id
                && row.versions == affected.versions
                && row.state == affected.state
        });
        let own = own.unwrap_or_else(|| panic!("{key} in {}", place()));
        let vulnerabilities: BTreeSet<&String> = own.vulnerabilities.iter().collect();
        for id in record.aliases.iter().chain([&record.id]).filter(|id| id.starts_with("CVE-")) {
            assert!(vulnerabilities.contains(id), "{id} in {}", place());
        }
    }
}

/// A mirror folder read twice, its files written in opposite orders.
#[test]
fn the_same_mirror_gives_the_same_file() {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    let feeds = locate(&catalogue, &folder).unwrap().feeds;
    // The smaller half of the files, at least one.
    let mut files: Vec<PathBuf> = feeds.iter().flat_map(|located| located.files.clone()).collect();
    files.sort_by_key(|file| fs_err::metadata(file).unwrap().len());
    files.truncate(files.len().div_ceil(2));
    let work = tempfile::tempdir().unwrap();
    let outputs = [files.clone(), files.into_iter().rev().collect()].map(|files: Vec<PathBuf>| {
        let mirror = tempfile::tempdir_in(&work).unwrap();
        for file in files {
            let copy = mirror.path().join(file.strip_prefix(&folder).unwrap());
            fs_err::create_dir_all(copy.parent().unwrap()).unwrap();
            fs_err::copy(&file, copy).unwrap();
        }
        let output = mirror.path().join("feeds.db");
        let options = BuildOptions::default();
        let summary =
            bulkhead_advisories::build(mirror.path(), &[], &output, &options, &|_, _, _| {})
                .unwrap();
        assert!(summary.affected_rows > 0 && summary.unknown.is_empty(), "{summary:?}");
        fs_err::read(output).unwrap()
    });
    let [one, other] = outputs;
    assert!(one == other);
}
