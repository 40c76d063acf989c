//! Maps of sparse files: which parts of the content are stored, everything else being zeros.
//!
//! GNU tar has written four forms: in its own header with extension blocks, as PAX records (0.0 and
//! 0.1), and in front of the data (1.0). The last two are in the manual's appendix "Storing Sparse
//! Files".

use super::header::{BLOCK, Block};
use super::number::{decimal, numeric};
use super::pax::SparseRecords;
use crate::bytes::field;

/// Bytes that a map may take in the archive, as in Go and libarchive; bounds its regions too.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// A stored part: offset and length as the archive has them.
pub(super) type Region = (i64, i64);

/// A sparse file's content and how far it was read.
#[derive(Debug)]
pub(super) struct Layout {
    /// In order, without overlap, none empty.
    regions: Vec<(u64, u64)>,
    /// The first region that does not lie wholly before the position.
    next: usize,
    position: u64,
    size: u64,
}

/// What comes next, and how many bytes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Stored(u64),
    Hole(u64),
    End,
}

impl Layout {
    /// Checks a map; none where regions overlap, run backwards or end past `size`.
    pub(super) fn new(map: &[Region], size: i64) -> Option<Self> {
        let mut end = 0_i64;
        let mut regions = Vec::with_capacity(map.len());
        for &(offset, length) in map {
            if offset < end || length < 0 {
                return None;
            }
            end = offset.checked_add(length)?;
            if end > size {
                return None;
            }
            if length > 0 {
                regions.push((offset.cast_unsigned(), length.cast_unsigned()));
            }
        }
        let size = u64::try_from(size).ok()?;
        Some(Self { regions, next: 0, position: 0, size })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that must be stored in the archive.
    pub(super) fn stored(&self) -> u64 {
        self.regions.iter().fold(0, |sum, (_, length)| sum.saturating_add(*length))
    }

    pub(super) fn place(&self) -> Place {
        match self.regions.get(self.next) {
            Some((offset, _)) if self.position < *offset => {
                Place::Hole(offset.saturating_sub(self.position))
            }
            Some((offset, length)) => {
                Place::Stored(offset.saturating_add(*length).saturating_sub(self.position))
            }
            None if self.position < self.size => {
                Place::Hole(self.size.saturating_sub(self.position))
            }
            None => Place::End,
        }
    }

    /// Moves on by bytes of the present place.
    pub(super) fn advance(&mut self, count: u64) {
        self.position = self.position.saturating_add(count);
        if let Some((offset, length)) = self.regions.get(self.next)
            && self.position >= offset.saturating_add(*length)
        {
            self.next = self.next.saturating_add(1);
        }
    }
}

/// Which of the PAX forms an entry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The map is a record: 0.0 or 0.1.
    Records,
    /// The map stands before the data: 1.0.
    Data,
}

/// The form that the records declare; none for a file that is not sparse.
pub(super) fn version(records: &SparseRecords) -> Option<Version> {
    match (records.major.as_slice(), records.minor.as_slice()) {
        (b"0", b"0" | b"1") => Some(Version::Records),
        (b"1", b"0") => Some(Version::Data),
        (b"", b"") if !records.map.is_empty() => Some(Version::Records),
        _ => None,
    }
}

/// The map of versions 0.0 and 0.1.
pub(super) fn map_of_records(records: &SparseRecords) -> Option<Vec<Region>> {
    let count = usize::try_from(decimal(&records.block_count)?).ok()?;
    let mut numbers: Vec<&[u8]> = records.map.split(|byte| *byte == b',').collect();
    if records.map.is_empty() {
        numbers.clear();
    }
    if Some(numbers.len()) != count.checked_mul(2) {
        return None;
    }
    numbers
        .chunks_exact(2)
        .map(|pair| Some((decimal(pair.first()?)?, decimal(pair.get(1)?)?)))
        .collect()
}

/// The map of version 1.0, fed block by block: a count, then offsets and lengths, each on a line.
#[derive(Debug, Default)]
pub(super) struct MapInData {
    line: Vec<u8>,
    /// Numbers still to come; none before the count is known.
    left: Option<usize>,
    numbers: Vec<i64>,
    bytes: usize,
}

impl MapInData {
    /// Takes a block; whether the map ends in it. None where it is broken.
    pub(super) fn feed(&mut self, block: &Block) -> Option<bool> {
        self.bytes = self.bytes.saturating_add(BLOCK);
        if self.bytes > MOST_BYTES {
            return None;
        }
        for &byte in block {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let number = decimal(&self.line)?;
            self.line.clear();
            match &mut self.left {
                None => self.left = Some(usize::try_from(number).ok()?.checked_mul(2)?),
                Some(left) => {
                    *left = left.checked_sub(1)?;
                    self.numbers.push(number);
                }
            }
            if self.left == Some(0) {
                return Some(true);
            }
        }
        Some(false)
    }

    pub(super) fn regions(&self) -> Vec<Region> {
        let pair = |pair: &[i64]| Some((*pair.first()?, *pair.get(1)?));
        self.numbers.chunks_exact(2).filter_map(pair).collect()
    }
}

/// Bytes of a region in the old GNU form: offset and length, twelve each.
const OLD_REGION: usize = 24;

/// A part of the old GNU map: `count` regions from `start` of a block, ended early by an empty one.
/// None where a number is broken.
pub(super) fn old_regions(block: &Block, start: usize, count: usize) -> Option<Vec<Region>> {
    field(block, start, count.saturating_mul(OLD_REGION))
        .chunks_exact(OLD_REGION)
        .take_while(|region| region.first() != Some(&0))
        .map(|region| Some((numeric(field(region, 0, 12))?, numeric(field(region, 12, 12))?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_checked() {
        let check = |map: &[Region], size, expect: Option<u64>| {
            let stored = Layout::new(map, size).map(|layout| layout.stored());
            assert_eq!(stored, expect, "{map:?} in {size}");
        };
        check(&[], 0, Some(0));
        check(&[], -1, None);
        check(&[(0, 5), (5, 5)], 10, Some(10));
        check(&[(0, 5), (5, 6)], 10, None);
        check(&[(0, 5), (4, 1)], 10, None);
        check(&[(10, 0)], 10, Some(0));
        check(&[(11, 0)], 10, None);
        check(&[(-1, 5)], 10, None);
        check(&[(1, -1)], 10, None);
        check(&[(i64::MAX, 1)], i64::MAX, None);
    }

    #[test]
    fn places_follow_each_other() {
        let mut layout = Layout::new(&[(2, 3), (5, 1), (8, 0)], 9).unwrap();
        let mut places = Vec::new();
        while layout.place() != Place::End {
            places.push(layout.place());
            let (Place::Stored(count) | Place::Hole(count)) = layout.place() else { break };
            layout.advance(count);
        }
        let expect = [Place::Hole(2), Place::Stored(3), Place::Stored(1), Place::Hole(3)];
        assert_eq!(places, expect);
    }
}
