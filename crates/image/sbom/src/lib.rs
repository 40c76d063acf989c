//! Software bills of materials, VEX documents and package URLs, as nouns of the model.
//!
//! [`cyclonedx::write`] and [`cyclonedx::read`] are inverse to each other in everything that a
//! finding rests on: scanning the bill of materials of an image gives the findings of the image,
//! with the same ids. Documents of other tools are read for what they say; what they cannot say is
//! named in the result, never passed over.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod bom;
pub mod csaf;
pub mod cyclonedx;
mod distribution;
mod error;
mod json;
mod lenient;
mod parts;
pub mod purl;
pub mod spdx;
pub mod syft;
pub mod vex;

pub use bom::{Bom, Contents, read};
pub use error::SbomError;
