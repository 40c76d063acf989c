//! What one layer contains, what detectors make of its files, and how layers merge into the tree
//! that a container would see.
//!
//! Synchronous and without input or output: `scan` reads the layers and calls in here.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod detector;
mod entry;
mod merge;
mod resolve;
mod tree;
mod view;

pub use detector::{Detected, Detector, DetectorKey, Facts, File, Want};
pub use entry::{Entry, EntryKind, FileFacts, Layer, Metadata};
pub use merge::merge;
pub use view::{Found, Hidden, SecondRead, View};
