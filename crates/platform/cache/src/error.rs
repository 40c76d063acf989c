//! What can go wrong with a cache.

use std::io;
use std::path::PathBuf;

/// Why results are not kept.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder cannot be made or read.
    #[error("the cache {path:?} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could plant results in the folder.
    #[error("the cache {path:?} belongs to somebody else or can be written by others")]
    Shared {
        /// The folder.
        path: PathBuf,
    },
    /// A value cannot be written.
    #[error("nothing can be kept in the cache {path:?}: {source}")]
    Write {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl CacheError {
    /// What the reader can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Folder { .. } | Self::Write { .. } => {
                "name a folder that can be written with --cache-dir, or do without by --no-cache"
            }
            Self::Shared { .. } => {
                "make it yours alone (chmod go-w), or name another folder with --cache-dir"
            }
        }
    }
}
