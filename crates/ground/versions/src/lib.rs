//! Orders of versions and ranges over them, for every package ecosystem.
//!
//! A [`Scheme`] is the order of one ecosystem: total over any bytes, without regard to whether the
//! ecosystem accepts them, and without an allocation but for versions of Python from before PEP 440.
//! A [`RangeSet`] is a set of versions, read from the ecosystem's own notation
//! ([`Scheme::parse_range`]) or from its canonical text.
//!
//! ```
//! use bulkhead_versions::{RangeSet, Scheme};
//!
//! assert!(Scheme::Dpkg.compare(b"1.0~rc1-1", b"1.0-1").is_lt());
//!
//! let affected = Scheme::Npm.parse_range("<4.17.21 || ^5.0.0")?;
//! assert!(affected.contains(Scheme::Npm, b"4.17.4"));
//! assert_eq!(affected.to_string(), "(,4.17.21) [5.0.0,6.0.0-0)");
//! assert_eq!("(,4.17.21) [5.0.0,6.0.0-0)".parse::<RangeSet>()?, affected);
//! # Ok::<(), bulkhead_versions::RangeError>(())
//! ```

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

mod digits;
mod error;
mod notation;
mod range;
mod scheme;

pub use error::RangeError;
pub use range::{Bound, Interval, RangeSet};
pub use scheme::Scheme;
