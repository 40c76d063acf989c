//! Random access to content, wherever it lies.

use std::io;
use std::sync::Arc;

/// Content that can be read at any offset, by several readers at once: a slice, a spooled file, a
/// member of an archive.
pub trait ReadAt {
    /// Bytes in all.
    fn size(&self) -> u64;

    /// Reads up to `buffer.len()` bytes from `offset`; 0 at or past the end. Fewer bytes than asked
    /// for do not mean the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The whole content, where it already lies in memory.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// Fills `buffer` from `offset`; an error of kind `UnexpectedEof` where the content ends before.
    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            let count = self.read_at(offset, buffer)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset = offset.saturating_add(count as u64);
            buffer = buffer.get_mut(count..).unwrap_or_default();
        }
        Ok(())
    }
}

impl ReadAt for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..));
        let mut rest: &[u8] = rest.unwrap_or_default();
        io::Read::read(&mut rest, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ReadAt for Box<[u8]> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (&**self).read_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ReadAt for Arc<[u8]> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (&**self).read_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}
