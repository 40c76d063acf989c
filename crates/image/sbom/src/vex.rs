//! Vulnerability exploitability exchange: what somebody says about vulnerabilities in products, and
//! whether it is about what was scanned.
//!
//! [`read`] takes OpenVEX, CSAF and CycloneDX documents to the same [`Statement`]s; [`Statements`]
//! holds them against findings. A statement applies where it names the vulnerability by any of its
//! names and the product, or the package in it, by an identity that was checked whole: type, name,
//! version, qualifiers. What cannot be checked (CPE, hashes of files) never counts as a match.

mod csaf;
mod identity;
mod image;
mod openvex;
mod range;
mod read;
mod scanned;
mod statement;
mod verdict;

pub use image::ImageName;
pub use read::read;
pub use scanned::{Knowledge, Scanned};
pub use statement::{Document, Identity, Product, Statement, Status, VersionClause};
pub use verdict::{Judged, Statements};
