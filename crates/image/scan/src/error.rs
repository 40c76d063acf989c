//! Why a target could not be scanned at all.

use std::path::PathBuf;

use bulkhead_advisories::DatabaseError;
use bulkhead_registry::RegistryError;

/// A scan could not be done. Whatever concerns only a part of the target is in the report instead.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target's text is not understood.
    #[error("{target:?} is no target: {cause}")]
    Target {
        /// As given.
        target: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The target is of a kind that this version does not read.
    #[error("{target:?} names an image in {place}, which this version does not read")]
    NotBuilt {
        /// As given.
        target: String,
        /// `a registry`, `the Docker daemon`.
        place: &'static str,
    },
    /// A file could not be opened.
    #[error(transparent)]
    Open(std::io::Error),
    /// The path is of another kind than the target says.
    #[error("{} is {found}", path.display())]
    WrongKind {
        /// The path.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What to write instead.
        hint: &'static str,
    },
    /// The documents of the image could not be read.
    #[error("{path}: {message}")]
    Image {
        /// The path of the image.
        path: String,
        /// What happened.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The document could not be read.
    #[error("{path}: {source}")]
    Document {
        /// The path of the document.
        path: String,
        /// What happened.
        source: bulkhead_sbom::SbomError,
    },
    /// A registry did not give the image.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What was fetched could not be kept.
    #[error("no room for what is fetched: {0}")]
    Spool(std::io::Error),
    /// A worker process could not be started.
    #[error("a worker process could not be started: {0}")]
    Worker(std::io::Error),
    /// A database could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl ScanError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Target { .. } => Some(
                "name an image as [HOST/]REPOSITORY[:TAG], or by scheme: oci-dir:PATH[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:TAG], \
                 rootfs:PATH, dir:PATH, sbom:FILE, purl:pkg:TYPE/NAME@VERSION"
                    .to_owned(),
            ),
            Self::NotBuilt { .. } => Some(
                "write it to a file first, `docker save IMAGE -o image.tar` or `skopeo copy \
                 docker://IMAGE oci-archive:image.tar`, and scan docker-archive:image.tar or \
                 oci-archive:image.tar"
                    .to_owned(),
            ),
            Self::WrongKind { hint, .. } => Some((*hint).to_owned()),
            Self::Image { hint, .. } => hint.clone(),
            Self::Document { source, .. } => source.hint().map(str::to_owned),
            Self::Database(error) => Some(error.hint().to_owned()),
            Self::Registry(error) => error.hint(),
            Self::Spool(_) => Some("name a folder with room for the image in TMPDIR".to_owned()),
            Self::Open(_) | Self::Worker(_) => None,
        }
    }
}
