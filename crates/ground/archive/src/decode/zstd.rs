//! Zstandard: RFC 8878.

use zstd::zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use super::{Codec, Fault, Step};
use crate::Error;

/// Frames may ask for this much memory at most, 128 MiB: what the reference tool allows too.
const WINDOW_LOG: u32 = 27;

/// Whether a frame begins here, or one that is to be skipped.
pub(super) fn begins(start: &[u8]) -> bool {
    match start.first_chunk() {
        Some(magic) => {
            let magic = u32::from_le_bytes(*magic);
            magic == 0xfd2f_b528 || magic & 0xffff_fff0 == 0x184d_2a50
        }
        None => false,
    }
}

/// One frame after the other.
pub(super) struct Zstd(DCtx<'static>);

impl Zstd {
    pub(super) fn new() -> Result<Self, Error> {
        let out_of_memory = || Error::Io(std::io::ErrorKind::OutOfMemory.into());
        let mut context = DCtx::try_create().ok_or_else(out_of_memory)?;
        context.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(|_| out_of_memory())?;
        Ok(Self(context))
    }
}

impl Codec for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let mut source = InBuffer::around(input);
        let mut target = OutBuffer::around(output);
        let left = self.0.decompress_stream(&mut target, &mut source).map_err(fault)?;
        let (consumed, produced) = (source.pos(), target.pos());
        Ok(Step { consumed, produced, finished: left == 0 && (consumed > 0 || produced > 0) })
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.0.reset(ResetDirective::SessionOnly).map(|_| ()).map_err(fault)
    }
}

/// The numbers of zstd's errors (`zstd_errors.h`); the library returns them negated.
fn fault(code: usize) -> Fault {
    match 0_usize.wrapping_sub(code) {
        16 => Fault::Unsupported("a zstd window of more than 128 MiB"),
        22 => Fault::Mismatch("checksum"),
        32 => Fault::Unsupported("a zstd dictionary"),
        _ => Fault::Malformed("the zstd data is damaged"),
    }
}
