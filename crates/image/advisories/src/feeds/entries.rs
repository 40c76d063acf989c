//! Archives of many small records.
//!
//! Entries are taken from the archive one by one, parsed in batches on all cores, and delivered in
//! the archive's order.

use std::io::{BufRead, Read};

use bulkhead_archive::{Error, ReadAt, tar, zip};
use bulkhead_limits::Exceeded;
use rayon::prelude::*;

use super::reading::Reading;
use crate::{EndOfLife, FeedError, FeedSource, Record};

/// How much is held before it is parsed: entries, and bytes of them.
const BATCH_ENTRIES: usize = 1024;
const BATCH_BYTES: usize = 8 << 20;

/// Bytes of one record; no publisher's comes near.
const RECORD_BYTES: u64 = 16 << 20;

/// What came of one entry.
pub(super) enum Parsed {
    /// A record, and what in it could not be read.
    Record(Box<Record>, Vec<String>),
    /// When releases end, and what in it could not be read.
    EndsOfLife {
        ends: Vec<EndOfLife>,
        /// The newest day of something that has happened.
        newest: Option<String>,
        problems: Vec<String>,
    },
    /// Several records, and what in the entry could not be read.
    Records(Vec<Record>, Vec<String>),
    /// The publisher took it back, or it is about no vulnerability.
    Dropped,
    /// It is about something that is not kept.
    Elsewhere,
}

impl Parsed {
    pub(super) fn record(record: Record, problems: Vec<String>) -> Self {
        Self::Record(Box::new(record), problems)
    }
}

/// Reads the content of one entry, whose path is the second argument, or says why it cannot.
type Parse = fn(&FeedSource, &str, &[u8]) -> Result<Parsed, String>;

/// The records of one format.
pub(super) struct Records {
    /// Whether an entry is a record, by its path: publishers' archives hold other files, too.
    pub(super) is_record: fn(&[u8]) -> bool,
    /// How it is read.
    pub(super) parse: Parse,
}

impl Records {
    /// Reads the records of a tar.
    pub(super) fn read_tar(
        &self,
        input: impl BufRead,
        reading: &mut Reading<'_>,
    ) -> Result<(), FeedError> {
        let mut archive = tar::Reader::new(input, reading.budget);
        let mut batch = Batch::new(self.parse);
        let walked = loop {
            let entry = match archive.next_entry() {
                Ok(Some(entry))
                    if entry.kind == tar::Kind::File && (self.is_record)(&entry.path) =>
                {
                    entry
                }
                Ok(Some(_)) => continue,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error.into()),
            };
            let name = String::from_utf8_lossy(&entry.path).into_owned();
            if entry.size > RECORD_BYTES {
                reading.problem(&name, format_args!("a record of {} bytes", entry.size));
                continue;
            }
            let mut content = Vec::new();
            if let Err(error) = archive.content().read_to_end(&mut content) {
                break Err(error.into());
            }
            batch.add(name, content, reading);
        };
        // What was read before an archive broke off stands.
        batch.deliver(reading);
        walked
    }

    /// Reads the records of a zip.
    pub(super) fn read_zip(
        &self,
        content: &dyn ReadAt,
        reading: &mut Reading<'_>,
    ) -> Result<(), FeedError> {
        let archive = zip::Archive::open(content, reading.budget)?;
        let mut batch = Batch::new(self.parse);
        let mut entries = archive.entries().peekable();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) if (self.is_record)(&entry.name) => entry,
                Ok(_) => continue,
                // An error that nothing follows is one of the directory itself.
                Err(error) if entries.peek().is_none() => {
                    batch.deliver(reading);
                    return Err(error.into());
                }
                Err(error) => {
                    reading.problem("an entry of the zip", error);
                    continue;
                }
            };
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            match archive.read(&entry, RECORD_BYTES) {
                Ok(content) => batch.add(name, content, reading),
                Err(Error::Limit(limit)) if !matches!(limit, Exceeded::FileBytes { .. }) => {
                    batch.deliver(reading);
                    return Err(limit.into());
                }
                Err(error) => reading.problem(&name, error),
            }
        }
        batch.deliver(reading);
        Ok(())
    }

    /// Reads a document that is either one entry, which begins with `first`, or a tar of them.
    pub(super) fn read_one_or_tar(
        &self,
        mut input: impl BufRead,
        first: u8,
        reading: &mut Reading<'_>,
    ) -> Result<(), FeedError> {
        let start = input.fill_buf()?;
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        if start.trim_ascii_start().first() != Some(&first) {
            return self.read_tar(input, reading);
        }
        let mut content = Vec::new();
        input.take(RECORD_BYTES.saturating_add(1)).read_to_end(&mut content)?;
        if content.len() as u64 > RECORD_BYTES {
            let (size, limit) = (content.len() as u64, RECORD_BYTES);
            return Err(Exceeded::FileBytes { size, limit }.into());
        }
        reading.budget.charge_entry()?;
        self.read_one("the document", &content, reading);
        Ok(())
    }

    /// Reads a record outside of an archive.
    pub(super) fn read_one(&self, name: &str, content: &[u8], reading: &mut Reading<'_>) {
        deliver(name, (self.parse)(reading.source, name, content), reading);
    }
}

/// Hands on what came of one entry.
fn deliver(name: &str, parsed: Result<Parsed, String>, reading: &mut Reading<'_>) {
    match parsed {
        Ok(Parsed::Record(record, problems)) => {
            for problem in problems {
                reading.problem(name, problem);
            }
            reading.record(*record);
        }
        Ok(Parsed::EndsOfLife { ends, newest, problems }) => {
            for problem in problems {
                reading.problem(name, problem);
            }
            for end in ends {
                reading.end_of_life(end, newest.as_deref());
            }
        }
        Ok(Parsed::Elsewhere) => {}
        Ok(Parsed::Records(records, problems)) => {
            for problem in problems {
                reading.problem(name, problem);
            }
            for record in records {
                reading.record(record);
            }
        }
        Ok(Parsed::Dropped) => reading.dropped(),
        Err(cause) => reading.problem(name, cause),
    }
}

/// Entries that wait to be parsed.
struct Batch {
    parse: Parse,
    entries: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

impl Batch {
    fn new(parse: Parse) -> Self {
        Self { parse, entries: Vec::new(), bytes: 0 }
    }

    fn add(&mut self, name: String, content: Vec<u8>, reading: &mut Reading<'_>) {
        self.bytes = self.bytes.saturating_add(content.len());
        self.entries.push((name, content));
        if self.entries.len() >= BATCH_ENTRIES || self.bytes >= BATCH_BYTES {
            self.deliver(reading);
        }
    }

    fn deliver(&mut self, reading: &mut Reading<'_>) {
        let (parse, source) = (self.parse, reading.source);
        let parsed: Vec<_> =
            self.entries.par_iter().map(|(name, content)| parse(source, name, content)).collect();
        for ((name, _), parsed) in self.entries.drain(..).zip(parsed) {
            deliver(&name, parsed, reading);
        }
        self.bytes = 0;
    }
}
