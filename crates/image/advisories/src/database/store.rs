//! Verified pages of a file or of bytes in memory, read one at a time.

use std::borrow::Cow;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use zstd::bulk::Decompressor;
use zstd::dict::DecoderDictionary;

use super::error::{DatabaseError, Defect};
use super::header::{HEADER_LENGTH, Header};
use super::page::{self, Codec, Rows};
use super::root::Root;
use super::section::Section;

/// What holds the bytes.
#[derive(Debug)]
pub(crate) enum Source {
    /// Read by position, so that threads share it.
    File(std::fs::File),
    Bytes(Cow<'static, [u8]>),
}

impl Source {
    fn size(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// The `length` bytes at `offset`. The caller has checked that the file is that long.
    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::File(file) => {
                let mut buffer = vec![0; length];
                file.read_exact_at(&mut buffer, offset)?;
                Ok(buffer)
            }
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).ok();
                let range = start.and_then(|start| Some(start..start.checked_add(length)?));
                let part = range.and_then(|range| bytes.get(range));
                part.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        }
    }
}

/// An opened database: its header and root are verified, its pages will be.
pub(crate) struct Store {
    source: Source,
    size: u64,
    pub(crate) header: Header,
    root: Root,
    dictionary: OnceLock<DecoderDictionary<'static>>,
}

impl Store {
    pub(crate) fn open(name: &str, source: Source) -> Result<Self, DatabaseError> {
        let unreadable = |source| DatabaseError::Unreadable { name: name.to_owned(), source };
        let size = source.size().map_err(unreadable)?;
        let head = usize::try_from(size).unwrap_or(usize::MAX).min(HEADER_LENGTH);
        let header = Header::decode(name, &source.read(0, head).map_err(unreadable)?)?;
        let truncated =
            |expected| DatabaseError::Truncated { name: name.to_owned(), size, expected };
        let end = header.root_offset.saturating_add(header.root_length);
        if end > size {
            return Err(truncated(end));
        }
        let length = usize::try_from(header.root_length).unwrap_or(usize::MAX);
        let root = source.read(header.root_offset, length).map_err(unreadable)?;
        if header.root_digest != <[u8; 32]>::from(Sha256::digest(&root)) {
            return Err(Defect::damage("its root has another digest").of(name));
        }
        let root = Root::new(root).map_err(|defect| defect.of(name))?;
        if root.file_length > size {
            return Err(truncated(root.file_length));
        }
        Ok(Self { source, size, header, root, dictionary: OnceLock::new() })
    }

    /// How many rows the section has.
    pub(crate) fn rows(&self, section: Section) -> u64 {
        self.root.section(section).rows
    }

    /// How many pages there are in all.
    pub(crate) fn page_count(&self) -> u64 {
        let pages = Section::ALL.map(|section| u64::from(self.root.section(section).pages));
        pages.into_iter().fold(0, u64::saturating_add)
    }

    /// A reader of a section.
    pub(crate) fn cursor(&self, section: Section) -> Cursor<'_> {
        let entry = self.root.section(section);
        let end = entry.first_page.saturating_add(entry.pages);
        let pages = entry.first_page..end;
        Cursor { store: self, section, pages, current: None, decompressors: [None, None] }
    }

    fn dictionary(&self) -> Result<&DecoderDictionary<'static>, Defect> {
        if let Some(dictionary) = self.dictionary.get() {
            return Ok(dictionary);
        }
        let mut bytes = Vec::new();
        self.cursor(Section::Dictionary).prefix(b"", &mut |_, value| {
            bytes.extend_from_slice(value);
            Ok(())
        })?;
        let dictionary = DecoderDictionary::try_copy(&bytes)?;
        Ok(self.dictionary.get_or_init(|| dictionary))
    }
}

/// Reads the rows of one section. Holds one page: asking in the order of keys reads each page once.
pub(crate) struct Cursor<'d> {
    store: &'d Store,
    section: Section,
    pages: std::ops::Range<u32>,
    current: Option<Held>,
    /// With and without dictionary, made when first needed.
    decompressors: [Option<Decompressor<'d>>; 2],
}

