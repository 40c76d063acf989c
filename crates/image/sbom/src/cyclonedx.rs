//! CycloneDX in its JSON form: 1.6 is written, 1.2 to 1.7 are read.
//!
//! What the specification has no field for travels in properties that begin with `bulkhead:`.

mod analysis;
mod components;
mod document;
mod lenient;
mod read;
mod references;
mod statements;
mod vulnerabilities;
mod write;

pub use read::read;
pub(crate) use statements::read as read_statements;
pub use write::write;

/// The version of the specification that is written.
pub const SPECIFICATION: &str = "1.6";
