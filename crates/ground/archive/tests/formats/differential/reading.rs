//! What each of the two readers makes of an archive, in one form.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use bulkhead_archive::tar::{Entry, Kind, Reader};
use bulkhead_archive::{Error, Odd};
use bulkhead_limits::{Budget, Limits};
use serde::Deserialize;

/// The Go program reads no more of a file either.
const MOST_CONTENT: u64 = 1 << 20;

/// What a reader found before it stopped.
#[derive(Debug, Deserialize)]
pub(crate) struct Reading {
    pub(crate) entries: Vec<Found>,
    /// Empty at a proper end.
    pub(crate) error: String,
    /// What was odd, after how many entries: ours alone.
    #[serde(skip)]
    pub(crate) oddities: Vec<(usize, Odd)>,
}

/// An entry in either reader's eyes; names as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Found {
    pub(crate) path: String,
    #[serde(rename = "type")]
    pub(crate) type_flag: u8,
    pub(crate) link: String,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) modified: i64,
    pub(crate) checksum: u32,
    /// Why the content could not be read; empty if it could.
    pub(crate) broken: String,
}

/// Reads an archive with our reader.
pub(crate) fn ours(archive: &[u8]) -> Reading {
    let mut reading = Reading { entries: Vec::new(), error: String::new(), oddities: Vec::new() };
    let mut reader = Reader::new(archive, &Budget::new(Limits::DEFAULT));
    loop {
        let next = reader.next_entry();
        let count = reading.entries.len();
        reading.oddities.extend(reader.take_problems().into_iter().map(|odd| (count, odd)));
        match next {
            Ok(Some(entry)) => {
                let mut content = Vec::new();
                let read = reader.content().take(MOST_CONTENT).read_to_end(&mut content);
                let broken = read.err().map(|error| Error::from(error).to_string());
                reading.entries.push(found(&entry, &content, broken.unwrap_or_default()));
            }
            Ok(None) => return reading,
            Err(error) => {
                reading.error = error.to_string();
                return reading;
            }
        }
    }
}

fn found(entry: &Entry, content: &[u8], broken: String) -> Found {
    Found {
        path: hexadecimal(&entry.path),
        type_flag: match entry.kind {
            Kind::File => b'0',
            Kind::Hardlink => b'1',
            Kind::Symlink => b'2',
            Kind::CharacterDevice => b'3',
            Kind::BlockDevice => b'4',
            Kind::Directory => b'5',
            Kind::Fifo => b'6',
            Kind::Other(other) => other,
        },
        link: hexadecimal(&entry.link),
        size: entry.size,
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        modified: entry.modified,
        checksum: libdeflater::crc32(content),
        broken,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

/// Reads archives with Go's `archive/tar`.
pub(crate) fn go(go: &Path, archives: &[Vec<u8>]) -> Vec<Reading> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("gotar");
    let built = Command::new(go)
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/go-tar"))
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=mod")
        .status();
    assert!(built.unwrap().success(), "the Go program does not build");
    let input = folder.path().join("archives");
    let mut file = fs_err::File::create(&input).unwrap();
    for archive in archives {
        file.write_all(&u32::try_from(archive.len()).unwrap().to_le_bytes()).unwrap();
        file.write_all(archive).unwrap();
    }
    let input = fs_err::File::open(&input).unwrap();
    let output = Command::new(program).stdin(Stdio::from(input.into_file())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let readings: Vec<Reading> = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
    assert_eq!(readings.len(), archives.len());
    readings
}

impl Found {
    /// Go keeps the type flags apart that all mean a regular file.
    pub(crate) fn with_one_type_of_file(mut self) -> Self {
        if matches!(self.type_flag, b'7' | b'S') {
            self.type_flag = b'0';
        }
        self
    }
}
