//! Why a recording cannot be read further.

use bulkhead_limits::Exceeded;

use super::VERSION;

/// Why a recording cannot be read, or not to its end. Places are counted in bytes after decompression.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// It is something else.
    #[error("this is no recording of events: it begins otherwise")]
    Other,
    /// A newer Bulkhead wrote it.
    #[error(
        "a recording of version {version}, of which {VERSION} is known here; use the Bulkhead that wrote it"
    )]
    Version {
        /// The version that it says it has.
        version: u16,
    },
    /// It ends within a frame: it was not finished, or not copied whole.
    #[error("the recording ends at byte {offset}, within a frame")]
    Truncated {
        /// Where it ends.
        offset: u64,
    },
    /// A frame is not what frames are.
    #[error("the recording is damaged at byte {offset}: {what}")]
    Malformed {
        /// Where.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// What it defines takes more memory than it may.
    #[error("the recording defines too much before byte {offset}: {exceeded}")]
    Limit {
        /// Where.
        offset: u64,
        /// The limit.
        exceeded: Exceeded,
    },
    /// The compressed stream that it lies in cannot be read further.
    #[error(transparent)]
    Compression(#[from] bulkhead_archive::Error),
}
