//! Why a document gives no inventory at all.

use bulkhead_limits::Exceeded;

/// A bill of materials or package URL that cannot be used. Smaller defects are problems of the
/// result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SbomError {
    /// The bytes are no JSON.
    #[error("not a JSON document: {cause} at line {line}, column {column}")]
    Syntax {
        /// What the JSON reader met.
        cause: String,
        /// Counted from 1; 0 where unknown.
        line: usize,
        /// Counted from 1; 0 where unknown.
        column: usize,
    },
    /// JSON of another kind.
    #[error("not a {expected} document: {found}")]
    Format {
        /// The kind that was expected.
        expected: &'static str,
        /// What it is instead, as far as can be told.
        found: &'static str,
    },
    /// JSON that is no VEX document of a known form.
    #[error("not a VEX document: {found}")]
    Vex {
        /// What it is instead, as far as can be told.
        found: &'static str,
    },
    /// A limit was reached.
    #[error("the document is too large: {0}")]
    Limit(#[from] Exceeded),
    /// More JSON objects than a document of any real image has.
    #[error("the document is too large: {count} objects, more than {limit}")]
    Objects {
        /// How many there are.
        count: usize,
        /// How many are read.
        limit: usize,
    },
    /// A text that is no package URL.
    #[error("{text:?} is no package URL: {cause}")]
    PackageUrl {
        /// The text, cut to 200 characters.
        text: String,
        /// What is missing or wrong.
        cause: &'static str,
    },
    /// A package URL whose type names no ecosystem that is known here.
    #[error("package URLs of type {kind:?} are not known to this version")]
    PackageType {
        /// The type.
        kind: String,
    },
    /// The document could not be written.
    #[error("the document could not be written: {cause}")]
    Write {
        /// What the JSON writer met.
        cause: String,
    },
}

impl SbomError {
    /// What the reader can do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax { .. } => {
                Some("give the document in its JSON form; XML, YAML and RDF are not read")
            }
            Self::Vex { .. } => {
                Some("give an OpenVEX, CSAF or CycloneDX document in its JSON form")
            }
            Self::Format { .. } => Some(
                "give a bill of materials in JSON: CycloneDX 1.2 to 1.7, SPDX 2.2 or 2.3, or Syft's",
            ),
            Self::PackageUrl { .. } => {
                Some("write it as pkg:TYPE/NAMESPACE/NAME@VERSION, such as pkg:npm/lodash@4.17.4")
            }
            Self::PackageType { .. } => Some(
                "known are deb, apk, rpm, npm, pypi, maven, golang, cargo, gem, composer, nuget, \
                 conan, bitnami, pub, hex, cran and hackage",
            ),
            Self::Limit(_) | Self::Objects { .. } | Self::Write { .. } => None,
        }
    }
}
