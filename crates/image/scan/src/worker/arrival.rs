//! How much of a layer has arrived, as the scan tells over a pipe.
//!
//! Each message is the count of bytes that lie in the file, eight bytes, little-endian. The end of
//! the pipe before the last byte means that no more will come.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How often a worker that waits says that it is alive.
const SIGN: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// Bytes of a message.
const MESSAGE: usize = 8;

/// Messages that are read at once: only the last one counts.
const MESSAGES: usize = 512;

/// The reading end of the pipe.
pub(super) struct Arrival<'a> {
    pipe: &'a File,
    arrived: u64,
}

impl<'a> Arrival<'a> {
    pub(super) fn new(pipe: &'a File) -> Self {
        Self { pipe, arrived: 0 }
    }

    /// Waits until something of the next `wanted` bytes from `position` on is there, and says how
    /// much of it.
    pub(super) fn wait(
        &mut self,
        position: u64,
        wanted: usize,
        sign: &dyn Fn(u64),
    ) -> io::Result<usize> {
        while self.arrived <= position {
            let mut polled = [PollFd::from_borrowed_fd(self.pipe.as_fd(), PollFlags::IN)];
            if poll(&mut polled, Some(&SIGN))? == 0 {
                sign(0);
                continue;
            }
            self.listen()?;
        }
        let there = self.arrived.saturating_sub(position);
        Ok(usize::try_from(there).unwrap_or(usize::MAX).min(wanted))
    }

    fn listen(&mut self) -> io::Result<()> {
        let mut messages = [0; MESSAGE * MESSAGES];
        // Messages are written whole: a pipe never parts one that is so short.
        let count = (&mut &*self.pipe).read(&mut messages)?;
        let last = messages.get(..count).and_then(<[u8]>::last_chunk::<MESSAGE>);
        let Some(last) = last else {
            let cause = "the transfer ended before the layer did";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, cause));
        };
        self.arrived = self.arrived.max(u64::from_le_bytes(*last));
        Ok(())
    }
}
