//! Which conditions some process, or some name of a file, leaves open: found out once, and known as long as
//! it comes again.

use std::hash::BuildHasher as _;
use std::sync::{Arc, Weak};

use bulkhead_events::{Called, FileKind, Process, Text};
use rustc_hash::FxBuildHasher;

/// What is known of some processes or names. Each has one place, where a later one takes over.
#[derive(Debug)]
pub(crate) struct Screen<K> {
    keys: Vec<Option<K>>,
    /// The conditions that are left for each, so many words.
    words: Vec<u64>,
    width: usize,
}

/// What is known for so many at most: a node has fewer processes that do something at the same time, and
/// programs open the same files again and again.
const PLACES: usize = 2048;

impl<K> Screen<K> {
    /// A screen for sets of so many words.
    pub(crate) fn new(width: usize) -> Self {
        Self { keys: Vec::new(), words: vec![0; PLACES.saturating_mul(width)], width }
    }

    /// The place of something by its hash.
    pub(crate) fn place(hash: u64) -> usize {
        // Narrower numbers only lose bits that do not count.
        usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0) % PLACES
    }

    /// What is left, if it is known.
    pub(crate) fn known(&self, place: usize, is: impl FnOnce(&K) -> bool) -> Option<&[u64]> {
        self.keys.get(place)?.as_ref().filter(|key| is(key))?;
        let start = place.saturating_mul(self.width);
        self.words.get(start..start.saturating_add(self.width))
    }

    pub(crate) fn put(&mut self, place: usize, key: K, left: &[u64]) {
        if self.keys.is_empty() {
            self.keys.resize_with(PLACES, || None);
        }
        let start = place.saturating_mul(self.width);
        if let (Some(slot), Some(words)) =
            (self.keys.get_mut(place), self.words.get_mut(start..start.saturating_add(self.width)))
        {
            *slot = Some(key);
            for (word, left) in
                words.iter_mut().zip(left.iter().copied().chain(std::iter::repeat(0)))
            {
                *word = left;
            }
        }
    }
}

/// A process, as it was: nobody changes one that is shared. Its room is not given to another one as long as
/// this lasts, though what it held is let go.
#[derive(Debug)]
pub(crate) struct KnownProcess {
    class: u16,
    process: Weak<Process>,
}

impl KnownProcess {
    pub(crate) fn new(class: u16, process: &Arc<Process>) -> Self {
        Self { class, process: Arc::downgrade(process) }
    }

    pub(crate) fn is(&self, class: u16, process: &Arc<Process>) -> bool {
        self.class == class && std::ptr::eq(self.process.as_ptr(), Arc::as_ptr(process))
    }

    pub(crate) fn hash(class: u16, process: &Arc<Process>) -> u64 {
        FxBuildHasher.hash_one((class, Arc::as_ptr(process).addr()))
    }
}

/// What a file is called.
#[derive(Debug)]
pub(crate) struct KnownName {
    class: u16,
    name: Text,
    name_raw: Option<Text>,
    kind: FileKind,
    is_open: bool,
}

/// Longer names are not kept, so that all of them together stay small.
const LONGEST: usize = 256;

impl KnownName {
    pub(crate) fn new(class: u16, called: Called<'_>) -> Option<Self> {
        let Called { name, name_raw, kind, is_open } = called;
        let length = name.len().saturating_add(name_raw.map_or(0, |name| name.len()));
        let (name, name_raw) = (name.clone(), name_raw.cloned());
        (length <= LONGEST).then_some(Self { class, name, name_raw, kind, is_open })
    }

    pub(crate) fn is(&self, class: u16, called: Called<'_>) -> bool {
        let Self { name, name_raw, kind, is_open, .. } = self;
        let known = Called { name, name_raw: name_raw.as_ref(), kind: *kind, is_open: *is_open };
        self.class == class && known == called
    }

    pub(crate) fn hash(class: u16, called: Called<'_>) -> u64 {
        FxBuildHasher.hash_one((class, called))
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_events::FileDescriptor;

    use super::*;

    #[test]
    fn what_takes_over_a_place_is_not_what_was_there() {
        let mut screen = Screen::new(1);
        let process = Arc::new(Process::default());
        assert_eq!(screen.known(7, |known: &KnownProcess| known.is(0, &process)), None);
        screen.put(7, KnownProcess::new(1, &process), &[5]);
        assert_eq!(screen.known(7, |known| known.is(1, &process)), Some(&[5][..]));
        assert_eq!(screen.known(7, |known| known.is(2, &process)), None);
        assert_eq!(screen.known(8, |known| known.is(1, &process)), None);
        drop(process);
        // Whatever lies where the one that is gone lay is another one.
        let others: Vec<_> = (0..1000).map(|_| Arc::new(Process::default())).collect();
        for other in &others {
            assert_eq!(screen.known(7, |known| known.is(1, other)), None);
        }
    }

    #[test]
    fn names_are_known_by_all_that_they_are() {
        let file = |name: &str, raw: Option<&str>, kind, number| FileDescriptor {
            name: name.into(),
            name_raw: raw.map(Text::from),
            kind,
            number,
            ..FileDescriptor::default()
        };
        let known = file("/a", Some("a"), FileKind::File, 3);
        let key = KnownName::new(1, known.called()).unwrap();
        assert!(key.is(1, file("/a", Some("a"), FileKind::File, 4).called()));
        assert!(!key.is(2, known.called()));
        for other in [
            file("/b", Some("a"), FileKind::File, 3),
            file("/a", Some("b"), FileKind::File, 3),
            file("/a", None, FileKind::File, 3),
            file("/a", Some("a"), FileKind::Directory, 3),
            file("/a", Some("a"), FileKind::File, -1),
        ] {
            assert!(!key.is(1, other.called()), "{other:?}");
        }
        let long = file(&"a".repeat(200), Some(&"b".repeat(100)), FileKind::File, 3);
        assert!(KnownName::new(1, long.called()).is_none());
    }
}
