//! Things that went wrong beside a result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Location;

/// Something that could not be read, or was read with doubt. The rest of the result stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The class.
    pub kind: ProblemKind,
    /// Where, if it concerns a file.
    #[serde(default)]
    pub location: Option<Location>,
    /// What was met, for people; without text of the file beyond a short quoted piece.
    pub message: String,
}

/// The class of a problem.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The content does not follow its format; what could be read was used.
    Malformed,
    /// The content ends before its format says so.
    Truncated,
    /// A limit was reached; what came before it was used.
    LimitReached,
    /// An entry is odd in a way that other readers may take differently.
    Ambiguous,
    /// Reading failed.
    Unreadable,
    /// The content does not have the digest or size that it is said to have.
    Mismatch,
    /// What it says depends on something that is not in the target: a version that only a registry
    /// knows.
    Unresolved,
}

impl Problem {
    /// A problem of a whole file.
    pub fn new(kind: ProblemKind, location: Location, message: impl Into<String>) -> Self {
        Self { kind, location: Some(location), message: message.into() }
    }

    /// A problem that concerns no single file.
    pub fn general(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, location: None, message: message.into() }
    }
}
