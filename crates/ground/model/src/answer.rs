//! What ignore files and VEX documents say about the findings of a report, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FindingId, Suppression};

/// An entry of an ignore file, or a statement of a VEX document, held against the findings. Every
/// entry of an ignore file is kept, a statement only where it is about a vulnerability of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What it says, and where it is written.
    #[serde(flatten)]
    pub says: Suppression,
    /// The names of the vulnerability; empty where it is about any.
    pub vulnerabilities: Vec<String>,
    /// When it was said, RFC 3339, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Why it applies to nothing at all, whatever is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Void>,
    /// What came of it for each finding whose vulnerability it names; of an entry that names none,
    /// for each finding that it suppresses.
    pub verdicts: Vec<Verdict>,
}

/// Why an entry applies to nothing, whatever is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Void {
    /// It has expired.
    Expired,
    /// It asks for something that cannot be judged here.
    NotJudged {
        /// What it asks for, as its format names it: `match-type`.
        criterion: String,
    },
    /// It is about findings of a scanner that this version does not have.
    OtherScanner {
        /// The scanner: `secrets`.
        scanner: String,
    },
}

/// What an answer means for one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The finding.
    pub finding: FindingId,
    /// Whether it applies, or why not.
    pub outcome: AnswerOutcome,
    /// What the answer asks for, where that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
    /// What the finding has instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// Whether an answer applies to a finding, or why not.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOutcome {
    /// It suppresses the finding.
    Suppresses,
    /// It would, and another answer already does.
    AlsoSuppresses,
    /// It says that the finding is right: it stays, and is sure.
    Confirms,
    /// It says that nobody knows yet: the finding stays as it is.
    Undecided,
    /// It is about another product, or another package in it.
    OtherProduct,
    /// It is about another version of the package.
    OtherVersion,
    /// It is about other files.
    OtherPath,
    /// It is about another state of fix, type of package or the like.
    OtherCriterion,
    /// It has expired.
    Expired,
    /// It applies, and a newer statement about the same says something else.
    Superseded,
    /// It applies, and a statement of the same age says something more cautious.
    Contradicted,
    /// It identifies what it is about by something that cannot be judged here.
    NotJudged,
}

impl AnswerOutcome {
    /// The name as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suppresses => "suppresses",
            Self::AlsoSuppresses => "also_suppresses",
            Self::Confirms => "confirms",
            Self::Undecided => "undecided",
            Self::OtherProduct => "other_product",
            Self::OtherVersion => "other_version",
            Self::OtherPath => "other_path",
            Self::OtherCriterion => "other_criterion",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Contradicted => "contradicted",
            Self::NotJudged => "not_judged",
        }
    }
}
