//! Blobs by digest without an index, and an index for them: what containerd's content store is.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use crate::folder::FolderStore;
use crate::layout::INDEX;
use crate::store::Store;
use crate::{ImageError, Place};

/// A folder of blobs, and an index.
pub(crate) struct ContentStore {
    blobs: FolderStore,
    index: File,
}

impl ContentStore {
    pub(crate) fn new(folder: File, index: File) -> Self {
        Self { blobs: FolderStore::new(folder), index }
    }
}

impl Store for ContentStore {
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError> {
        if name != INDEX {
            return self.blobs.place(name);
        }
        let size = self.index.metadata()?.len();
        Ok(Some(Place::Range { spooled: false, offset: 0, size }))
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError> {
        let Place::Range { offset, size, .. } = place else { return self.blobs.read(place) };
        let mut bytes = vec![0; usize::try_from(*size).unwrap_or_default()];
        self.index.read_exact_at(&mut bytes, *offset)?;
        Ok(bytes)
    }
}
