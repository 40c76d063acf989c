//! Servers that call themselves registries: what is wrong is said, and what is not is reported.

use std::path::Path;

use bulkhead_model::Digest;
use bulkhead_testing::{Answer, Asked, Fault, Server};
use serde_json::Value;

use super::{essence, index, layout};
use crate::bulkhead::{Scan, text};

/// What becomes of an answer.
type Spoil = fn(Answer) -> Answer;

/// A registry with the image of a layout as `app`, which may spoil its answers.
fn serve(
    layout: &Path,
    spoil: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static,
) -> Server {
    let layout = layout.to_owned();
    Server::plain(move |asked| {
        let Some(rest) = asked.path.strip_prefix("/v2/app/") else { return Answer::of("") };
        let digest = match rest.split_once('/') {
            Some(("manifests", "latest")) => top(&layout),
            Some((_, digest)) => digest.to_owned(),
            None => return Answer::status(404),
        };
        let blob = layout.join("blobs").join(digest.replace(':', "/"));
        let answer = fs_err::read(blob).map_or_else(|_| Answer::status(404), Answer::of);
        spoil(asked, if answer.status == 0 { answer.ranged(asked) } else { answer })
    })
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(path).expect("it is there")).expect("it is JSON")
}

/// The digest of the image in a layout.
fn top(layout: &Path) -> String {
    text(&json(&layout.join("index.json")), "/manifests/0/digest")
}

/// The digests of the layers of the only image in a layout.
fn layers(layout: &Path) -> Vec<String> {
    let manifest = json(&layout.join("blobs").join(top(layout).replace(':', "/")));
    let layers = manifest["layers"].as_array().expect("layers");
    layers.iter().map(|layer| text(layer, "/digest")).collect()
}

fn scan(server: &Server, flags: &[&str]) -> Scan {
    let target = format!("{}/app", server.authority());
    let flags = [&["--network-timeout", "1"], flags].concat();
    Scan::prepared(&target, &flags, |command| command.env("NO_PROXY", "localhost"))
}

/// What is said of the parts that were not assessed.
fn causes(scan: &Scan) -> String {
    scan.list("/not_assessed").map(ToString::to_string).collect()
}

#[test]
fn broken_transfers_go_on() {
    let layout = layout();
    let layer = layers(layout.path()).remove(2);
    let server = serve(layout.path(), move |asked, answer| {
        let is_rest = asked.header("range").is_some();
        let half = answer.body.len() / 2;
        if asked.path.ends_with(&layer) && !is_rest {
            answer.fault(Fault::Cut(half))
        } else {
            answer
        }
    });
    let found = scan(&server, &[]);
    assert_eq!(found.code, Some(0), "{}", found.errors);
    let expected = Scan::of(&format!("oci-dir:{}", layout.path().display()), &[]);
    assert_eq!(essence(&found), essence(&expected));
}

#[test]
fn a_layer_that_cannot_be_had_is_named_and_the_rest_reported() {
    let layout = layout();
    let digests = layers(layout.path());
    let spoils: [(Spoil, &str); 5] = [
        (|answer| answer.fault(Fault::Cut(1000)), "broke off"),
        (|answer| answer.fault(Fault::Stall(1000)), "nothing came for too long"),
        (|_| Answer::status(404), "has no blob"),
        (|_| Answer::status(403), "refuses"),
        (|answer| Answer { body: vec![0; answer.body.len()], ..answer }, ""),
    ];
    for (spoil, cause) in spoils {
        let spoiled = digests[1].clone();
        let server = serve(layout.path(), move |asked, answer| {
            if asked.path.ends_with(&spoiled) { spoil(answer) } else { answer }
        });
        let found = scan(&server, &[]);
        assert_eq!(found.code, Some(3), "{cause}: {}", found.errors);
        let told = causes(&found);
        assert!(told.contains(&digests[1]) && told.contains(cause), "{cause}: {told}");
        let packages = found.packages();
        assert!(packages.iter().any(|(_, name, _)| name == "lodash"), "{packages:?}");
    }
}

