//! Uncompressed bytes on their way from the inflating thread to the walking one: a few buffers that
//! go round.

use std::io::{self, BufRead, Read};

use bulkhead_model::Digest;
use crossbeam_channel::{Receiver, Sender, bounded};
use sha2::{Digest as _, Sha256};

/// Bytes of one buffer: large against the cost of handing it over, small against the caches.
const CHUNK: usize = 1 << 20;

/// Buffers that go round: one in each hand, two on the way.
const ROUND: usize = 4;

/// The two ends of the way.
pub(super) fn chunks() -> (ChunkWriter, ChunkReader) {
    let (full_sender, full) = bounded(ROUND);
    let (empty, empty_receiver) = bounded(ROUND);
    for _ in 0..ROUND {
        let _ = empty.send(Vec::new());
    }
    let writer = ChunkWriter { full: full_sender, empty: empty_receiver };
    let reader = ChunkReader { full, empty, chunk: Vec::new(), position: 0, hash: Sha256::new() };
    (writer, reader)
}

/// The inflating end.
pub(super) struct ChunkWriter {
    full: Sender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl ChunkWriter {
    /// Sends everything that `source` gives; ends early where nobody reads any more. What was read
    /// before an error is sent.
    pub(super) fn send_all(self, source: &mut impl Read) -> io::Result<()> {
        while let Ok(mut chunk) = self.empty.recv() {
            chunk.resize(CHUNK, 0);
            let (filled, end) = fill(source, &mut chunk);
            chunk.truncate(filled);
            let is_last = chunk.is_empty() || end.is_some();
            if !chunk.is_empty() && self.full.send(chunk).is_err() {
                return Ok(());
            }
            if is_last {
                return end.unwrap_or(Ok(()));
            }
        }
        Ok(())
    }
}

/// Reads until the buffer is full, or to the end or an error, which it gives beside the count.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> (usize, Option<io::Result<()>>) {
    let mut filled = 0usize;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => return (filled, Some(Ok(()))),
            Ok(count) => filled = filled.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(Err(error))),
        }
    }
    (filled, None)
}

/// The walking end: a buffered reader whose buffer is the chunk itself, so that what lies within
/// one chunk is never copied. Hashes whatever passes.
pub(super) struct ChunkReader {
    full: Receiver<Vec<u8>>,
    empty: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    position: usize,
    hash: Sha256,
}

impl ChunkReader {
    /// The digest of all bytes, those included that are still to come.
    pub(super) fn finish(mut self) -> Digest {
        while let Ok(buffer) = self.fill_buf() {
            let count = buffer.len();
            if count == 0 {
                break;
            }
            self.consume(count);
        }
        Digest::sha256(self.hash.finalize().into())
    }
}

impl BufRead for ChunkReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.chunk.len()
            && let Ok(next) = self.full.recv()
        {
            self.hash.update(&next);
            let used = std::mem::replace(&mut self.chunk, next);
            self.position = 0;
            let _ = self.empty.send(used);
        }
        Ok(self.chunk.get(self.position..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count);
    }
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = Read::read(&mut self.fill_buf()?, buffer)?;
        self.consume(count);
        Ok(count)
    }
}
