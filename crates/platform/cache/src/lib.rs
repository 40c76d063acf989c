//! Results by content: one file per key, shared by many processes without locks.
//!
//! A value is written beside its place and renamed into it, so a reader finds all of it or nothing.
//! Two processes that work out the same value write the same bytes; whoever renames last wins, and
//! nobody waits. What is found damaged counts as absent. Nothing here is worth failing for: whoever
//! asks goes on without.

mod entry;
mod error;
mod key;
mod trim;

use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

pub use error::CacheError;
pub use key::Key;

/// A folder of values. Cheap to open; holds no descriptor and no lock.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
}

impl Cache {
    /// Opens the folder, and makes it where it is missing, for its owner alone. `limit` is in bytes
    /// of disk.
    ///
    /// A folder that others may write to is refused: what lies in it decides what a scan reports.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, CacheError> {
        let failed = |source| CacheError::Folder { path: folder.to_owned(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let metadata = fs_err::metadata(folder).map_err(failed)?;
        let own = metadata.uid() == rustix::process::geteuid().as_raw();
        if !own || metadata.mode() & 0o022 != 0 {
            return Err(CacheError::Shared { path: folder.to_owned() });
        }
        Ok(Self { folder: folder.to_owned(), limit })
    }

    /// The value of a key; none where it is absent or damaged.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        entry::read(&self.place(key))
    }

    /// Keeps a value.
    pub fn put(&self, key: &Key, value: &[u8]) -> Result<(), CacheError> {
        entry::write(&self.folder, &self.place(key), value)
            .map_err(|source| CacheError::Write { path: self.folder.clone(), source })
    }

    /// Removes what was not used for longest until the folder is within its limit, and what
    /// interrupted writers left. To be called once after values were put.
    pub fn trim(&self) -> Result<(), CacheError> {
        trim::trim(&self.folder, self.limit)
            .map_err(|source| CacheError::Folder { path: self.folder.clone(), source })
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.folder.join(key.file_name())
    }
}
