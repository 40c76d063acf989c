//! The publishers' own documents among the test data, held against answers that share no code with
//! the readers: what another tool made of the same documents, where its answers lie beside them, and
//! a plain walk over the document else.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "the samples are named as their publishers name them"
)]

#[path = "samples/archive.rs"]
mod archive;
#[path = "samples/bulletins.rs"]
mod bulletins;
#[path = "samples/definitions.rs"]
mod definitions;
#[path = "samples/golden.rs"]
mod golden;
#[path = "samples/repositories.rs"]
mod repositories;
#[path = "samples/tables.rs"]
mod tables;
#[path = "samples/walks.rs"]
mod walks;

use std::collections::BTreeSet;

use bulkhead_advisories::{Catalogue, FeedSummary, Item, Record, read_content};
use bulkhead_limits::{Budget, Limits};

/// Reads a document as one of this feed.
fn read(feed: &str, path: &str, content: &[u8]) -> (Vec<Item>, FeedSummary) {
    let catalogue = Catalogue::embedded().unwrap();
    let budget = Budget::new(Limits::DEFAULT);
    let mut items = Vec::new();
    let sink = &mut |item| items.push(item);
    let summary = read_content(catalogue.feed(feed).unwrap(), &content, &budget, sink);
    (items, summary.unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn records(items: &[Item]) -> Vec<&Record> {
    let mut records = Vec::new();
    for item in items {
        if let Item::Record(record) = item {
            records.push(&**record);
        }
    }
    records
}

/// Scope, package, vulnerability and what is said: the first version that is not affected, the last one
/// that is, or the name of the state.
type Fact = (String, String, String, String);

/// What the records say, by every vulnerability that they are about and by their own ids.
fn facts(items: &[Item]) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::new();
    for record in records(items) {
        for name in [&record.id].into_iter().chain(&record.aliases).chain(&record.covers) {
            for row in &record.affected {
                let range = row.versions.to_string();
                let until = range.strip_prefix("(,").and_then(|range| range.strip_suffix(']'));
                let said = match (row.versions.upper_bounds().last(), until) {
                    (Some(version), _) => version.strip_prefix("0:").unwrap_or(version).to_owned(),
                    (None, Some(version)) => format!("<= {version}"),
                    (None, None) => row.state.name().to_owned(),
                };
                let scope = row.key.scope().to_string();
                facts.insert((scope, row.key.name().to_owned(), name.clone(), said));
            }
        }
    }
    facts
}
