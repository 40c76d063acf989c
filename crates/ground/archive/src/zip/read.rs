//! The content of entries.

use std::borrow::Cow;
use std::ops::Range;

use bulkhead_model::ProblemKind;
use flate2::Decompress;
use libdeflater::Decompressor;

use super::{Archive, Entry, Method};
use crate::bytes::u16_le;
use crate::decode::{DEFLATE_RATIO, STEP, inflate_by_steps, within};
use crate::{Error, Odd, ReadAt};

const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_SIZE: u64 = 30;

impl<'a> Archive<'a> {
    /// The content of an entry of at most `limit` bytes. An error where it does not have the size
    /// or checksum that the archive claims.
    pub fn read(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, Error> {
        match self.load(entry, limit)? {
            (content, None) => Ok(content),
            (_, Some(what)) => Err(Error::Mismatch { position: entry.position, what }),
        }
    }

    /// As [`Archive::read`], but content with a wrong size or checksum is given with a remark: Java
    /// loads a class from it all the same.
    pub fn read_anyway(&self, entry: &Entry, limit: u64) -> Result<(Vec<u8>, Option<Odd>), Error> {
        let (content, doubt) = self.load(entry, limit)?;
        let odd = doubt.map(|what| Odd {
            position: entry.position,
            kind: ProblemKind::Mismatch,
            message: format!("content does not have the {what} that the zip claims").into(),
        });
        Ok((content, odd))
    }

    /// The content of a stored entry, where the archive lies in memory: nothing is copied, nothing
    /// checked but the size.
    pub fn contiguous(&self, entry: &Entry) -> Option<&'a [u8]> {
        if entry.method != Method::Stored || entry.encrypted || entry.size != entry.compressed_size
        {
            return None;
        }
        let range = self.data(entry).ok()?;
        let start = usize::try_from(range.start).ok()?;
        self.content.as_slice()?.get(start..usize::try_from(range.end).ok()?)
    }

    /// The content, and what of it is not as claimed.
    fn load(&self, entry: &Entry, limit: u64) -> Result<(Vec<u8>, Option<&'static str>), Error> {
        let unsupported = |what| Err(Error::Unsupported { position: entry.position, what });
        if entry.encrypted {
            return unsupported("an encrypted zip entry");
        }
        let range = self.data(entry)?;
        let content = match entry.method {
            Method::Stored => {
                within(entry.compressed_size, limit)?;
                window(self.content, range)?.into_owned()
            }
            Method::Deflated => {
                if entry.size <= most_inflated(entry.compressed_size) {
                    within(entry.size, limit)?;
                }
                // Deflate adds little to what it cannot compress: more is no part of the stream.
                let most = limit.saturating_add(limit >> 4).saturating_add(STEP as u64);
                let range = range.start..range.end.min(range.start.saturating_add(most));
                inflate(entry, &window(self.content, range)?, limit)?
            }
            Method::Other(_) => return unsupported("the compression method of a zip entry"),
        };
        self.account(entry, content.len() as u64)?;
        let doubt = if content.len() as u64 != entry.size {
            Some("size")
        } else if libdeflater::crc32(&content) != entry.checksum {
            Some("checksum")
        } else {
            None
        };
        Ok((content, doubt))
    }

    /// Where an entry's data lies, by its local header (APPNOTE 4.3.7).
    fn data(&self, entry: &Entry) -> Result<Range<u64>, Error> {
        let position = entry.offset;
        let header = window(self.content, position..position.saturating_add(LOCAL_SIZE))?;
        if !header.starts_with(LOCAL) || (header.len() as u64) < LOCAL_SIZE {
            return Err(Error::Malformed { position, what: "a zip entry without its header" });
        }
        let start = [u16_le(&header, 26), u16_le(&header, 28)]
            .iter()
            .fold(position.saturating_add(LOCAL_SIZE), |sum, part| {
                sum.saturating_add(u64::from(*part))
            });
        let end = start.saturating_add(entry.compressed_size);
        if end > self.content.size() {
            return Err(Error::Truncated { position: self.content.size(), part: "a zip entry" });
        }
        Ok(start..end)
    }

    /// Charges what a read produced, and compares all reads with the size of the archive: entries
    /// that share their data are no other bomb than one that expands.
    fn account(&self, entry: &Entry, count: u64) -> Result<(), Error> {
        self.budget.charge_bytes(count)?;
        self.budget.check_ratio(entry.compressed_size, count)?;
        self.produced.set(self.produced.get().saturating_add(count));
        Ok(self.budget.check_ratio(self.content.size(), self.produced.get())?)
    }
}

/// A part of the content, without a copy where it lies in memory; shorter where the content ends
/// before.
pub(super) fn window(content: &dyn ReadAt, range: Range<u64>) -> Result<Cow<'_, [u8]>, Error> {
    let end = range.end.min(content.size());
    let start = range.start.min(end);
    let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
    if let Some(slice) = content.as_slice() {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let part = slice.get(start..start.saturating_add(length)).unwrap_or_default();
        return Ok(Cow::Borrowed(part));
    }
    let mut part = vec![0; length];
    content.read_exact_at(start, &mut part)?;
    Ok(Cow::Owned(part))
}

/// What deflate can make of `compressed` bytes at most; a larger claim is a lie.
fn most_inflated(compressed: u64) -> u64 {
    compressed.saturating_mul(DEFLATE_RATIO)
}

/// Inflates at once into a buffer of the claimed size; step by step where the claim is wrong.
fn inflate(entry: &Entry, data: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
    if entry.size <= limit.min(most_inflated(data.len() as u64))
        && let Ok(size) = usize::try_from(entry.size)
    {
        let mut content = vec![0; size];
        if Decompressor::new().deflate_decompress(data, &mut content) == Ok(size) {
            return Ok(content);
        }
    }
    inflate_by_steps(Decompress::new(false), data, entry.position, limit)
}
