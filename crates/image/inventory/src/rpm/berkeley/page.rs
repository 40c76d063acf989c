//! Pages of a hash table (`dbinc/db_page.h`): a header, an index of offsets, and items from the end.

use std::borrow::Cow;

use super::super::bytes::Order;

/// Bytes before the index: log sequence number, page numbers, counts, level and type.
pub(super) const HEADER: usize = 26;
/// The same where a checksum follows (`PG_CHKSUM`).
pub(super) const CHECKED_HEADER: usize = 32;

/// Types of pages.
const UNUSED: u8 = 0;
const UNSORTED_BUCKET: u8 = 2;
const OVERFLOW: u8 = 7;
const BUCKET: u8 = 13;

/// Types of items.
const HERE: u8 = 1;
const CHAIN: u8 = 3;

/// A page.
pub(super) struct Page<'a> {
    bytes: Cow<'a, [u8]>,
    order: Order,
    header: usize,
}

/// A key or a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Here(&'a [u8]),
    /// On pages of its own.
    Chain {
        first: u32,
        length: u32,
    },
    /// Several values of one key, which no database of rpm has.
    Duplicates,
}

impl<'a> Page<'a> {
    pub(super) fn new(bytes: Cow<'a, [u8]>, order: Order, header: usize) -> Self {
        Self { bytes, order, header }
    }

    pub(super) fn number(&self) -> u32 {
        self.u32(8)
    }

    /// The page that follows in a bucket or a chain; 0 where there is none.
    pub(super) fn next(&self) -> u32 {
        self.u32(16)
    }

    /// Buckets that were never written are holes in the file.
    pub(super) fn is_blank(&self) -> bool {
        self.kind() == UNUSED && self.number() == 0
    }

    pub(super) fn is_bucket(&self) -> bool {
        matches!(self.kind(), BUCKET | UNSORTED_BUCKET)
    }

    /// The keys of a bucket with their values; none for what lies outside of the page.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Option<Item<'_>>, Option<Item<'_>>)> {
        let count = self.u16(20);
        (0..count / 2).map(|pair| {
            let key = pair.saturating_mul(2);
            (self.item(key), self.item(key.saturating_add(1)))
        })
    }

    /// The part of an item that a page of a chain holds.
    pub(super) fn part(&self) -> Option<&[u8]> {
        if self.kind() != OVERFLOW {
            return None;
        }
        self.bytes.get(self.header..)?.get(..self.u16(22))
    }

    /// Items fill the page from its end, so each ends where the one before it begins.
    fn item(&self, index: usize) -> Option<Item<'_>> {
        let end = match index.checked_sub(1) {
            Some(before) => self.offset(before)?,
            None => self.bytes.len(),
        };
        let item = self.bytes.get(self.offset(index)?..end)?;
        let (kind, rest) = item.split_first()?;
        Some(match *kind {
            HERE => Item::Here(rest),
            CHAIN => {
                Item::Chain { first: self.order.u32(item, 4)?, length: self.order.u32(item, 8)? }
            }
            _ => Item::Duplicates,
        })
    }

    fn offset(&self, index: usize) -> Option<usize> {
        let at = self.header.checked_add(index.checked_mul(2)?)?;
        self.order.u16(&self.bytes, at).map(usize::from)
    }

    fn kind(&self) -> u8 {
        self.bytes.get(25).copied().unwrap_or(UNUSED)
    }

    fn u16(&self, at: usize) -> usize {
        self.order.u16(&self.bytes, at).map_or(0, usize::from)
    }

    fn u32(&self, at: usize) -> u32 {
        self.order.u32(&self.bytes, at).unwrap_or_default()
    }
}
