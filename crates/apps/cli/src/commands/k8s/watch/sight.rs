//! Whether a kind can be seen.

use std::collections::BTreeMap;

use bulkhead_cluster::Collection;
use jiff::Timestamp;

use super::line::Event;

/// How a kind is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing was heard of it yet.
    Unknown,
    /// It is seen.
    Seen,
    /// It is not seen, since then, and why.
    Lost { since: Timestamp, reason: String },
}

/// A time for which a kind was not seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    pub(super) since: Timestamp,
    /// The kind was listed anew after it.
    pub(super) listed_anew: bool,
}

/// Kinds that were lost and found again.
#[derive(Debug, Default)]
pub(super) struct Changes {
    blind: BTreeMap<String, (Vec<String>, Timestamp)>,
    sees: BTreeMap<bool, (Vec<String>, Timestamp)>,
}

impl Changes {
    pub(super) fn lose(&mut self, collection: Collection, since: Timestamp, reason: &str) {
        add(&mut self.blind, reason_of(reason), collection, since);
    }

    pub(super) fn find(&mut self, collection: Collection, gap: Gap) {
        add(&mut self.sees, gap.listed_anew, collection, gap.since);
    }

    /// One event for those that were lost for the same reason, and those found in the same way.
    pub(super) fn events(self, now: Timestamp) -> impl Iterator<Item = Event> {
        let blind = self.blind.into_iter().map(|(reason, (resources, since))| Event::Blind {
            resources,
            since: since.to_string(),
            reason,
        });
        let sees = self.sees.into_iter().map(move |(listed_anew, (resources, since))| {
            let seconds = now.duration_since(since).as_secs().unsigned_abs();
            Event::Sees { resources, since: since.to_string(), seconds, listed_anew }
        });
        blind.chain(sees)
    }
}

fn add<K: Ord>(
    kinds: &mut BTreeMap<K, (Vec<String>, Timestamp)>,
    key: K,
    collection: Collection,
    since: Timestamp,
) {
    let (resources, first) = kinds.entry(key).or_insert((Vec::new(), since));
    resources.push(collection.resource());
    *first = since.min(*first);
}

/// The reason without the address of the one kind that it was met with: all kinds are lost alike.
fn reason_of(reason: &str) -> String {
    match reason.split_once(" to get /") {
        Some((start, rest)) => {
            let rest = rest.split_once(": ").map_or("", |(_, rest)| rest);
            if rest.is_empty() { start.to_owned() } else { format!("{start}: {rest}") }
        }
        None => reason.to_owned(),
    }
}
