//! The processes of a node, by number and start.
//!
//! Each event holds its process, and that one its parents, so that they outlive their entries here. The
//! table itself is bounded: what was not asked for longest goes first, and comes back from the next
//! record that it makes, with what that tells.

use std::collections::VecDeque;
use std::sync::Arc;

use bulkhead_events::{Composed, Container, Lineage, Process, Text};
use rustc_hash::FxHashMap;

use crate::groups::GroupKey;

/// A process that no other can be taken for: numbers are given again, but not at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ProcessKey {
    pub(crate) number: u32,
    /// Nanoseconds since boot.
    pub(crate) started: u64,
}

/// What is remembered of a process.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: ProcessKey,
    /// Who started it.
    pub(crate) parent: ProcessKey,
    pub(crate) process: Arc<Process>,
    pub(crate) group: GroupKey,
    pub(crate) mount_namespace: u32,
    /// The table of its descriptors, see [`crate::files::Tables`].
    pub(crate) files: u64,
    /// What it is called in namespaces of numbers, its own first: each with the number there.
    pub(crate) inside: Arc<[(u32, u32)]>,
    /// It has ended: what is still on its way may ask for it.
    pub(crate) has_ended: bool,
    /// Asked for since it was last passed over.
    is_used: bool,
}

impl Entry {
    pub(crate) fn new(
        key: ProcessKey,
        process: Arc<Process>,
        group: GroupKey,
        mount_namespace: u32,
        files: u64,
    ) -> Self {
        let parent = ProcessKey { number: 0, started: 0 };
        Self {
            key,
            parent,
            process,
            group,
            mount_namespace,
            files,
            inside: Arc::default(),
            has_ended: false,
            is_used: false,
        }
    }
}

/// Processes that have ended and are remembered for records that come late.
const ENDED: usize = 1024;

/// The table.
#[derive(Debug)]
pub(crate) struct Processes {
    entries: FxHashMap<u32, Entry>,
    /// By namespace of numbers, and number there.
    inside: FxHashMap<(u32, u32), ProcessKey>,
    /// In the order in which they came, for the hand that passes over them. May hold some that are gone.
    order: VecDeque<ProcessKey>,
    ended: VecDeque<ProcessKey>,
    limit: usize,
    /// How many were forgotten while they ran.
    pub(crate) forgotten: u64,
}

