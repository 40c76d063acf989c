//! What several schemes share: numbers between separators.

use std::cmp::Ordering;

use crate::digits;

/// Compares numbers between dots; the shorter is filled up with zeros.
pub(super) fn compare_padded(left: &[u8], right: &[u8]) -> Ordering {
    let mut left = left.split(|&byte| byte == b'.');
    let mut right = right.split(|&byte| byte == b'.');
    loop {
        let (left, right) = (left.next(), right.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = digits::compare(left.unwrap_or_default(), right.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares components between separators: numbers after other texts, the longer row after its own
/// beginning.
pub(super) fn compare_components(
    left: &[u8],
    right: &[u8],
    is_separator: impl Fn(u8) -> bool,
) -> Ordering {
    let mut left = left.split(|&byte| is_separator(byte));
    let mut right = right.split(|&byte| is_separator(byte));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(left), Some(right)) => {
                match (digits::are_digits(left), digits::are_digits(right)) {
                    (true, true) => digits::compare(left, right),
                    (false, false) => left.cmp(right),
                    (left, right) => left.cmp(&right),
                }
            }
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares as if both were in lower case.
pub(super) fn compare_ignoring_case(left: &[u8], right: &[u8]) -> Ordering {
    left.iter().map(u8::to_ascii_lowercase).cmp(right.iter().map(u8::to_ascii_lowercase))
}
