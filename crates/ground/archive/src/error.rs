//! Why reading stopped.

use std::io;

use bulkhead_limits::Exceeded;

/// Reading cannot go on. What was delivered before stands.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A limit of the budget was reached, or the work was cancelled.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// The content ends before its format says so.
    #[error("{part} is cut off at byte {position}")]
    Truncated {
        /// Where the content ends, counted from its start.
        position: u64,
        /// What was being read.
        part: &'static str,
    },
    /// The content does not follow its format, and where its next part begins is unknown.
    #[error("{what} at byte {position}")]
    Malformed {
        /// Where, counted from the start of the content.
        position: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// What was decoded is not what the archive says it is.
    #[error("decoded content does not have the {what} that the archive claims, at byte {position}")]
    Mismatch {
        /// Where the claim or the content stands, counted from the start of the archive.
        position: u64,
        /// `size` or `checksum`.
        what: &'static str,
    },
    /// A feature of the format that this reader does not have.
    #[error("{what} is not supported, at byte {position}")]
    Unsupported {
        /// Where, counted from the start of the archive.
        position: u64,
        /// The feature.
        what: &'static str,
    },
    /// The content could not be read from where it lies.
    #[error(transparent)]
    Io(io::Error),
}

/// Decoders are readers, whose errors travel as [`io::Error`]: this unpacks our own again.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Limit(_) => io::ErrorKind::QuotaExceeded,
            Error::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Error::Malformed { .. } | Error::Mismatch { .. } => io::ErrorKind::InvalidData,
            Error::Unsupported { .. } => io::ErrorKind::Unsupported,
            Error::Io(_) => io::ErrorKind::Other,
        };
        match error {
            Error::Io(error) => error,
            error => Self::new(kind, error),
        }
    }
}
