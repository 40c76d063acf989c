//! Why advisories cannot be had.

use std::io;
use std::path::PathBuf;

use bulkhead_archive as archive;
use bulkhead_limits::Exceeded;

/// Reading advisories cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder or file could not be read; the cause names it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A catalogue of feeds does not follow its schema.
    #[error("the catalogue of feeds cannot be read: {cause}")]
    Catalogue {
        /// What is wrong, and where.
        cause: String,
    },
    /// A file of a feed is broken. Other files of the feed stand.
    #[error("{} of the feed {feed} cannot be read (mirror it again): {cause}", file.display())]
    Feed {
        /// The feed's id in the catalogue.
        feed: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: FeedError,
    },
}

/// What is wrong with the content of a feed's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The archive or compressed stream around the records.
    #[error(transparent)]
    Archive(#[from] archive::Error),
    /// A limit of the budget was reached.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// The content does not follow the format that the catalogue says it has.
    #[error("not {format}: {cause}")]
    Malformed {
        /// The format's name.
        format: &'static str,
        /// What is wrong, and where.
        cause: String,
    },
    /// The document ends before its format says so.
    #[error("the document is cut off")]
    Truncated,
    /// The catalogue postpones this feed.
    #[error("not read yet: {reason}")]
    Postponed {
        /// Why.
        reason: String,
    },
}

impl From<io::Error> for FeedError {
    fn from(error: io::Error) -> Self {
        Self::Archive(error.into())
    }
}
