//! npm's order: that of semantic versions, read as loosely as node-semver's `loose` option does.

use std::cmp::Ordering;

use super::semver::{self, Version};
use crate::digits;

/// The largest number that node-semver reads: 2^53 - 1, in so many digits.
const LARGEST: &[u8] = b"9007199254740991";
/// The longest text that node-semver reads.
const LONGEST: usize = 256;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    semver::compare(left, right)
}

/// Whether node-semver reads the text with its `loose` option.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Version { prefix, core, pre, build } = Version::read(text);
    let mut numbers = core.split(|&byte| byte == b'.');
    let is_number = |number: &[u8]| !number.is_empty() && digits::compare(number, LARGEST).is_le();
    let after_core = text.get(prefix.len().saturating_add(core.len()));
    text.len() <= LONGEST
        && !prefix.contains(&b'V')
        && numbers.clone().count() == 3
        && numbers.all(is_number)
        && after_core != Some(&b'.')
        && pre.is_none_or(is_pre)
        && build.is_none_or(semver::is_identifiers)
}

/// Where nothing else precedes the first dot, the hyphen itself is the first identifier.
fn is_pre(pre: &[u8]) -> bool {
    let rest = pre.strip_prefix(b".").unwrap_or(pre);
    pre.is_empty() || semver::is_identifiers(rest)
}
