//! `Packages.db` of SUSE: rpm's own database (lib/backend/ndb/rpmpkg.c). Pages of slots say where
//! in the file each header lies; all numbers are little-endian.

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;

use super::bytes::Order::Little;
use super::package::Installed;
use super::storage::{Collection, Storage};
use crate::reading::{Fault, Parsed};

const FILE_MAGIC: u32 = u32::from_le_bytes(*b"RpmP");
const SLOT_MAGIC: u32 = u32::from_le_bytes(*b"Slot");
const HEAD_MAGIC: u32 = u32::from_le_bytes(*b"BlbS");
const TAIL_MAGIC: u32 = u32::from_le_bytes(*b"BlbE");

const VERSION: u32 = 0;
const PAGE: u32 = 4096;
const SLOT: usize = 16;
/// The unit of offsets and lengths.
const BLOCK: u64 = 16;
/// The file's header takes the place of two slots.
const FILE_HEADER: usize = 2 * SLOT;
/// Magic, index, generation and length before the content.
const HEAD: usize = 16;
/// Checksum, length and magic behind it.
const TAIL: usize = 12;

/// The packages of a database.
pub(super) fn read(content: &dyn ReadAt, budget: &Budget) -> Parsed<Vec<Installed>> {
    let mut packages = Collection::default();
    let mut storage = Storage::new(content, budget);
    if let Err(fault) = read_slots(&mut storage, &mut packages) {
        packages.fault(fault);
    }
    packages.finish()
}

fn read_slots(storage: &mut Storage<'_>, packages: &mut Collection) -> Result<(), Fault> {
    let header = storage.expect(0, FILE_HEADER)?;
    let number = |at| Little.u32(&header, at).unwrap_or_default();
    let (magic, version, pages) = (number(0), number(4), number(12));
    if magic != FILE_MAGIC || version != VERSION {
        return Err(Fault::malformed("no database of rpm, or one of another version"));
    }
    for page in 0..u64::from(pages) {
        let bytes = storage.expect(page.saturating_mul(PAGE.into()), PAGE as usize)?;
        let header = if page == 0 { FILE_HEADER } else { 0 };
        for bytes in bytes.get(header..).unwrap_or_default().chunks_exact(SLOT) {
            let Some(slot) = Slot::read(bytes) else {
                packages.fault(Fault::malformed(format!("page {page} has what is no slot")));
                continue;
            };
            // Free slots have no index.
            if slot.package != 0 {
                packages.add(slot.package.into(), slot.package(storage));
            }
        }
    }
    Ok(())
}

/// Where a package lies, in blocks.
struct Slot {
    package: u32,
    start: u32,
    count: u32,
}

impl Slot {
    fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at| Little.u32(bytes, at);
        let (package, start, count) = (number(4)?, number(8)?, number(12)?);
        (number(0)? == SLOT_MAGIC).then_some(Self { package, start, count })
    }

    /// The package in its blocks: a head, the header, zeros up to the tail at the end. The checksum
    /// is of all that stands before it.
    fn package(&self, storage: &mut Storage<'_>) -> Result<Installed, Fault> {
        let size = u64::from(self.count).saturating_mul(BLOCK);
        storage.claim(size)?;
        let start = u64::from(self.start).saturating_mul(BLOCK);
        let blob = storage.expect(start, usize::try_from(size).unwrap_or(usize::MAX))?;
        let number = |at| Little.u32(&blob, at).unwrap_or_default();
        let tail = blob.len().saturating_sub(TAIL);
        let length = number(12) as usize;
        let header = HEAD.checked_add(length).filter(|end| *end <= tail);
        let header = header.and_then(|end| blob.get(HEAD..end));
        let (Some(header), HEAD_MAGIC) = (header, number(0)) else {
            return Err(Fault::malformed("no package where its slot says"));
        };
        if number(4) != self.package {
            return Err(Fault::malformed(format!("the package of slot {}", number(4))));
        }
        let kept = blob.get(..tail).unwrap_or_default();
        if number(tail.saturating_add(8)) != TAIL_MAGIC || number(tail) != adler_32(kept) {
            return Err(Fault::new(ProblemKind::Mismatch, "the checksum is another"));
        }
        Installed::of_header(header)
    }
}

/// Adler-32 (RFC 1950, section 8.2).
pub(super) fn adler_32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    /// The largest count of bytes after which neither sum can have overflowed.
    const RUN: usize = 5552;
    let (mut low, mut high) = (1_u32, 0_u32);
    for run in bytes.chunks(RUN) {
        for &byte in run {
            low = low.wrapping_add(u32::from(byte));
            high = high.wrapping_add(low);
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    (high << 16) | low
}
