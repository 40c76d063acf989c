//! The notation of affected versions.

use std::cmp::Ordering;

use bulkhead_versions::{Bound, Interval, RangeSet, Scheme};

/// What one entry of a list of versions stands for.
enum Entry {
    Exact(String),
    Interval(Interval),
}

/// Entries that were read.
#[derive(Default)]
pub(super) struct Versions {
    intervals: Vec<Interval>,
    exact: Vec<String>,
}

impl Versions {
    /// Reads one entry. The error says what is wrong with it and what to write.
    pub(super) fn add(&mut self, entry: &str, scheme: Scheme) -> Result<(), String> {
        match read(entry, scheme)? {
            Entry::Exact(version) => self.exact.push(version),
            Entry::Interval(interval) => self.intervals.push(interval),
        }
        Ok(())
    }

    /// Whether an upper end names the version that brings the fix.
    pub(super) fn names_a_fix(&self) -> bool {
        self.intervals.iter().any(|interval| matches!(interval.high, Bound::Exclusive(_)))
    }

    /// The set of all entries.
    pub(super) fn into_set(self) -> RangeSet {
        RangeSet::new(self.intervals, self.exact)
    }
}

fn read(entry: &str, scheme: Scheme) -> Result<Entry, String> {
    let mut interval = Interval { low: Bound::Unbounded, high: Bound::Unbounded };
    if entry.trim() == "*" {
        return Ok(Entry::Interval(interval));
    }
    for comparison in entry.split(',').map(str::trim) {
        let (operator, version) = split(comparison)?;
        let end = match operator {
            "=" if comparison == entry.trim() => return Ok(Entry::Exact(version)),
            "=" => {
                return Err(format!(
                    "{entry:?} joins = with another comparison: give each an entry of its own"
                ));
            }
            ">" | ">=" => &mut interval.low,
            _ => &mut interval.high,
        };
        if *end != Bound::Unbounded {
            return Err(format!(
                "{entry:?} has two ends on one side: give each range an entry of its own"
            ));
        }
        *end = if operator.ends_with('=') {
            Bound::Inclusive(version)
        } else {
            Bound::Exclusive(version)
        };
    }
    if !holds_a_version(&interval, scheme) {
        return Err(format!(
            "{entry:?} holds no version: its lower end is not below its upper end"
        ));
    }
    Ok(Entry::Interval(interval))
}

/// `>= 1.0` in its two parts.
fn split(comparison: &str) -> Result<(&str, String), String> {
    let operator =
        ["<=", ">=", "<", ">", "="].into_iter().find(|sign| comparison.starts_with(sign));
    let Some(operator) = operator else {
        return Err(format!(
            "{comparison:?} says no comparison: write \"= {comparison}\" or \"< {comparison}\""
        ));
    };
    let version = comparison.trim_start_matches(operator).trim();
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>=|\"'()[]*".contains(&byte);
    if version.is_empty() || !version.bytes().all(plain) {
        return Err(format!(
            "{comparison:?} has no version after {operator}: write \"{operator} 1.2.3\""
        ));
    }
    Ok((operator, version.to_owned()))
}

fn holds_a_version(interval: &Interval, scheme: Scheme) -> bool {
    let (low, closed) = match &interval.low {
        Bound::Unbounded => return true,
        Bound::Inclusive(low) => (low, true),
        Bound::Exclusive(low) => (low, false),
    };
    match &interval.high {
        Bound::Unbounded => true,
        Bound::Inclusive(high) => match scheme.compare(low.as_bytes(), high.as_bytes()) {
            Ordering::Less => true,
            Ordering::Equal => closed,
            Ordering::Greater => false,
        },
        Bound::Exclusive(high) => scheme.compare(low.as_bytes(), high.as_bytes()).is_lt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(entries: &[&str], version: &str) -> bool {
        let mut versions = Versions::default();
        for entry in entries {
            versions.add(entry, Scheme::Npm).unwrap();
        }
        versions.into_set().contains(Scheme::Npm, version.as_bytes())
    }

    #[test]
    fn entries_hold_what_they_say() {
        let lines = ["< 1.2.3", ">= 2.0.0, <= 2.1.0", "= 3.0.0"];
        for version in ["0.1.0", "1.2.2", "2.0.0", "2.1.0", "3.0.0"] {
            assert!(contains(&lines, version), "{version}");
        }
        for version in ["1.2.3", "2.1.1", "2.9.9", "3.0.1"] {
            assert!(!contains(&lines, version), "{version}");
        }
        assert!(contains(&["*"], "9.9.9"));
    }

    #[test]
    fn mistakes_are_told_with_the_remedy() {
        for (entry, part) in [
            ("1.2.3", "write \"= 1.2.3\""),
            ("", "says no comparison"),
            (">= 2.0, < 1.0", "holds no version"),
            ("> 1.0, <= 1.0", "holds no version"),
            ("< 1, < 2", "two ends on one side"),
            ("= 1, < 2", "joins = with another"),
            ("<", "no version after <"),
            ("< 1.0 || > 2.0", "no version after <"),
            ("~> 1.0", "says no comparison"),
        ] {
            let told = Versions::default().add(entry, Scheme::Npm).unwrap_err();
            assert!(told.contains(part), "{entry}: {told}");
        }
    }
}
