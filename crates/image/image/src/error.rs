//! Why an image could not be opened.

use std::io;
use std::path::PathBuf;

use bulkhead_bolt::BoltError;
use bulkhead_limits::Exceeded;

use crate::Missing;

/// An image could not be opened. Everything here concerns the image as a whole: a single broken
/// layer is part of the [`crate::Image`].
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The source holds neither kind of image.
    #[error(
        "this is no image: it has neither index.json (OCI layout) nor manifest.json (docker save)"
    )]
    NotAnImage,
    /// The archive ends before the document that says what is in it.
    #[error("the image cannot be opened: {cause}")]
    BrokenOff {
        /// Where and why it ends.
        cause: String,
    },
    /// A document that others point to is missing.
    #[error("{name} is missing")]
    Missing {
        /// Its name in the source.
        name: String,
    },
    /// A file is there and cannot be opened or read.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// Its name in the source.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// Documents have to be fetched first; only of a source that is a part.
    #[error("{} documents are missing", missing.len())]
    Incomplete {
        /// Which, in order.
        missing: Vec<Missing>,
    },
    /// A document does not follow its format.
    #[error("{name} is not what the image format asks for: {cause}")]
    Document {
        /// Its name in the source.
        name: String,
        /// What is wrong, with line and column.
        cause: String,
    },
    /// A document is larger than registries accept.
    #[error("{name} has {size} bytes, more than the {limit} that such a document may have")]
    TooLarge {
        /// Its name in the source.
        name: String,
        /// Bytes it has.
        size: u64,
        /// Bytes it may have.
        limit: u64,
    },
    /// The tag is not there.
    #[error("no image is tagged {tag:?} here; there are: {available}")]
    NoSuchTag {
        /// What was asked for.
        tag: String,
        /// What there is, comma-separated.
        available: String,
    },
    /// No tag was given and there are several images.
    #[error("there are several images here: {available}")]
    Ambiguous {
        /// What there is, comma-separated.
        available: String,
    },
    /// Several images fit the platform equally well.
    #[error("there are several images for {wanted} here: {available}")]
    SeveralPlatforms {
        /// What was asked for.
        wanted: String,
        /// What there is, comma-separated.
        available: String,
    },
    /// The platform is not there.
    #[error("there is no image for {wanted} here; there are: {available}")]
    NoSuchPlatform {
        /// What was asked for.
        wanted: String,
        /// What there is, comma-separated.
        available: String,
    },
    /// The index names no image at all, only other artifacts.
    #[error("the index names no container image")]
    Empty,
    /// A limit was reached.
    #[error("{0}")]
    Limit(#[from] Exceeded),
    /// The archive around the image is broken.
    #[error("the archive cannot be read: {0}")]
    Archive(#[from] bulkhead_archive::Error),
    /// The database of a store of images is broken.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        source: BoltError,
    },
    /// The database of a store of images never rests.
    #[error("{} is written to without a pause in which it could be read", path.display())]
    Restless {
        /// The database.
        path: PathBuf,
    },
    /// A file of a store of images cannot be read.
    #[error("{0}")]
    Open(io::Error),
    /// Reading failed.
    #[error("reading failed: {0}")]
    Read(#[from] io::Error),
}

impl ImageError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotAnImage => Some(
                "for an unpacked root file system use rootfs:PATH, for a project folder dir:PATH; \
                 `docker save IMAGE -o FILE` and `skopeo copy … oci:FOLDER` write images",
            ),
            Self::BrokenOff { .. }
            | Self::Missing { .. }
            | Self::Document { .. }
            | Self::Archive(_) => {
                Some("the copy is incomplete or damaged: write it again from its source")
            }
            Self::Database { .. } | Self::Restless { .. } => Some(
                "write the image into an archive, `ctr images export FILE NAME`, and scan that",
            ),
            Self::Open(_) => Some(
                "containerd's store is root's own: run as root, and name its folder with \
                 --containerd-root where it is not /var/lib/containerd",
            ),
            Self::NoSuchTag { .. } | Self::Ambiguous { .. } => Some(
                "name one behind the path, by tag, name or digest: oci-dir:PATH:TAG, \
                     docker-archive:PATH:NAME:TAG",
            ),
            Self::Unreadable { .. } => Some(
                "make it readable for the user who scans (chmod, chown), or mend the link that it is",
            ),
            Self::NoSuchPlatform { .. } | Self::SeveralPlatforms { .. } => Some(
                "choose one with --platform OS[(VERSION)]/ARCHITECTURE[/VARIANT], or --platform all",
            ),
            Self::Incomplete { .. }
            | Self::TooLarge { .. }
            | Self::Limit(_)
            | Self::Empty
            | Self::Read(_) => None,
        }
    }
}
