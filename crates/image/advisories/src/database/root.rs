//! The root: which sections there are, which pages they consist of, and the digest of each page.
//!
//! It is searched where it lies: opening a database parses nothing but the list of sections.

use super::bytes::{array, u32_at, u64_at};
use super::error::Defect;
use super::section::Section;

const PREAMBLE_LENGTH: usize = 16;
const SECTION_LENGTH: usize = 48;
const SECTION_NAME_LENGTH: usize = 24;
const PAGE_LENGTH: usize = 64;

/// A verified root.
#[derive(Debug)]
pub(crate) struct Root {
    bytes: Vec<u8>,
    sections: Vec<(Section, SectionEntry)>,
    pages_offset: usize,
    keys_offset: usize,
    /// Bytes that the file must have.
    pub(crate) file_length: u64,
}

/// Where the pages of a section stand in the table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SectionEntry {
    pub(crate) first_page: u32,
    pub(crate) pages: u32,
    pub(crate) rows: u64,
}

/// A line of the page table, without the first key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageEntry {
    pub(crate) digest: [u8; 32],
    pub(crate) offset: u64,
    /// Bytes in the file.
    pub(crate) length: u32,
    /// Bytes after decompression.
    pub(crate) raw_length: u32,
    pub(crate) codec: u32,
}

impl Root {
    /// Takes bytes whose digest was checked.
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Self, Defect> {
        Self::layout(bytes).ok_or_else(|| Defect::damage("the root's tables"))
    }

    fn layout(bytes: Vec<u8>) -> Option<Self> {
        let section_count = usize::try_from(u32_at(&bytes, 0)?).ok()?;
        let page_count = usize::try_from(u32_at(&bytes, 4)?).ok()?;
        let file_length = u64_at(&bytes, 8)?;
        let pages_offset =
            section_count.checked_mul(SECTION_LENGTH)?.checked_add(PREAMBLE_LENGTH)?;
        let keys_offset = page_count.checked_mul(PAGE_LENGTH)?.checked_add(pages_offset)?;
        let table = bytes.get(PREAMBLE_LENGTH..pages_offset)?;
        bytes.get(pages_offset..keys_offset)?;
        let mut sections = Vec::new();
        for line in table.chunks_exact(SECTION_LENGTH) {
            let entry = SectionEntry {
                first_page: u32_at(line, 24)?,
                pages: u32_at(line, 28)?,
                rows: u64_at(line, 32)?,
            };
            let end = entry.first_page.checked_add(entry.pages)?;
            if usize::try_from(end).ok()? > page_count {
                return None;
            }
            // Sections that this reader does not know are additions that it can do without.
            if let Some(section) = Section::by_name(line.get(..SECTION_NAME_LENGTH)?) {
                sections.push((section, entry));
            }
        }
        Some(Self { bytes, sections, pages_offset, keys_offset, file_length })
    }

    /// The pages of a section; no page where the database does not have it.
    pub(crate) fn section(&self, section: Section) -> SectionEntry {
        let found = self.sections.iter().find(|(known, _)| *known == section);
        found.map(|(_, entry)| *entry).unwrap_or_default()
    }

    /// How many pages there are.
    pub(crate) fn page_count(&self) -> u32 {
        let table = self.keys_offset.saturating_sub(self.pages_offset);
        u32::try_from(table / PAGE_LENGTH).unwrap_or(u32::MAX)
    }

    pub(crate) fn page(&self, index: u32) -> Option<PageEntry> {
        let line = self.line(index)?;
        Some(PageEntry {
            digest: array(line, 0)?,
            offset: u64_at(line, 32)?,
            length: u32_at(line, 40)?,
            raw_length: u32_at(line, 44)?,
            codec: u32_at(line, 56)?,
        })
    }

    /// The key of the page's first row.
    pub(crate) fn first_key(&self, index: u32) -> Option<&[u8]> {
        let line = self.line(index)?;
        let offset = usize::try_from(u32_at(line, 48)?).ok()?.checked_add(self.keys_offset)?;
        let length = usize::try_from(u32_at(line, 52)?).ok()?;
        self.bytes.get(offset..offset.checked_add(length)?)
    }

    fn line(&self, index: u32) -> Option<&[u8]> {
        let start = usize::try_from(index).ok()?.checked_mul(PAGE_LENGTH)?;
        let table = self.bytes.get(self.pages_offset..self.keys_offset)?;
        table.get(start..start.checked_add(PAGE_LENGTH)?)
    }
}

/// Collects the tables while a database is built.
#[derive(Debug, Default)]
pub(crate) struct RootTables {
    sections: Vec<(Section, SectionEntry)>,
    pages: Vec<(PageEntry, Vec<u8>)>,
}

impl RootTables {
    pub(crate) fn begin_section(&mut self, section: Section, rows: u64) {
        let first_page = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        self.sections.push((section, SectionEntry { first_page, pages: 0, rows }));
    }

    pub(crate) fn push_page(&mut self, entry: PageEntry, first_key: Vec<u8>) {
        self.pages.push((entry, first_key));
        if let Some((_, section)) = self.sections.last_mut() {
            section.pages = section.pages.saturating_add(1);
        }
    }

    /// Moves every page to where it will stand when the root ends at `start`, and returns the
    /// file's length.
    pub(crate) fn place(&mut self, start: u64) -> u64 {
        self.pages.iter_mut().fold(start, |offset, (page, _)| {
            page.offset = offset;
            offset.saturating_add(u64::from(page.length))
        })
    }

    /// Bytes of [`RootTables::encode`].
    pub(crate) fn encoded_length(&self) -> usize {
        let keys: usize = self.pages.iter().map(|(_, key)| key.len()).sum();
        let sections = self.sections.len().saturating_mul(SECTION_LENGTH);
        let pages = self.pages.len().saturating_mul(PAGE_LENGTH);
        [PREAMBLE_LENGTH, sections, pages, keys].into_iter().fold(0, usize::saturating_add)
    }

    pub(crate) fn encode(&self, file_length: u64) -> Vec<u8> {
        let mut root = Vec::with_capacity(self.encoded_length());
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        root.extend_from_slice(&count(self.sections.len()));
        root.extend_from_slice(&count(self.pages.len()));
        root.extend_from_slice(&file_length.to_le_bytes());
        for (section, entry) in &self.sections {
            let mut name = section.name().as_bytes().to_vec();
            name.resize(SECTION_NAME_LENGTH, 0);
            root.extend_from_slice(&name);
            root.extend_from_slice(&entry.first_page.to_le_bytes());
            root.extend_from_slice(&entry.pages.to_le_bytes());
            root.extend_from_slice(&entry.rows.to_le_bytes());
            root.extend_from_slice(&[0; 8]);
        }
        let mut keys = Vec::new();
        for (page, first_key) in &self.pages {
            root.extend_from_slice(&page.digest);
            root.extend_from_slice(&page.offset.to_le_bytes());
            root.extend_from_slice(&page.length.to_le_bytes());
            root.extend_from_slice(&page.raw_length.to_le_bytes());
            root.extend_from_slice(&count(keys.len()));
            root.extend_from_slice(&count(first_key.len()));
            root.extend_from_slice(&page.codec.to_le_bytes());
            root.extend_from_slice(&[0; 4]);
            keys.extend_from_slice(first_key);
        }
        root.extend_from_slice(&keys);
        root
    }
}
