//! Input in rations: a document may be long, one event of it may not.

use std::io::{self, BufRead, Read};

/// Bytes of one event, which is held whole: a text, a comment, an element with its attributes.
const EVENT_BYTES: usize = 16 << 20;

/// Input that ends where a ration does, until it is renewed.
pub(super) struct Ration<R> {
    input: R,
    left: usize,
}

impl<R> Ration<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, left: EVENT_BYTES }
    }

    /// Gives out another ration.
    pub(super) fn renew(&mut self) {
        self.left = EVENT_BYTES;
    }
}

impl<R: BufRead> BufRead for Ration<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(format!("a text or tag of over {EVENT_BYTES} bytes")));
        }
        let available = self.input.fill_buf()?;
        Ok(available.get(..self.left).unwrap_or(available))
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.input.consume(count);
    }
}

impl<R: BufRead> Read for Ration<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
