//! Rows into pages, pages into a file.

use std::io;

use bulkhead_model::{Problem, ProblemKind};
use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use zstd::bulk::Compressor;
use zstd::dict::EncoderDictionary;

use super::BuildError;
use super::encode::Row;
use crate::database::header::{HEADER_LENGTH, Header, MAJOR_VERSION};
use crate::database::page::{self, Codec, PAGE_LIMIT, ROW_LIMIT};
use crate::database::root::{PageEntry, RootTables};
use crate::database::section::Section;

/// Where more effort stops to pay: a tenth smaller would cost twice the time.
const LEVEL: i32 = 6;
/// Descriptions of fewer records are not worth a dictionary.
const DICTIONARY_ROWS: usize = 2_000;
/// Bytes of a dictionary.
const DICTIONARY_LENGTH: usize = 64 << 10;
/// Bytes of rows that a dictionary is trained on.
const SAMPLE_LENGTH: usize = 2 << 20;

/// A database whose sections come one after the other.
pub(super) struct Assembly {
    built_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    sequence: u64,
    tables: RootTables,
    stored: Vec<Vec<u8>>,
    /// Rows that are out of all proportion.
    left_out: Vec<Problem>,
}

impl Assembly {
    pub(super) fn new(
        built_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        sequence: u64,
    ) -> Self {
        Self {
            built_at,
            expires_at,
            sequence,
            tables: RootTables::default(),
            stored: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Adds a section of rows that are sorted by key.
    pub(super) fn section(&mut self, section: Section, rows: Vec<Row>) -> Result<(), BuildError> {
        self.compressed(section, rows, None)
    }

    /// Adds the descriptions, and before them the dictionary that they are compressed with.
    pub(super) fn descriptions(&mut self, rows: Vec<Row>) -> Result<(), BuildError> {
        let Some(dictionary) = train(&rows) else {
            return self.compressed(Section::Descriptions, rows, None);
        };
        let prepared = EncoderDictionary::try_copy(&dictionary, LEVEL);
        let prepared = prepared.map_err(BuildError::Compression)?;
        let row = Row { key: Vec::new(), value: dictionary };
        self.compressed(Section::Dictionary, vec![row], None)?;
        self.compressed(Section::Descriptions, rows, Some(&prepared))
    }

    fn compressed(
        &mut self,
        section: Section,
        rows: Vec<Row>,
        dictionary: Option<&EncoderDictionary<'_>>,
    ) -> Result<(), BuildError> {
        let rows = self.in_proportion(rows);
        self.tables.begin_section(section, rows.len() as u64);
        let pages: Result<Vec<_>, io::Error> =
            cut(section, rows).into_par_iter().map(|page| page.compress(dictionary)).collect();
        for (entry, first_key, stored) in pages.map_err(BuildError::Compression)? {
            self.tables.push_page(entry, first_key);
            self.stored.push(stored);
        }
        Ok(())
    }

    /// The rows without those that nobody could read back: what one feed says of one thing, and a
    /// feed that says so much is broken or hostile.
    fn in_proportion(&mut self, mut rows: Vec<Row>) -> Vec<Row> {
        rows.retain(|Row { key, value }| {
            let size = key.len().max(value.len());
            if size > ROW_LIMIT {
                let message = format!(
                    "what is said about {} takes {size} bytes, more than the {ROW_LIMIT} that a \
                     database holds in one, and was left out: a feed is broken or hostile",
                    shown(key)
                );
                self.left_out.push(Problem::general(ProblemKind::LimitReached, message));
            }
            size <= ROW_LIMIT
        });
        rows
    }

    /// The file, and what could not be put into it.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<Problem>) {
        let root_length = self.tables.encoded_length() as u64;
        let root_offset = HEADER_LENGTH as u64;
        let file_length = self.tables.place(root_offset.saturating_add(root_length));
        let root = self.tables.encode(file_length);
        let header = Header {
            major: MAJOR_VERSION,
            features: 0,
            sequence: self.sequence,
            built_at: self.built_at,
            expires_at: self.expires_at,
            root_offset,
            root_length,
            root_digest: Sha256::digest(&root).into(),
        };
        let mut file = header.encode().to_vec();
        file.reserve_exact(usize::try_from(file_length).unwrap_or(0).saturating_sub(file.len()));
        file.extend_from_slice(&root);
        for page in self.stored {
            file.extend_from_slice(&page);
        }
        (file, self.left_out)
    }
}

/// A page before compression.
struct Page {
    first_key: Vec<u8>,
    rows: Vec<u8>,
}

impl Page {
    fn compress(
        self,
        dictionary: Option<&EncoderDictionary<'_>>,
    ) -> io::Result<(PageEntry, Vec<u8>, Vec<u8>)> {
        let (codec, compressed) = match dictionary {
            None => (Codec::Zstd, Compressor::new(LEVEL)?.compress(&self.rows)?),
            Some(dictionary) => {
                let mut compressor = Compressor::with_prepared_dictionary(dictionary)?;
                (Codec::ZstdDictionary, compressor.compress(&self.rows)?)
            }
        };
        let raw_length = length(&self.rows);
        let (codec, stored) = if compressed.len() < self.rows.len() {
            (codec, compressed)
        } else {
            (Codec::Plain, self.rows)
        };
        let entry = PageEntry {
            digest: Sha256::digest(&stored).into(),
            offset: 0,
            length: length(&stored),
            raw_length,
            codec: codec as u32,
        };
        Ok((entry, self.first_key, stored))
    }
}

/// Cuts rows into pages: before each key whose hash is a multiple of the section's number, and
/// where a page would grow past its limit. Where a cut stands depends on the rows around it alone,
/// so that a changed row changes its own page and rarely a neighbour.
fn cut(section: Section, rows: Vec<Row>) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for Row { key, value } in rows {
        let length = page::row_length(&key, &value);
        let open = pages.last_mut().filter(|page| {
            let marked = hash(&key).is_multiple_of(section.rows_per_page());
            !marked && page.rows.len().saturating_add(length) <= PAGE_LIMIT
        });
        if let Some(page) = open {
            page::push_row(&mut page.rows, &key, &value);
        } else {
            let mut rows = Vec::with_capacity(length);
            page::push_row(&mut rows, &key, &value);
            pages.push(Page { first_key: key, rows });
        }
    }
    pages
}

/// The texts of a key for people: scope, package, feed and record of a statement.
fn shown(key: &[u8]) -> String {
    let texts = key.split(|&byte| byte == 0).take(4).map(String::from_utf8_lossy);
    let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
    texts.join(" ").chars().take(200).collect()
}

/// FNV-1a of 64 bits, with its high half folded onto the low one, which alone is too regular to be
/// divided.
fn hash(key: &[u8]) -> u64 {
    let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

/// A dictionary for the descriptions: trained on the rows with the smallest hashes, which are the same
/// from one edition to the next unless they change themselves.
fn train(rows: &[Row]) -> Option<Vec<u8>> {
    if rows.len() < DICTIONARY_ROWS {
        return None;
    }
    let mut order: Vec<(u64, &Row)> = rows.iter().map(|row| (hash(&row.key), row)).collect();
    order.sort_unstable();
    let (mut sample, mut lengths) = (Vec::new(), Vec::new());
    for (_, row) in order {
        if sample.len().saturating_add(row.value.len()) > SAMPLE_LENGTH {
            break;
        }
        sample.extend_from_slice(&row.value);
        lengths.push(row.value.len());
    }
    zstd::dict::from_continuous(&sample, &lengths, DICTIONARY_LENGTH).ok()
}

/// Rows and pages are far below 4 GiB.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
