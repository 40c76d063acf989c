//! Why an ignore file gives nothing at all.

use bulkhead_limits::Exceeded;

/// An ignore file that cannot be used. Smaller defects are problems of the result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExceptionsError {
    /// The text does not follow its notation.
    #[error("{file}, line {line}: not {notation}: {cause}")]
    Syntax {
        /// The file as it was named.
        file: String,
        /// Counted from 1.
        line: u64,
        /// `YAML` or `TOML`.
        notation: &'static str,
        /// What its reader met.
        cause: String,
    },
    /// Nothing in it says which tool's file it is.
    #[error("{file}: no ignore file of a known form")]
    Unknown {
        /// The file as it was named.
        file: String,
    },
    /// The file is not text.
    #[error("{file}: not text in UTF-8")]
    Encoding {
        /// The file as it was named.
        file: String,
    },
    /// A limit was reached.
    #[error("{file} is too large: {source}")]
    Limit {
        /// The file as it was named.
        file: String,
        /// Which.
        source: Exceeded,
    },
}

impl ExceptionsError {
    /// What the reader can do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { .. } => Some("mend the line; nothing of the file was used"),
            Self::Unknown { .. } => Some(
                "give a .trivyignore, .trivyignore.yaml, .grype.yaml or osv-scanner.toml, or a YAML \
                 file with a list `exceptions`",
            ),
            Self::Encoding { .. } => Some("save the file as UTF-8"),
            Self::Limit { .. } => None,
        }
    }
}
