//! R's order: `package_version`, numbers between dots and hyphens. A longer row of numbers comes
//! after its own beginning: `1.8 < 1.8.0`.

use std::cmp::Ordering;

use super::dotted;
use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    dotted::compare_components(left.trim_ascii(), right.trim_ascii(), is_separator)
}

/// Whether R accepts the text as the version of a package: two numbers at least.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let mut parts = text.split(|&byte| is_separator(byte));
    parts.clone().count() >= 2 && parts.all(digits::are_digits)
}

fn is_separator(byte: u8) -> bool {
    byte == b'.' || byte == b'-'
}
