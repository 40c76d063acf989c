//! How bad a finding is, and who says so.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A level of severity, from least to most urgent.
///
/// `Unknown` is a class of its own: nobody rated the finding. It sorts first, so that a minimum
/// level never includes it by accident; `--fail-on unknown` names it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No publisher rated it.
    #[default]
    Unknown,
    /// Rated as of no practical effect (Debian's "unimportant", CVSS 0.0).
    Negligible,
    /// Low.
    Low,
    /// Medium, called "moderate" by some publishers.
    Medium,
    /// High, called "important" by some publishers.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// All levels, most urgent first, unknown last: the order of summaries.
    pub const DESCENDING: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Negligible, Self::Unknown];

    /// The lower-case name, as used on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The qualitative rating of a CVSS base score (CVSS 3.1 specification, section 5), which this
    /// project applies to scores of version 2 as well.
    pub fn from_score(score: f64) -> Self {
        match score {
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ => Self::Negligible,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The text names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity {0:?}: expected critical, high, medium, low, negligible or unknown")]
pub struct UnknownSeverity(pub String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    /// Reads the publishers' words, whatever their case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" | "minor" => Self::Low,
            "negligible" | "unimportant" | "none" => Self::Negligible,
            "unknown" | "unspecified" => Self::Unknown,
            _ => return Err(UnknownSeverity(text.to_owned())),
        })
    }
}

/// A severity with the publisher that gave it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Rating {
    /// The level.
    pub severity: Severity,
    /// The feed that the level comes from (an id of `content/feeds.yaml`); empty when unknown.
    pub source: String,
    /// The CVSS vector that the level was computed from, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// The CVSS base score, 0.0 to 10.0, where a vector gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}
