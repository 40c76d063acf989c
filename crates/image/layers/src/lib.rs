//! What one layer contains, what detectors make of its files, and how layers merge into the tree
//! that a container would see.
//!
//! Synchronous and without input or output: `scan` reads the layers and calls in here.

mod detector;
mod entry;

pub use detector::{Detected, Detector, DetectorKey, Facts, File, Want};
pub use entry::{Entry, EntryKind, Metadata};
