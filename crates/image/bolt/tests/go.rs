//! Databases that bbolt itself wrote: what is read of them is what it reads.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use bulkhead_bolt::{BoltError, Bucket, Value};
use bulkhead_limits::{Budget, Limits};

/// A key with its buckets before it, and its value.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
struct Line {
    path: Vec<String>,
    value: String,
}

fn databases(visit: impl Fn(&[u8], Vec<Line>)) {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-bbolt");
    let mut command = Command::new(go);
    let output = command.args(["run", "."]).arg(folder.path()).current_dir(program).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = bulkhead_testing::files_below(folder.path());
    let files: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|it| it == "db")).collect();
    assert!(!files.is_empty());
    for path in files {
        let expected = fs_err::read_to_string(path.with_extension("db.json")).unwrap();
        let expected = expected.lines().map(|line| serde_json::from_str(line).unwrap());
        visit(&fs_err::read(path).unwrap(), expected.collect());
    }
}

#[test]
fn everything_is_read() {
    databases(|bytes, expected| {
        let root = bulkhead_bolt::open(bytes, &Budget::new(Limits::DEFAULT)).unwrap();
        let mut found = Vec::new();
        collect(&root, &[], &mut found);
        assert!(found == expected, "{} keys, {} expected", found.len(), expected.len());
    });
}

#[test]
fn a_torn_page_of_metadata_leaves_the_transaction_before() {
    databases(|bytes, _| {
        let newest = bulkhead_bolt::transaction(bytes).unwrap();
        let magic = 0xED0C_DAED_u32.to_le_bytes();
        let places: Vec<usize> = bytes
            .windows(4)
            .take(bulkhead_bolt::HEAD)
            .enumerate()
            .filter_map(|(place, window)| (window == magic).then_some(place))
            .collect();
        let [first, second] = places[..] else { panic!("{places:?}") };
        let torn = |places: &[usize]| {
            let mut torn = bytes.to_vec();
            for place in places {
                torn[place + 48] ^= 1;
            }
            bulkhead_bolt::transaction(&torn)
        };
        let mut left = [torn(&[first]).unwrap(), torn(&[second]).unwrap()];
        left.sort_unstable();
        assert_eq!(left, [newest - 1, newest]);
        assert_eq!(torn(&[first, second]), Err(BoltError::NoMetadata));
    });
}

#[test]
fn cut_databases_are_refused() {
    databases(|bytes, _| {
        for length in [0, 100, 64 << 10] {
            let root = bulkhead_bolt::open(&bytes[..length], &Budget::new(Limits::DEFAULT));
            assert!(root.and_then(|root| all(&root)).is_err(), "{length}");
        }
        let few = Budget::new(Limits { entries: 100, ..Limits::DEFAULT });
        let root = bulkhead_bolt::open(bytes, &few).unwrap();
        assert!(matches!(all(&root), Err(BoltError::Limit(_))));
    });
}

/// Reads everything, whatever it is.
fn all(bucket: &Bucket<'_>) -> Result<(), BoltError> {
    bucket.entries()?.into_iter().try_for_each(|entry| match entry.value {
        Value::Bucket(bucket) => all(&bucket),
        Value::Bytes(_) => Ok(()),
    })
}

fn collect(bucket: &Bucket<'_>, path: &[String], lines: &mut Vec<Line>) {
    for entry in bucket.entries().unwrap() {
        let path: Vec<String> = path.iter().cloned().chain([hexadecimal(entry.key)]).collect();
        match entry.value {
            Value::Bucket(bucket) => collect(&bucket, &path, lines),
            Value::Bytes(value) => lines.push(Line { path, value: hexadecimal(value) }),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
