//! Why a report cannot be written or read.

use bulkhead_sbom::SbomError;

use crate::Format;

/// A report that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The bytes are no JSON report.
    #[error("not a JSON report: {0}")]
    Json(#[from] serde_json::Error),
    /// The report has a form that this version does not read.
    #[error("the report has schema version {found:?}, this version reads {known}")]
    Version {
        /// What it says.
        found: String,
        /// What is known.
        known: &'static str,
    },
    /// The form has room for one report.
    #[error("{format} is a document of one platform, and there are {reports}")]
    Several {
        /// The form.
        format: Format,
        /// How many there are.
        reports: usize,
    },
    /// The form has no words for what was looked at.
    #[error("{format} says nothing about {target}")]
    OtherTarget {
        /// The form.
        format: Format,
        /// What was looked at.
        target: &'static str,
    },
    /// It could not be written.
    #[error("the report cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// A template could not be filled in.
    #[error("the report cannot be laid out: {0}")]
    Layout(#[from] askama::Error),
    /// The report cannot be written as a bill of materials.
    #[error(transparent)]
    Sbom(#[from] SbomError),
}

impl ReportError {
    /// What the reader can do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Json(_) => Some("give a file that `bulkhead scan TARGET -o json=FILE` wrote"),
            Self::Version { .. } => Some("scan again with this version of bulkhead"),
            Self::Several { .. } => Some("write a file for each: -o 'FORMAT=bom-{platform}.json'"),
            Self::OtherTarget { format: Format::OpenReports, .. } => {
                Some("it is about Kubernetes objects: `bulkhead k8s scan`")
            }
            Self::OtherTarget { .. } => {
                Some("it lists software; take table, json, sarif, junit, markdown or html")
            }
            Self::Io(_) | Self::Layout(_) => None,
            Self::Sbom(error) => error.hint(),
        }
    }
}
