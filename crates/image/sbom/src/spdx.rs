//! SPDX: 2.3 in its JSON form is written; 2.2 and 2.3 are read, also in their tag-value
//! form, and of 3.0 what has a place in those.
//!
//! Packages, their URLs, licences and relations have fields of the specification. What it has no
//! field for travels in one annotation for each package: the properties that CycloneDX documents
//! carry, as JSON.

mod document;
mod elements;
mod foreign;
mod graph;
mod lenient;
mod licences;
mod read;
mod references;
mod tag_value;
mod write;

pub(crate) use read::is_version_3;
pub use read::read;
pub(crate) use tag_value::text as tagged;
pub use write::write;

/// The version of the specification that is written.
pub const SPECIFICATION: &str = "SPDX-2.3";

/// The reference of the document itself (SPDX 2.3, 6.3).
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// What stands where a document makes no statement (SPDX 2.3, 7.7 and others).
const NO_ASSERTION: &str = "NOASSERTION";
