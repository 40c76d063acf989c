//! Every file of the published fixtures: it is read, or what is wrong with it is named.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::io::Read as _;

use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Body, Objects, ProblemKind};

const SETS: [&str; 3] = [
    "fixtures/pod-security-standards.tar.gz",
    "fixtures/networkpolicy-connectivity.tar.gz",
    "fixtures/posture",
];

/// The files of YAML and JSON in a packed set, or in those of a folder.
fn files(set: &str) -> Vec<(String, Vec<u8>)> {
    let Some(path) = bulkhead_testing::data(set) else { return Vec::new() };
    let packed = if path.is_dir() { bulkhead_testing::files_below(&path) } else { vec![path] };
    let budget = Budget::new(Limits::DEFAULT);
    let mut files = Vec::new();
    for path in packed {
        let file = std::io::BufReader::new(fs_err::File::open(&path).unwrap());
        let stream = std::io::BufReader::new(decode(file, &budget).unwrap());
        let mut reader = tar::Reader::new(stream, &budget);
        while let Some(entry) = reader.next_entry().unwrap() {
            let name = String::from_utf8_lossy(&entry.path).into_owned();
            if [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)) {
                let mut bytes = Vec::new();
                reader.content().read_to_end(&mut bytes).unwrap();
                files.push((name, bytes));
            }
        }
    }
    files
}

#[test]
fn published_files_are_read() {
    for set in SETS {
        let mut unread = Vec::new();
        let (mut count, mut objects) = (0_usize, 0_usize);
        for (name, bytes) in files(set) {
            let mut read = Objects::new();
            read.add(&name, &bytes, &Budget::new(Limits::DEFAULT));
            count += 1;
            objects += read.objects.len();
            for problem in &read.problems {
                assert!(!problem.message.is_empty());
                if problem.kind == ProblemKind::Syntax {
                    unread.push(format!("{name} {:?}: {}", problem.position, problem.message));
                }
            }
            for object in &read.objects {
                assert!(!object.type_name.kind.is_empty() && object.origin.line > 0, "{name}");
                let place = read.locate(object, &bulkhead_objects::FieldPath::ROOT).unwrap();
                assert_eq!(place.line, object.origin.line, "{name}: {object}");
            }
        }
        println!("{set}: {count} files, {objects} objects, {} unread documents", unread.len());
        assert!(unread.is_empty(), "{unread:#?}");
    }
}

/// A list so long that it is read in pieces says what its elements say alone, on the same lines.
#[test]
fn elements_of_a_long_list_read_as_they_do_alone() {
    let budget = Budget::new(Limits::DEFAULT);
    for set in SETS {
        let mut list = String::from("apiVersion: v1\nitems:\n");
        let mut alone = Vec::new();
        for (name, bytes) in files(set) {
            let text = String::from_utf8(bytes).unwrap();
            let mut read = Objects::new();
            read.add(&name, text.as_bytes(), &budget);
            let [object] = &*read.objects else { continue };
            let span = object.origin.bytes.start as usize..object.origin.bytes.end as usize;
            let tabs = text.contains(['\t', '\r', '\u{feff}']);
            if !object.origin.within.steps().is_empty() || !read.problems.is_empty() || tabs {
                continue;
            }
            // Every other one begins on the line of its dash, where its text allows that.
            let lines = text[span].trim_matches('\n').lines().filter(|line| *line != "...");
            let lines: Vec<_> = lines.map(|line| format!("  {line}")).collect();
            let first = 1 + list.matches('\n').count();
            if alone.len() % 2 == 0 || !lines[0].starts_with("  apiVersion") {
                list.push_str("-\n");
                list.push_str(&lines.join("\n"));
            } else {
                list.push_str("- ");
                list.push_str(&lines.join("\n")[2..]);
            }
            list.push_str("\n# between\n\n");
            let last = list.matches('\n').count();
            alone.push((object.clone(), first..=last));
        }
        list.push_str("kind: List\nmetadata: {resourceVersion: \"\"}\n");
        let mut read = Objects::new();
        read.add("list.yaml", list.as_bytes(), &budget);
        assert_eq!(read.problems, []);
        assert_eq!(read.objects.len(), alone.len());
        let mut pieces: Vec<_> = read.objects.iter().map(|it| it.origin.bytes.start).collect();
        pieces.dedup();
        assert!(list.len() < 1 << 18 || pieces.len() == alone.len(), "it was read as a whole");
        let mut places = read.places();
        for (object, (expected, lines)) in read.objects.iter().zip(&alone) {
            assert_eq!(object.metadata, expected.metadata);
            assert_eq!(object.body, expected.body);
            let place = places.locate(object, &bulkhead_objects::FieldPath::ROOT).unwrap();
            assert!(lines.contains(&(place.line as usize)) && place.line == object.origin.line);
        }
    }
}

/// What the sets mean to be Pods, the reader takes for Pods.
#[test]
fn pods_of_the_standards_are_pods() {
    for (name, bytes) in files(SETS[0]) {
        let mut read = Objects::new();
        read.add(&name, &bytes, &Budget::new(Limits::DEFAULT));
        let [pod] = &*read.objects else { panic!("{name}: {:?}", read.problems) };
        assert!(
            matches!(&pod.body, Body::Workload(workload) if !workload.template.spec.containers.is_empty())
        );
        assert!(pod.mistakes.is_empty(), "{name}: {:?}", pod.mistakes);
    }
}
