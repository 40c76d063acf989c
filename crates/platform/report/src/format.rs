//! The forms of a report by name.

use std::fmt;
use std::str::FromStr;

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people.
    Table,
    /// Everything, by the schema `content/schemas/report-1.json`.
    Json,
    /// CycloneDX 1.6 with vulnerabilities.
    CycloneDx,
    /// SPDX 2.3 in JSON.
    Spdx,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
    /// The XML of `JUnit`, for pipelines that show tests.
    Junit,
    /// Markdown for a comment on a pull request.
    Markdown,
    /// One file for a browser.
    Html,
    /// Objects of `openreports.io/v1alpha1`, for other tools of a cluster.
    OpenReports,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 9] = [
        Self::Table,
        Self::Json,
        Self::CycloneDx,
        Self::Spdx,
        Self::Sarif,
        Self::Junit,
        Self::Markdown,
        Self::Html,
        Self::OpenReports,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::OpenReports => "openreports",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The text names no form that this version writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format {0:?}: this version writes {known}", known = Format::ALL.map(Format::name).join(", "))]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}
