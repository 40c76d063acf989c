//! Pages: runs of rows, each page compressed and verified by itself.

use sha2::{Digest as _, Sha256};
use zstd::bulk::Decompressor;
use zstd::dict::DecoderDictionary;

use super::error::Defect;
use super::root::PageEntry;

/// Bytes of the rows of a page before compression. A row that is larger stands alone in its page.
pub(crate) const PAGE_LIMIT: usize = 64 << 10;
/// Bytes of a row: more is neither written nor read.
pub(crate) const ROW_LIMIT: usize = 16 << 20;

/// How a page is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// As it is.
    Plain = 0,
    /// One zstd frame.
    Zstd = 1,
    /// One zstd frame made with the dictionary of the database.
    ZstdDictionary = 2,
}

impl Codec {
    pub(crate) fn by_number(number: u32) -> Option<Self> {
        [Self::Plain, Self::Zstd, Self::ZstdDictionary]
            .into_iter()
            .find(|codec| *codec as u32 == number)
    }
}

/// Checks stored bytes against their entry and decompresses them.
pub(crate) fn decode(
    entry: &PageEntry,
    stored: Vec<u8>,
    decompressor: Option<&mut Decompressor<'_>>,
) -> Result<Vec<u8>, Defect> {
    if entry.digest != <[u8; 32]>::from(Sha256::digest(&stored)) {
        return Err(Defect::damage(format!("the page at {} has another digest", entry.offset)));
    }
    let raw = match decompressor {
        None => stored,
        Some(decompressor) => {
            let capacity = usize::try_from(entry.raw_length).unwrap_or(usize::MAX);
            let mut raw = Vec::with_capacity(capacity.min(limit()));
            decompressor.decompress_to_buffer(&stored, &mut raw).map_err(|error| {
                Defect::damage(format!("the page at {}: {error}", entry.offset))
            })?;
            raw
        }
    };
    if u32::try_from(raw.len()) == Ok(entry.raw_length) {
        Ok(raw)
    } else {
        Err(Defect::damage(format!("the page at {} has another length", entry.offset)))
    }
}

/// Bytes of the largest page: a row of the largest size with its key and lengths.
pub(crate) const fn limit() -> usize {
    ROW_LIMIT + PAGE_LIMIT
}

/// A decompressor for pages of this codec; none for plain ones.
pub(crate) fn decompressor<'d>(
    codec: Codec,
    dictionary: Option<&'d DecoderDictionary<'static>>,
) -> Result<Option<Decompressor<'d>>, Defect> {
    Ok(match (codec, dictionary) {
        (Codec::Plain, _) => None,
        (Codec::Zstd, _) => Some(Decompressor::new()?),
        (Codec::ZstdDictionary, Some(dictionary)) => {
            Some(Decompressor::with_prepared_dictionary(dictionary)?)
        }
        (Codec::ZstdDictionary, None) => return Err(Defect::damage("it has no dictionary")),
    })
}

/// Appends a row: key and value, each behind its length.
pub(crate) fn push_row(page: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    for part in [key, value] {
        push_length(page, part.len());
        page.extend_from_slice(part);
    }
}

/// Bytes that [`push_row`] appends.
pub(crate) fn row_length(key: &[u8], value: &[u8]) -> usize {
    let mut lengths = Vec::new();
    push_length(&mut lengths, key.len());
    push_length(&mut lengths, value.len());
    lengths.len().saturating_add(key.len()).saturating_add(value.len())
}

/// Seven bits a byte, the lowest first, the high bit set on all but the last.
#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken at a time")]
fn push_length(page: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        page.push((length as u8 & 0x7f) | 0x80);
        length >>= 7;
    }
    page.push(length as u8);
}

/// The rows of a page, in order.
pub(crate) struct Rows<'a>(&'a [u8]);

impl<'a> Rows<'a> {
    pub(crate) fn of(page: &'a [u8]) -> Self {
        Self(page)
    }

    /// Bytes that are left to read.
    pub(crate) fn remaining(&self) -> usize {
        self.0.len()
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let mut length = 0_usize;
        for shift in [0, 7, 14, 21, 28] {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            length |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                let (part, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                return Some(part);
            }
        }
        None
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), Defect>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let row = self.part().and_then(|key| Some((key, self.part()?)));
        Some(row.ok_or_else(|| {
            self.0 = &[];
            Defect::damage("a page ends inside a row")
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_and_cut_rows_are_refused() {
        let long = vec![b'v'; 70_000];
        let rows: [(&[u8], &[u8]); 3] = [(b"a", b""), (b"b", b"value"), (b"c", &long)];
        let mut page = Vec::new();
        let mut length = 0;
        for (key, value) in rows {
            push_row(&mut page, key, value);
            length += row_length(key, value);
        }
        assert_eq!(page.len(), length);
        let read: Vec<_> = Rows::of(&page).map(Result::unwrap).collect();
        assert_eq!(read, rows);
        assert!(Rows::of(&page[..page.len() - 1]).last().unwrap().is_err());
        assert!(Rows::of(&[0x80; 9]).last().unwrap().is_err());
    }
}
