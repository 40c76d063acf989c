//! The end record, from which the central directory is found.

use std::borrow::Cow;
use std::ops::Range;

use bulkhead_model::ProblemKind;

use super::read::window;
use crate::bytes::{field, u16_le, u32_le, u64_le};
use crate::{Error, Odd, ReadAt};

const END: &[u8] = b"PK\x05\x06";
const END_SIZE: u64 = 22;
const END_64: &[u8] = b"PK\x06\x06";
const END_64_SIZE: u64 = 56;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_SIZE: u64 = 20;
const RECORD: &[u8] = b"PK\x01\x02";
/// The longest comment behind the end record.
const MOST_COMMENT: u64 = 0xffff;

/// Where the directory was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) directory: Range<u64>,
    pub(super) prefix: u64,
    pub(super) entries: u64,
    pub(super) problems: Vec<Odd>,
}

/// What an end record says.
#[derive(Debug, Clone, Copy)]
struct Claim {
    /// Where the record stands, which is where the directory ends.
    position: u64,
    entries: u64,
    size: u64,
    offset: u64,
}

/// Takes the last end record whose comment reaches exactly to the end of the file, as Java does; one
/// with a wrong comment length only if the directory is where it says.
pub(super) fn find(content: &dyn ReadAt) -> Result<Found, Error> {
    let size = content.size();
    let start = size.saturating_sub(END_SIZE.saturating_add(MOST_COMMENT));
    let tail = window(content, start..size)?;
    let mut unsound = None;
    for index in memchr::memmem::rfind_iter(&tail, END) {
        let position = start.saturating_add(index as u64);
        let record = field(&tail, index, 22);
        if record.is_empty() {
            continue;
        }
        let claim = Claim {
            position,
            entries: u64::from(u16_le(record, 10)),
            size: u64::from(u32_le(record, 12)),
            offset: u64::from(u32_le(record, 16)),
        };
        let claim = zip_64(content, claim)?;
        let comment_end =
            position.saturating_add(END_SIZE).saturating_add(u64::from(u16_le(record, 20)));
        if let Some(mut found) = locate(content, claim)? {
            if comment_end != size {
                let message = "data after the end of the zip, or a comment that is cut off";
                found.note(position, message);
            }
            return Ok(found);
        }
        unsound.get_or_insert(position);
    }
    Err(match unsound {
        Some(position) => Error::Malformed { position, what: "a zip without its directory" },
        None => Error::Malformed { position: size, what: "no end record of a zip" },
    })
}

/// The 64-bit end record in front of an end record, where there is one that does not contradict it.
fn zip_64(content: &dyn ReadAt, claim: Claim) -> Result<Claim, Error> {
    let Some(locator_start) = claim.position.checked_sub(LOCATOR_SIZE) else { return Ok(claim) };
    let locator = window(content, locator_start..claim.position)?;
    if !locator.starts_with(LOCATOR) {
        return Ok(claim);
    }
    // Where the locator points, and directly before it: a prefix makes the former wrong.
    let places = [Some(u64_le(&locator, 8)), locator_start.checked_sub(END_64_SIZE)];
    for position in places.into_iter().flatten() {
        let end = position.saturating_add(END_64_SIZE);
        if end > locator_start {
            continue;
        }
        let record = window(content, position..end)?;
        let wide = Claim {
            position,
            entries: u64_le(&record, 32),
            size: u64_le(&record, 40),
            offset: u64_le(&record, 48),
        };
        let agrees = |narrow: u64, wide: u64, unknown: u64| narrow == unknown || narrow == wide;
        if record.starts_with(END_64)
            && agrees(claim.entries, wide.entries, 0xffff)
            && agrees(claim.size, wide.size, 0xffff_ffff)
            && agrees(claim.offset, wide.offset, 0xffff_ffff)
        {
            return Ok(wide);
        }
    }
    Ok(claim)
}

/// The directory directly before the end record, which tells the prefix; else where the claim says.
fn locate(content: &dyn ReadAt, claim: Claim) -> Result<Option<Found>, Error> {
    let is_directory = |start: u64| -> Result<bool, Error> {
        let start = start..start.saturating_add(4).min(claim.position);
        Ok((claim.size == 0 && claim.entries == 0) || *window(content, start)? == *RECORD)
    };
    if let Some(start) = claim.position.checked_sub(claim.size)
        && let Some(prefix) = start.checked_sub(claim.offset)
        && is_directory(start)?
    {
        return Ok(Some(Found::new(start..claim.position, prefix, claim.entries)));
    }
    if claim.offset < claim.position && is_directory(claim.offset)? {
        let end = claim.offset.saturating_add(claim.size).min(claim.position);
        let mut found = Found::new(claim.offset..end, 0, claim.entries);
        found.note(claim.position, "the zip's directory does not end at its end record");
        return Ok(Some(found));
    }
    Ok(None)
}

impl Found {
    fn new(directory: Range<u64>, prefix: u64, entries: u64) -> Self {
        Self { directory, prefix, entries, problems: Vec::new() }
    }

    fn note(&mut self, position: u64, message: &'static str) {
        let message = Cow::Borrowed(message);
        self.problems.push(Odd { position, kind: ProblemKind::Ambiguous, message });
    }
}
