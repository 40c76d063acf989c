//! Syft's own JSON, of today (schema 16) and before: read alone.

mod configuration;
mod lenient;
mod read;

pub use read::read;
