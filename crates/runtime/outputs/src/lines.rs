//! A file to which whole lines are added.

use std::fs::File;
use std::io::{self, Write as _};

/// A file, or a pipe, that takes whole lines: of one that does not fit, nothing is left behind in a file.
#[derive(Debug)]
pub struct Lines {
    file: File,
    /// Bytes in it; none where it is no regular file.
    size: Option<u64>,
    limit: Option<u64>,
}

/// What became of lines.
#[derive(Debug)]
pub enum Written {
    /// They are written.
    Whole,
    /// They are not, and no part of them is.
    Not(io::Error),
    /// They cannot be, and nothing will: nobody reads the pipe any more.
    Never,
}

impl Lines {
    /// A file that is opened for adding to it, and how large it may become.
    pub fn new(file: File, limit: Option<u64>) -> Self {
        let size = Self::size_of(&file);
        Self { file, size, limit }
    }

    /// Whether so many bytes more make it larger than it may become. An empty file takes anything.
    pub fn is_full(&self, more: usize) -> bool {
        match (self.size, self.limit) {
            (Some(size), Some(limit)) if size > 0 => size.saturating_add(more as u64) > limit,
            _ => false,
        }
    }

    /// Goes on in another file. What was written is brought to the disk first, as far as that can be done.
    pub fn replace(&mut self, file: File) {
        let _ = self.file.sync_data();
        self.size = Self::size_of(&file);
        self.file = file;
    }

    /// Adds lines.
    pub fn write(&mut self, lines: &[u8]) -> Written {
        match self.file.write_all(lines) {
            Ok(()) => {
                let more = lines.len() as u64;
                self.size = self.size.map(|size| size.saturating_add(more));
                Written::Whole
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Written::Never,
            Err(error) => {
                // The start of a line that the disk had no room for would spoil the next one.
                if let Some(size) = self.size {
                    let _ = self.file.set_len(size);
                }
                Written::Not(error)
            }
        }
    }

    fn size_of(file: &File) -> Option<u64> {
        file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())
    }
}
