//! Headers of packages: the form in which every database keeps them (rpm's reference manual, "RPM
//! V4 Package format", Header). Two counts, an index of tags, and the data that it points into; all
//! numbers are big-endian.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bulkhead_model::ProblemKind;
use memchr::memchr_iter;

use super::bytes::Order;
use crate::reading::Fault;

/// The tags that are read (rpmtag.h).
pub(super) mod tag {
    pub(in super::super) const NAME: u32 = 1000;
    pub(in super::super) const VERSION: u32 = 1001;
    pub(in super::super) const RELEASE: u32 = 1002;
    pub(in super::super) const EPOCH: u32 = 1003;
    pub(in super::super) const VENDOR: u32 = 1011;
    pub(in super::super) const LICENCE: u32 = 1014;
    pub(in super::super) const ARCHITECTURE: u32 = 1022;
    /// Whole paths, of packages from before rpm 4.
    pub(in super::super) const OLD_FILE_NAMES: u32 = 1027;
    pub(in super::super) const FILE_STATES: u32 = 1029;
    pub(in super::super) const FILE_FLAGS: u32 = 1037;
    pub(in super::super) const SOURCE_RPM: u32 = 1044;
    pub(in super::super) const PROVIDE_NAME: u32 = 1047;
    pub(in super::super) const REQUIRE_NAME: u32 = 1049;
    pub(in super::super) const DIRECTORY_INDEXES: u32 = 1116;
    pub(in super::super) const BASE_NAMES: u32 = 1117;
    pub(in super::super) const DIRECTORY_NAMES: u32 = 1118;
    pub(in super::super) const MODULARITY_LABEL: u32 = 5096;

    pub(super) const ALL: [u32; 17] = [
        NAME,
        VERSION,
        RELEASE,
        EPOCH,
        VENDOR,
        LICENCE,
        ARCHITECTURE,
        OLD_FILE_NAMES,
        FILE_STATES,
        FILE_FLAGS,
        SOURCE_RPM,
        PROVIDE_NAME,
        REQUIRE_NAME,
        DIRECTORY_INDEXES,
        BASE_NAMES,
        DIRECTORY_NAMES,
        MODULARITY_LABEL,
    ];
}

/// Both counts.
const INTRODUCTION: usize = 8;
/// Tag, type, offset and count.
const ENTRY: usize = 16;
/// rpm accepts no more (header.c, `hdrchkTags` and `hdrchkData`).
const MOST_ENTRIES: u32 = 0xffff;
const MOST_DATA: u32 = 0x0fff_ffff;

/// The values of a package by tag.
#[derive(Debug)]
pub(super) struct Header<'a> {
    values: BTreeMap<u32, Value<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    kind: Kind,
    bytes: &'a [u8],
}

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Numbers of 1, 2, 4 or 8 bytes.
    Numbers(usize),
    /// Texts that end with a zero; of a translated one the first is the untranslated.
    Texts,
}

impl<'a> Header<'a> {
    /// Reads the index. Where a tag is there twice the last counts: what installation added stands
    /// behind the region that the package brought, and replaces it (header.c, `headerLoad`). The
    /// region's own entry says only where that region ends.
    pub(super) fn parse(blob: &'a [u8]) -> Result<Self, Fault> {
        let counts = Order::Big.u32(blob, 0).zip(Order::Big.u32(blob, 4));
        let Some((entries, size)) = counts else {
            return Err(Fault::new(ProblemKind::Truncated, "a header of less than 8 bytes"));
        };
        if entries > MOST_ENTRIES || size > MOST_DATA {
            let message = format!("a header of {entries} entries and {size} bytes of data");
            return Err(Fault::malformed(message));
        }
        let rest = blob.get(INTRODUCTION..).unwrap_or_default();
        let index_size = (entries as usize).saturating_mul(ENTRY);
        let (index, data) = rest.split_at_checked(index_size).unwrap_or_default();
        if data.len() != size as usize {
            let expected = index_size.saturating_add(INTRODUCTION).saturating_add(size as usize);
            let message = format!("a header of {} bytes where {expected} are due", blob.len());
            return Err(Fault::new(ProblemKind::Truncated, message));
        }
        let mut values = BTreeMap::new();
        for entry in index.chunks_exact(ENTRY) {
            let Some((tag, value)) = Value::read(entry, data)? else { continue };
            values.insert(tag, value);
        }
        Ok(Self { values })
    }

    /// The first text of a value, empty where there is none.
    pub(super) fn text(&self, tag: u32) -> Cow<'a, str> {
        String::from_utf8_lossy(self.texts(tag).next().unwrap_or_default())
    }

    /// The texts of a value.
    pub(super) fn texts(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let value = self.values.get(&tag).filter(|value| value.kind == Kind::Texts);
        let bytes = value.map(|value| value.bytes).unwrap_or_default();
        let inner = bytes.strip_suffix(b"\0").map(|inner| inner.split(|&byte| byte == 0));
        inner.into_iter().flatten()
    }

    /// The numbers of a value, those of 8 bytes left out: no tag that is read has such.
    pub(super) fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (width, bytes) = match self.values.get(&tag) {
            Some(Value { kind: Kind::Numbers(width @ 1..=4), bytes }) => (*width, *bytes),
            _ => (1, &[][..]),
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, &byte| (sum << 8) | u32::from(byte));
        bytes.chunks_exact(width).map(number)
    }
}

impl<'a> Value<'a> {
    /// The value of an entry, if its tag is one of those that are read.
    fn read(entry: &[u8], data: &'a [u8]) -> Result<Option<(u32, Self)>, Fault> {
        let number = |at| Order::Big.u32(entry, at).unwrap_or_default();
        let (tag, kind, offset, count) = (number(0), number(4), number(8), number(12) as usize);
        if !tag::ALL.contains(&tag) {
            return Ok(None);
        }
        let kind = match kind {
            // Characters, bytes and binary data.
            1 | 2 | 7 => Kind::Numbers(1),
            3 => Kind::Numbers(2),
            4 => Kind::Numbers(4),
            5 => Kind::Numbers(8),
            // A text, a list of them, a translated one.
            6 | 8 | 9 => Kind::Texts,
            other => return Err(Fault::malformed(format!("tag {tag} is of type {other}"))),
        };
        let rest = data.get(offset as usize..).unwrap_or_default();
        let size = match kind {
            Kind::Numbers(width) => Some(width.saturating_mul(count)),
            Kind::Texts if count == 0 => Some(0),
            Kind::Texts => {
                let mut ends = memchr_iter(0, rest);
                ends.nth(count.saturating_sub(1)).and_then(|end| end.checked_add(1))
            }
        };
        let bytes = size.and_then(|size| rest.get(..size));
        let outside = || Fault::malformed(format!("tag {tag} lies outside of the data"));
        bytes.map(|bytes| Some((tag, Self { kind, bytes }))).ok_or_else(outside)
    }
}

#[cfg(test)]
mod tests;
