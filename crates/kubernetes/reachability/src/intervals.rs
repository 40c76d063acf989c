//! Sets of whole numbers as sorted, disjoint, non-adjacent intervals.

/// A number that intervals are made of: it knows its neighbours.
pub trait Bound: Copy + Ord {
    /// The smallest.
    const LOWEST: Self;
    /// The largest.
    const HIGHEST: Self;
    /// The next smaller, if there is one.
    fn before(self) -> Option<Self>;
    /// The next larger, if there is one.
    fn after(self) -> Option<Self>;
}

macro_rules! bound {
    ($($number:ty),*) => {$(
        impl Bound for $number {
            const LOWEST: Self = Self::MIN;
            const HIGHEST: Self = Self::MAX;
            fn before(self) -> Option<Self> {
                self.checked_sub(1)
            }
            fn after(self) -> Option<Self> {
                self.checked_add(1)
            }
        }
    )*};
}
bound!(u32, u128);

/// A set of numbers. Equal sets are equal values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intervals<T> {
    /// First and last of each, ascending, with a gap between any two.
    parts: Vec<(T, T)>,
}

impl<T> Default for Intervals<T> {
    fn default() -> Self {
        Self { parts: Vec::new() }
    }
}

impl<T: Bound> Intervals<T> {
    /// Every number.
    pub fn full() -> Self {
        Self::range(T::LOWEST, T::HIGHEST)
    }

    /// The numbers from first to last, both included; empty where they are the wrong way round.
    pub fn range(first: T, last: T) -> Self {
        Self { parts: if first <= last { vec![(first, last)] } else { Vec::new() } }
    }

    /// First and last of each interval, ascending.
    pub fn parts(&self) -> &[(T, T)] {
        &self.parts
    }

    /// Whether it holds no number.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it holds the number.
    pub fn contains(&self, number: T) -> bool {
        let next = self.parts.partition_point(|(_, last)| *last < number);
        self.parts.get(next).is_some_and(|(first, _)| *first <= number)
    }

    /// Whether it holds every number of the other.
    pub fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    /// The numbers of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return if self.is_empty() { other.clone() } else { self.clone() };
        }
        let mut all: Vec<(T, T)> = self.parts.iter().chain(&other.parts).copied().collect();
        all.sort_unstable();
        let mut parts: Vec<(T, T)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match parts.last_mut() {
                // Overlapping or adjacent.
                Some((_, end)) if end.after().is_none_or(|after| first <= after) => {
                    *end = (*end).max(last);
                }
                _ => parts.push((first, last)),
            }
        }
        Self { parts }
    }

    /// The numbers of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut parts = Vec::new();
        let (mut left, mut right) = (self.parts.iter().peekable(), other.parts.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first <= last {
                parts.push((first, last));
            }
            if a.1 <= b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        Self { parts }
    }

    /// The numbers that it lacks.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut parts = Vec::with_capacity(self.parts.len().saturating_add(1));
        let mut next = Some(T::LOWEST);
        for (first, last) in &self.parts {
            if let (Some(start), Some(end)) = (next, first.before())
                && start <= end
            {
                parts.push((start, end));
            }
            next = last.after();
        }
        if let Some(start) = next {
            parts.push((start, T::HIGHEST));
        }
        Self { parts }
    }

    /// The numbers of this that the other lacks.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        self.intersection(&other.complement())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Numbers of a small world, so that a plain set is the oracle.
    fn set(ranges: &[(u32, u32)]) -> (Intervals<u32>, BTreeSet<u32>) {
        let mut intervals = Intervals::default();
        let mut numbers = BTreeSet::new();
        for (first, last) in ranges {
            intervals = intervals.union(&Intervals::range(*first, *last));
            numbers.extend(*first..=*last);
        }
        (intervals, numbers)
    }

    fn numbers(intervals: &Intervals<u32>) -> BTreeSet<u32> {
        intervals.parts().iter().flat_map(|(first, last)| *first..=(*last).min(200)).collect()
    }

    fn ranges() -> impl Strategy<Value = Vec<(u32, u32)>> {
        prop::collection::vec((0..99_u32, 0..20_u32), 0..6)
            .prop_map(|all| all.into_iter().map(|(a, b)| (a, a + b)).collect())
    }

    proptest! {
        #[test]
        fn a_plain_set_agrees(left in ranges(), right in ranges()) {
            let ((a, x), (b, y)) = (set(&left), set(&right));
            prop_assert_eq!(numbers(&a.union(&b)), &x | &y);
            prop_assert_eq!(numbers(&a.intersection(&b)), &x & &y);
            prop_assert_eq!(numbers(&a.minus(&b)), &x - &y);
            prop_assert_eq!(a.covers(&b), x.is_superset(&y));
            prop_assert_eq!(a.complement().complement(), a.clone());
            for number in 0..130 {
                prop_assert_eq!(a.contains(number), x.contains(&number));
            }
            for pair in a.parts().windows(2) {
                prop_assert!(pair[0].1 + 1 < pair[1].0, "adjacent parts are one");
            }
        }
    }

    #[test]
    fn ends_of_the_world() {
        let full = Intervals::<u128>::full();
        assert!(full.complement().is_empty() && full.contains(u128::MAX) && full.contains(0));
        let upper = Intervals::range(1, u128::MAX);
        assert_eq!(upper.complement(), Intervals::range(0, 0));
        assert_eq!(upper.union(&Intervals::range(0, 0)), full);
        assert!(Intervals::range(2_u32, 1).is_empty());
    }
}
