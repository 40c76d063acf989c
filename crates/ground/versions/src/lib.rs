//! Orders of versions and ranges over them, for every package ecosystem.

mod range;
mod scheme;

pub use range::{Bound, Interval, RangeSet};
pub use scheme::Scheme;