impl Processes {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: FxHashMap::default(),
            inside: FxHashMap::default(),
            order: VecDeque::new(),
            ended: VecDeque::new(),
            limit: limit.max(ENDED.saturating_mul(2)),
            forgotten: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&mut self, key: ProcessKey) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(&key.number).filter(|entry| entry.key == key)?;
        entry.is_used = true;
        Some(entry)
    }

    /// The short name of whichever process has a number now.
    pub(crate) fn named(&self, number: u32) -> Option<Text> {
        let entry = self.entries.get(&number).filter(|entry| !entry.has_ended)?;
        Some(entry.process.name.clone())
    }

    /// The same, or of the one that had the number last: who sent a signal may have ended when it comes.
    pub(crate) fn named_lately(&self, number: u32) -> Option<Text> {
        Some(self.entries.get(&number)?.process.name.clone())
    }

    /// The short name of whichever process a namespace of numbers knows by a number now.
    pub(crate) fn named_inside(&self, namespace: u32, number: u32) -> Option<Text> {
        let key = self.inside.get(&(namespace, number))?;
        let entry = self.entries.get(&key.number).filter(|entry| entry.key == *key)?;
        (!entry.has_ended).then(|| entry.process.name.clone())
    }

    /// The parent that a record names. Its start is not known to all records: then the number counts, of
    /// one that runs.
    pub(crate) fn parent(&mut self, key: ProcessKey) -> Option<&mut Entry> {
        if key.started != 0 {
            return self.get(key);
        }
        self.entries.get_mut(&key.number).filter(|entry| !entry.has_ended)
    }

    /// Enters a process in place of whichever had its number; returns what has to be released of others.
    pub(crate) fn insert(&mut self, entry: Entry) -> Vec<Entry> {
        let mut gone = Vec::new();
        self.order.push_back(entry.key);
        let key = entry.key;
        let inside = Arc::clone(&entry.inside);
        if let Some(replaced) = self.entries.insert(key.number, entry) {
            self.leave(&replaced);
            gone.push(replaced);
        }
        self.inside.extend(inside.iter().map(|inside| (*inside, key)));
        while self.entries.len() > self.limit {
            let Some(next) = self.forget() else { break };
            gone.push(next);
        }
        self.compact();
        gone
    }

    /// The containers of processes that run: one of these, and how many there are.
    pub(crate) fn containers(&self) -> Vec<(Arc<Container>, u32, u64)> {
        let mut found: FxHashMap<&[u8], (&Arc<Container>, u32, u64)> = FxHashMap::default();
        for entry in self.entries.values().filter(|entry| !entry.has_ended) {
            let Some(container) = &entry.process.container else { continue };
            let of = found.entry(container.id.as_bytes()).or_insert((container, 0, 0));
            // The one that came first is likely to stay.
            of.1 = if of.2 == 0 { entry.key.number } else { of.1.min(entry.key.number) };
            of.2 = of.2.saturating_add(1);
        }
        let mut found: Vec<_> = found
            .into_values()
            .map(|(container, process, count)| (Arc::clone(container), process, count))
            .collect();
        found.sort_by(|(one, ..), (other, ..)| one.id.cmp(&other.id));
        found
    }

    /// The processes of a container that run.
    pub(crate) fn dwellers(&self, container: &Container) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(move |entry| {
            let own = entry.process.container.as_ref();
            !entry.has_ended && own.is_some_and(|own| own.id == container.id)
        })
    }

    /// Gives the processes of a container what is known of it now.
    pub(crate) fn know(&mut self, container: &Arc<Container>) {
        for entry in self.entries.values_mut() {
            let own = entry.process.container.as_ref();
            if own.is_some_and(|own| own.id == container.id && !Arc::ptr_eq(own, container)) {
                let mut process = Process::clone(&entry.process);
                process.composed = Composed::default();
                process.container = Some(Arc::clone(container));
                entry.process = Arc::new(process);
            }
        }
    }

    /// Draws the lines of parents anew, oldest first: of processes that were told of in any order.
    pub(crate) fn draw_lines(&mut self) {
        let mut keys: Vec<ProcessKey> = self.entries.values().map(|entry| entry.key).collect();
        keys.sort_by_key(|key| (key.started, key.number));
        for key in keys {
            let Some(parent) = self.entries.get(&key.number).map(|entry| entry.parent) else {
                continue;
            };
            // Who started a process is older than it: else the number was given again.
            if parent.number == 0 || parent.number == key.number || parent.started > key.started {
                continue;
            }
            let Some(parent) = self.parent(parent).map(|parent| Arc::clone(&parent.process)) else {
                continue;
            };
            if let Some(entry) = self.entries.get_mut(&key.number) {
                let namespace_started = match entry.process.namespace_started {
                    0 => parent.namespace_started,
                    known => known,
                };
                let lineage = Lineage::of(parent);
                let process = Process::clone(&entry.process);
                entry.process = Arc::new(Process { lineage, namespace_started, ..process });
            }
        }
    }

    /// Marks a process as ended; returns one that ended long ago.
    pub(crate) fn end(&mut self, key: ProcessKey) -> Option<Entry> {
        let entry = self.entries.get_mut(&key.number).filter(|entry| entry.key == key)?;
        if std::mem::replace(&mut entry.has_ended, true) {
            return None;
        }
        self.ended.push_back(key);
        if self.ended.len() <= ENDED {
            return None;
        }
        let oldest = self.ended.pop_front()?;
        self.remove(oldest)
    }

    /// Passes over what was asked for lately, and takes the first that was not.
    fn forget(&mut self) -> Option<Entry> {
        let mut rounds = self.order.len().saturating_mul(2);
        while let Some(key) = self.order.pop_front() {
            rounds = rounds.saturating_sub(1);
            let Some(entry) = self.entries.get_mut(&key.number).filter(|entry| entry.key == key)
            else {
                continue;
            };
            if std::mem::take(&mut entry.is_used) && rounds > 0 {
                self.order.push_back(key);
                continue;
            }
            self.forgotten = self.forgotten.saturating_add(u64::from(!entry.has_ended));
            return self.remove(key);
        }
        None
    }

    fn remove(&mut self, key: ProcessKey) -> Option<Entry> {
        self.entries.get(&key.number).filter(|entry| entry.key == key)?;
        let removed = self.entries.remove(&key.number)?;
        self.leave(&removed);
        Some(removed)
    }

    /// Forgets the numbers of a process in namespaces, unless another has them by now.
    fn leave(&mut self, gone: &Entry) {
        for inside in &*gone.inside {
            if self.inside.get(inside) == Some(&gone.key) {
                self.inside.remove(inside);
            }
        }
    }

    /// Drops the keys of processes that are gone, once they are most of the order.
    fn compact(&mut self) {
        if self.order.len() > self.entries.len().saturating_mul(2).saturating_add(ENDED) {
            let entries = &self.entries;
            let is_there =
                |key: &ProcessKey| entries.get(&key.number).is_some_and(|entry| entry.key == *key);
            self.order.retain(is_there);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u32, started: u64) -> Entry {
        let key = ProcessKey { number, started };
        let name = format!("{number}").as_str().into();
        let process = Process { pid: number, started, name, ..Process::default() };
        let mut entry = Entry::new(key, Arc::new(process), GroupKey::default(), 0, 0);
        entry.inside = Arc::new([(77, number % 1000)]);
        entry
    }

    #[test]
    fn numbers_of_a_namespace_lead_to_who_has_them_now() {
        let mut table = Processes::new(0);
        table.insert(entry(5001, 1));
        assert_eq!(table.named_inside(77, 1), Some("5001".into()));
        assert_eq!(table.named_inside(78, 1), None);
        table.insert(entry(6001, 2));
        assert_eq!(table.named_inside(77, 1), Some("6001".into()));
        // Who had it before does not take it along.
        table.insert(entry(5001, 3));
        table.end(ProcessKey { number: 5001, started: 3 });
        assert_eq!(table.named_inside(77, 1), None);
    }

    #[test]
    fn a_number_that_is_given_again_is_another_process() {
        let mut table = Processes::new(0);
        table.insert(entry(7, 1));
        let replaced = table.insert(entry(7, 2));
        assert_eq!(replaced[0].key.started, 1);
        assert!(table.get(ProcessKey { number: 7, started: 1 }).is_none());
        assert!(table.get(ProcessKey { number: 7, started: 2 }).is_some());
        assert!(table.end(ProcessKey { number: 7, started: 1 }).is_none());
        assert!(!table.get(ProcessKey { number: 7, started: 2 }).unwrap().has_ended);
    }

    #[test]
    fn memory_is_flat_while_numbers_churn() {
        let mut table = Processes::new(4096);
        for step in 0..200_000_u64 {
            let number = u32::try_from(step % 30_000).unwrap();
            table.insert(entry(number, step));
            if step % 3 != 0 {
                table.end(ProcessKey { number, started: step });
            }
            assert!(table.len() <= 4096);
            assert!(table.order.len() <= 4096 * 2 + ENDED + 1);
            assert!(table.ended.len() <= ENDED);
            assert!(table.inside.len() <= table.len());
        }
        assert!(table.forgotten > 0);
    }

    #[test]
    fn what_is_asked_for_stays() {
        let mut table = Processes::new(2 * ENDED);
        table.insert(entry(1, 1));
        for number in 2..50_000 {
            table.insert(entry(number, 1));
            assert!(table.get(ProcessKey { number: 1, started: 1 }).is_some());
        }
    }
}
