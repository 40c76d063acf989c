//! The notations in which the ecosystems write ranges.
//!
//! One reader for all, because advisories mix them: alternatives between `||`, in each comparisons
//! that must all hold, and intervals in brackets, which are alternatives by themselves. The scheme
//! decides what `~`, `^` and an incomplete version mean.
//!
//! Ranges of advisories use the plain order: `<2.0.0` holds for `2.0.0-rc.1`.

mod bracket;
mod comparison;
mod numbers;
mod tokens;

use self::comparison::Comparison;
use self::tokens::{Token, Tokens};
use crate::{Bound, Interval, RangeError, RangeSet, Scheme};

/// Bytes of the longest text that is read.
const LONGEST: usize = 16 << 10;
/// Comparisons that may have to hold together.
const MOST_COMPARISONS: usize = 64;

impl Scheme {
    /// Reads a range in the notation of the scheme's ecosystem.
    ///
    /// A version alone is that version, also where a package manager would take it for a wish.
    pub fn parse_range(self, text: &str) -> Result<RangeSet, RangeError> {
        if text.len() > LONGEST {
            return Err(RangeError::TooLarge { limit: LONGEST, unit: "bytes" });
        }
        let mut alternatives = Alternatives { scheme: self, set: RangeSet::empty(), held: None };
        let mut tokens = Tokens::new(text);
        let mut count = 0_usize;
        while let Some(token) = tokens.next().transpose()? {
            match token {
                Token::Or { at } => {
                    alternatives.finish(at)?;
                    count = 0;
                }
                Token::Bracket(interval) => alternatives.add(vec![interval]),
                Token::Comparison { operator, version, at } => {
                    count = count.saturating_add(1);
                    if count > MOST_COMPARISONS {
                        let limit = MOST_COMPARISONS;
                        return Err(RangeError::TooLarge { limit, unit: "comparisons" });
                    }
                    let comparison = Comparison { scheme: self, operator, version, at };
                    alternatives.hold(&comparison.intervals()?);
                }
                Token::Span { from, to } => {
                    alternatives.hold(&[comparison::span(self, from, to)]);
                }
            }
        }
        alternatives.finish(text.len())?;
        if alternatives.set.is_empty() {
            return Err(RangeError::Contradiction);
        }
        Ok(alternatives.set)
    }
}

/// The alternatives read so far.
struct Alternatives {
    scheme: Scheme,
    set: RangeSet,
    /// What the comparisons of the current alternative leave.
    held: Option<Held>,
}

enum Held {
    /// A bracket was read, no comparison yet.
    Brackets,
    Comparisons(Vec<Interval>),
}

impl Alternatives {
    /// Adds intervals that stand for themselves, but those that are empty: a slip in one alternative
    /// must not hide the others.
    fn add(&mut self, intervals: Vec<Interval>) {
        let (mut kept, mut exact) = (Vec::new(), Vec::new());
        for interval in intervals {
            match interval.intersect(&Interval::EVERYTHING, self.scheme) {
                Some(Interval { low: Bound::Inclusive(low), high: Bound::Inclusive(high) })
                    if low == high =>
                {
                    exact.push(low);
                }
                interval => kept.extend(interval),
            }
        }
        self.set = std::mem::take(&mut self.set).union(RangeSet::new(kept, exact));
        self.held.get_or_insert(Held::Brackets);
    }

    /// Keeps of the current alternative what one more comparison leaves.
    fn hold(&mut self, intervals: &[Interval]) {
        let scheme = self.scheme;
        let left = match self.held.take() {
            Some(Held::Comparisons(held)) => held
                .iter()
                .flat_map(|held| {
                    intervals.iter().filter_map(move |other| held.intersect(other, scheme))
                })
                .collect(),
            Some(Held::Brackets) | None => intervals.to_vec(),
        };
        self.held = Some(Held::Comparisons(left));
    }

    /// Ends the current alternative.
    fn finish(&mut self, at: usize) -> Result<(), RangeError> {
        match self.held.take() {
            None => return Err(RangeError::Missing { at }),
            Some(Held::Comparisons(intervals)) => self.add(intervals),
            Some(Held::Brackets) => {}
        }
        self.held = None;
        Ok(())
    }
}
