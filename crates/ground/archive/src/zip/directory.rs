//! The central directory, record by record.

use std::borrow::Cow;
use std::iter::FusedIterator;

use bulkhead_limits::Exceeded;

use super::read::window;
use super::{Archive, Entry, Method};
use crate::Error;
use crate::bytes::{field, u16_le, u32_le, u64_le};

const RECORD: &[u8] = b"PK\x01\x02";
const RECORD_SIZE: usize = 46;
/// How much of a directory is read at once where it does not lie in memory.
const CHUNK: u64 = 64 << 10;
/// A 32-bit field whose value stands in the 64-bit extra field instead.
const ELSEWHERE: u32 = 0xffff_ffff;
const EXTRA_64: u16 = 1;
const MADE_ON_UNIX: u16 = 3;

/// The entries of an archive: [`Archive::entries`].
pub struct Entries<'a> {
    archive: &'a Archive<'a>,
    /// Where the next record begins in the file.
    position: u64,
    /// A part of the directory, and where it begins in the file.
    chunk: Cow<'a, [u8]>,
    chunk_start: u64,
    count: u64,
    ended: bool,
}

impl<'a> Entries<'a> {
    pub(super) fn new(archive: &'a Archive<'a>) -> Self {
        let position = archive.directory.start;
        let chunk = Cow::Borrowed(&[][..]);
        Self { archive, position, chunk, chunk_start: position, count: 0, ended: false }
    }

    /// `length` bytes from the present position; fewer only at the directory's end.
    fn ahead(&mut self, length: usize) -> Result<&[u8], Error> {
        let directory_end = self.archive.directory.end;
        let end = self.position.saturating_add(length as u64).min(directory_end);
        let chunk_end = self.chunk_start.saturating_add(self.chunk.len() as u64);
        if end > chunk_end {
            let ahead = end.max(self.position.saturating_add(CHUNK)).min(directory_end);
            self.chunk = window(self.archive.content, self.position..ahead)?;
            self.chunk_start = self.position;
        }
        let start = self.position.saturating_sub(self.chunk_start);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let rest = self.chunk.get(start..).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest))
    }

    /// Reads the next record: an inner error concerns it alone.
    fn record(&mut self) -> Result<Result<Entry, Error>, Error> {
        let position = self.position;
        let malformed = |what| Error::Malformed { position, what };
        let fixed = self.ahead(RECORD_SIZE)?;
        if fixed.len() < RECORD_SIZE || !fixed.starts_with(RECORD) {
            return Err(malformed("a damaged zip directory"));
        }
        let lengths = [u16_le(fixed, 28), u16_le(fixed, 30), u16_le(fixed, 32)].map(usize::from);
        let [name_length, extra_length, _] = lengths;
        let length = lengths.iter().fold(RECORD_SIZE, |sum, part| sum.saturating_add(*part));
        let prefix = self.archive.prefix;
        let limit = self.archive.budget.limits().name_bytes;
        let record = self.ahead(length)?;
        if record.len() < length {
            return Err(malformed("a zip directory that is cut off"));
        }
        let extra = field(record, RECORD_SIZE.saturating_add(name_length), extra_length);
        let entry = if name_length > limit {
            Err(Exceeded::NameBytes { size: name_length as u64, limit }.into())
        } else {
            parse(record, field(record, RECORD_SIZE, name_length), extra, position, prefix)
                .ok_or_else(|| malformed("a zip entry without its 64-bit sizes"))
        };
        self.position = position.saturating_add(length as u64);
        self.count = self.count.saturating_add(1);
        Ok(entry)
    }

    /// The end of the directory: an error where the number of entries is another than claimed.
    fn end(&mut self) -> Option<Result<Entry, Error>> {
        self.ended = true;
        // Without 64-bit fields, only the lower 16 bits of the count are stored.
        let claimed = self.archive.claimed_entries;
        let counts = claimed == self.count || (claimed <= 0xffff && claimed == self.count & 0xffff);
        let error = Error::Malformed {
            position: self.position,
            what: "a zip directory with another number of entries than claimed",
        };
        (!counts).then_some(Err(error))
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if self.position >= self.archive.directory.end {
            return self.end();
        }
        let charged = self.archive.budget.charge_entry().map_err(Error::from);
        match charged.and_then(|()| self.record()) {
            Ok(entry) => Some(entry),
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

impl FusedIterator for Entries<'_> {}

/// A record (APPNOTE 4.3.12); none where fields are said to stand in an extra field that lacks them.
fn parse(record: &[u8], name: &[u8], extra: &[u8], position: u64, prefix: u64) -> Option<Entry> {
    let mut wide = extra_64(extra);
    let mut number = |start| match u32_le(record, start) {
        ELSEWHERE => {
            let (number, rest) = wide.split_at_checked(8)?;
            wide = rest;
            Some(u64_le(number, 0))
        }
        number => Some(u64::from(number)),
    };
    // The extra field has them in this order, whichever are there.
    let (size, compressed_size, offset) = (number(24)?, number(20)?, number(42)?);
    let (made_by, attributes) = (u16_le(record, 4) >> 8, u32_le(record, 38));
    Some(Entry {
        name: name.to_vec(),
        size,
        compressed_size,
        is_directory: name.ends_with(b"/"),
        method: match u16_le(record, 10) {
            0 => Method::Stored,
            8 => Method::Deflated,
            other => Method::Other(other),
        },
        encrypted: u16_le(record, 8) & 1 != 0,
        checksum: u32_le(record, 16),
        unix_mode: (made_by == MADE_ON_UNIX).then_some(attributes >> 16),
        position,
        offset: offset.saturating_add(prefix),
    })
}

/// The 64-bit extra field (APPNOTE 4.5.3), empty where there is none.
fn extra_64(mut extra: &[u8]) -> &[u8] {
    while extra.len() >= 4 {
        let (tag, length) = (u16_le(extra, 0), usize::from(u16_le(extra, 2)));
        if tag == EXTRA_64 {
            return field(extra, 4, length);
        }
        extra = extra.get(length.saturating_add(4)..).unwrap_or_default();
    }
    &[]
}
