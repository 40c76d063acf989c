//! What is remembered of earlier events, in bounded memory.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, Hash as _, Hasher, RandomState};

use bulkhead_events::{Event, Process, Value};
use rustc_hash::FxBuildHasher;

use super::{Sequence, Threshold};

/// How many steps and counted events are remembered at most, all rules and keys together: a few
/// megabytes.
const MOST: usize = 1 << 16;

/// What is remembered, and what had to be forgotten.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    entries: HashMap<Key, Entry, FxBuildHasher>,
    /// Steps and events in all entries.
    size: usize,
    forgotten: u64,
    /// Two, so that nobody who chooses values can make two keys one.
    hashers: [RandomState; 2],
}

/// A rule, and by a hash what its events have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    rule: u32,
    counts: bool,
    hash: [u64; 2],
}

#[derive(Debug, Clone)]
enum Entry {
    /// So many steps were taken, the first of them then.
    Steps { taken: u8, since: u64, expires: u64 },
    /// When events came, with hashes of what tells them apart.
    Times { times: VecDeque<(u64, u64)>, expires: u64 },
}

impl Entry {
    fn size(&self) -> usize {
        match self {
            Self::Steps { .. } => 1,
            Self::Times { times, .. } => times.len().saturating_add(1),
        }
    }

    const fn expires(&self) -> u64 {
        match self {
            Self::Steps { expires, .. } | Self::Times { expires, .. } => *expires,
        }
    }
}

impl Memory {
    /// How many entries were given up before their time.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// A step of a sequence, from 0, was met by an event. `values` are those that its events share.
    pub(crate) fn step(
        &mut self,
        rule: u32,
        sequence: &Sequence,
        step: u8,
        values: &[Value<'_>],
        event: &Event,
    ) {
        let since = if step == 0 {
            Some(event.time)
        } else {
            self.find(rule, sequence, step, values, event).map(|(_, since)| since)
        };
        let Some(since) = since else { return };
        let key = self.key(rule, false, values, sequence.lineage.then_some(&*event.process));
        let further = matches!(self.entries.get(&key), Some(Entry::Steps { taken, expires, .. })
            if *taken > step.saturating_add(1) && *expires >= event.time);
        if further {
            return;
        }
        let expires = since.saturating_add(sequence.within);
        self.put(key, Entry::Steps { taken: step.saturating_add(1), since, expires }, event.time);
    }

    /// Whether all steps came before this event, which are then over.
    pub(crate) fn complete(
        &mut self,
        rule: u32,
        sequence: &Sequence,
        values: &[Value<'_>],
        event: &Event,
    ) -> bool {
        let found = self.find(rule, sequence, sequence.steps, values, event);
        if let Some((key, _)) = found {
            self.take(&key);
        }
        found.is_some()
    }

    /// Whether this event is the one that makes them enough; counting then begins anew.
    pub(crate) fn count(
        &mut self,
        rule: u32,
        threshold: &Threshold,
        values: &[Value<'_>],
        distinct: Option<&Value<'_>>,
        event: &Event,
    ) -> bool {
        let key = self.key(rule, true, values, None);
        let mark = match distinct {
            Some(Value::Null) => return false,
            Some(value) => self.hash(0, |hasher| hash_value(value, hasher)),
            None => 0,
        };
        let mut times = match self.take(&key) {
            Some(Entry::Times { times, .. }) => times,
            _ => VecDeque::new(),
        };
        let earliest = event.time.saturating_sub(threshold.within);
        times.retain(|(time, known)| *time >= earliest && (distinct.is_none() || *known != mark));
        times.push_back((event.time, mark));
        if times.len() >= threshold.events {
            return true;
        }
        let expires = event.time.saturating_add(threshold.within);
        self.put(key, Entry::Times { times, expires }, event.time);
        false
    }

    /// The entry of the process, or of its nearest ancestor, that has taken so many steps.
    fn find(
        &self,
        rule: u32,
        sequence: &Sequence,
        taken: u8,
        values: &[Value<'_>],
        event: &Event,
    ) -> Option<(Key, u64)> {
        let found = |process: Option<&Process>| {
            let key = self.key(rule, false, values, process);
            match self.entries.get(&key)? {
                Entry::Steps { taken: known, since, expires }
                    if *known == taken && *expires >= event.time =>
                {
                    Some((key, *since))
                }
                _ => None,
            }
        };
        if !sequence.lineage {
            return found(None);
        }
        let line = std::iter::once(&event.process).chain(event.process.ancestors());
        line.map(|process| found(Some(process))).find_map(|entry| entry)
    }

    fn key(&self, rule: u32, counts: bool, values: &[Value<'_>], process: Option<&Process>) -> Key {
        let hash = [0, 1].map(|which| {
            self.hash(which, |mut hasher| {
                for value in values {
                    hash_value(value, hasher);
                }
                // A number is given again to another process, but not at the same time.
                process.map(|process| (process.pid, process.started)).hash(&mut hasher);
            })
        });
        Key { rule, counts, hash }
    }

    fn hash(&self, which: usize, feed: impl Fn(&mut dyn Hasher)) -> u64 {
        let [first, second] = &self.hashers;
        let mut hasher = if which == 0 { first } else { second }.build_hasher();
        feed(&mut hasher);
        hasher.finish()
    }

    fn take(&mut self, key: &Key) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.size = self.size.saturating_sub(entry.size());
        Some(entry)
    }

    fn put(&mut self, key: Key, entry: Entry, now: u64) {
        self.take(&key);
        self.size = self.size.saturating_add(entry.size());
        self.entries.insert(key, entry);
        if self.size > MOST {
            self.shrink(now);
        }
    }

    /// Drops what is over; where that is too little, half of the rest, those that are over first.
    fn shrink(&mut self, now: u64) {
        self.entries.retain(|_, entry| entry.expires() >= now);
        self.size = self.entries.values().map(Entry::size).fold(0, usize::saturating_add);
        if self.size <= MOST / 2 {
            return;
        }
        let mut ends: Vec<u64> = self.entries.values().map(Entry::expires).collect();
        let middle = ends.len() / 2;
        let (_, middle, _) = ends.select_nth_unstable(middle);
        let middle = *middle;
        let before = self.entries.len();
        self.entries.retain(|_, entry| entry.expires() > middle);
        let gone = before.saturating_sub(self.entries.len());
        self.forgotten = self.forgotten.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
        self.size = self.entries.values().map(Entry::size).fold(0, usize::saturating_add);
    }
}

fn hash_value(value: &Value<'_>, mut hasher: &mut dyn Hasher) {
    std::mem::discriminant(value).hash(&mut hasher);
    match value {
        Value::Text(text) => text.hash(&mut hasher),
        Value::Number(number) => number.hash(&mut hasher),
        Value::Boolean(truth) => truth.hash(&mut hasher),
        Value::Address(address) => address.hash(&mut hasher),
        Value::List(values) => {
            for value in values {
                hash_value(value, hasher);
            }
        }
        Value::Null => {}
    }
}
