//! `rpmdb.sqlite` of newer systems, and the write-ahead log beside it (sqlite.org/fileformat2.html).
//!
//! A detector sees one file at a time, and the log changes what the database says page by page. So
//! both give their pages of tables, rows already read as far as their own file holds them; put
//! together, the log's pages take the place of the database's, and then the tree is walked.

mod cell;
mod log;
mod page;
mod tree;

use std::borrow::Cow;
use std::collections::BTreeMap;

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use serde::{Deserialize, Serialize};

use super::package::Installed;
use super::storage::Storage;
use crate::reading::{Fault, Parsed};

pub(super) use log::read as read_log;
use page::{Geometry, Pages};
pub(super) use tree::packages;

/// The first page, where the tree of the schema begins.
const SCHEMA: u32 = 1;
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes of the file's header, before the first page's own.
const FILE_HEADER: usize = 100;

/// Pages of a file that belong to tables, by number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Tables {
    page_size: u32,
    pages: BTreeMap<u32, Page>,
}

/// A page of a table's tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Page {
    /// The pages below it, in the order of their rows.
    Interior(Vec<u32>),
    Leaf(Vec<Row>),
}

impl Page {
    fn rows(&self) -> &[Row] {
        match self {
            Self::Interior(_) => &[],
            Self::Leaf(rows) => rows,
        }
    }
}

/// A row of the schema or of `Packages`; those of other tables are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    number: i64,
    /// The first of the pages on which it continues; 0 where it does not.
    chain: u32,
    content: Content,
}

impl Row {
    /// Where the tree of `Packages` begins, if this is its row of the schema.
    fn root(&self) -> Option<u32> {
        match self.content {
            Content::Packages(root) => Some(root),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Content {
    /// The page where the tree of `Packages` begins.
    Packages(u32),
    Package(Box<Installed>),
    /// It continues on pages that this file does not have.
    Elsewhere,
    Broken(String),
}

/// The pages that the database's own trees of the schema and of `Packages` have.
pub(super) fn read(content: &dyn ReadAt, budget: &Budget) -> Parsed<Option<Tables>> {
    match Database::open(Storage::new(content, budget)) {
        Ok(mut database) => database.tables(),
        Err(fault) => fault.into(),
    }
}

struct Database<'a> {
    storage: Storage<'a>,
    geometry: Geometry,
}

impl<'a> Database<'a> {
    fn open(storage: Storage<'a>) -> Result<Self, Fault> {
        let header = storage.expect(0, FILE_HEADER)?;
        if !header.starts_with(MAGIC) {
            return Err(Fault::malformed("no database of SQLite"));
        }
        let geometry = Geometry::of_header(&header)
            .ok_or_else(|| Fault::malformed("pages of a size that SQLite does not have"))?;
        Ok(Self { storage, geometry })
    }

    fn tables(&mut self) -> Parsed<Option<Tables>> {
        let mut tables = Tables { page_size: self.geometry.page_size, pages: BTreeMap::new() };
        let mut faults = Vec::new();
        let mut open = vec![SCHEMA];
        while let Some(number) = open.pop() {
            if tables.pages.contains_key(&number) {
                continue;
            }
            let page = match cell::read_page(number, self) {
                Ok(Some(page)) => page,
                Ok(None) => continue,
                Err(fault) => {
                    faults.push(fault);
                    break;
                }
            };
            match &page {
                Page::Interior(children) => open.extend(children),
                Page::Leaf(rows) => open.extend(rows.iter().filter_map(Row::root)),
            }
            tables.pages.insert(number, page);
        }
        Parsed { value: Some(tables), faults }
    }
}

impl<'a> Pages<'a> for Database<'a> {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn page(&self, number: u32) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        let Some(index) = number.checked_sub(1) else { return Ok(None) };
        let size = self.geometry.page_size;
        self.storage.piece(u64::from(index).saturating_mul(size.into()), size as usize)
    }

    fn claim(&mut self, length: u64) -> Result<(), Fault> {
        self.storage.claim(length)
    }
}
