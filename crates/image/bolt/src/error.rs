//! Why a database cannot be read.

use bulkhead_limits::Exceeded;

/// A database cannot be read, or not as far as was wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BoltError {
    /// Neither of the two pages that a database begins with is whole.
    #[error("no bbolt database of version 2: it begins with no valid page of metadata")]
    NoMetadata,
    /// A page is not what the database says of it.
    #[error("page {page} of the database is broken: {cause}")]
    Page {
        /// The page, counted from 0.
        page: u64,
        /// What is wrong.
        cause: &'static str,
    },
    /// A limit was reached.
    #[error("the database is too large: {0}")]
    Limit(#[from] Exceeded),
}
