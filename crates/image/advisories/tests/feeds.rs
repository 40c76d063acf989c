//! The feeds' readers, on small documents of our own in each publisher's format.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

#[path = "feeds/archives.rs"]
mod archives;
#[path = "feeds/azure.rs"]
mod azure;
#[path = "feeds/bulletins.rs"]
mod bulletins;
#[path = "feeds/gitlab.rs"]
mod gitlab;
#[path = "feeds/languages.rs"]
mod languages;
#[path = "feeds/lists.rs"]
mod lists;
#[path = "feeds/notices.rs"]
mod notices;
#[path = "feeds/oracle.rs"]
mod oracle;
#[path = "feeds/osv.rs"]
mod osv;
#[path = "feeds/oval.rs"]
mod oval;
#[path = "feeds/products.rs"]
mod products;
#[path = "feeds/secdb.rs"]
mod secdb;
#[path = "feeds/vulnerabilities.rs"]
mod vulnerabilities;

use bulkhead_advisories::{
    Catalogue, FeedError, FeedSource, FeedSummary, Item, Record, read_content, read_record,
};
use bulkhead_limits::{Budget, Limits};

/// A feed of the embedded catalogue.
fn feed(id: &str) -> FeedSource {
    Catalogue::embedded().unwrap().feed(id).unwrap().clone()
}

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

/// Reads a whole file of a feed.
fn whole(id: &str, content: &[u8]) -> Result<(Vec<Item>, FeedSummary), FeedError> {
    let mut items = Vec::new();
    let summary = read_content(&feed(id), &content, &budget(), &mut |item| items.push(item))?;
    assert_eq!(summary.records, items.len() as u64);
    Ok((items, summary))
}

/// Reads one record of an archive.
fn one(id: &str, content: &str) -> (Vec<Item>, FeedSummary) {
    let mut items = Vec::new();
    let content = content.as_bytes();
    let sink = &mut |item| items.push(item);
    let summary = read_record(&feed(id), "test record", content, &budget(), sink).unwrap();
    (items, summary)
}

fn records(items: &[Item]) -> Vec<&Record> {
    let records = items.iter().map(|item| match item {
        Item::Record(record) => &**record,
        other => panic!("{other:?}"),
    });
    records.collect()
}

/// One line per row: `id=alias+covered scope name range state`, or the id alone.
fn lines(items: &[Item]) -> Vec<String> {
    let mut lines = Vec::new();
    for record in records(items) {
        let mut id = record.id.clone();
        record.aliases.iter().for_each(|alias| id.extend(["=", alias]));
        record.covers.iter().for_each(|name| id.extend(["+", name]));
        for row in &record.affected {
            lines.push(format!("{id} {} {} {}", row.key, row.versions, row.state.name()));
        }
        if record.affected.is_empty() {
            lines.push(id);
        }
    }
    lines
}

fn problems(summary: &FeedSummary) -> Vec<String> {
    let shown = summary
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.location.as_ref().unwrap(), problem.message));
    shown.collect()
}
