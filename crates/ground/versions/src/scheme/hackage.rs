//! Haskell's order: Data.Version, rows of numbers. A longer row comes after its own beginning:
//! `1.0 < 1.0.0`.

use std::cmp::Ordering;

use super::dotted;
use super::semver;
use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    dotted::compare_components(left.trim_ascii(), right.trim_ascii(), |byte| byte == b'.')
}

/// Whether Cabal accepts the text.
pub(super) fn is_valid(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'.').all(digits::are_digits) && semver::has_no_padded_number(text)
}
