//! What goes wrong.

use bulkhead_limits::Exceeded;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RbacError {
    /// A file that is built in is not as its schema has it.
    #[error("the built-in table of escalations cannot be read: {0}")]
    Content(String),
    /// The input costs more than it may.
    #[error("line {line} of the audit log: {exceeded}")]
    Exceeded {
        /// Counted from 1.
        line: u64,
        /// Which limit.
        exceeded: Exceeded,
    },
}
