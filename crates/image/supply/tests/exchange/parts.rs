//! Databases to exchange.

use std::path::{Path, PathBuf};

use bulkhead_advisories::{BuildOptions, Builder, FeedDescription, Item, Record};
use bulkhead_supply::signing::{PrivateKey, Statement, TrustedKeys, sign};
use jiff::Timestamp;
use tempfile::TempDir;

/// The present of the tests.
pub(crate) fn now() -> Timestamp {
    at("2026-11-24T12:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A publisher with a key and a folder.
pub(crate) struct Publisher {
    pub(crate) key: PrivateKey,
    folder: TempDir,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let key = PrivateKey::generate().expect("a key");
        Self { key, folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn trust(&self) -> TrustedKeys {
        self.key.public().into()
    }

    /// A database that is not signed. `changed` is the record that differs from other databases.
    pub(crate) fn unsigned(&self, changed: usize) -> PathBuf {
        let file = self.folder.path().join("published.db");
        fs_err::write(&file, database(changed)).expect("it is there");
        file
    }

    /// A signed edition.
    pub(crate) fn edition(&self, sequence: u64, changed: usize) -> PathBuf {
        let file = self.unsigned(changed);
        self.sign(&file, sequence);
        file
    }

    pub(crate) fn sign(&self, file: &Path, sequence: u64) {
        let statement = Statement { sequence: Some(sequence), expires_at: None };
        sign(file, &self.key, statement, now()).expect("it can be signed");
    }
}

/// Some thousand records without affected packages.
fn database(changed: usize) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.feed(FeedDescription { id: "feed".to_owned(), ..FeedDescription::default() });
    let mut words = Words(7);
    for number in 0..RECORDS {
        let version = if number == changed { "second" } else { "first" };
        let record = Record {
            id: format!("TEST-2026-{number:05}"),
            title: Some(words.some(6)),
            description: Some(format!("{} {version}", words.some(20))),
            ..Record::default()
        };
        builder.push("feed", Item::Record(Box::new(record)));
    }
    builder.finish(&BuildOptions::default()).expect("a database")
}

/// How many records a database has.
pub(crate) const RECORDS: usize = 12_000;

/// Words that compress as badly as real ones.
struct Words(u64);

impl Words {
    fn some(&mut self, count: usize) -> String {
        let words: Vec<String> = (0..count).map(|_| format!("{:x}", self.next() >> 40)).collect();
        words.join(" ")
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Names of the files in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
