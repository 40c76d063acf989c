//! Bzip2, several streams in a row included.

use bzip2::{Decompress, Status};

use super::{Codec, Fault, Step};

/// Whether a stream begins here: the magic and a block size.
pub(super) fn begins(start: &[u8]) -> bool {
    matches!(start, [b'B', b'Z', b'h', b'1'..=b'9', ..])
}

/// One stream after the other.
pub(super) struct Bzip2(Decompress);

impl Bzip2 {
    pub(super) fn new() -> Self {
        Self(Decompress::new(false))
    }
}

impl Codec for Bzip2 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let status = self
            .0
            .decompress(input, output)
            .map_err(|_| Fault::Malformed("the bzip2 data is damaged"))?;
        if status == Status::MemNeeded {
            return Err(Fault::Unsupported("a bzip2 block that memory does not suffice for"));
        }
        let difference = |after: u64, before: u64| {
            usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
        };
        Ok(Step {
            consumed: difference(self.0.total_in(), taken),
            produced: difference(self.0.total_out(), given),
            finished: status == Status::StreamEnd,
        })
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.0 = Decompress::new(false);
        Ok(())
    }
}
