//! Alerts: what they are about, which of them are held back and counted, and how they are written.
//!
//! A [`Record`] is what a stream of alerts is made of: an [`Alert`], a sum of those that were held back, or what
//! the sensor has to say of itself, such as where it was blind. A [`Sieve`] decides which alerts are told; what it
//! holds back is in a sum sooner or later, exactly. Nothing here reads a clock or writes anywhere.

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

mod alert;
mod attack;
mod document;
mod evidence;
mod json;
mod moment;
mod record;
mod sieve;
mod syslog;
mod text;

pub use alert::{Alert, AlertId, severity};
pub use attack::{Attack, Tactic, Technique};
pub use document::{Document, RecordKind, SCHEMA_VERSION};
pub use json::json;
pub use record::{BlindRule, Loss, Notice, Record, RuleProblem, Rules};
pub use sieve::{Bounds, Key, Rate, Reason, Sieve, Sum, Totals, Verdict};
pub use syslog::{Facility, LONGEST_MESSAGE, Node, message};
pub use text::text;