/// A page, and how far it was read.
struct Held {
    index: u32,
    page: Vec<u8>,
    /// Where the first row begins that is not below `passed`.
    position: usize,
    passed: Vec<u8>,
}

/// A row of its own: key and value.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// What is done with a row; an error ends the reading.
pub(crate) type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> Result<(), Defect> + 'v;

impl Cursor<'_> {
    /// Visits every row whose key begins with `prefix`, in order.
    pub(crate) fn prefix(&mut self, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), Defect> {
        for index in self.pages_of(prefix) {
            let held = self.load(index)?;
            let start = if *held.passed <= *prefix { held.position } else { 0 };
            let mut rows = Rows::of(held.page.get(start..).unwrap_or_default());
            let mut position = None;
            loop {
                let offset = held.page.len().saturating_sub(rows.remaining());
                let Some(row) = rows.next() else { break };
                let (key, value) = row?;
                if key < prefix {
                    continue;
                }
                position.get_or_insert(offset);
                if !key.starts_with(prefix) {
                    break;
                }
                visit(key, value)?;
            }
            held.position = position.unwrap_or(held.page.len());
            held.passed.clear();
            held.passed.extend_from_slice(prefix);
        }
        Ok(())
    }

    /// The pages of the section.
    pub(crate) fn pages(&self) -> std::ops::Range<u32> {
        self.pages.clone()
    }

    /// The digest of a page's stored bytes.
    pub(crate) fn digest(&self, index: u32) -> Option<[u8; 32]> {
        self.store.root.page(index).map(|entry| entry.digest)
    }

    /// All rows of a page, keys with their values.
    pub(crate) fn rows_of(&mut self, index: u32) -> Result<Vec<Row>, Defect> {
        let page = self.read(index)?;
        let owned = |(key, value): (&[u8], &[u8])| (key.to_vec(), value.to_vec());
        Rows::of(&page).map(|row| row.map(owned)).collect()
    }

    /// The pages that may hold keys with this prefix.
    pub(crate) fn pages_of(&self, prefix: &[u8]) -> std::ops::Range<u32> {
        let first_key = |index| self.store.root.first_key(index).unwrap_or_default();
        // The page before the first that begins past the prefix may hold its first rows.
        let after = partition(self.pages.clone(), |index| first_key(index) <= prefix);
        let start = after.saturating_sub(1).max(self.pages.start);
        let end = partition(after..self.pages.end, |index| first_key(index).starts_with(prefix));
        start..end
    }

    fn load(&mut self, index: u32) -> Result<&mut Held, Defect> {
        let held = match self.current.take().filter(|held| held.index == index) {
            Some(held) => held,
            None => Held { index, page: self.read(index)?, position: 0, passed: Vec::new() },
        };
        Ok(self.current.insert(held))
    }

    fn read(&mut self, index: u32) -> Result<Vec<u8>, Defect> {
        let entry = self.store.root.page(index);
        let entry = entry.ok_or_else(|| Defect::damage("the root lacks a page"))?;
        let length = usize::try_from(entry.length).unwrap_or(usize::MAX);
        let end = entry.offset.saturating_add(u64::from(entry.length));
        if length > page::limit() || end > self.store.size {
            return Err(Defect::damage(format!("the page at {} lies outside", entry.offset)));
        }
        let codec = Codec::by_number(entry.codec).ok_or_else(|| {
            Defect::damage(format!("the page at {} has another codec", entry.offset))
        })?;
        let stored = self.store.source.read(entry.offset, length)?;
        let [plain, with_dictionary] = &mut self.decompressors;
        let (slot, dictionary) = match codec {
            Codec::ZstdDictionary if self.section == Section::Dictionary => {
                return Err(Defect::damage("its dictionary needs itself"));
            }
            Codec::ZstdDictionary => (with_dictionary, Some(self.store.dictionary()?)),
            _ => (plain, None),
        };
        if codec == Codec::Plain {
            return page::decode(&entry, stored, None);
        }
        if slot.is_none() {
            *slot = page::decompressor(codec, dictionary)?;
        }
        page::decode(&entry, stored, slot.as_mut())
    }
}

/// The first index of the range for which `before` does not hold, where those for which it holds
/// come first.
fn partition(range: std::ops::Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (range.start, range.end.max(range.start));
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}
