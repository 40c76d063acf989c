//! Only what changed travels.

use bulkhead_supply::exchange::{Change, Origin};
use bulkhead_supply::signing::verify;

use crate::parts::{Publisher, RECORDS, names, now};
use crate::registry::Registry;

#[test]
fn a_database_arrives_as_it_was() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let published = publisher.edition(1, 0);
    let pushed = registry.push(&published).expect("it is pushed");
    let bytes = fs_err::read(&published).expect("it is there");
    assert_eq!((pushed.new_bytes, pushed.length), (bytes.len() as u64, bytes.len() as u64));
    // The layers, one behind the other, are the file.
    let (head, runs) = registry.parts();
    assert_eq!([vec![head], runs].concat().concat(), bytes);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new/advisories.db");
    let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert_eq!(fs_err::read(&file).expect("it is there"), bytes);
    assert_eq!((pulled.change, pulled.sequence), (Change::Replaced, 1));
    assert_eq!(pulled.pages, pulled.fetched_pages);
    assert_eq!(pulled.fetched_bytes, registry.given());
    let verified = verify(&file, &publisher.trust(), now()).expect("it is whole");
    assert_eq!((verified.key, verified.pages), (publisher.key.public().id(), pulled.pages));
    let origin = Origin::of(&file).expect("it can be read").expect("it is remembered");
    assert_eq!((origin.sequence, origin.digest), (1, pulled.digest));
    let expected = [".advisories.db.lock", "advisories.db", "advisories.db.origin.json"];
    assert_eq!(names(file.parent().expect("a folder")), expected);
}

/// Wherever the record stands, some pages travel, and in the other direction some runs.
#[test]
fn a_changed_record_is_a_small_update() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, RECORDS)).expect("it is pushed");
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    for (sequence, changed) in [(2, 0), (3, RECORDS / 2), (4, RECORDS - 1), (5, RECORDS)] {
        let published = publisher.edition(sequence, changed);
        let pushed = registry.push(&published).expect("it is pushed");
        assert!(pushed.new_blobs <= 8, "{pushed:?}");
        registry.given();
        let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
        assert_eq!(pulled.fetched_bytes, registry.given());
        assert!((1..=6).contains(&pulled.fetched_pages), "{pulled:?}");
        assert!(pulled.fetched_bytes * 100 < pulled.length * 5, "{pulled:?}");
        let bytes = |file| fs_err::read(file).expect("it is there");
        assert_eq!(bytes(&file), bytes(&published));
    }
}

#[test]
fn what_is_there_is_not_fetched_or_sent_again() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let published = publisher.edition(1, 0);
    registry.push(&published).expect("it is pushed");
    let again = registry.push(&published).expect("it is pushed");
    assert_eq!((again.new_blobs, again.new_bytes), (0, 0));
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    let before = fs_err::metadata(&file).expect("it is there").modified().expect("a time");
    registry.given();
    let again = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert_eq!((again.change, again.fetched_pages), (Change::None, 0));
    assert_eq!(
        (again.fetched_bytes, registry.given()),
        (manifest_bytes(&registry), again.fetched_bytes)
    );
    let after = fs_err::metadata(&file).expect("it is there").modified().expect("a time");
    assert_eq!(before, after);
}

fn manifest_bytes(registry: &Registry) -> u64 {
    registry.manifest().len() as u64
}

/// A new key signs beside the old one: nothing but the header changes.
#[test]
fn keys_overlap() {
    let (registry, publisher, next) = (Registry::start(), Publisher::new(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let published = publisher.edition(1, 0);
    registry.push(&published).expect("it is pushed");
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    next.sign(&published, 1);
    registry.push(&published).expect("it is pushed");
    let pulled = registry.pull(&file, &next.trust()).expect("it is pulled");
    assert_eq!((pulled.change, pulled.fetched_pages), (Change::Replaced, 0));
    assert_eq!(pulled.key, next.key.public().id());
    for trust in [publisher.trust(), next.trust()] {
        verify(&file, &trust, now()).expect("both keys count");
    }
}

/// A damaged page of the database in use is fetched again.
#[test]
fn damage_is_mended() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let published = publisher.edition(1, 0);
    registry.push(&published).expect("it is pushed");
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    let whole = fs_err::read(&file).expect("it is there");
    for at in [0, 200, 5000, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        if at == 0 {
            damaged.truncate(100_000);
            damaged[0] = whole[0];
        }
        fs_err::write(&file, damaged).expect("it is there");
        let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
        assert_eq!(pulled.change, Change::Replaced, "{at}");
        assert_eq!(fs_err::read(&file).expect("it is there"), whole, "{at}");
    }
}
