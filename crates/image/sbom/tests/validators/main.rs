//! What is written is valid by the publishers' own schemas and tools.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod cyclonedx;
mod python;
mod samples;
mod spdx;
