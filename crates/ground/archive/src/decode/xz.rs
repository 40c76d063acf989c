//! Xz, several streams in a row included (the .xz file format, 1.2.1).

use liblzma::stream::{Action, Error, Status, Stream};

use super::{Codec, Fault, Step};
use crate::Error as Refused;

/// Memory that a stream may ask for, 128 MiB: twice what the strongest preset of the reference tool does.
const MEMORY: u64 = 128 << 20;

/// Whether a stream begins here: the first four bytes of the magic.
pub(super) fn begins(start: &[u8]) -> bool {
    start.starts_with(b"\xfd7zX")
}

/// One stream after the other.
pub(super) struct Xz(Stream);

impl Xz {
    pub(super) fn new() -> Result<Self, Refused> {
        let out_of_memory = |_| Refused::Io(std::io::ErrorKind::OutOfMemory.into());
        Stream::new_stream_decoder(MEMORY, 0).map(Self).map_err(out_of_memory)
    }
}

impl Codec for Xz {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let (taken, given) = (self.0.total_in(), self.0.total_out());
        let status = self.0.process(input, output, Action::Run).map_err(fault)?;
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
        self.0 = Stream::new_stream_decoder(MEMORY, 0).map_err(fault)?;
        Ok(())
    }
}

fn fault(error: Error) -> Fault {
    match error {
        Error::MemLimit => Fault::Unsupported("an xz dictionary of more than 128 MiB"),
        Error::Mem => Fault::Unsupported("an xz dictionary that memory does not suffice for"),
        Error::Options | Error::UnsupportedCheck => Fault::Unsupported("an xz filter or check"),
        _ => Fault::Malformed("the xz data is damaged"),
    }
}
