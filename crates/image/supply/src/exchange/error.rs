//! Why a database was not exchanged.

use std::io;
use std::path::{Path, PathBuf};

use bulkhead_advisories::{ArtefactError, DatabaseError};
use bulkhead_registry::RegistryError;

use crate::signing::{Refusal, SigningError};

/// A database did not get to a registry, or from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The registry did not give or take something.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What the registry has there is no database, or none that this program can read.
    #[error("{reference} is no database: {cause}")]
    Artefact {
        /// Which artefact.
        reference: String,
        /// What is wrong with it.
        cause: ArtefactError,
    },
    /// The registry gave other bytes than the signed root names.
    #[error("{reference} is refused: the page at {offset} is not the one that was signed")]
    Page {
        /// Which artefact.
        reference: String,
        /// Where the page begins in the file.
        offset: u64,
    },
    /// A name with a digest cannot be written to.
    #[error("{reference} has a digest: a database is pushed to a tag")]
    Tag {
        /// As given.
        reference: String,
    },
    /// The place for the database has something else.
    #[error("{} is no advisory database, and is not overwritten", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// What is remembered of earlier pulls cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Origin {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A file cannot be written; the error names it where the system does.
    #[error("cannot write the database {}: {source}", path.display())]
    Write {
        /// The database.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Keys, signatures, or the database itself.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl ExchangeError {
    pub(super) fn refused(name: &str, refusal: Refusal) -> Self {
        Self::Signing(SigningError::Refused { name: name.to_owned(), refusal })
    }

    /// An error of the system while the database in this file is written.
    pub(super) fn write(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Registry(error) => error.hint(),
            Self::Artefact { .. } => Some(
                "name one that `bulkhead db push` wrote; where it is of another version, update \
                 bulkhead"
                    .to_owned(),
            ),
            Self::Page { .. } => {
                Some("the registry or something on the way altered it: do not use it".to_owned())
            }
            Self::Tag { .. } => Some("write it as [HOST[:PORT]/]REPOSITORY[:TAG]".to_owned()),
            Self::Occupied { .. } => Some("name another place with --db FILE".to_owned()),
            Self::Origin { path, .. } => Some(format!(
                "without it an old database could not be told from a new one; remove {} to start over",
                path.display()
            )),
            Self::Write { .. } => None,
            Self::Signing(error) => error.hint(),
        }
    }

    /// Whether what came is not accepted, rather than that something could not be done.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Artefact { .. } | Self::Page { .. } => true,
            Self::Registry(error) => matches!(error, RegistryError::Digest { .. }),
            Self::Signing(error) => error.is_refusal(),
            _ => false,
        }
    }
}

impl From<DatabaseError> for ExchangeError {
    fn from(error: DatabaseError) -> Self {
        Self::Signing(error.into())
    }
}
