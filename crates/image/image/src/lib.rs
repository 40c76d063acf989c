//! Images as they lie on disk: OCI layouts, OCI archives, docker archives, containerd's store.
//!
//! [`open`] reads the documents of an image (index, manifest, configuration) and says where its
//! layers lie; it reads no layer. It runs in a worker process on file descriptors that it is handed.
//! In a folder it opens by name what the image format puts there, and follows links in it. [`Containerd`]
//! finds images by their names in a database that is none of theirs, outside the worker.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod archive;
mod containerd;
mod content;
mod description;
mod docker;
mod documents;
mod error;
mod folder;
mod layout;
#[cfg(test)]
mod memory;
mod platform;
mod store;
mod tags;

pub use containerd::{Containerd, NamedContainer, NamedImage};
pub use description::{Image, LayerSource, Missing, Place};
pub use error::ImageError;
pub use platform::{Platform, PlatformChoice};

use std::fs::File;

use bulkhead_limits::Budget;

use crate::archive::ArchiveStore;
use crate::content::ContentStore;
use crate::folder::FolderStore;
use crate::store::Store;

/// What an image lies in.
#[derive(Debug)]
pub enum Source {
    /// A folder with an OCI image layout; an open descriptor of it.
    Folder(File),
    /// A folder of blobs that has no index, as containerd's content store.
    Content {
        /// An open descriptor of the folder.
        folder: File,
        /// A file with an index of what is wanted of it.
        index: File,
    },
    /// A tar file, compressed or not, with an OCI image layout or the output of `docker save`.
    Archive {
        /// The file.
        file: File,
        /// An empty, unnamed file: an archive that is compressed as a whole is unfolded into it.
        spool: File,
    },
    /// A tar file, not compressed, with the part of an OCI image layout that was fetched so far:
    /// whatever is missing can be had by its digest.
    Part(File),
}

/// Which of the images in a source are wanted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Choice {
    /// A tag, a full reference or a digest; none where the source holds a single image.
    pub tag: Option<String>,
    /// The platform.
    pub platform: PlatformChoice,
}

/// Reads the documents of the chosen images: one for each chosen platform, in the source's order.
pub fn open(source: Source, choice: &Choice, budget: &Budget) -> Result<Vec<Image>, ImageError> {
    match source {
        Source::Folder(folder) => open_store(&FolderStore::new(folder), choice, budget),
        Source::Content { folder, index } => {
            open_store(&ContentStore::new(folder, index), choice, budget)
        }
        Source::Archive { file, spool } => {
            open_store(&ArchiveStore::open(file, spool, budget)?, choice, budget)
        }
        Source::Part(file) => open_store(&ArchiveStore::part(file, budget), choice, budget),
    }
}

/// New versions of `docker save` write both forms into one archive. They describe the same image,
/// but only the OCI form names its layers by digest.
fn open_store(
    store: &dyn Store,
    choice: &Choice,
    budget: &Budget,
) -> Result<Vec<Image>, ImageError> {
    if store.place(layout::INDEX)?.is_some() {
        return layout::open(store, choice, budget);
    }
    if store.place(docker::MANIFEST)?.is_some() {
        return docker::open(store, choice);
    }
    Err(match store.problems().first() {
        Some(problem) => ImageError::BrokenOff { cause: problem.message.clone() },
        None => ImageError::NotAnImage,
    })
}
