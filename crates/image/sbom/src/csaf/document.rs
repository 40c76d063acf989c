//! A whole document.

use bulkhead_model::Problem;

use super::{Products, Vulnerability};

/// A document and what was broken in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// `csaf_vex`, `csaf_security_advisory`…: the profile that it follows.
    pub category: String,
    /// `2.0`.
    pub csaf_version: String,
    /// What it is about.
    pub title: String,
    /// Who says it.
    pub publisher: Publisher,
    /// Which document this is, and of when.
    pub tracking: Tracking,
    /// The publisher's severity of the whole, such as `Important`.
    pub aggregate_severity: Option<String>,
    /// Texts about the whole.
    pub notes: Vec<Note>,
    /// Addresses for further reading.
    pub references: Vec<Reference>,
    /// What the statements are about.
    pub products: Products,
    /// The statements.
    pub vulnerabilities: Vec<Vulnerability>,
    /// What of it could not be used.
    pub problems: Vec<Problem>,
}

/// Who publishes a document (section 3.2.1.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Publisher {
    /// `Red Hat Product Security`.
    pub name: String,
    /// The address under which it publishes.
    pub namespace: String,
    /// `vendor`, `coordinator`, `discoverer`, `translator`, `user` or `other`.
    pub category: String,
}

/// The identity of a document (section 3.2.1.12). Times are RFC 3339, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tracking {
    /// `RHSA-2023:7207`, unique with the publisher's namespace.
    pub id: String,
    /// Other names of the document.
    pub aliases: Vec<String>,
    /// `draft`, `interim` or `final`.
    pub status: String,
    /// The version of the document.
    pub version: String,
    /// When it was first published.
    pub initial_release_date: Option<String>,
    /// When this version was published.
    pub current_release_date: Option<String>,
}

/// A text for people (section 3.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// `description`, `details`, `faq`, `general`, `legal_disclaimer`, `other` or `summary`.
    pub category: String,
    /// Its headline.
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// An address for further reading (section 3.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reference {
    /// `self` or `external`.
    pub category: String,
    /// What is there.
    pub summary: String,
    /// The address.
    pub url: String,
}
