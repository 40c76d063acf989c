//! Why something was not signed, or a signature not accepted.

use std::io;
use std::path::PathBuf;

use bulkhead_advisories::DatabaseError;

use super::Refusal;

/// Keys, or a database that is signed or held against its signatures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The system gave no random numbers.
    #[error("there are no random numbers for a key: {0}")]
    Random(io::Error),
    /// A file cannot be read or written; the error names it.
    #[error(transparent)]
    File(io::Error),
    /// A key would replace another file.
    #[error("{} is there already; keys are not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is no key. What is in it is never shown.
    #[error("{}: {cause}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: &'static str,
    },
    /// Nobody is trusted, so nothing can be accepted.
    #[error("there is no trusted key")]
    NoTrust {
        /// Where keys were looked for, as none was named.
        folder: Option<PathBuf>,
    },
    /// The header has no room for another signature.
    #[error("{} has as many signatures as its header has room for", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// What should be stated lies in the past.
    #[error("a database that expires at {at} would be refused by everybody: it is {now}")]
    Past {
        /// When it would expire.
        at: String,
        /// The present.
        now: String,
    },
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database is not accepted.
    #[error("{name} is refused: {refusal}")]
    Refused {
        /// The file or reference.
        name: String,
        /// The reason.
        refusal: Refusal,
    },
}

impl SigningError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Random(_) | Self::File(_) => None,
            Self::Exists { .. } => Some("name another one with -o NAME".to_owned()),
            Self::Key { .. } => Some(
                "`bulkhead db keygen -o NAME` makes NAME.key, which signs, and NAME.pub, which \
                 proves"
                    .to_owned(),
            ),
            Self::NoTrust { folder } => Some(match folder {
                Some(folder) => format!(
                    "name the publisher's public key with --trust KEY.pub, or put it into {}",
                    folder.display()
                ),
                None => "name the publisher's public key with --trust KEY.pub".to_owned(),
            }),
            Self::Full { .. } => Some(
                "state another edition with --sequence, which removes the signatures of this one"
                    .to_owned(),
            ),
            Self::Past { .. } => Some("give a later --expires-at, or none".to_owned()),
            Self::Database(error) => Some(error.hint().to_owned()),
            Self::Refused { refusal, .. } => Some(refusal.hint()),
        }
    }

    /// Whether the database itself is what is not accepted, rather than that something could not be
    /// done.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Database(error) => !matches!(error, DatabaseError::Unreadable { .. }),
            _ => false,
        }
    }
}
