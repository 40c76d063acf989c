//! Mirrors of publishers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare must fail")]

#[path = "mirror/copies.rs"]
mod copies;
#[path = "mirror/listings.rs"]
mod listings;
#[path = "mirror/publisher.rs"]
mod publisher;

use bulkhead_supply::mirror::{Mirror, MirrorError, Options, Outcome};
use bulkhead_testing::{Answer, Fault, Server};

use publisher::{Publisher, options};

const PATH: &str = "/kev/list.json";
const FETCH: &str = "[{url: 'SERVER/kev/list.json'}]";
const OLD: &[u8] = b"{\"version\": \"the old one\"}";
const NEW: &[u8] = b"{\"version\": \"a newer one\"}";

/// A publisher of one file, which was mirrored once and is another now.
fn changed() -> Publisher {
    let publisher = Publisher::new();
    publisher.serve(PATH, OLD);
    let first = publisher.update(&publisher.catalogue(&[("kev", FETCH)]));
    assert_eq!((first[0].fetched, first[0].failures.as_slice()), (1, [].as_slice()));
    publisher.serve(PATH, NEW);
    publisher
}

fn update(publisher: &Publisher) -> Outcome {
    publisher.update(&publisher.catalogue(&[("kev", FETCH)])).remove(0)
}

fn message(outcome: &Outcome) -> &str {
    &outcome.failures[0].message
}

#[test]
fn what_has_not_changed_is_not_sent() {
    let publisher = changed();
    assert_eq!(update(&publisher).fetched, 1);
    let before = publisher.server.seen().len();
    let again = update(&publisher);
    assert_eq!((again.unchanged, again.fetched), (1, 0));
    let asked = publisher.asked(PATH, before);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].header("if-none-match").is_some());
    assert_eq!(publisher.mirrored(PATH).unwrap(), NEW);
}

#[test]
fn what_passes_is_waited_for() {
    let faults: [fn(Answer) -> Answer; 4] = [
        |_| Answer::status(500),
        |_| Answer::status(429).with("retry-after", "0"),
        |right| right.fault(Fault::Stall(7)),
        |right| right.fault(Fault::Cut(7)),
    ];
    for (position, fault) in faults.into_iter().enumerate() {
        let publisher = changed();
        publisher.fault(PATH, fault);
        let outcome = update(&publisher);
        assert_eq!((outcome.fetched, outcome.failures.as_slice()), (1, [].as_slice()));
        assert_eq!(publisher.mirrored(PATH).unwrap(), NEW);
        let seen = publisher.server.seen();
        let last = seen.last().unwrap();
        // What broke off is gone on with.
        let expected = (position > 1).then_some("bytes=7-");
        assert_eq!(
            (last.header("range"), last.header("if-range").is_some()),
            (expected, position > 1)
        );
    }
}

/// Whatever fails: it is named, the old file stands, and what is right the next time is taken.
#[test]
fn what_fails_keeps_the_old() {
    type Wrong = fn(Answer) -> Answer;
    let cases: [(&str, usize, Wrong); 6] = [
        ("answered 404", 1, |_| Answer::status(404)),
        ("answered 500", 3, |_| Answer::status(500)),
        ("page of HTML", 1, |right| Answer { body: b"<!doctype html><p>Gone".to_vec(), ..right }),
        ("cut off", 1, |right| Answer { body: right.body[..12].to_vec(), ..right }),
        ("is empty", 1, |right| Answer { body: Vec::new(), ..right }),
        ("more than the 67108864", 1, |right| right.fault(Fault::Promise(1 << 30))),
    ];
    for (expected, times, wrong) in cases {
        let publisher = changed();
        for _ in 0..times {
            publisher.fault(PATH, wrong);
        }
        let outcome = update(&publisher);
        assert!(message(&outcome).contains(expected), "{expected}: {outcome:?}");
        assert!(message(&outcome).contains(PATH), "{expected}: {outcome:?}");
        assert_eq!(publisher.mirrored(PATH).unwrap(), OLD, "{expected}");
        let next = update(&publisher);
        assert_eq!((next.fetched, publisher.mirrored(PATH).unwrap().as_slice()), (1, NEW));
        assert!(next.mended.is_empty());
    }
}

