//! CycloneDX in its JSON form: 1.6 is written, 1.2 to 1.7 are read.
//!
//! What the specification has no field for travels in properties that begin with `bulkhead:`, by
//! the names in the `names` module.

mod analysis;
mod document;
mod foreign;
mod gathered;
mod lenient;
mod names;
mod packages;
mod read;
mod references;
mod statements;
mod targets;
mod vulnerabilities;
mod write;

pub use read::{Bom, read};
pub(crate) use statements::read as read_statements;
pub use write::{Contents, write};

/// The version of the specification that is written.
pub const SPECIFICATION: &str = "1.6";
