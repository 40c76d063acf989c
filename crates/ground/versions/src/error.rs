//! Why a text is no range.

/// Why a text is no range of versions. Places are byte offsets into the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// No text, or nothing between two `||`. What every version is written as is `*`.
    #[error("a range is missing at byte {at}; write `*` for every version")]
    Missing {
        /// Where it is missing.
        at: usize,
    },
    /// An operator without a version.
    #[error("`{operator}` at byte {at} has no version after it")]
    NoVersion {
        /// The operator.
        operator: String,
        /// Where it stands.
        at: usize,
    },
    /// Not an operator of any notation.
    #[error(
        "`{operator}` at byte {at} is no comparison; known are < <= > >= = == === != ~ ~= ~> ^ ^>="
    )]
    UnknownOperator {
        /// What stands there.
        operator: String,
        /// Where it stands.
        at: usize,
    },
    /// A bracket that is not closed, or not opened, or holds more than two versions.
    #[error("the bracket at byte {at} is not of the form [1.0], [1.0,2.0) or (,2.0]")]
    Bracket {
        /// Where it stands.
        at: usize,
    },
    /// An operator that needs numbers, or a pattern with text in it: `^abc`, `~=1`.
    #[error("`{operator}` at byte {at} cannot work on `{version}`; it needs numbers between dots")]
    NotNumeric {
        /// The operator.
        operator: String,
        /// The version after it.
        version: String,
        /// Where the operator stands.
        at: usize,
    },
    /// Only comparisons that no version satisfies together, or brackets that end before they start.
    #[error("no version satisfies the range; write `||` between alternatives")]
    Contradiction,
    /// Longer or of more comparisons than any honest range.
    #[error("the range exceeds {limit} {unit}")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A text that the canonical form does not have.
    #[error("`{text}` is not a stored range; these look like `[1.2,1.5) =2.0`")]
    NotCanonical {
        /// The text.
        text: String,
    },
}
