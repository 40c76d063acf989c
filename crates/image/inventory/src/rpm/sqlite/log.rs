//! The write-ahead log (section 4): pages as the last transactions left them, in frames. Of a page
//! the last frame that a finished transaction wrote counts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;

use super::super::bytes::Order;
use super::super::storage::Storage;
use super::page::{Geometry, Pages};
use super::{FILE_HEADER, SCHEMA, Tables, cell};
use crate::reading::{Fault, Parsed};

/// The last bit says whether checksums are of big-endian words.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The pages of tables that finished transactions wrote; none in a log without any.
pub(in super::super) fn read(content: &dyn ReadAt, budget: &Budget) -> Parsed<Option<Tables>> {
    let (mut log, fault) = match Log::open(Storage::new(content, budget)) {
        Ok(opened) => opened,
        Err(fault) => return fault.into(),
    };
    let mut faults: Vec<Fault> = fault.into_iter().collect();
    if log.frames.is_empty() {
        return Parsed { value: None, faults };
    }
    let mut tables = Tables { page_size: log.geometry.page_size, pages: BTreeMap::new() };
    let numbers: Vec<u32> = log.frames.keys().copied().collect();
    for number in numbers {
        match cell::read_page(number, &mut log) {
            Ok(page) => tables.pages.extend(page.map(|page| (number, page))),
            Err(fault) => {
                faults.push(fault);
                break;
            }
        }
    }
    Parsed { value: Some(tables), faults }
}

/// Where the pages of finished transactions lie.
struct Log<'a> {
    storage: Storage<'a>,
    geometry: Geometry,
    /// Offsets of content, by the number of the page.
    frames: BTreeMap<u32, u64>,
}

impl<'a> Log<'a> {
    /// Reads as far as frames follow from each other. What stands behind them is left from before
    /// the log was last begun anew; where it says that it is not, it is damaged.
    fn open(storage: Storage<'a>) -> Result<(Self, Option<Fault>), Fault> {
        let header = storage.expect(0, HEADER)?;
        let number = |at| Order::Big.u32(&header, at).unwrap_or_default();
        if number(0) | 1 != MAGIC | 1 || number(4) != VERSION {
            return Err(Fault::malformed("no write-ahead log of SQLite"));
        }
        let order = if number(0) == MAGIC { Order::Little } else { Order::Big };
        let mut checksum = Checksum { order, sums: (0, 0) };
        checksum.add(header.get(..24).unwrap_or_default());
        let geometry = Geometry::new(number(8), 0);
        let (Some(geometry), true) = (geometry, checksum.sums == (number(24), number(28))) else {
            return Err(Fault::new(ProblemKind::Mismatch, "the checksum of the log is another"));
        };
        let salts = (number(16), number(20));
        let mut log = Self { storage, geometry, frames: BTreeMap::new() };
        let fault = log.read_frames(salts, checksum)?;
        log.read_reserved()?;
        Ok((log, fault))
    }

    fn read_frames(
        &mut self,
        salts: (u32, u32),
        mut checksum: Checksum,
    ) -> Result<Option<Fault>, Fault> {
        let size = self.geometry.page_size as usize;
        let length = size.saturating_add(FRAME_HEADER);
        let mut unfinished = BTreeMap::new();
        let mut offset = HEADER as u64;
        while let Some(frame) = self.storage.piece(offset, length)? {
            let number = |at| Order::Big.u32(&frame, at).unwrap_or_default();
            if (number(8), number(12)) != salts {
                return Ok(None);
            }
            checksum.add(frame.get(..8).unwrap_or_default());
            checksum.add(frame.get(FRAME_HEADER..).unwrap_or_default());
            if checksum.sums != (number(16), number(20)) {
                return self.damage(offset, length, salts);
            }
            unfinished.insert(number(0), offset.saturating_add(FRAME_HEADER as u64));
            // The last frame of a transaction has the size of the database after it.
            if number(4) != 0 {
                self.frames.append(&mut unfinished);
            }
            offset = offset.saturating_add(length as u64);
        }
        if offset < self.storage.size() {
            let message = format!("the log ends within a frame, at offset {offset}");
            return Ok(Some(Fault::new(ProblemKind::Truncated, message)));
        }
        Ok(None)
    }

    /// Frames of a transaction that never ended may have other checksums: it may write them again.
    /// Where the end of one follows there is damage.
    fn damage(&self, start: u64, length: usize, salts: (u32, u32)) -> Result<Option<Fault>, Fault> {
        let mut offset = start;
        while let Some(header) = self.storage.piece(offset, FRAME_HEADER)? {
            let number = |at| Order::Big.u32(&header, at).unwrap_or_default();
            if (number(8), number(12)) == salts && number(4) != 0 {
                let message = format!("the log is damaged at offset {start} and ends there");
                return Ok(Some(Fault::new(ProblemKind::Mismatch, message)));
            }
            offset = offset.saturating_add(length as u64);
        }
        Ok(None)
    }

    /// How much of each page is reserved is in the first page alone. Where the log does not have
    /// that, nothing is: rpm never changes it.
    fn read_reserved(&mut self) -> Result<(), Fault> {
        if let Some(&offset) = self.frames.get(&SCHEMA) {
            let header = self.storage.expect(offset, FILE_HEADER)?;
            let reserved = header.get(20).copied().unwrap_or_default();
            let geometry = Geometry::new(self.geometry.page_size, reserved);
            self.geometry = geometry.unwrap_or(self.geometry);
        }
        Ok(())
    }
}

impl<'a> Pages<'a> for Log<'a> {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn page(&self, number: u32) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        let Some(&offset) = self.frames.get(&number) else { return Ok(None) };
        self.storage.piece(offset, self.geometry.page_size as usize)
    }

    fn claim(&mut self, length: u64) -> Result<(), Fault> {
        self.storage.claim(length)
    }
}

/// Two sums that go on over the whole log (section 4.2).
struct Checksum {
    order: Order,
    sums: (u32, u32),
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let word = |word: &[u8]| self.order.u32(word, 0).unwrap_or_default();
        let (mut first, mut second) = self.sums;
        for pair in bytes.chunks_exact(8) {
            let (left, right) = pair.split_at(4);
            first = first.wrapping_add(word(left)).wrapping_add(second);
            second = second.wrapping_add(word(right)).wrapping_add(first);
        }
        self.sums = (first, second);
    }
}