#[test]
fn a_layer_that_is_larger_than_it_should_be_is_refused() {
    let layout = layout();
    let digests = layers(layout.path());
    let spoiled = digests[0].clone();
    let server = serve(layout.path(), move |asked, answer| {
        if asked.path.ends_with(&spoiled) { Answer::of(vec![0; 2 << 20]) } else { answer }
    });
    let found = scan(&server, &[]);
    assert_eq!(found.code, Some(3), "{}", found.errors);
    assert!(causes(&found).contains("more than"), "{}", causes(&found));
}

#[test]
fn documents_that_are_not_what_they_should_be_end_the_scan() {
    let layout = layout();
    let manifest = top(layout.path());
    let spoils: [(&str, Spoil, &str); 5] = [
        ("manifests", |answer| answer.fault(Fault::Promise(100 << 20)), "more than the"),
        ("manifests", |_| Answer::of("<html>"), "not what the image format asks for"),
        ("manifests", |_| Answer::status(500), "500"),
        ("manifests", |_| Answer::status(429).with("retry-after", "7200"), "429"),
        ("blobs", |_| Answer::of("{}"), "should have the digest"),
    ];
    for (kind, spoil, cause) in spoils {
        let server =
            serve(
                layout.path(),
                move |asked, answer| {
                    if asked.path.contains(kind) { spoil(answer) } else { answer }
                },
            );
        let found = scan(&server, &[]);
        assert_eq!(found.code, Some(1), "{cause}: {}", found.errors);
        assert!(found.errors.contains(cause), "{cause}: {}", found.errors);
    }
    let server = serve(layout.path(), |_, answer| answer);
    let target = format!("{}/app@{manifest}", server.authority());
    assert_eq!(Scan::of(&target, &[]).code, Some(0), "the digest of the manifest is one");
}

#[test]
fn indexes_that_lead_to_indexes_end() {
    let deep = Server::plain(|asked| {
        // Each index names the next by its true digest: from the last to the first.
        let mut document = b"{\"manifests\":[]}".to_vec();
        let mut chain = vec![document.clone()];
        for _ in 0..60 {
            let digest = Digest::of(&document);
            let descriptor = format!(r#"{{"digest":"{digest}","size":{}}}"#, document.len());
            document = format!(r#"{{"manifests":[{descriptor}]}}"#).into_bytes();
            chain.push(document.clone());
        }
        let name = asked.path.rsplit('/').next().unwrap_or_default();
        let found = chain.iter().find(|it| name == Digest::of(it).as_str());
        Answer::of(found.unwrap_or(&document).clone())
    });
    let found = scan(&deep, &[]);
    assert_eq!(found.code, Some(1));
    assert!(found.errors.contains("nest") || found.errors.contains("deep"), "{}", found.errors);
    assert!(deep.seen().len() < 40, "{}", deep.seen().len());
}

#[test]
fn only_what_is_needed_is_fetched() {
    let layout = index();
    let server = serve(layout.path(), |_, answer| answer);
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().display().to_string();
    let flags = ["--platform", "linux/arm64", "--cache-dir", &cache];
    let cold = scan(&server, &flags);
    assert_eq!(cold.code, Some(0), "{}", cold.errors);
    let of = |server: &Server, kind: &str| {
        server.seen().iter().filter(|asked| asked.path.contains(kind)).count()
    };
    // The index, one manifest; one configuration, three layers.
    assert_eq!((of(&server, "/manifests/"), of(&server, "/blobs/")), (2, 4));
    let warm = scan(&server, &flags);
    assert_eq!((of(&server, "/manifests/"), of(&server, "/blobs/")), (4, 5), "no layer again");
    assert_eq!(essence(&warm), essence(&cold));
}
