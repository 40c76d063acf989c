//! Controls held against what others say of the same objects, and against cases of our own.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

#[path = "checks/cases.rs"]
mod cases;
#[path = "checks/common.rs"]
mod common;
#[path = "checks/content.rs"]
mod content;
#[path = "checks/edit.rs"]
mod edit;
#[path = "checks/finding.rs"]
mod finding;
#[path = "checks/ledger.rs"]
mod ledger;
#[path = "checks/library.rs"]
mod library;
#[path = "checks/standards.rs"]
mod standards;
