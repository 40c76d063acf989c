//! What somebody answered to a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Finding;

/// A finding that an exception or a VEX statement answers: gates pass over it, and it is shown on
/// request, so that nothing disappears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// The finding as it would stand without the answer.
    pub finding: Finding,
    /// The answer.
    pub by: Suppression,
}

/// Who suppressed a finding, why, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// Where it is written.
    pub source: SuppressionSource,
    /// The reason as its author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who answers for it, where the format has a place for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// From when on it no longer holds: a day, `2027-03-31`, means its first moment in UTC, else an
    /// instant by RFC 3339. None where it holds without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Where a suppression is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SuppressionSource {
    /// An ignore file.
    IgnoreFile {
        /// The file as the user named it.
        file: String,
        /// The line of the entry, from 1, where the format has lines.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// An annotation of the object itself.
    Annotation {
        /// The object, `Deployment shop/web`.
        object: String,
        /// The annotation's key.
        key: String,
        /// The file that the object stands in.
        file: String,
        /// The line of the annotation, from 1, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// A VEX document.
    Vex {
        /// The document: its id, or the file where it has none.
        document: String,
        /// Who made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<String>,
        /// `not_affected`, `affected`, `fixed` or `under_investigation`; only the first and the third
        /// suppress.
        status: String,
        /// The code of the justification, such as `vulnerable_code_not_in_execute_path`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        justification: Option<String>,
    },
}
