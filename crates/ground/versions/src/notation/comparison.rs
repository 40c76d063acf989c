//! What one comparison leaves of all versions.

use super::numbers::{Numbers, Pattern};
use crate::{Bound, Interval, RangeError, Scheme};

/// An operator and its version.
pub(super) struct Comparison<'a> {
    pub(super) scheme: Scheme,
    pub(super) operator: &'a str,
    pub(super) version: &'a str,
    /// Where it stands, for errors.
    pub(super) at: usize,
}

impl Comparison<'_> {
    /// The intervals whose versions satisfy the comparison.
    pub(super) fn intervals(&self) -> Result<Vec<Interval>, RangeError> {
        let numbers = match Numbers::of_pattern(self.scheme, self.version) {
            None => return self.plain(),
            Some(Pattern::Everything) => {
                let is_nothing = matches!(self.operator, "!=" | "<" | ">");
                return Ok(if is_nothing { Vec::new() } else { vec![Interval::EVERYTHING] });
            }
            Some(Pattern::Beginning(numbers)) => numbers,
        };
        let (low, high) = (numbers.lowest(self.scheme), numbers.next().lowest(self.scheme));
        Ok(match self.operator {
            "" | "=" | "==" | "===" => vec![between(low, high)],
            "!=" => vec![below(low), from(high)],
            "<" => vec![below(low)],
            "<=" => vec![below(high)],
            ">" => vec![from(high)],
            ">=" => vec![from(low)],
            _ => return self.plain(),
        })
    }

    fn plain(&self) -> Result<Vec<Interval>, RangeError> {
        let version = || self.version.to_owned();
        let interval = match self.operator {
            "" | "=" | "==" | "===" => exactly(version()),
            "<" | "<<" => below(version()),
            "<=" | "=<" => Interval { low: Bound::Unbounded, high: Bound::Inclusive(version()) },
            ">" | ">>" => Interval { low: Bound::Exclusive(version()), high: Bound::Unbounded },
            ">=" | "=>" => from(version()),
            "!=" => {
                let above = Interval { low: Bound::Exclusive(version()), high: Bound::Unbounded };
                return Ok(vec![below(version()), above]);
            }
            "~" | "~=" | "~>" | "^" | "^>=" => self.compatible()?,
            _ => {
                let operator = self.operator.to_owned();
                return Err(RangeError::UnknownOperator { operator, at: self.at });
            }
        };
        Ok(vec![interval])
    }

    /// From the version up to the next that may break what used it.
    fn compatible(&self) -> Result<Interval, RangeError> {
        let not_numeric = || RangeError::NotNumeric {
            operator: self.operator.to_owned(),
            version: self.version.to_owned(),
            at: self.at,
        };
        let numbers = Numbers::at_start(self.scheme, self.version).ok_or_else(not_numeric)?;
        let kept = match (self.operator, self.scheme) {
            ("^", _) => numbers.through_first_that_counts(),
            // The policy of Haskell: the first two numbers are the major version.
            ("^>=", _) => 2,
            ("~", Scheme::Npm | Scheme::Semver | Scheme::Pub | Scheme::Go | Scheme::Conan)
            // To npm the operator of gems is another way to write its own.
            | ("~>", Scheme::Npm) => numbers.len().min(2),
            ("~=", _) if numbers.len() < 2 => return Err(not_numeric()),
            // The last number given may grow.
            _ => numbers.len().saturating_sub(1).max(1),
        };
        let low = if Numbers::is_incomplete(self.scheme, self.version) {
            numbers.lowest(self.scheme)
        } else {
            self.version.to_owned()
        };
        Ok(between(low, numbers.first(kept).next().lowest(self.scheme)))
    }
}

/// `from - to`: both ends belong to it, an incomplete `to` with all that it begins.
pub(super) fn span(scheme: Scheme, low: &str, high: &str) -> Interval {
    let high = match Numbers::of_pattern(scheme, high) {
        None => Bound::Inclusive(high.to_owned()),
        Some(Pattern::Everything) => Bound::Unbounded,
        Some(Pattern::Beginning(numbers)) => Bound::Exclusive(numbers.next().lowest(scheme)),
    };
    Interval { low: Bound::Inclusive(low.to_owned()), high }
}

fn exactly(version: String) -> Interval {
    Interval { low: Bound::Inclusive(version.clone()), high: Bound::Inclusive(version) }
}

fn below(version: String) -> Interval {
    Interval { low: Bound::Unbounded, high: Bound::Exclusive(version) }
}

fn from(version: String) -> Interval {
    Interval { low: Bound::Inclusive(version), high: Bound::Unbounded }
}

fn between(low: String, high: String) -> Interval {
    Interval { low: Bound::Inclusive(low), high: Bound::Exclusive(high) }
}
