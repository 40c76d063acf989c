//! Pages of tables and the rows in them (sections 1.6 and 2.1).

use super::super::bytes::Order::Big;
use super::super::package::Installed;
use super::page::{Pages, variable};
use super::{Content, FILE_HEADER, Page, Row, SCHEMA};
use crate::reading::Fault;

/// Types of pages.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// A page of a table; none where the file does not have it, or it is of another kind.
pub(super) fn read_page<'a>(
    number: u32,
    pages: &mut impl Pages<'a>,
) -> Result<Option<Page>, Fault> {
    let Some(bytes) = pages.page(number)? else { return Ok(None) };
    let start = if number == SCHEMA { FILE_HEADER } else { 0 };
    let usable = bytes.get(..pages.geometry().usable() as usize).unwrap_or(&bytes);
    let Some(cells) = Cells::new(usable, start) else { return Ok(None) };
    if cells.kind == INTERIOR {
        let children = cells.starts().filter_map(|start| Big.u32(usable, start?));
        return Ok(Some(Page::Interior(children.chain(cells.last_child()).collect())));
    }
    let mut rows = Vec::new();
    let mut is_broken = false;
    for start in cells.starts() {
        let row = match start.and_then(|start| Cell::read(usable.get(start..)?, pages)) {
            Some(cell) => cell.row(pages),
            None => Some(Row {
                number: 0,
                chain: 0,
                content: Content::Broken(format!("page {number} has a row outside of itself")),
            }),
        };
        let Some(row) = row else { continue };
        // One a page is told: a page has room for more pointers to nothing than there is memory.
        let broken = matches!(row.content, Content::Broken(_));
        if !(broken && is_broken) {
            rows.push(row);
        }
        is_broken |= broken;
    }
    Ok(Some(Page::Leaf(rows)))
}

/// Where the cells of a page begin.
struct Cells<'p> {
    kind: u8,
    /// Behind the header of the file, where there is one.
    page: &'p [u8],
    pointers: &'p [u8],
}

impl<'p> Cells<'p> {
    fn new(bytes: &'p [u8], start: usize) -> Option<Self> {
        let page = bytes.get(start..)?;
        let kind = *page.first()?;
        let header = match kind {
            INTERIOR => 12,
            LEAF => 8,
            _ => return None,
        };
        let size = usize::from(Big.u16(page, 3)?).checked_mul(2)?;
        Some(Self { kind, page, pointers: page.get(header..)?.get(..size)? })
    }

    /// Offsets from the beginning of the page; none in place of one that cannot be.
    fn starts(&self) -> impl Iterator<Item = Option<usize>> + use<'p> {
        self.pointers.chunks_exact(2).map(|bytes| Big.u16(bytes, 0).map(usize::from))
    }

    /// The page below an interior page whose rows come after those of all its cells.
    fn last_child(&self) -> Option<u32> {
        Big.u32(self.page, 8)
    }
}

/// A cell of a leaf.
struct Cell<'p> {
    row: i64,
    length: u64,
    /// What of the row stands in the leaf.
    local: &'p [u8],
    /// Where it continues; 0 for nowhere.
    chain: u32,
}

