//! What is known of an image before its layers are read.

use bulkhead_model::{Digest, Problem};
use serde::{Deserialize, Serialize};

use crate::Platform;

/// One image for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Tags under which the source knows it.
    pub tags: Vec<String>,
    /// The platform that its configuration or the index names.
    pub platform: Platform,
    /// The digest of its manifest, computed; none in docker archives, which have no such manifest.
    pub manifest: Option<Digest>,
    /// The digest of its configuration, computed.
    pub configuration: Option<Digest>,
    /// The layers, bottom first.
    pub layers: Vec<LayerSource>,
    /// Documents whose content is not what their name promises: the image that was asked for is not
    /// quite the one that was read.
    pub doubts: Vec<String>,
    /// What was odd in the documents.
    pub problems: Vec<Problem>,
}

/// Where a layer lies and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSource {
    /// Where its bytes are, or why they are not there.
    pub place: Result<Place, String>,
    /// The digest that its stored bytes should have.
    pub digest: Option<Digest>,
    /// The digest that its uncompressed bytes should have.
    pub diff_id: Option<Digest>,
    /// Bytes as stored: those found, else those promised.
    pub size: u64,
    /// The command of the build history that made it.
    pub created_by: Option<String>,
}

/// Where stored bytes lie in a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A file below the source's folder.
    File {
        /// Relative to the folder, and below it.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// A part of the archive, or of its spooled form.
    Range {
        /// Whether the offset counts in the spool.
        spooled: bool,
        /// First byte.
        offset: u64,
        /// Bytes.
        size: u64,
    },
    /// Not in the source; it can be had by the layer's digest.
    Elsewhere {
        /// Bytes that it is said to have.
        size: u64,
    },
}

impl Place {
    /// Bytes stored there.
    pub fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } | Self::Range { size, .. } | Self::Elsewhere { size } => *size,
        }
    }
}

/// A document that has to be fetched before an image can be opened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// Its digest.
    pub digest: Digest,
    /// Whether it is an index or a manifest, which registries keep apart from all else.
    pub is_manifest: bool,
}
