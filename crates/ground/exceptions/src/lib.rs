//! What somebody decided to accept: ignore files with their owners, reasons and expiry.
//!
//! [`read`] takes the files of other tools as they are and the project's own, [`read_annotation`] what
//! stands on an object itself; [`ExceptionFile::judge`]
//! holds one entry against one finding. An entry that is not understood whole is left out with a
//! problem that names its line, and one that asks for what cannot be judged here applies to nothing:
//! no entry ever suppresses more than it says.

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

mod annotation;
mod criterion;
mod error;
mod exception;
mod expiry;
mod formats;
mod judgement;
mod pattern;

pub use annotation::{Annotation, read_annotation};
pub use criterion::{Criterion, Name};
pub use error::ExceptionsError;
pub use exception::{Exception, ExceptionFile};
pub use expiry::{Expiry, Moment};
pub use formats::{Format, read};
pub use judgement::Candidate;
pub use pattern::{Dialect, Glob, PatternError, Regex};
