//! What is refused, with the reason, and that the database in use stays.

use std::path::PathBuf;

use bulkhead_advisories::Seal;
use bulkhead_supply::exchange::ExchangeError;
use bulkhead_supply::signing::{Statement, TrustedKeys, sign, verify};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::parts::{Publisher, at, now};
use crate::registry::Registry;

/// A registry and a machine, which has edition 5.
struct Scene {
    registry: Registry,
    publisher: Publisher,
    _folder: TempDir,
    file: PathBuf,
    before: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let (registry, publisher) = (Registry::start(), Publisher::new());
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("advisories.db");
        registry.push(&publisher.edition(5, 5)).expect("it is pushed");
        registry.pull(&file, &publisher.trust()).expect("it is pulled");
        let before = fs_err::read(&file).expect("it is there");
        Self { registry, publisher, _folder: folder, file, before }
    }

    /// The pull must be refused with this reason and this advice.
    fn refused(&self, trust: &TrustedKeys, now: Timestamp, reason: &str, hint: &str) {
        let error = self.registry.pull_at(&self.file, trust, now).expect_err(reason);
        check(&error, reason, hint);
        assert_eq!(fs_err::read(&self.file).expect("it is there"), self.before, "{reason}");
    }
}

fn check(error: &ExchangeError, reason: &str, hint: &str) {
    assert!(error.is_refusal(), "{reason}: {error:?}");
    assert!(error.to_string().contains(reason), "{reason}: {error}");
    let advice = error.hint().unwrap_or_default();
    assert!(advice.contains(hint), "{reason}: {advice}");
}

#[test]
fn signatures_decide() {
    let scene = Scene::new();
    let trust = scene.publisher.trust();
    let stranger = Publisher::new();
    // The registry's owner can put anything there.
    let put = |file: PathBuf| {
        let bytes = fs_err::read(file).expect("it is there");
        let seal = Seal::read("test", &bytes).expect("a header");
        let (head, rest) =
            bytes.split_at(4096 + usize::try_from(seal.root_length()).expect("small"));
        scene.registry.put(head, &[rest.to_vec()]);
    };
    let unsigned = scene.publisher.unsigned(6);
    let error = scene.registry.push(&unsigned).expect_err("nobody could pull it");
    check(&error, "not signed", "db sign");
    put(unsigned);
    scene.refused(&trust, now(), "not signed", "db sign");
    put(stranger.edition(6, 6));
    scene.refused(&trust, now(), "which is not trusted", "--trust");
    let (mut head, runs) = scene.registry.parts();
    head[128..160].copy_from_slice(&scene.before[128..160]);
    scene.registry.put(&head, &runs);
    scene.refused(&trust, now(), "forged or altered", "do not use it");
    // The trusted signature of another edition.
    head[128..224].copy_from_slice(&scene.before[128..224]);
    scene.registry.put(&head, &runs);
    scene.refused(&trust, now(), "forged or altered", "do not use it");
    head[8] = 9;
    scene.registry.put(&head, &runs);
    scene.refused(&trust, now(), "format version 9", "update bulkhead");
    head[..4].fill(b'x');
    scene.registry.put(&head, &runs);
    scene.refused(&trust, now(), "no advisory database", "");
}

#[test]
fn nobody_goes_back() {
    let scene = Scene::new();
    let (publisher, trust) = (&scene.publisher, scene.publisher.trust());
    scene.registry.push(&publisher.edition(4, 4)).expect("it is pushed");
    scene.refused(&trust, now(), "it is edition 4, and 5 was here before", "start over");
    scene.registry.push(&publisher.edition(5, 7)).expect("it is pushed");
    scene.refused(&trust, now(), "another edition 5", "never gives a number twice");
    // Neither without the database, as the origin is remembered, nor without the origin.
    fs_err::remove_file(&scene.file).expect("it was there");
    let error = scene.registry.pull(&scene.file, &trust).expect_err("it is another one");
    check(&error, "another edition 5", "start over");
    fs_err::write(&scene.file, &scene.before).expect("it is there");
    let origin = scene.file.with_file_name("advisories.db.origin.json");
    fs_err::remove_file(&origin).expect("it was there");
    scene.refused(&trust, now(), "another edition 5", "never gives a number twice");
    // What cannot be read is not taken for nothing.
    fs_err::write(&origin, "{").expect("it is there");
    let error = scene.registry.pull(&scene.file, &trust).expect_err("nobody knows");
    assert!(error.hint().unwrap_or_default().contains("start over"), "{error}");
    fs_err::remove_file(&origin).expect("it was there");
    fs_err::remove_file(&scene.file).expect("it was there");
    scene.registry.pull(&scene.file, &trust).expect("it starts over");
}

