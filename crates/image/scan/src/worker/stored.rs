//! The stored bytes of a layer, hashed as they are read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use bulkhead_model::Digest;
use sha2::{Digest as _, Sha256};

/// A part of a file, read once from front to back without moving the descriptor's position.
pub(super) struct StoredBytes<'a> {
    file: &'a File,
    position: u64,
    left: u64,
    hash: Sha256,
    advance: &'a (dyn Fn(u64) + Sync),
}

impl<'a> StoredBytes<'a> {
    pub(super) fn new(
        file: &'a File,
        offset: u64,
        size: u64,
        advance: &'a (dyn Fn(u64) + Sync),
    ) -> Self {
        Self { file, position: offset, left: size, hash: Sha256::new(), advance }
    }

    /// Reads what is left, and gives the digest of everything; none where the file is shorter.
    pub(super) fn finish(mut self) -> io::Result<Option<Digest>> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((self.left == 0).then(|| Digest::sha256(self.hash.finalize().into())))
    }
}

impl Read for StoredBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        let count = self.file.read_at(buffer, self.position)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.position = self.position.saturating_add(count as u64);
        self.left = self.left.saturating_sub(count as u64);
        (self.advance)(count as u64);
        Ok(count)
    }
}
