//! Gzip: RFC 1952 around deflate.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Codec, Fault, Step};
use crate::bytes::u32_le;
use crate::source::copy;

/// Whether a member begins here: the magic and the only method there is.
pub(super) fn begins(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b, 8])
}

/// One member after the other.
pub(super) struct Gzip {
    inflate: Decompress,
    checksum: Crc,
    part: Part,
    /// What was read of the part, as far as its bytes matter.
    kept: [u8; 10],
    kept_length: usize,
    flags: u8,
}

/// The parts of a member in their order (RFC 1952, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Fixed,
    ExtraLength,
    Extra { left: usize },
    Name,
    Comment,
    HeaderChecksum,
    Body,
    Trailer,
}

const HEADER_CHECKSUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            inflate: Decompress::new(false),
            checksum: Crc::new(),
            part: Part::Fixed,
            kept: [0; 10],
            kept_length: 0,
            flags: 0,
        }
    }

    /// Collects a part of `length` bytes; the bytes taken, and whether it is whole.
    fn keep(&mut self, input: &[u8], length: usize) -> (usize, bool) {
        let target = self.kept.get_mut(self.kept_length..length).unwrap_or_default();
        let count = copy(target, input);
        self.kept_length = self.kept_length.saturating_add(count);
        let whole = self.kept_length >= length;
        if whole {
            self.kept_length = 0;
        }
        (count, whole)
    }

    /// The part after `part`, by the header's flags.
    fn follow(&mut self, part: Part) {
        let has = |flag| self.flags & flag != 0;
        self.part = match part {
            Part::Fixed if has(EXTRA) => Part::ExtraLength,
            Part::Fixed | Part::ExtraLength | Part::Extra { .. } if has(NAME) => Part::Name,
            Part::Fixed | Part::ExtraLength | Part::Extra { .. } | Part::Name if has(COMMENT) => {
                Part::Comment
            }
            Part::HeaderChecksum | Part::Body | Part::Trailer => Part::Body,
            _ if has(HEADER_CHECKSUM) => Part::HeaderChecksum,
            _ => Part::Body,
        };
    }

    /// Moves through the header; the bytes taken.
    fn header(&mut self, input: &[u8]) -> usize {
        match self.part {
            Part::Fixed => {
                let (count, whole) = self.keep(input, 10);
                if whole {
                    self.flags = self.kept[3];
                    self.follow(Part::Fixed);
                }
                count
            }
            Part::ExtraLength => {
                let (count, whole) = self.keep(input, 2);
                if whole {
                    let left = usize::from(u16::from_le_bytes([self.kept[0], self.kept[1]]));
                    self.part = Part::Extra { left };
                    if left == 0 {
                        self.follow(self.part);
                    }
                }
                count
            }
            Part::Extra { left } => {
                let count = left.min(input.len());
                let left = left.saturating_sub(count);
                self.part = Part::Extra { left };
                if left == 0 {
                    self.follow(self.part);
                }
                count
            }
            Part::Name | Part::Comment => {
                let Some(end) = memchr::memchr(0, input) else { return input.len() };
                self.follow(self.part);
                end.saturating_add(1)
            }
            // Not compared: the bytes that matter follow it, and have a checksum of their own.
            Part::HeaderChecksum => {
                let (count, whole) = self.keep(input, 2);
                if whole {
                    self.follow(Part::HeaderChecksum);
                }
                count
            }
            Part::Body | Part::Trailer => 0,
        }
    }

    fn body(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(input, output, FlushDecompress::None)
            .map_err(|_| Fault::Malformed("the deflate data is damaged"))?;
        let difference = |after: u64, before: u64| {
            usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
        };
        let consumed = difference(self.inflate.total_in(), taken);
        let produced = difference(self.inflate.total_out(), given);
        self.checksum.update(output.get(..produced).unwrap_or_default());
        if status == Status::StreamEnd {
            self.part = Part::Trailer;
            if consumed == 0 && produced == 0 {
                return self.trailer(input);
            }
        }
        Ok(Step { consumed, produced, finished: false })
    }

    fn trailer(&mut self, input: &[u8]) -> Result<Step, Fault> {
        let (consumed, finished) = self.keep(input, 8);
        if finished && u32_le(&self.kept, 0) != self.checksum.sum() {
            return Err(Fault::Mismatch("checksum"));
        }
        if finished && u32_le(&self.kept, 4) != self.checksum.amount() {
            return Err(Fault::Mismatch("size"));
        }
        Ok(Step { consumed, produced: 0, finished })
    }
}

impl Codec for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        match self.part {
            Part::Body => self.body(input, output),
            Part::Trailer => self.trailer(input),
            _ => Ok(Step { consumed: self.header(input), ..Step::default() }),
        }
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.inflate.reset(false);
        self.checksum.reset();
        self.part = Part::Fixed;
        Ok(())
    }
}
