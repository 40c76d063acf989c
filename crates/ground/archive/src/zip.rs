//! Zip: the central directory as a stream, and the content of entries, in the reading of Java.
//!
//! Jars are the zips that a scan meets most, and Java finds entries by the central directory alone:
//! what lies elsewhere in the file, and what local headers say, does not count. Specification:
//! PKWARE's APPNOTE 6.3.

mod directory;
mod end;
mod read;

use std::cell::Cell;
use std::ops::Range;

use bulkhead_limits::Budget;

use crate::{Error, Odd, ReadAt};

pub use directory::Entries;

/// An opened archive.
pub struct Archive<'a> {
    content: &'a dyn ReadAt,
    budget: Budget,
    /// Where the central directory lies.
    directory: Range<u64>,
    /// Bytes in front of the archive, to which its offsets do not count: a script, a program.
    prefix: u64,
    claimed_entries: u64,
    problems: Vec<Odd>,
    /// Bytes that all reads produced, which entries on top of each other could multiply.
    produced: Cell<u64>,
}

/// An entry as the central directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name as written: UTF-8 as a rule, with slashes.
    pub name: Vec<u8>,
    /// Bytes of content, as claimed.
    pub size: u64,
    /// Bytes in the archive, as claimed.
    pub compressed_size: u64,
    /// Whether the name ends in a slash, which makes a directory.
    pub is_directory: bool,
    /// How the content is stored.
    pub method: Method,
    /// Whether the content is encrypted: then it cannot be read.
    pub encrypted: bool,
    /// The CRC-32 of the content, as claimed.
    pub checksum: u32,
    /// The Unix mode, where the writer stored one.
    pub unix_mode: Option<u32>,
    /// Where its record stands in the file; two entries never share it.
    pub position: u64,
    /// Where its local header stands in the file.
    offset: u64,
}

/// How an entry's content is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// As it is.
    Stored,
    /// Deflate, RFC 1951.
    Deflated,
    /// In another way, which cannot be read: APPNOTE's number.
    Other(u16),
}

impl<'a> Archive<'a> {
    /// Finds the central directory. Nothing of it is read yet.
    pub fn open(content: &'a dyn ReadAt, budget: &Budget) -> Result<Self, Error> {
        budget.check()?;
        let found = end::find(content)?;
        Ok(Self {
            content,
            budget: budget.clone(),
            directory: found.directory,
            prefix: found.prefix,
            claimed_entries: found.entries,
            problems: found.problems,
            produced: Cell::new(0),
        })
    }

    /// The entries in the directory's order, each charged to the budget. Names may repeat; Java
    /// takes the last of a name.
    ///
    /// After an error about a single entry the next follows; an error about the directory is the
    /// last item.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(self)
    }

    /// The number of entries that the archive claims to have: nothing to rely on.
    pub fn claimed_entries(&self) -> u64 {
        self.claimed_entries
    }

    /// What was odd about the archive as a whole.
    pub fn problems(&self) -> &[Odd] {
        &self.problems
    }
}
