//! Tar: a walk over the entries of a stream, in the reading of containerd.
//!
//! Containerd unpacks layers with Go's `archive/tar`; a walk that takes an entry for something else
//! would hide it from the scan. So this one agrees with Go wherever Go reads on, which a
//! differential test holds. Where Go gives up, this walk goes on if it surely knows where the next
//! header is, and says what was odd.

mod content;
mod entry;
mod header;
mod number;
mod pax;
mod reader;
mod sparse;

pub use content::Content;
pub use reader::Reader;

/// An entry as the archive has it; nothing is normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path as written, from the header or from the PAX or GNU record that replaces it.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// The target of a link as written.
    pub link: Vec<u8>,
    /// The mode field's low 32 bits: permissions, often with type bits above them.
    pub mode: u32,
    /// Bytes of content, the holes of a sparse file included; 0 for kinds that have none.
    pub size: u64,
    /// The owner; negative numbers as their two's complement.
    pub uid: u64,
    /// The group; negative numbers as their two's complement.
    pub gid: u64,
    /// Seconds since 1970, rounded down.
    pub modified: i64,
    /// Whether the archive leaves holes of the file out.
    pub sparse: bool,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file, contiguous and sparse ones included.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// Another name of an earlier entry.
    Hardlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// Of a type that unpackers refuse or give no meaning: the type flag.
    Other(u8),
}

impl Kind {
    /// Whether no data follows the header, whatever size it claims.
    fn is_header_only(self) -> bool {
        !matches!(self, Self::File | Self::Other(_))
    }
}
