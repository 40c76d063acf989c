//! Maps while they are read.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::node::Entry;

/// Maps with fewer keys are searched one by one.
const FEW_KEYS: usize = 16;

/// A map whose keys stand once each.
#[derive(Default)]
pub(crate) struct EntriesBuilder<'a> {
    entries: Vec<Entry<'a>>,
    /// Where keys stand among the entries; empty while they are few.
    places: HashMap<Cow<'a, str>, usize>,
}

impl<'a> EntriesBuilder<'a> {
    /// Adds an entry, or replaces and returns the one with its key: the later counts, by a merge key
    /// too.
    pub(crate) fn insert(&mut self, entry: Entry<'a>) -> Option<Entry<'a>> {
        if let Some(place) = self.position(&entry.key) {
            return self.entries.get_mut(place).map(|present| std::mem::replace(present, entry));
        }
        if !self.places.is_empty() {
            self.places.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
        None
    }

    /// The last entry in the order of the keys' first appearance.
    pub(crate) fn last(&self) -> Option<&Entry<'a>> {
        self.entries.last()
    }

    /// The entries.
    pub(crate) fn finish(self) -> Vec<Entry<'a>> {
        self.entries
    }

    fn position(&mut self, key: &str) -> Option<usize> {
        if self.entries.len() < FEW_KEYS {
            return self.entries.iter().position(|entry| entry.key == key);
        }
        if self.places.is_empty() {
            let keys = self.entries.iter().map(|entry| entry.key.clone());
            self.places = keys.enumerate().map(|(place, key)| (key, place)).collect();
        }
        self.places.get(key).copied()
    }
}
