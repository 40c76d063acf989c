//! Intervals in brackets, as Maven and NuGet write them.

use crate::{Bound, Interval, RangeError};

/// Reads the bracket that a text starts with; gives what follows it. `at` is the text's offset.
pub(super) fn read(text: &str, at: usize) -> Result<(Interval, &str), RangeError> {
    let wrong = || RangeError::Bracket { at };
    let end = text.find([']', ')']).ok_or_else(wrong)?;
    let (bracket, rest) = text.split_at_checked(end).ok_or_else(wrong)?;
    let is_high_included = rest.starts_with(']');
    let (is_low_included, inner) = match bracket.strip_prefix('[') {
        Some(inner) => (true, inner),
        None => (false, bracket.strip_prefix('(').ok_or_else(wrong)?),
    };
    let bounds = match inner.split_once(',') {
        None if is_low_included && is_high_included => (inner, inner),
        None => return Err(wrong()),
        Some(bounds) => bounds,
    };
    let (low, high) = (bounds.0.trim(), bounds.1.trim());
    let is_version = |text: &str| !text.contains(['[', '(', ',', '|']);
    let is_single = inner.trim() == low;
    if !is_version(low) || !is_version(high) || (is_single && low.is_empty()) {
        return Err(wrong());
    }
    let interval =
        Interval { low: bound(low, is_low_included), high: bound(high, is_high_included) };
    Ok((interval, rest.get(1..).unwrap_or_default()))
}

/// No version is no bound, whatever the bracket: `[,1.0)`.
fn bound(version: &str, is_included: bool) -> Bound {
    match (version, is_included) {
        ("", _) => Bound::Unbounded,
        (version, true) => Bound::Inclusive(version.to_owned()),
        (version, false) => Bound::Exclusive(version.to_owned()),
    }
}
