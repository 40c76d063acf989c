//! Sets of versions as intervals.

use std::fmt;

use crate::Scheme;

/// One end of an interval.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bound {
    /// No end.
    Unbounded,
    /// The version itself belongs to the interval.
    Inclusive(String),
    /// The version itself does not belong to it.
    Exclusive(String),
}

/// The versions between two bounds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The lower end.
    pub low: Bound,
    /// The upper end.
    pub high: Bound,
}

/// A set of versions: intervals and single versions. Has one canonical text form, stored in the
/// database and shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RangeSet {
    intervals: Vec<Interval>,
    exact: Vec<String>,
}

impl RangeSet {
    /// A set of intervals and single versions.
    pub fn new(intervals: Vec<Interval>, exact: Vec<String>) -> Self {
        Self { intervals, exact }
    }

    /// Whether the version is in the set.
    pub fn contains(&self, _scheme: Scheme, _version: &[u8]) -> bool {
        false
    }
}

impl fmt::Display for RangeSet {
    fn fmt(&self, _formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
