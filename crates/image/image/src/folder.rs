//! A folder with an OCI image layout.

use std::fs::File;
use std::io::{self, Read as _};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::store::Store;
use crate::{ImageError, Place};

/// Files below an open folder.
pub(crate) struct FolderStore {
    folder: File,
}

impl FolderStore {
    pub(crate) fn new(folder: File) -> Self {
        Self { folder }
    }

    /// Opens a regular file. A FIFO or device of that name is not waited for and does not count. A
    /// link is followed wherever it leads: build tools (Bazel's rules) and stores that share blobs
    /// write layouts of links. Whoever wrote the layout learns nothing by it, since what is read
    /// counts only as a document of an image or as a layer.
    fn open(&self, name: &str) -> Result<Option<File>, ImageError> {
        // A name that a document chose stays below the folder.
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Ok(None);
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::openat(&self.folder, name, flags, Mode::empty()) {
            Ok(descriptor) => File::from(descriptor),
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            Err(error) => return Err(unreadable(name, error.into())),
        };
        let metadata = file.metadata().map_err(|error| unreadable(name, error))?;
        Ok(metadata.is_file().then_some(file))
    }
}

fn unreadable(name: &str, source: io::Error) -> ImageError {
    ImageError::Unreadable { name: name.to_owned(), source }
}

impl Store for FolderStore {
    fn place(&self, name: &str) -> Result<Option<Place>, ImageError> {
        let Some(file) = self.open(name)? else { return Ok(None) };
        let metadata = file.metadata().map_err(|error| unreadable(name, error))?;
        Ok(Some(Place::File { name: name.to_owned(), size: metadata.len() }))
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, ImageError> {
        let Place::File { name, size } = place else { return Ok(Vec::new()) };
        let file = self.open(name)?.ok_or_else(|| ImageError::Missing { name: name.clone() })?;
        let mut bytes = Vec::new();
        file.take(*size).read_to_end(&mut bytes).map_err(|error| unreadable(name, error))?;
        Ok(bytes)
    }
}
