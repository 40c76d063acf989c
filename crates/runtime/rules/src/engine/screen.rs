//! Which conditions some process, or some name of a file, leaves open: found out once, and known as long as
//! it comes again.

use std::hash::BuildHasher as _;
use std::ops::Range;
use std::sync::{Arc, Weak};

use bulkhead_events::{Called, FileKind, Process, Text};
use rustc_hash::FxBuildHasher;

/// What is known of some processes or names. Each has one place, where a later one takes over once it comes for
/// the second time: most that come once never come again.
#[derive(Debug)]
pub(crate) struct Screen<K> {
    places: Vec<Place<K>>,
    /// The conditions that are left for each, so many words.
    words: Vec<u64>,
    width: usize,
}

#[derive(Debug)]
struct Place<K> {
    key: Option<K>,
    /// The hash of what came last.
    last: u64,
}

/// Whether something was met before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sight<'screen> {
    /// It is known what is left.
    Known(&'screen [u64]),
    /// It comes again, and may go on doing so.
    Again,
    /// It was not the last to come.
    New,
}

/// So many are known at most: a node has fewer processes that do something at the same time, and
/// programs open the same files again and again.
const PLACES: usize = 2048;

impl<K> Screen<K> {
    /// A screen for sets of so many words.
    pub(crate) fn new(width: usize) -> Self {
        Self { places: Vec::new(), words: Vec::new(), width }
    }

    /// What is left for something in a class of events.
    pub(crate) fn look<S: Subject<Key = K>>(&mut self, class: u16, subject: S) -> Sight<'_> {
        if self.places.is_empty() {
            self.places.resize_with(PLACES, || Place { key: None, last: 0 });
            self.words.resize(PLACES.saturating_mul(self.width), 0);
        }
        let hash = subject.hash(class);
        let number = place(hash);
        let Some(place) = self.places.get_mut(number) else { return Sight::New };
        if place.key.as_ref().is_some_and(|key| subject.is(class, key)) {
            let words = self.words.get(words(number, self.width));
            return words.map_or(Sight::New, Sight::Known);
        }
        if std::mem::replace(&mut place.last, hash) == hash { Sight::Again } else { Sight::New }
    }

    /// Keeps what is left for something that comes again.
    pub(crate) fn keep<S: Subject<Key = K>>(&mut self, class: u16, subject: S, left: &[u64]) {
        let number = place(subject.hash(class));
        if let (Some(place), Some(words)) =
            (self.places.get_mut(number), self.words.get_mut(words(number, self.width)))
            && let Some(key) = subject.key(class)
        {
            place.key = Some(key);
            words.fill(0);
            for (word, left) in words.iter_mut().zip(left) {
                *word = *left;
            }
        }
    }
}

fn place(hash: u64) -> usize {
    // Narrower numbers only lose bits that do not count.
    usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0) % PLACES
}

fn words(place: usize, width: usize) -> Range<usize> {
    let start = place.saturating_mul(width);
    start..start.saturating_add(width)
}

/// What a screen knows something of.
pub(crate) trait Subject: Copy {
    /// What is kept of it.
    type Key;

    /// The same for the same.
    fn hash(self, class: u16) -> u64;

    /// Whether it is what was kept.
    fn is(self, class: u16, key: &Self::Key) -> bool;

    /// What is kept of it; none where that is too much.
    fn key(self, class: u16) -> Option<Self::Key>;
}

/// A process, as it was: nobody changes one that is shared. Its room is not given to another one as long as
/// this lasts, though what it held is let go.
#[derive(Debug)]
pub(crate) struct KnownProcess {
    class: u16,
    process: Weak<Process>,
}

impl Subject for &Arc<Process> {
    type Key = KnownProcess;

    fn hash(self, class: u16) -> u64 {
        FxBuildHasher.hash_one((class, Arc::as_ptr(self).addr()))
    }

    fn is(self, class: u16, key: &KnownProcess) -> bool {
        key.class == class && std::ptr::eq(key.process.as_ptr(), Arc::as_ptr(self))
    }

    fn key(self, class: u16) -> Option<KnownProcess> {
        Some(KnownProcess { class, process: Arc::downgrade(self) })
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

impl Subject for Called<'_> {
    type Key = KnownName;

    fn hash(self, class: u16) -> u64 {
        FxBuildHasher.hash_one((class, self))
    }

    fn is(self, class: u16, key: &KnownName) -> bool {
        let KnownName { name, name_raw, kind, is_open, .. } = key;
        let known = Called { name, name_raw: name_raw.as_ref(), kind: *kind, is_open: *is_open };
        key.class == class && known == self
    }

    fn key(self, class: u16) -> Option<KnownName> {
        let Self { name, name_raw, kind, is_open } = self;
        let length = name.len().saturating_add(name_raw.map_or(0, |name| name.len()));
        (length <= LONGEST).then(|| KnownName {
            class,
            name: name.clone(),
            name_raw: name_raw.cloned(),
            kind,
            is_open,
        })
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_events::FileDescriptor;

    use super::*;

    /// Something of a hash of our choice.
    #[derive(Debug, Clone, Copy)]
    struct Thing(u64);

    impl Subject for Thing {
        type Key = u64;

        fn hash(self, _: u16) -> u64 {
            self.0
        }

        fn is(self, _: u16, key: &u64) -> bool {
            self.0 == *key
        }

        fn key(self, _: u16) -> Option<u64> {
            Some(self.0)
        }
    }

    #[test]
    fn what_comes_once_takes_no_place() {
        let mut screen = Screen::new(1);
        let (one, beside) = (Thing(7), Thing(7 + PLACES as u64));
        assert_eq!(screen.look(0, one), Sight::New);
        assert_eq!(screen.look(0, beside), Sight::New);
        assert_eq!(screen.look(0, one), Sight::New);
        assert_eq!(screen.look(0, one), Sight::Again);
        screen.keep(0, one, &[3]);
        assert_eq!(screen.look(0, beside), Sight::New);
        assert_eq!(screen.look(0, one), Sight::Known(&[3]));
        screen.keep(0, beside, &[4]);
        assert_eq!(screen.look(0, beside), Sight::Known(&[4]));
        assert_eq!(screen.look(0, one), Sight::New);
    }

    #[test]
    fn a_process_is_not_what_lay_there_before() {
        let process = Arc::new(Process::default());
        let key = (&process).key(1).unwrap();
        assert!((&process).is(1, &key));
        assert!(!(&process).is(2, &key));
        drop(process);
        let others: Vec<_> = (0..1000).map(|_| Arc::new(Process::default())).collect();
        assert!(!others.iter().any(|other| other.is(1, &key)));
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
        let key = known.called().key(1).unwrap();
        assert!(file("/a", Some("a"), FileKind::File, 4).called().is(1, &key));
        assert!(!known.called().is(2, &key));
        for other in [
            file("/b", Some("a"), FileKind::File, 3),
            file("/a", Some("b"), FileKind::File, 3),
            file("/a", None, FileKind::File, 3),
            file("/a", Some("a"), FileKind::Directory, 3),
            file("/a", Some("a"), FileKind::File, -1),
        ] {
            assert!(!other.called().is(1, &key), "{other:?}");
        }
        let long = file(&"a".repeat(200), Some(&"b".repeat(100)), FileKind::File, 3);
        assert!(long.called().key(1).is_none());
    }
}