#[test]
fn nobody_is_kept_from_news_forever() {
    let scene = Scene::new();
    let trust = scene.publisher.trust();
    let late = at("2026-12-24T00:00:00Z");
    scene.refused(&trust, late, "it expired at 2026-12-08T12:00:00Z", "clock");
    let error = verify(&scene.file, &trust, late).expect_err("it expired");
    assert!(error.is_refusal() && error.to_string().contains("expired"), "{error}");
    // A longer validity is another statement, which needs another signature.
    let file = scene.publisher.edition(6, 6);
    let statement = Statement { expires_at: Some(at("2027-01-01T00:00:00Z")), sequence: None };
    let signed = sign(&file, &scene.publisher.key, statement, now()).expect("it is signed");
    assert_eq!((signed.signatures, signed.removed, signed.sequence), (1, 1, 6));
    scene.registry.push(&file).expect("it is pushed");
    scene.registry.pull_at(&scene.file, &trust, late).expect("it may be used");
    let past = Statement { expires_at: Some(at("2026-11-24T12:00:00Z")), sequence: None };
    assert!(sign(&file, &scene.publisher.key, past, now()).is_err());
}

/// Whoever owns the registry can make every digest right but those that were signed.
#[test]
fn a_flipped_byte_is_refused_or_unread() {
    let scene = Scene::new();
    let trust = scene.publisher.trust();
    scene.registry.push(&scene.publisher.edition(6, 6)).expect("it is pushed");
    let (head, runs) = scene.registry.parts();
    let good = [vec![head.clone()], runs.clone()].concat().concat();
    let mut positions: Vec<usize> = (0..128).step_by(3).chain((128..4064).step_by(131)).collect();
    positions.extend((4064..4128).step_by(7).chain((4128..good.len()).step_by(good.len() / 60)));
    let mut unread = 0;
    for position in positions {
        let (mut head, mut runs) = (head.clone(), runs.clone());
        let mut rest = position;
        for part in std::iter::once(&mut head).chain(&mut runs) {
            match part.get_mut(rest) {
                Some(byte) => {
                    *byte ^= 1 << (position % 8);
                    break;
                }
                None => rest -= part.len(),
            }
        }
        scene.registry.put(&head, &runs);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("advisories.db");
        match scene.registry.pull(&file, &trust) {
            // Of the header's room for signatures the first alone was used.
            Ok(_) => {
                assert!((224..4064).contains(&position), "byte {position}");
                verify(&file, &trust, now()).expect("what was signed is whole");
                unread += 1;
            }
            Err(error) => {
                assert!(error.is_refusal(), "byte {position}: {error}");
                assert!(!file.is_file(), "byte {position}");
            }
        }
    }
    assert!(unread > 0);
}

#[test]
fn parts_in_other_places_are_refused() {
    let scene = Scene::new();
    let trust = scene.publisher.trust();
    scene.registry.push(&scene.publisher.edition(6, 6)).expect("it is pushed");
    let (head, runs) = scene.registry.parts();
    let fresh = || {
        let folder = tempfile::tempdir().expect("a folder");
        let error = scene.registry.pull(&folder.path().join("x.db"), &trust);
        error.expect_err("it is not what was signed")
    };
    for (what, altered) in [
        ("swapped", [vec![runs[1].clone(), runs[0].clone()], runs[2..].to_vec()].concat()),
        ("fewer", runs[1..].to_vec()),
        ("none", Vec::new()),
        ("more", [runs.clone(), vec![b"more".to_vec()]].concat()),
        ("cut", [runs[..runs.len() - 1].to_vec(), vec![vec![0]]].concat()),
    ] {
        scene.registry.put(&head, &altered);
        let error = fresh();
        assert!(error.is_refusal(), "{what}: {error:?}");
    }
}
