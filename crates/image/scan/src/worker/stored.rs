//! The stored bytes of a layer, hashed as they are read where that is asked for.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt as _;

use crate::worker::arrival::Arrival;
use crate::worker::layer::Stored;
use bulkhead_model::Digest;
use sha2::{Digest as _, Sha256};

/// A part of a file, read once from front to back without moving the descriptor's position.
pub(super) struct StoredBytes<'a> {
    file: &'a File,
    position: u64,
    left: u64,
    arrival: Option<Arrival<'a>>,
    hash: Option<Sha256>,
    advance: &'a (dyn Fn(u64) + Sync),
}

impl<'a> StoredBytes<'a> {
    pub(super) fn new(stored: &'a Stored, advance: &'a (dyn Fn(u64) + Sync)) -> Self {
        let Stored { file, offset, size, hashed, arrival } = stored;
        if arrival.is_none() {
            // Fetched from the disk ahead of the inflating, which would wait for it else; only
            // advice.
            let length = NonZeroU64::new(*size);
            let _ = rustix::fs::fadvise(file, *offset, length, rustix::fs::Advice::WillNeed);
        }
        let hash = hashed.then(Sha256::new);
        let arrival = arrival.as_ref().map(Arrival::new);
        Self { file, position: *offset, left: *size, arrival, hash, advance }
    }

    /// The digest of everything, what is left included, where it is asked for.
    pub(super) fn finish(mut self) -> io::Result<Option<Digest>> {
        if self.hash.is_none() {
            return Ok(None);
        }
        io::copy(&mut self, &mut io::sink())?;
        if self.left > 0 {
            let cause = "the file ends before the layer does";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, cause));
        }
        Ok(self.hash.map(|hash| Digest::sha256(hash.finalize().into())))
    }
}

impl Read for StoredBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let wanted = match &mut self.arrival {
            Some(arrival) if wanted > 0 => arrival.wait(self.position, wanted, self.advance)?,
            _ => wanted,
        };
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        let count = self.file.read_at(buffer, self.position)?;
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..count).unwrap_or_default());
        }
        self.position = self.position.saturating_add(count as u64);
        self.left = self.left.saturating_sub(count as u64);
        (self.advance)(count as u64);
        Ok(count)
    }
}
