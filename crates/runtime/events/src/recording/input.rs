//! The bytes of a frame, taken piece by piece.

use bulkhead_limits::Exceeded;

/// Bytes that were not taken yet.
pub(super) struct Input<'a> {
    rest: &'a [u8],
}

/// Why a piece cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Malformed(&'static str),
    Limit(Exceeded),
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self.rest.split_first().ok_or(SHORT)?;
        self.rest = rest;
        Ok(*byte)
    }

    /// A number without sign.
    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        match self.rest {
            [byte @ ..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Fault> {
        let mut number = 0_u64;
        for shift in (0..64_u32).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Fault::Malformed("a number of more than 64 bits"))
    }

    /// A number with sign.
    pub(super) fn signed(&mut self) -> Result<i64, Fault> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg())
    }

    /// A number that must fit into something smaller.
    pub(super) fn fitting<N: TryFrom<u64>>(&mut self) -> Result<N, Fault> {
        N::try_from(self.number()?).map_err(|_| Fault::Malformed("a number is too large"))
    }

    /// How many pieces follow, each of which takes at least a byte.
    pub(super) fn count(&mut self) -> Result<usize, Fault> {
        let count = self.fitting()?;
        if count > self.rest.len() { Err(SHORT) } else { Ok(count) }
    }

    /// How many pieces follow, counted from 1; None where there is no list.
    pub(super) fn optional_count(&mut self) -> Result<Option<usize>, Fault> {
        let count = self.fitting::<usize>()?.checked_sub(1);
        if count.is_some_and(|count| count > self.rest.len()) { Err(SHORT) } else { Ok(count) }
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(SHORT)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Bytes behind their number.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Fault> {
        let count = self.count()?;
        self.bytes(count)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(SHORT)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// All that is left.
    pub(super) fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// That nothing is left.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::Malformed("a frame is too long")) }
    }
}

const SHORT: Fault = Fault::Malformed("a frame is too short");
