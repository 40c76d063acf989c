//! The canonical text of a set of versions.
//!
//! Intervals, then single versions after `=`, one space between them. In a version, the bytes that
//! have a meaning here are `%` and two hexadecimal digits, and a version without any text is `%%`.

use std::fmt;
use std::str::FromStr;

use super::{Bound, Interval, RangeSet};
use crate::RangeError;

/// The text of the set without versions.
const NOTHING: &str = "none";
/// The text of a version without text.
const NO_TEXT: &str = "%%";
const DELIMITERS: [char; 7] = ['[', ']', '(', ')', ',', '=', '%'];

impl fmt::Display for RangeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str(NOTHING);
        }
        let mut separator = "";
        for Interval { low, high } in &self.intervals {
            let opening = if matches!(low, Bound::Inclusive(_)) { '[' } else { '(' };
            let closing = if matches!(high, Bound::Inclusive(_)) { ']' } else { ')' };
            let (low, high) = (Escaped(low.version()), Escaped(high.version()));
            write!(formatter, "{separator}{opening}{low},{high}{closing}")?;
            separator = " ";
        }
        for version in &self.exact {
            write!(formatter, "{separator}={}", Escaped(Some(version)))?;
            separator = " ";
        }
        Ok(())
    }
}

/// A version as it is written, or nothing for no bound.
struct Escaped<'a>(Option<&'a str>);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = match self.0 {
            None => return Ok(()),
            Some("") => return formatter.write_str(NO_TEXT),
            Some(version) => version,
        };
        while let Some((at, special)) = plain.char_indices().find(|&(_, c)| is_special(c)) {
            let (before, rest) = plain.split_at_checked(at).unwrap_or((plain, ""));
            let (special, after) = rest.split_at_checked(special.len_utf8()).unwrap_or((rest, ""));
            formatter.write_str(before)?;
            special.bytes().try_for_each(|byte| write!(formatter, "%{byte:02X}"))?;
            plain = after;
        }
        formatter.write_str(plain)
    }
}

fn is_special(character: char) -> bool {
    DELIMITERS.contains(&character) || character.is_whitespace() || character.is_control()
}

impl FromStr for RangeSet {
    type Err = RangeError;

    /// Reads what `Display` writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, RangeError> {
        let not_canonical = || RangeError::NotCanonical { text: text.to_owned() };
        if text == NOTHING {
            return Ok(Self::empty());
        }
        let (mut intervals, mut exact) = (Vec::new(), Vec::new());
        for member in text.split(' ') {
            if let Some(version) = member.strip_prefix('=') {
                exact.push(unescape(version).ok_or_else(not_canonical)?);
            } else {
                intervals.push(read_interval(member).ok_or_else(not_canonical)?);
            }
        }
        Ok(Self::new(intervals, exact))
    }
}

fn read_interval(text: &str) -> Option<Interval> {
    let (low, high) = text.split_once(',')?;
    let low = match (low.strip_prefix('['), low.strip_prefix('(')) {
        (Some(version), _) => Bound::Inclusive(unescape(version)?),
        (_, Some("")) => Bound::Unbounded,
        (_, version) => Bound::Exclusive(unescape(version?)?),
    };
    let high = match (high.strip_suffix(']'), high.strip_suffix(')')) {
        (Some(version), _) => Bound::Inclusive(unescape(version)?),
        (_, Some("")) => Bound::Unbounded,
        (_, version) => Bound::Exclusive(unescape(version?)?),
    };
    Some(Interval { low, high })
}

fn unescape(text: &str) -> Option<String> {
    if text == NO_TEXT {
        return Some(String::new());
    }
    let mut pieces = text.split('%');
    let mut version = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, plain) = piece.split_at_checked(2)?;
        version.push(u8::from_str_radix(digits, 16).ok()?);
        version.extend_from_slice(plain.as_bytes());
    }
    let version = String::from_utf8(version).ok()?;
    (!version.is_empty() && Escaped(Some(&version)).to_string() == text).then_some(version)
}