impl<'p> Cell<'p> {
    fn read<'a>(bytes: &'p [u8], pages: &impl Pages<'a>) -> Option<Self> {
        let (length, rest) = variable(bytes)?;
        let (row, rest) = variable(rest)?;
        let (local, rest) = rest.split_at_checked(pages.geometry().local(length) as usize)?;
        let chain = if (local.len() as u64) < length { Big.u32(rest, 0)? } else { 0 };
        Some(Self { row: row.cast_signed(), length, local, chain })
    }

    /// The row, if it is one of those that are kept.
    fn row<'a>(&self, pages: &mut impl Pages<'a>) -> Option<Row> {
        let record = Record::of(self.local)?;
        let content = match self.payload(pages) {
            Ok(Some(payload)) => record.content(&payload)?,
            Ok(None) => Content::Elsewhere,
            Err(fault) => Content::Broken(fault.message),
        };
        Some(Row { number: self.row, chain: self.chain, content })
    }

    /// All bytes of the row; none where the file does not have all pages of it. Each page of a chain
    /// begins with the number of the next (section 1.6, "Cell Payload Overflow Pages").
    fn payload<'a>(&self, pages: &mut impl Pages<'a>) -> Result<Option<Vec<u8>>, Fault> {
        if self.chain != 0 && pages.page(self.chain)?.is_none() {
            return Ok(None);
        }
        pages.claim(self.length)?;
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let usable = pages.geometry().usable() as usize;
        let mut payload = Vec::with_capacity(length);
        payload.extend_from_slice(self.local);
        let mut next = self.chain;
        while payload.len() < length {
            let Some(page) = pages.page(next)? else { return Ok(None) };
            next = Big.u32(&page, 0).unwrap_or_default();
            let part = page.get(4..usable).unwrap_or_default();
            let missing = length.saturating_sub(payload.len());
            payload.extend_from_slice(part.get(..missing).unwrap_or(part));
        }
        Ok(Some(payload))
    }
}

/// A record of one of the two tables that are read: its columns' types by its header.
enum Record {
    /// `type`, `name`, `tbl_name`, `rootpage`, `sql`.
    Schema { columns: [u64; 5], body: usize },
    /// `hnum`, which is the row's own number and left empty here, and `blob`.
    Package { size: u64, body: usize },
}

impl Record {
    /// The header stands in the leaf, for it is short.
    fn of(local: &[u8]) -> Option<Self> {
        let (size, rest) = variable(local)?;
        let body = usize::try_from(size).ok()?;
        let own = local.len().saturating_sub(rest.len());
        let mut types = rest.get(..body.checked_sub(own)?)?;
        let mut columns = [0; 5];
        let mut count = 0_usize;
        while !types.is_empty() {
            let (kind, rest) = variable(types)?;
            *columns.get_mut(count)? = kind;
            count = count.checked_add(1)?;
            types = rest;
        }
        match (count, columns) {
            (5, [kind, name, table, root, _])
                if [kind, name, table].into_iter().all(is_text) && (1..=9).contains(&root) =>
            {
                Some(Self::Schema { columns, body })
            }
            (2, [0, blob, ..]) if blob >= 12 && blob % 2 == 0 => {
                Some(Self::Package { size: length_of(blob), body })
            }
            _ => None,
        }
    }

    /// What the row holds; none for tables of another name.
    fn content(&self, payload: &[u8]) -> Option<Content> {
        match *self {
            Self::Schema { columns: [kind, name, table, root, _], body } => {
                let mut rest = payload.get(body..)?;
                let mut column = |kind| {
                    let size = usize::try_from(length_of(kind)).ok()?;
                    let (value, after) = rest.split_at_checked(size)?;
                    rest = after;
                    Some(value)
                };
                let (kind, name, _) = (column(kind)?, column(name)?, column(table)?);
                let page = match root {
                    8 => 0,
                    9 => 1,
                    root => {
                        column(root)?.iter().fold(0, |sum: u64, &byte| (sum << 8) | u64::from(byte))
                    }
                };
                let is_packages = kind == b"table" && name.eq_ignore_ascii_case(b"Packages");
                is_packages.then_some(Content::Packages(u32::try_from(page).ok()?))
            }
            Self::Package { size, body } => {
                let end = body.checked_add(usize::try_from(size).ok()?);
                let blob = end.and_then(|end| payload.get(body..end));
                Some(match blob.map(Installed::of_header) {
                    Some(Ok(package)) => Content::Package(Box::new(package)),
                    Some(Err(fault)) => Content::Broken(fault.message),
                    None => Content::Broken("a header that is longer than its row".to_owned()),
                })
            }
        }
    }
}

fn is_text(kind: u64) -> bool {
    kind >= 13 && kind % 2 == 1
}

/// Bytes of a value by its type (section 2.1, "Serial Type Codes Of The Record Format").
fn length_of(kind: u64) -> u64 {
    match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        other => other.saturating_sub(12) / 2,
    }
}
