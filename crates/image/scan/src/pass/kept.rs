//! How much of one image the scan itself keeps. Each worker has its limit; what many of them answer
//! adds up here.

use std::sync::atomic::{AtomicU64, Ordering};

use bulkhead_layers::{Entry, EntryKind, FileFacts};
use bulkhead_model::Problem;

use crate::broken::{Broken, BrokenKind};
use crate::protocol::Reading;

/// What merging adds to an entry: a node of the tree with its name, its place in the index, and the
/// path under which facts about it are found.
const MERGED: usize = 200;

/// What an allocation takes beside its content.
const ALLOCATION: usize = 16;

/// An account of memory for the readings of one image.
pub(crate) struct Kept {
    limit: u64,
    used: AtomicU64,
}

impl Kept {
    /// Takes readings of so many bytes together.
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: AtomicU64::new(0) }
    }

    /// The reading, if there is room for it; else that it is unknown, which costs nothing.
    pub(super) fn admit(&self, reading: Reading) -> Reading {
        let weight = weight(&reading);
        let before = self.used.fetch_add(weight, Ordering::Relaxed);
        if before.saturating_add(weight) <= self.limit {
            return reading;
        }
        self.used.fetch_sub(weight, Ordering::Relaxed);
        let cause = format!(
            "what is in it does not fit into the {} MiB that may be kept of one image",
            self.limit >> 20
        );
        Reading { broken: Some(Broken::new(BrokenKind::Memory, cause)), ..Reading::default() }
    }
}

/// About how many bytes a reading takes once it is merged.
fn weight(reading: &Reading) -> u64 {
    let Reading { layer, problems, selected, .. } = reading;
    let entry = |entry: &Entry| {
        let target = match &entry.kind {
            EntryKind::Symlink(target) => target.len(),
            EntryKind::Hardlink(target) => target.as_bytes().len(),
            EntryKind::File | EntryKind::Directory | EntryKind::Special => 0,
        };
        // The path, the name in the tree, and the path again for facts.
        let names = entry.path.as_bytes().len().saturating_mul(3);
        size_of::<Entry>().saturating_add(MERGED).saturating_add(names).saturating_add(target)
    };
    let fact = |facts: &FileFacts| {
        let content = facts.facts.size().saturating_add(facts.detector.len());
        size_of::<FileFacts>().saturating_add(ALLOCATION).saturating_add(content)
    };
    let problem = |problem: &Problem| size_of::<Problem>().saturating_add(problem.message.len());
    let entries = layer.entries.iter().map(entry);
    let facts = layer.facts.iter().map(fact);
    let selected = selected.iter().map(|(_, facts)| facts.size().saturating_add(ALLOCATION));
    let all = entries.chain(facts).chain(selected).chain(problems.iter().map(problem));
    all.fold(0, |total: u64, bytes| total.saturating_add(bytes as u64))
}

#[cfg(test)]
mod tests {
    use bulkhead_layers::Layer;

    use super::*;

    /// A reading of so many empty files with short names.
    fn reading(entries: usize) -> Reading {
        let entry = |number: usize| Entry {
            path: number.to_string().as_str().into(),
            kind: EntryKind::File,
            mode: 0o644,
            size: 0,
        };
        let entries = (0..entries).map(entry).collect();
        Reading { layer: Layer { entries, ..Layer::default() }, ..Reading::default() }
    }

    #[test]
    fn what_does_not_fit_is_unknown_and_the_next_may_fit() {
        let kept = Kept::new(weight(&reading(1_000)));
        let admitted = |entries| kept.admit(reading(entries)).broken.is_none();
        assert!(admitted(600));
        assert!(!admitted(600));
        assert!(admitted(200));
        let refused = kept.admit(reading(600));
        assert_eq!(refused.layer, Layer::default());
        assert!(refused.broken.is_some_and(|broken| broken.hint().contains("--max-memory")));
    }
}
