//! Databases that are not what they should be: refused, or right in what they answer.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]
#![expect(unreachable_pub, dead_code, reason = "modules of a test are its own; tests share some")]

#[path = "database/items.rs"]
mod items;

use bulkhead_advisories::{BuildOptions, Database, DatabaseError};
use bulkhead_model::PackageKey;
use items::{builder, items};

fn bytes() -> Vec<u8> {
    builder(items()).finish(&BuildOptions::default()).unwrap()
}

/// Everything that can be asked.
fn answers(database: &Database) -> Vec<Result<String, DatabaseError>> {
    let mut answers = vec![database.statement("2026-11-24").map(|answer| format!("{answer:?}"))];
    for scope in ["npm", "pypi", "debian:12", "almalinux:9", "alpine:3.22", "golang"] {
        let scope = scope.parse().unwrap();
        answers.push(database.assesses(&scope).map(|answer| answer.to_string()));
        for name in ["widget", "node-widget", "absent"] {
            let rows = database.affected(&PackageKey::new(scope.clone(), name));
            answers.push(rows.map(|answer| format!("{answer:?}")));
        }
    }
    for id in ["CVE-2024-1", "CVE-2024-2", "GHSA-aaaa", "PYSEC-2024-1", "ALSA-2024:1", "absent"] {
        answers.push(database.aliases(id).map(|answer| format!("{answer:?}")));
        answers.push(database.advisory(id).map(|answer| format!("{answer:?}")));
        answers.push(database.search(id).map(|answer| format!("{answer:?}")));
    }
    answers
}

/// The promise of the format: a flipped byte is refused, or never read.
#[test]
fn any_flipped_byte_is_refused_or_unread() {
    let whole = bytes();
    let expected: Vec<String> = answers(&Database::from_bytes("test", whole.clone()).unwrap())
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let (mut refused, mut unread) = (0, 0);
    for position in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[position] ^= 1 << (position % 8);
        let Ok(database) = Database::from_bytes("test", flipped) else {
            refused += 1;
            continue;
        };
        let mut errors = 0;
        for (answer, expected) in answers(&database).into_iter().zip(&expected) {
            match answer {
                Ok(answer) => assert_eq!(&answer, expected, "byte {position}"),
                Err(error) => {
                    errors += 1;
                    assert!(error.hint().contains("again"), "byte {position}: {error}");
                }
            }
        }
        if errors == 0 {
            unread += 1;
        } else {
            refused += 1;
        }
    }
    // The room for signatures is all that nobody reads: 41 entries of 96 bytes.
    assert_eq!(unread, 41 * 96, "{refused} refused");
}

#[test]
fn a_part_of_a_file_is_refused() {
    let whole = bytes();
    for length in (0..whole.len()).step_by(53).chain([whole.len() - 1]) {
        let error = Database::from_bytes("part", whole[..length].to_vec()).unwrap_err();
        assert!(matches!(error, DatabaseError::Truncated { .. }), "{length}: {error}");
        assert!(error.hint().contains("again"));
    }
    // A file that was given its length and then written from the start.
    let mut half = whole.clone();
    half[whole.len() / 2..].fill(0);
    let half = Database::from_bytes("half", half);
    assert!(half.is_err() || answers(&half.unwrap()).iter().any(Result::is_err));
    assert!(Database::from_bytes("empty", vec![0; whole.len()]).is_err());
}

#[test]
fn a_file_that_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Database::open(&folder.path().join("absent.db")).unwrap_err();
    assert!(absent.to_string().contains("absent.db"), "{absent}");
    assert!(matches!(absent, DatabaseError::Unreadable { .. }));
    let text = folder.path().join("text.db");
    fs_err::write(&text, "id: CVE-2024-1\n").unwrap();
    assert!(matches!(Database::open(&text).unwrap_err(), DatabaseError::Foreign { .. }));
    let directory = Database::open(folder.path()).unwrap_err();
    assert!(matches!(directory, DatabaseError::Unreadable { .. }), "{directory}");
    let whole = folder.path().join("whole.db");
    fs_err::write(&whole, bytes()).unwrap();
    assert!(answers(&Database::open(&whole).unwrap()).iter().all(Result::is_ok));
}
