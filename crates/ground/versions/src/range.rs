//! Sets of versions as intervals.

mod text;

use std::cmp::Ordering;

use crate::Scheme;
use crate::scheme::Edge;

/// Intervals of a complement; no publisher's sets come near.
const MOST_GAPS: usize = 1000;

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

impl Bound {
    /// The version at this end.
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Unbounded => None,
            Self::Inclusive(version) | Self::Exclusive(version) => Some(version),
        }
    }
}

/// The versions between two bounds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The lower end.
    pub low: Bound,
    /// The upper end.
    pub high: Bound,
}

impl Interval {
    /// All versions.
    pub const EVERYTHING: Self = Self { low: Bound::Unbounded, high: Bound::Unbounded };

    /// Whether the version lies between the bounds.
    pub fn contains(&self, scheme: Scheme, version: &[u8]) -> bool {
        let compare =
            |bound: &String, edge| scheme.compare_with_bound(version, bound.as_bytes(), edge);
        let is_above = match &self.low {
            Bound::Unbounded => true,
            Bound::Inclusive(low) => compare(low, Edge::First).is_ge(),
            Bound::Exclusive(low) => compare(low, Edge::Itself).is_gt(),
        };
        is_above
            && match &self.high {
                Bound::Unbounded => true,
                Bound::Inclusive(high) => compare(high, Edge::Itself).is_le(),
                Bound::Exclusive(high) => compare(high, Edge::First).is_lt(),
            }
    }

    /// What both have in common; `None` where that is nothing.
    pub fn intersect(&self, other: &Self, scheme: Scheme) -> Option<Self> {
        let low = tighter(&self.low, &other.low, scheme, Ordering::Greater);
        let high = tighter(&self.high, &other.high, scheme, Ordering::Less);
        let is_empty = match (low, high) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Inclusive(low), Bound::Inclusive(high)) => {
                scheme.compare(low.as_bytes(), high.as_bytes()).is_gt()
            }
            (
                Bound::Inclusive(low) | Bound::Exclusive(low),
                Bound::Inclusive(high) | Bound::Exclusive(high),
            ) => scheme.compare(low.as_bytes(), high.as_bytes()).is_ge(),
        };
        (!is_empty).then(|| Self { low: low.clone(), high: high.clone() })
    }
}

/// The bound that leaves less: the one whose version compares as told, the exclusive one at a tie.
fn tighter<'a>(left: &'a Bound, right: &'a Bound, scheme: Scheme, order: Ordering) -> &'a Bound {
    let (Some(left_version), Some(right_version)) = (left.version(), right.version()) else {
        return if left == &Bound::Unbounded { right } else { left };
    };
    match scheme.compare(left_version.as_bytes(), right_version.as_bytes()) {
        Ordering::Equal if matches!(left, Bound::Exclusive(_)) => left,
        found if found == order => left,
        _ => right,
    }
}

/// A set of versions: intervals and single versions.
///
/// Has one canonical text form, which the database stores and people read; [`Display`] writes and
/// [`FromStr`] reads it: `[1.2,1.5) =2.0`, `(,)` for everything, `none` for nothing.
///
/// [`Display`]: std::fmt::Display
/// [`FromStr`]: std::str::FromStr
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RangeSet {
    intervals: Vec<Interval>,
    exact: Vec<String>,
}

impl RangeSet {
    /// A set of intervals and single versions, in the order given, without what is there twice.
    pub fn new(intervals: Vec<Interval>, exact: Vec<String>) -> Self {
        if intervals.contains(&Interval::EVERYTHING) {
            return Self { intervals: vec![Interval::EVERYTHING], exact: Vec::new() };
        }
        Self { intervals: without_repetition(intervals), exact: without_repetition(exact) }
    }

    /// All versions.
    pub fn everything() -> Self {
        Self { intervals: vec![Interval::EVERYTHING], exact: Vec::new() }
    }

    /// No version.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Whether the set was made of nothing. One whose bounds contradict each other is not noticed.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty() && self.exact.is_empty()
    }

    /// Whether one interval has no bounds.
    pub fn is_everything(&self) -> bool {
        self.intervals.contains(&Interval::EVERYTHING)
    }

    /// Whether the version is in the set, by the scheme's order: an exact member also stands for
    /// what compares equal to it.
    pub fn contains(&self, scheme: Scheme, version: &[u8]) -> bool {
        self.intervals.iter().any(|interval| interval.contains(scheme, version))
            || self.exact.iter().any(|exact| {
                scheme.compare_with_bound(version, exact.as_bytes(), Edge::Itself).is_eq()
            })
    }

    /// The versions of both sets.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (mut intervals, mut exact) = (self.intervals, self.exact);
        intervals.extend(other.intervals);
        exact.extend(other.exact);
        Self::new(intervals, exact)
    }

    /// The versions that are not in the set; none where a set has so many gaps that this gets out of
    /// hand.
    pub fn complement(&self, scheme: Scheme) -> Option<Self> {
        let exact = self.exact.iter().map(|version| Interval {
            low: Bound::Inclusive(version.clone()),
            high: Bound::Inclusive(version.clone()),
        });
        let mut left = vec![Interval::EVERYTHING];
        for taken in self.intervals.iter().cloned().chain(exact) {
            let sides = [below(&taken.low), above(&taken.high)];
            let sides = sides.iter().flatten();
            left = sides
                .flat_map(|side| left.iter().filter_map(|one| one.intersect(side, scheme)))
                .collect();
            if left.len() > MOST_GAPS {
                return None;
            }
        }
        left.sort_by(|one, other| by_low(one, other, scheme));
        Some(Self::new(left, Vec::new()))
    }

    /// The intervals.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// The single versions.
    pub fn exact(&self) -> &[String] {
        &self.exact
    }

    /// The versions that end intervals and are not in them: in an advisory, those with the fix.
    pub fn upper_bounds(&self) -> impl Iterator<Item = &str> {
        self.intervals.iter().filter_map(|interval| match &interval.high {
            Bound::Exclusive(version) => Some(version.as_str()),
            Bound::Inclusive(_) | Bound::Unbounded => None,
        })
    }
}

/// What lies below a lower bound.
fn below(low: &Bound) -> Option<Interval> {
    let high = match low {
        Bound::Unbounded => return None,
        Bound::Inclusive(version) => Bound::Exclusive(version.clone()),
        Bound::Exclusive(version) => Bound::Inclusive(version.clone()),
    };
    Some(Interval { low: Bound::Unbounded, high })
}

/// What lies above an upper bound.
fn above(high: &Bound) -> Option<Interval> {
    let low = match high {
        Bound::Unbounded => return None,
        Bound::Inclusive(version) => Bound::Exclusive(version.clone()),
        Bound::Exclusive(version) => Bound::Inclusive(version.clone()),
    };
    Some(Interval { low, high: Bound::Unbounded })
}

/// The order of intervals that have no version in common.
fn by_low(one: &Interval, other: &Interval, scheme: Scheme) -> Ordering {
    match (one.low.version(), other.low.version()) {
        (Some(one), Some(other)) => scheme.compare(one.as_bytes(), other.as_bytes()),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}

fn without_repetition<T: std::hash::Hash + Eq>(mut items: Vec<T>) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let mut seen = std::collections::HashSet::new();
    let is_first: Vec<bool> = items.iter().map(|item| seen.insert(item)).collect();
    let mut is_first = is_first.into_iter();
    items.retain(|_| is_first.next().unwrap_or(true));
    items
}
