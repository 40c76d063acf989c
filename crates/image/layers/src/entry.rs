//! Entries of a layer, as its archive lists them.

use bulkhead_model::{Digest, EntryPath};
use serde::{Deserialize, Serialize};

use crate::Facts;

/// One entry of a layer or directory tree, in the archive's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The path as the layer has it: not resolved through links.
    pub path: EntryPath,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Bytes of a regular file.
    pub size: u64,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link with its target as written.
    Symlink(Box<[u8]>),
    /// Another name of an earlier entry of the same layer, or of a lower one.
    Hardlink(EntryPath),
    /// A device, FIFO or socket: nothing is read from it.
    Special,
}

/// What is known of a regular file beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// Permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Bytes, as the archive declares them.
    pub size: u64,
}

/// Everything that was read from one layer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layer {
    /// The digest of the uncompressed content, where it was read to its end.
    pub diff_id: Option<Digest>,
    /// The entries, in the archive's order, duplicates included.
    pub entries: Vec<Entry>,
    /// What detectors found, ordered by entry.
    pub facts: Vec<FileFacts>,
}

/// The facts of one detector about one entry of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// The position in [`Layer::entries`].
    pub entry: u32,
    /// The detector's name.
    pub detector: String,
    /// What it found.
    pub facts: Facts,
}
