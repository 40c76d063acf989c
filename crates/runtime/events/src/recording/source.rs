//! Frames out of a stream.

use std::io::{BufRead, Read};

use bulkhead_archive::Decoder;
use bulkhead_limits::Budget;

use super::input::{Fault, Input};
use super::{LONGEST_FRAME, MAGIC, RecordingError, VERSION};

/// The frames of a recording, one after the other.
pub(super) struct Source<R> {
    decoder: Decoder<R>,
    buffer: Vec<u8>,
    /// What was taken of the buffer.
    taken: usize,
    /// How much of the buffer is filled.
    filled: usize,
    /// The place of the buffer's first byte in the recording.
    offset: u64,
}

impl<R: BufRead> Source<R> {
    /// Reads the beginning of a recording.
    pub(super) fn open(reader: R, budget: &Budget) -> Result<Self, RecordingError> {
        let decoder = bulkhead_archive::decode(reader, budget)?;
        let buffer = vec![0; Decoder::<R>::BUFFER];
        let mut source = Self { decoder, buffer, taken: 0, filled: 0, offset: 0 };
        let head = source.ensure(HEAD)?;
        let mut head = Input::new(head.get(..HEAD).unwrap_or(head));
        if head.array() != Ok(MAGIC) {
            return Err(RecordingError::Other);
        }
        let version = head.array().map(u16::from_le_bytes).map_err(|_| RecordingError::Other)?;
        if version == 0 || version > VERSION {
            return Err(RecordingError::Version { version });
        }
        source.taken = HEAD;
        Ok(source)
    }

    /// The next frame and where it begins. None at the end.
    pub(super) fn frame(&mut self) -> Result<Option<(u64, &[u8])>, RecordingError> {
        let start = self.offset.saturating_add(self.taken as u64);
        let waiting = self.ensure(LONGEST_LENGTH)?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let whole = waiting.len() >= LONGEST_LENGTH;
        let mut input = Input::new(waiting);
        let before = input.len();
        let length = input.fitting::<usize>();
        let head = before.saturating_sub(input.len());
        let length = match length {
            Ok(length) if (1..=LONGEST_FRAME).contains(&length) => length,
            Err(Fault::Malformed(_)) if !whole => return Err(self.truncated()),
            _ => {
                return Err(RecordingError::Malformed {
                    offset: start,
                    what: "a frame of no possible length",
                });
            }
        };
        let end = head.saturating_add(length);
        if self.ensure(end)?.len() < end {
            return Err(self.truncated());
        }
        let from = self.taken.saturating_add(head);
        self.taken = self.taken.saturating_add(end);
        let content = self.buffer.get(from..self.taken).unwrap_or_default();
        Ok(Some((start.saturating_add(head as u64), content)))
    }

    fn truncated(&self) -> RecordingError {
        RecordingError::Truncated { offset: self.offset.saturating_add(self.filled as u64) }
    }

    /// The bytes that wait, at least as many as are asked for unless the recording ends before.
    fn ensure(&mut self, count: usize) -> Result<&[u8], RecordingError> {
        if self.filled.saturating_sub(self.taken) < count {
            self.fill(count)?;
        }
        Ok(self.buffer.get(self.taken..self.filled).unwrap_or_default())
    }

    fn fill(&mut self, count: usize) -> Result<(), RecordingError> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.offset = self.offset.saturating_add(self.taken as u64);
        self.filled = self.filled.saturating_sub(self.taken);
        self.taken = 0;
        while self.filled < count {
            if self.filled == self.buffer.len() {
                // Grows with what is there, not with what a frame claims.
                let larger = self.buffer.len().saturating_mul(2);
                self.buffer.resize(larger, 0);
            }
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match self.decoder.read(room).map_err(bulkhead_archive::Error::from)? {
                0 => break,
                read => self.filled = self.filled.saturating_add(read),
            }
        }
        Ok(())
    }
}

/// Magic and version.
const HEAD: usize = MAGIC.len() + 2;

/// How many bytes the length of a frame can take.
const LONGEST_LENGTH: usize = 10;