#[test]
fn what_broke_off_is_gone_on_with_the_next_time() {
    let publisher = changed();
    for _ in 0..3 {
        publisher.fault(PATH, |right| right.fault(Fault::Cut(3)));
    }
    assert!(message(&update(&publisher)).contains("broke off after 9 bytes"));
    let before = publisher.server.seen().len();
    assert_eq!(update(&publisher).fetched, 1);
    let asked = publisher.asked(PATH, before);
    assert_eq!(asked[0].header("range"), Some("bytes=9-"));
    assert_eq!(publisher.mirrored(PATH).unwrap(), NEW);
    let left = fs_err::read_dir(publisher.mirror().join("bulkhead/partial")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn two_versions_are_never_joined() {
    let publisher = changed();
    // Within one run, and from one run to the next.
    publisher
        .then_serve(PATH, b"{\"version\": \"the third one\"}", |right| right.fault(Fault::Cut(9)));
    assert_eq!(update(&publisher).fetched, 1);
    assert_eq!(publisher.mirrored(PATH).unwrap(), b"{\"version\": \"the third one\"}");
    publisher.serve(PATH, NEW);
    for _ in 0..3 {
        publisher.fault(PATH, |right| right.fault(Fault::Cut(3)));
    }
    update(&publisher);
    publisher.serve(PATH, OLD);
    assert_eq!(update(&publisher).fetched, 1);
    assert_eq!(publisher.mirrored(PATH).unwrap(), OLD);
}

#[test]
fn a_file_that_somebody_changed_is_noticed() {
    let publisher = changed();
    update(&publisher);
    let file = publisher.mirror().join("localhost/kev/list.json");
    fs_err::write(&file, "{}").unwrap();
    let outcome = update(&publisher);
    assert_eq!(outcome.mended, ["localhost/kev/list.json"]);
    assert_eq!(publisher.mirrored(PATH).unwrap(), NEW);
    fs_err::remove_file(&file).unwrap();
    let outcome = update(&publisher);
    assert_eq!((outcome.fetched, outcome.mended.len()), (1, 0));
}

#[test]
fn one_feed_that_fails_keeps_no_other_from_being_fetched() {
    let publisher = changed();
    publisher.serve("/good/list.json", NEW);
    let feeds = [
        ("gone", "[{url: 'SERVER/gone/list.json'}]"),
        ("kev", FETCH),
        ("good", "[{url: 'SERVER/good/list.json'}]"),
    ];
    let outcomes = publisher.update(&publisher.catalogue(&feeds));
    let told: Vec<_> =
        outcomes.iter().map(|it| (it.id.as_str(), it.fetched, it.failures.len())).collect();
    assert_eq!(told, [("gone", 0, 1), ("kev", 1, 0), ("good", 1, 0)]);
}

#[test]
fn redirects_lead_to_safe_places_only() {
    let publisher = changed();
    let plain = Server::plain(|_| Answer::of(NEW));
    let target = plain.url("/kev/list.json");
    publisher.fault(PATH, move |_| Answer::to(&target));
    let outcome = update(&publisher);
    assert!(message(&outcome).contains("no TLS"), "{outcome:?}");
    assert!(plain.seen().is_empty());
    publisher.serve("/moved.json", NEW);
    publisher.fault(PATH, |_| Answer::to("/moved.json"));
    assert_eq!(update(&publisher).fetched, 1);
}

#[test]
fn a_full_disk_is_told() {
    let publisher = changed();
    let catalogue = publisher.catalogue(&[("kev", FETCH)]);
    let options = Options { free_bytes: u64::MAX / 2, ..options() };
    let outcome = publisher.update_with(&catalogue, &options).unwrap().remove(0);
    assert!(message(&outcome).contains("bytes left"), "{outcome:?}");
    assert!(outcome.failures[0].hint.as_deref().unwrap().contains("--keep-free"));
    assert_eq!(publisher.mirrored(PATH).unwrap(), OLD);
}

#[test]
fn feeds_are_chosen_by_name() {
    let publisher = changed();
    let catalogue = publisher.catalogue(&[("kev", FETCH), ("other", "[{url: 'SERVER/x'}]")]);
    let of = |id: &str| Options { feeds: vec![id.to_owned()], ..options() };
    let outcomes = publisher.update_with(&catalogue, &of("kev")).unwrap();
    assert_eq!(outcomes.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["kev"]);
    let unknown = publisher.update_with(&catalogue, &of("key")).unwrap_err();
    assert!(matches!(unknown, MirrorError::UnknownFeed { .. }), "{unknown}");
}

#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let publisher = changed();
    let state = publisher.mirror().join("bulkhead/mirror.json");
    for text in ["{", "{\"version\": 9, \"files\": {}}"] {
        fs_err::write(&state, text).unwrap();
        let error = Mirror::open(publisher.mirror()).unwrap_err();
        assert!(error.to_string().contains("mirror.json"), "{error}");
        assert!(error.hint().unwrap().contains("anew"));
    }
}
