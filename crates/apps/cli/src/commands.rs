//! The commands, each in a file of its own.

mod answers;
pub(crate) mod config;
pub(crate) mod database;
mod databases;
pub(crate) mod explain;
mod folders;
pub(crate) mod k8s;
mod network;
pub(crate) mod rules;
pub(crate) mod sbom;
pub(crate) mod scan;
pub(crate) mod sensor;
mod sight;
mod survey;
pub(crate) mod version;

/// Name and version of the program, as reports carry it.
const TOOL: &str = concat!("bulkhead ", env!("CARGO_PKG_VERSION"));
