//! A cluster written down and read again.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{
    Absent, Body, FieldPath, Objects, Snapshot, SnapshotError, SnapshotWriter, read_tree,
};

const POD: &str = "{\"metadata\": {\"name\": \"a\", \"managedFields\": [{\"manager\": \"kubectl\"}]}, \
                   \"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"x:1\\n<é>\"}]}, \
                   \"status\": {\"podIP\": \"10.0.0.1\", \"conditions\": [{}]}}";
const SECRET: &str = "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"s\"}, \
                      \"data\": {\"k\": \"c2VjcmV0\"}}";

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

fn written() -> (Snapshot, Vec<u8>) {
    let snapshot = Snapshot {
        taken_at: "2026-11-28T00:00:00Z".into(),
        cluster: "test".into(),
        server_version: "v1.34.4".into(),
        absent: vec![Absent { resource: "secrets".into(), reason: "forbidden".into() }],
    };
    let mut writer = SnapshotWriter::default();
    writer.add(read_tree(POD).unwrap(), "v1", "Pod");
    writer.add(read_tree(SECRET).unwrap(), "v1", "Secret");
    let bytes = writer.finish(&snapshot).unwrap();
    (snapshot, bytes)
}

#[test]
fn objects_come_back() {
    let (snapshot, bytes) = written();
    let mut objects = Objects::new();
    assert_eq!(objects.add_snapshot("cluster.snapshot", &bytes, &budget()).unwrap(), snapshot);
    assert!(objects.problems.is_empty(), "{:?}", objects.problems);
    let [pod, secret] = &*objects.objects else { panic!("{:#?}", objects.objects) };
    assert_eq!(pod.to_string(), "Pod a");
    assert_eq!(&*pod.workload().unwrap().template.spec.containers[0].image, "x:1\n<é>");
    let Body::Secret(content) = &secret.body else { panic!("{secret:?}") };
    assert_eq!(content.entries[0].length, 8);
    assert_eq!(secret.origin.line, 3);
    let path = FieldPath::parse("data.k").unwrap();
    let place = objects.locate(secret, &path).unwrap();
    assert_eq!((place.line, place.found), (3, 2));

    let text = &objects.files[0].text;
    assert!(!text.contains("c2VjcmV0") && !text.contains("managedFields"));
    assert!(text.contains("podIP") && !text.contains("conditions"));
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let (_, bytes) = written();
    let mut objects = Objects::new();
    let cut = &bytes[..bytes.len() / 2];
    for bytes in [b"".as_slice(), b"kind: Pod\n", cut] {
        let refused = objects.add_snapshot("x", bytes, &budget());
        assert!(matches!(refused, Err(SnapshotError::NotOne { .. })), "{refused:?}");
    }
    let newer = b"{\"format\": \"bulkhead-cluster-snapshot\", \"version\": 2}\n";
    let refused = objects.add_snapshot("x", newer, &budget());
    assert!(matches!(refused, Err(SnapshotError::Version { version: 2, .. })), "{refused:?}");
    let small = Budget::new(Limits { file_bytes: 100, ..Limits::DEFAULT });
    let refused = objects.add_snapshot("x", &bytes, &small);
    assert!(matches!(refused, Err(SnapshotError::Limit { .. })), "{refused:?}");
    assert!(objects.objects.is_empty());
}
