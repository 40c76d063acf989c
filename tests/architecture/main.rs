//! The invariants of ARCHITECTURE.md that a machine can hold, read from `cargo metadata` and from
//! the sources.

#![expect(clippy::expect_used, reason = "a test that cannot read the workspace must fail")]

mod crates;
mod dependencies;
mod documents;
mod sources;
