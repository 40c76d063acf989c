//! Registries that break, stall, lie, or never end.

use bulkhead_advisories::Artefact;
use bulkhead_supply::exchange::Change;
use bulkhead_testing::{Answer, Fault};

use crate::parts::{Publisher, RECORDS, names};
use crate::registry::Registry;

/// A registry without parts of blobs costs bytes, not correctness.
#[test]
fn whole_blobs_are_enough() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, RECORDS)).expect("it is pushed");
    registry.pull(&file, &publisher.trust()).expect("it is pulled");
    let published = publisher.edition(2, 100);
    registry.push(&published).expect("it is pushed");
    let (head, runs) = registry.parts();
    registry.spoil(move |asked, answer| {
        if asked.header("range").is_none() {
            return answer;
        }
        let whole = |bytes: &Vec<u8>| asked.path.ends_with(bulkhead_model::Digest::of(bytes).hex());
        let all = std::iter::once(&head).chain(&runs).find(|bytes| whole(bytes));
        all.map_or_else(|| Answer::status(404), |bytes| Answer::of(bytes.clone()))
    });
    let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert_eq!(pulled.change, Change::Replaced);
    let bytes = |file| fs_err::read(file).expect("it is there");
    assert_eq!(bytes(&file), bytes(&published));
}

/// What has come before a break is not fetched again, and nothing is left behind in the end.
#[test]
fn interrupted_pulls_go_on() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    let published = publisher.edition(1, 0);
    registry.push(&published).expect("it is pushed");
    let (_, runs) = registry.parts();
    let last = bulkhead_model::Digest::of(runs.last().expect("runs")).hex().to_owned();
    registry.spoil(
        move |asked, answer| {
            if asked.path.ends_with(&last) { Answer::status(404) } else { answer }
        },
    );
    let error = registry.pull(&file, &publisher.trust()).expect_err("a blob is missing");
    assert!(!error.is_refusal() && error.to_string().contains("has no blob"), "{error}");
    assert!(!file.is_file());
    assert!(names(folder.path()).iter().any(|name| name.ends_with(".incoming")));
    registry.mend();
    registry.given();
    let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert!(pulled.fetched_pages < pulled.pages / 4, "{pulled:?}");
    assert_eq!(pulled.fetched_bytes, registry.given());
    let bytes = |file| fs_err::read(file).expect("it is there");
    assert_eq!(bytes(&file), bytes(&published));
    assert!(!names(folder.path()).iter().any(|name| name.ends_with(".incoming")));
}

/// Every part may break off once.
#[test]
fn broken_transfers_are_taken_up() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, 0)).expect("it is pushed");
    registry.spoil(|asked, answer| {
        let half = answer.body.len() / 2;
        if asked.path.contains("/blobs/") && asked.header("range").is_none() && half > 10 {
            answer.fault(Fault::Cut(half))
        } else {
            answer
        }
    });
    let pulled = registry.pull(&file, &publisher.trust()).expect("it is pulled");
    assert_eq!(pulled.change, Change::Replaced);
}

#[test]
fn what_is_wrong_is_said() {
    let (registry, publisher) = (Registry::start(), Publisher::new());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("advisories.db");
    registry.push(&publisher.edition(1, 0)).expect("it is pushed");
    let good = String::from_utf8(registry.manifest()).expect("it is JSON");
    let head_size = registry.parts().0.len();
    let check = |reason: &str, is_refusal: bool| {
        let error = registry.pull(&file, &publisher.trust()).expect_err(reason);
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert_eq!(error.is_refusal(), is_refusal, "{reason}: {error:?}");
        assert!(!file.is_file(), "{reason}");
    };
    registry.spoil(|asked, answer| {
        let body = |answer: Answer| Answer { body: vec![b' '; 100 << 20], ..answer };
        if asked.path.contains("/manifests/") { body(answer) } else { answer }
    });
    check("more than", false);
    registry.spoil(|asked, answer| {
        if asked.path.contains("/manifests/") {
            answer.fault(Fault::Promise(1 << 40))
        } else {
            answer
        }
    });
    check("more than", false);
    registry.spoil(|asked, mut answer| {
        if asked.path.contains("/blobs/") {
            answer.body.extend_from_slice(&[0; 1000]);
        }
        answer
    });
    check("more than", false);
    registry.spoil(|asked, mut answer| {
        if asked.path.contains("/blobs/") {
            answer.body.reverse();
        }
        answer
    });
    check("should have the digest", true);
    registry.spoil(|asked, answer| {
        if asked.path.contains("/blobs/") { answer.fault(Fault::Stall(10)) } else { answer }
    });
    check("", false);
    registry.mend();
    for (from, to, reason) in [
        (Artefact::TYPE, "application/vnd.bulkhead.database.v2", "database.v2"),
        ("artifactType", "annotated", "it is an image"),
        (&*format!("\"size\":{head_size}"), "\"size\":99999999999", "are the most"),
        ("{\"schemaVersion\"", "[{\"schemaVersion\"", "no manifest"),
    ] {
        assert!(good.contains(from), "{from}");
        registry.put_manifest(good.replace(from, to).into_bytes());
        check(reason, true);
    }
    let many = format!("{{\"schemaVersion\":2,\"layers\":[{}", "[".repeat(1 << 20));
    registry.put_manifest(many.into_bytes());
    check("no manifest", true);
}
