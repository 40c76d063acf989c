//! Common Security Advisory Framework 2.0 (OASIS), its JSON form: what publishers say about their
//! products, as advisories and as VEX.
//!
//! [`read`] takes what a document has and leaves out what is broken, with a problem for each part.
//! Product ids mean something inside one document only; [`Products::resolve`] turns them to the
//! component and the platforms that it is part of.

mod document;
mod products;
mod raw;
mod read;
mod vulnerability;

pub use document::{Document, Note, Publisher, Reference, Tracking};
pub use products::{Branch, Product, Products, Relationship};
pub use read::read;
pub use vulnerability::{Flag, Remediation, Score, Selection, Status, Threat, Vulnerability};
