//! The invariants of ARCHITECTURE.md that a machine can hold, read from `cargo metadata` and from
//! the sources.

mod crates;
mod dependencies;
mod documents;
mod sources;
