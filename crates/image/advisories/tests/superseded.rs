//! Publishers who say the same twice: the feed that tells more decides.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "matching/world.rs"]
mod world;

use bulkhead_advisories::{
    BuildOptions, Builder, Catalogue, Database, FeedDescription, Item, Predicted,
};
use bulkhead_model::{Detail, ExploitPrediction};
use world::{inventory, matched, record, shorts};

/// A database of records of two feeds, the first of which supersedes the second.
fn database(records: &[(&str, &str)]) -> Database {
    let mut parts = [Builder::new(), Builder::new()];
    parts[0].feed(FeedDescription {
        id: "tracker".to_owned(),
        supersedes: vec!["oval".to_owned()],
        ..FeedDescription::default()
    });
    for (feed, text) in records {
        let part = usize::from(*feed == "oval");
        parts[part].push(feed, Item::Record(Box::new(record(text))));
    }
    let [mut whole, other] = parts;
    whole.absorb(other);
    Database::from_bytes("test", whole.finish(&BuildOptions::default()).unwrap()).unwrap()
}

fn check(records: &[(&str, &str)], findings: &[&str]) {
    let inventory = inventory("debian:12", &["deb libc6 2.36-9 glibc 2.36-9"]);
    let result = matched(&[&database(records)], &inventory);
    assert_eq!(shorts(&result.findings), findings, "{records:?}");
    assert_eq!(shorts(&result.overruled), Vec::<String>::new(), "{records:?}");
}

#[test]
fn the_richer_statement_is_the_only_one() {
    let unfixed = "CVE-2024-0001: debian:12 glibc (,) affected";
    check(&[("oval", unfixed)], &["libc6 CVE-2024-0001 affected"]);
    for (tracker, findings) in [
        ("CVE-2024-0001: debian:12 glibc (,2.36-9)", &[][..]),
        ("CVE-2024-0001: debian:12 glibc (,) not-affected", &[]),
        ("CVE-2024-0001: debian:12 glibc (,) will-not-fix", &["libc6 CVE-2024-0001 will_not_fix"]),
        ("CVE-2024-0001: debian:12 glibc (,2.37-1)", &["libc6 CVE-2024-0001 fixed 2.37-1"]),
        // It speaks of another package, release or vulnerability.
        ("CVE-2024-0001: debian:12 musl (,1)", &["libc6 CVE-2024-0001 affected"]),
        ("CVE-2024-0001: debian:11 glibc (,1)", &["libc6 CVE-2024-0001 affected"]),
        ("CVE-2024-0002: debian:12 glibc (,1)", &["libc6 CVE-2024-0001 affected"]),
    ] {
        check(&[("tracker", tracker), ("oval", unfixed)], findings);
    }
}

#[test]
fn a_bulletin_keeps_what_only_it_tells() {
    let bulletin = "DSA-1 > CVE-2024-0001 CVE-2024-0002: debian:12 glibc (,2.36-10)";
    let known = "CVE-2024-0001: debian:12 glibc (,) not-affected";
    check(&[("tracker", known), ("oval", bulletin)], &["libc6 CVE-2024-0002 fixed 2.36-10"]);
}

#[test]
fn what_supersedes_is_read_too() {
    let catalogue = Catalogue::embedded().unwrap();
    let superseding = catalogue.feeds.iter().filter(|feed| !feed.supersedes.is_empty());
    for feed in superseding {
        for inferior in feed.supersedes.iter().map(|id| catalogue.feed(id).unwrap()) {
            assert_eq!(feed.publisher, inferior.publisher, "{}", feed.id);
            assert!(
                feed.scopes.iter().any(|scope| inferior.scopes.contains(scope)),
                "{} {}",
                feed.id,
                inferior.id
            );
        }
    }
}

/// Predictions of several days lie in the mirror: the latest counts, whatever the order.
#[test]
fn the_latest_prediction_is_shown() {
    let prediction = |date: &str, score| ExploitPrediction {
        source: "epss".to_owned(),
        score,
        percentile: Some(0.5),
        date: Some(date.to_owned()),
    };
    let (old, new) = (prediction("2023-03-07", 0.97567), prediction("2024-03-07", 0.00113));
    for order in [[&old, &new], [&new, &old]] {
        let mut whole = Builder::new();
        let text = "CVE-2024-0001: debian:12 glibc (,) affected";
        whole.push("tracker", Item::Record(Box::new(record(text))));
        for entry in order {
            let mut part = Builder::new();
            let id = "CVE-2024-0001".to_owned();
            part.push("epss", Item::Predicted(Predicted { id, entry: entry.clone() }));
            whole.absorb(part);
        }
        let bytes = whole.finish(&BuildOptions::default()).unwrap();
        let database = Database::from_bytes("test", bytes).unwrap();
        let inventory = inventory("debian:12", &["deb libc6 2.36-9 glibc 2.36-9"]);
        let result = matched(&[&database], &inventory);
        let Detail::Vulnerability(detail) = &result.findings[0].detail else {
            panic!("no vulnerability of a package")
        };
        assert_eq!(detail.epss.as_ref(), Some(&new));
        assert_eq!(database.search("CVE-2024-0001").unwrap().epss.as_ref(), Some(&new));
    }
}
