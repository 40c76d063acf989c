//! The two pages that a file begins with: each transaction rewrites one of them, in turn.

use crate::BoltError;
use crate::page::{HEADER, u32_at, u64_at};

/// Bytes from the beginning of a file that hold both pages, whatever their size.
pub const HEAD: usize = 2 << 16;

const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;

/// Sizes that pages have: that of the memory pages of the machine that made the file.
const PAGES: [usize; 7] = [1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16];

/// Bytes of the metadata that its checksum covers; the checksum follows them.
const COVERED: usize = 56;

/// What a page of metadata says (`meta` of db.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) page_size: usize,
    /// The page of the topmost bucket.
    pub(crate) root: u64,
    pub(crate) transaction: u64,
}

impl Meta {
    /// The newer of those that are whole. Where the first one is torn, its page's size is unknown,
    /// and the second one tells its own by where it lies.
    pub(crate) fn newest(bytes: &[u8]) -> Result<Self, BoltError> {
        let second = |size: &usize| Self::at(bytes, *size).filter(|meta| meta.page_size == *size);
        std::iter::once(Self::at(bytes, 0))
            .chain(PAGES.iter().map(second))
            .flatten()
            .max_by_key(|meta| meta.transaction)
            .ok_or(BoltError::NoMetadata)
    }

    fn at(bytes: &[u8], page: usize) -> Option<Self> {
        let meta = bytes.get(page..)?.get(HEADER..)?;
        let covered = meta.get(..COVERED)?;
        let is_whole = u32_at(covered, 0)? == MAGIC
            && u32_at(covered, 4)? == VERSION
            && u64_at(meta, COVERED)? == checksum(covered);
        let page_size = usize::try_from(u32_at(covered, 8)?).ok()?;
        if !is_whole || !PAGES.contains(&page_size) {
            return None;
        }
        Some(Self { page_size, root: u64_at(covered, 16)?, transaction: u64_at(covered, 48)? })
    }
}

/// FNV-1a of 64 bits, which the writer uses.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
