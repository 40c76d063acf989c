//! What goes wrong.

use bulkhead_limits::Exceeded;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RbacError {
    /// A file that is built in is not as its schema has it.
    #[error("a table that is built in cannot be read: {0}")]
    Content(String),
    /// A role cannot be written down.
    #[error("a suggested role cannot be written as YAML: {0}")]
    Manifest(String),
    /// A resource without its group that is none of Kubernetes' own.
    #[error("no resource {0:?} is known")]
    UnknownResource(String),
    /// The input costs more than it may.
    #[error("{log}:{line}: {exceeded}")]
    Exceeded {
        /// The audit log.
        log: String,
        /// Counted from 1.
        line: u64,
        /// Which limit.
        exceeded: Exceeded,
    },
}

impl RbacError {
    /// What the reader can do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownResource(_) => Some(
                "write it in the plural, with its group where it is none of Kubernetes' own: certificates.cert-manager.io",
            ),
            Self::Exceeded { .. } => Some("cut the log into parts"),
            Self::Content(_) | Self::Manifest(_) => None,
        }
    }
}
