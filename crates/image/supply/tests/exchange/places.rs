//! The place of the database: other files, other processes.

use std::thread;

use bulkhead_advisories::Database;
use bulkhead_supply::exchange::{Change, ExchangeError, Origin};
use bulkhead_supply::signing::{Statement, sign, verify};

use crate::parts::{Publisher, RECORDS, names, now};
use crate::registry::Registry;

#[test]
fn other_files_are_not_overwritten() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("thesis.txt");
    fs_err::write(&file, "all my work").expect("it is there");
    registry.push(&publisher.edition(1, 0)).expect("it is pushed");
    let error = registry.pull(&file, &publisher.trust()).expect_err("it is taken");
    assert!(matches!(error, ExchangeError::Occupied { .. }), "{error:?}");
    assert_eq!(fs_err::read(&file).expect("it is there"), b"all my work");
}

/// A database that the user built gives its pages, and its number counts.
#[test]
fn an_own_database_is_followed_by_a_signed_one() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let own = publisher.unsigned(1);
    fs_err::copy(own, &file).expect("it is there");
    registry.push(&publisher.edition(1, 0)).expect("it is pushed");
    let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert_eq!(pulled.change, Change::Replaced);
    assert!(pulled.fetched_pages < 8, "{pulled:?}");
}

/// Several at once: each ends well, and what lies there is whole.
#[test]
fn pulls_at_once_do_not_disturb_each_other() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let published = publisher.edition(1, 0);
    registry.push(&published).expect("it is pushed");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| registry.pull(&file, &publisher.trust()).expect("it is pulled"));
        }
    });
    let bytes = |file| fs_err::read(file).expect("it is there");
    assert_eq!(bytes(&file), bytes(&published));
    let expected = [".advisories.db.lock", "advisories.db", "advisories.db.origin.json"];
    assert_eq!(names(folder.path()), expected);
}

/// While editions follow each other, a reader sees one of them, whole, and never an older one after a
/// newer one; an opened database stays what it was.
#[test]
fn readers_see_whole_editions() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, RECORDS)).expect("it is pushed");
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    let old = Database::open(&file).expect("it opens");
    let last = 6;
    thread::scope(|scope| {
        scope.spawn(|| {
            for sequence in 2..=last {
                let changed = usize::try_from(sequence).expect("small") * 100;
                registry.push(&publisher.edition(sequence, changed)).expect("it is pushed");
                registry.pull(&file, &publisher.trust()).expect("it is pulled");
            }
        });
        scope.spawn(|| {
            let mut seen = 0;
            while seen < last {
                let verified = verify(&file, &publisher.trust(), now()).expect("it is whole");
                assert!(verified.sequence >= seen);
                seen = verified.sequence;
            }
        });
    });
    assert_eq!(old.sequence(), 1);
    assert_eq!(old.search("TEST-2026-00200").expect("it reads").advisories.len(), 1);
    assert_eq!(Origin::of(&file).expect("it reads").expect("it is there").sequence, last);
}

/// A pull that was slower than one of a newer edition changes nothing.
#[test]
fn the_newer_edition_stays() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, 0)).expect("it is pushed");
    let (newer, place) =
        (fs_err::read(publisher.edition(2, 1)).expect("it is there"), file.clone());
    let (_, runs) = registry.parts();
    let last = bulkhead_model::Digest::of(runs.last().expect("runs")).hex().to_owned();
    // While the last part is on its way, another process is done.
    registry.spoil(move |asked, answer| {
        if asked.path.ends_with(&last) {
            fs_err::write(&place, &newer).expect("it is there");
        }
        answer
    });
    let pulled = registry.pull(&file, &publisher.trust()).expect("there is a newer one");
    assert_eq!((pulled.change, pulled.sequence), (Change::Overtaken, 1));
    assert_eq!(Database::open(&file).expect("it opens").sequence(), 2);
}

#[test]
fn numbers_and_ends_are_filled_in_once() {
    let publisher = Publisher::new();
    let file = publisher.unsigned(0);
    let first = sign(&file, &publisher.key, Statement::default(), now()).expect("it is signed");
    assert_eq!(first.sequence, u64::try_from(now().as_second()).expect("after 1970"));
    assert_eq!(first.expires_at, Some("2026-12-08T12:00:00Z".parse().expect("a moment")));
    let later = "2026-11-30T00:00:00Z".parse().expect("a moment");
    let next = Publisher::new();
    let second = sign(&file, &next.key, Statement::default(), later).expect("it is signed");
    assert_eq!((second.sequence, second.expires_at), (first.sequence, first.expires_at));
    assert_eq!((second.signatures, second.removed), (2, 0));
    let again = sign(&file, &next.key, Statement::default(), later).expect("it is signed");
    assert_eq!(again.signatures, 2);
}
