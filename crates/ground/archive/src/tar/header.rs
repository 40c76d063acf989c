//! The header block: which of the five formats it has, and its fields.

use super::number::{c_string, numeric, octal};
use crate::bytes::field;

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;

/// A block of the archive.
pub(super) type Block = [u8; BLOCK];

/// Which fields a header has behind the first 257 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The first tar: nothing.
    V7,
    /// POSIX.1-1988, and PAX (POSIX.1-2001) which writes the same headers.
    Ustar,
    /// Schily's tar.
    Star,
    /// GNU tar up to 1.12's idea of POSIX; its default until today.
    Gnu,
}

/// The fields of a header that concern us.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) format: Format,
    pub(super) type_flag: u8,
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    /// None where it is no number; nobody knows then where the next header is.
    pub(super) size: Option<i64>,
    pub(super) mode: i64,
    pub(super) uid: i64,
    pub(super) gid: i64,
    pub(super) modified: i64,
    /// The name of a field that is no number and counts as 0.
    pub(super) broken_field: Option<&'static str>,
}

/// The format of a block with a right checksum; none where it is no header.
pub(super) fn format(block: &Block) -> Option<Format> {
    let claimed = octal(field(block, 148, 8))?;
    if !checksums(block).contains(&claimed) {
        return None;
    }
    let (magic, version) = (field(block, 257, 6), field(block, 263, 2));
    Some(match magic {
        b"ustar\0" if field(block, 508, 4) == b"tar\0" => Format::Star,
        b"ustar\0" => Format::Ustar,
        b"ustar " if version == b" \0" => Format::Gnu,
        _ => Format::V7,
    })
}

/// The sum over all bytes, the checksum field taken as spaces: of unsigned bytes as POSIX has it,
/// and of signed ones as some old systems wrote it.
fn checksums(block: &Block) -> [i64; 2] {
    let parts = [field(block, 0, 148), field(block, 156, 356)];
    let count = |value: fn(u8) -> u32| -> u32 {
        parts.iter().map(|part| part.iter().map(|byte| value(*byte)).sum::<u32>()).sum()
    };
    let unsigned = i64::from(count(u32::from)).saturating_add(8 * 32);
    let high = i64::from(count(|byte| u32::from(byte >> 7)));
    [unsigned, unsigned.saturating_sub(high.saturating_mul(256))]
}

impl Header {
    /// Reads the fields; none where the block is no header.
    pub(super) fn parse(block: &Block) -> Option<Self> {
        let format = format(block)?;
        let mut broken_field = None;
        let mut number = |name, start, length| {
            numeric(field(block, start, length)).unwrap_or_else(|| {
                broken_field = Some(name);
                0
            })
        };
        let size = numeric(field(block, 124, 12));
        let mode = number("mode", 100, 8);
        let uid = number("uid", 108, 8);
        let gid = number("gid", 116, 8);
        let modified = number("mtime", 136, 12);
        if format != Format::V7 {
            number("devmajor", 329, 8);
            number("devminor", 337, 8);
        }
        if format == Format::Star {
            number("atime", 476, 12);
            number("ctime", 488, 12);
        }
        let name = c_string(field(block, 0, 100));
        let path = match prefix(block, format) {
            [] => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        };
        Some(Self {
            format,
            type_flag: block[156],
            path,
            link: c_string(field(block, 157, 100)).to_vec(),
            size,
            mode,
            uid,
            gid,
            modified,
            broken_field: broken_field.or(size.is_none().then_some("size")),
        })
    }
}

/// What stands before the name, to be joined by a slash.
fn prefix(block: &Block, format: Format) -> &[u8] {
    match format {
        Format::V7 => &[],
        Format::Ustar => c_string(field(block, 345, 155)),
        Format::Star => c_string(field(block, 345, 131)),
        // GNU has two times there. Go before 1.8 wrote a prefix nevertheless; Go's reader takes it
        // for one where the times are no numbers.
        Format::Gnu => {
            let times = [field(block, 345, 12), field(block, 357, 12)];
            let broken = |time: &&[u8]| time.first() != Some(&0) && numeric(time).is_none();
            let prefix = c_string(field(block, 345, 155));
            if times.iter().any(broken) && prefix.is_ascii() { prefix } else { &[] }
        }
    }
}
