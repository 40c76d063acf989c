//! The real feeds of the test data: properties that hold for any subset of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::path::Path;

use bulkhead_advisories::{Catalogue, FeedSource, FeedSummary, Item, Record, locate, read};
use bulkhead_limits::{Budget, Limits};
use bulkhead_versions::RangeSet;

/// Reads every file of the mirror folder, feed by feed.
fn each_file(format: &str, check: fn(&FeedSource, &Path, &FeedSummary, &[Item])) {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    let mirror = locate(&catalogue, &folder).unwrap();
    let mut read_any = false;
    for located in mirror.feeds.iter().filter(|located| located.feed.id.starts_with(format)) {
        for file in &located.files {
            let budget = Budget::new(Limits::DEFAULT);
            let mut items = Vec::new();
            let summary = read(located.feed, file, &budget, &mut |item| items.push(item)).unwrap();
            check(located.feed, file, &summary, &items);
            check_any(located.feed, file, &summary, &items);
            read_any = true;
        }
    }
    if !read_any {
        bulkhead_testing::skip(&format!("no feed {format} in the test data"));
    }
}

/// What holds for every feed.
fn check_any(feed: &FeedSource, file: &Path, summary: &FeedSummary, items: &[Item]) {
    let file = file.display();
    assert!(!items.is_empty(), "{file}");
    assert_eq!(summary.records, items.len() as u64, "{file}");
    // Publishers make slips, but few.
    let problems = summary.problems.len() as u64 + summary.further_problems;
    assert!(problems * 100 <= summary.records, "{file}: {:?}", summary.problems);
    for record in items.iter().filter_map(record) {
        assert!(!record.aliases.contains(&record.id), "{file}: {}", record.id);
        for row in &record.affected {
            let name = format!("{file}: {} {}", record.id, row.key);
            assert!(feed.speaks_about(row.key.scope()), "{name}");
            assert!(summary.scopes.contains(row.key.scope()), "{name}");
            assert!(!row.versions.is_empty(), "{name}");
            assert_eq!(row.versions.to_string().parse(), Ok(row.versions.clone()), "{name}");
        }
        for cvss in &record.cvss {
            assert!((0.0..=10.0).contains(&cvss.score), "{file}: {} {cvss:?}", record.id);
        }
    }
}

fn record(item: &Item) -> Option<&Record> {
    match item {
        Item::Record(record) => Some(record),
        Item::Exploited(_) | Item::Predicted(_) | Item::EndOfLife(_) => None,
    }
}

#[test]
fn alpine_rows_end_at_a_fix() {
    each_file("alpine-secdb", |_, file, summary, items| {
        assert_eq!(summary.scopes.len(), 1, "{}", file.display());
        for record in items.iter().filter_map(record) {
            let ends: Vec<&str> =
                record.affected.iter().flat_map(|row| row.versions.upper_bounds()).collect();
            assert!(
                matches!(ends.as_slice(), [end] if *end != "0"),
                "{}: {record:?}",
                file.display()
            );
        }
    });
}

#[test]
fn debian_rows_are_fixed_or_wholly_affected() {
    each_file("debian-oval", |_, file, summary, items| {
        assert_eq!(summary.scopes.len(), 1, "{}", file.display());
        assert!(summary.date.is_some(), "{}", file.display());
        let rows = items.iter().filter_map(record).flat_map(|record| &record.affected);
        let (mut fixed, mut unfixed) = (0, 0);
        for row in rows {
            let is_everything = row.versions == RangeSet::everything();
            assert_eq!(is_everything, row.state == bulkhead_model::FixState::Affected, "{row:?}");
            *(if is_everything { &mut unfixed } else { &mut fixed }) += 1;
        }
        assert!(fixed > 0 && unfixed > 0, "{}: {fixed} {unfixed}", file.display());
    });
}

#[test]
fn osv_records_have_rows() {
    each_file("osv-", |_, file, _, items| {
        let with_rows = items.iter().filter_map(record).filter(|r| !r.affected.is_empty()).count();
        assert!(with_rows * 10 >= items.len() * 9, "{}: {with_rows}", file.display());
    });
}

#[test]
fn gitlab_records_have_one_row_and_a_date() {
    each_file("gitlab-", |_, file, summary, items| {
        assert!(summary.date.is_some(), "{}", file.display());
        assert!(items.iter().filter_map(record).all(|record| record.affected.len() == 1));
    });
}

#[test]
fn cve_records_have_vectors_and_no_rows() {
    each_file("cisa-vulnrichment", |_, file, summary, items| {
        assert!(summary.date.is_some(), "{}", file.display());
        let mut records = items.iter().filter_map(record);
        assert!(records.clone().any(|record| !record.cvss.is_empty()), "{}", file.display());
        assert!(records.all(|record| record.affected.is_empty()), "{}", file.display());
    });
}

#[test]
fn exploited_rows_have_days() {
    each_file("cisa-kev", |_, file, summary, items| {
        assert!(summary.date.is_some(), "{}", file.display());
        assert!(items.iter().all(|item| record(item).is_none()), "{}", file.display());
    });
}
