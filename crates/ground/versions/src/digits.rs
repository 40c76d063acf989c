//! Numbers as strings of digits: of any length, never parsed into integers.
//!
//! Comparing versions is all calls of these, hence their `inline`.

use std::cmp::Ordering;

/// Which of two strings of ASCII digits is the smaller number. An empty string is zero.
#[inline]
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (trim_zeros(left), trim_zeros(right));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Whether the text is one or more digits.
#[inline]
pub(crate) fn are_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether a string of digits is zero; so is the empty one.
#[inline]
pub(crate) fn is_zero(digits: &[u8]) -> bool {
    digits.iter().all(|&digit| digit == b'0')
}

/// Digits without the zeros before them.
#[inline]
pub(crate) fn trim_zeros(digits: &[u8]) -> &[u8] {
    split_while(digits, |byte| byte == b'0').1
}

/// The digits that a text starts with, and the rest.
#[inline]
pub(crate) fn split(text: &[u8]) -> (&[u8], &[u8]) {
    split_while(text, |byte| byte.is_ascii_digit())
}

/// The longest start of a text whose bytes all satisfy the condition, and the rest.
#[inline]
pub(crate) fn split_while(text: &[u8], condition: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| !condition(byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// The text before and after the first of a byte; `None` where the byte is absent.
#[inline]
pub(crate) fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&other| other == byte)?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
}

/// The number after this one.
pub(crate) fn increment(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let mut bytes: Vec<u8> = kept.bytes().collect();
    match bytes.last_mut() {
        Some(last) => *last = last.saturating_add(1),
        None => bytes.push(b'1'),
    }
    bytes.resize(bytes.len().saturating_add(digits.len().saturating_sub(kept.len())), b'0');
    String::from_utf8(bytes).unwrap_or_default()
}

/// Orders two texts by their runs of digits (as numbers) and of other bytes (as they are), a number
/// before other bytes: for what a scheme cannot read.
pub(crate) fn compare_natural(mut left: &[u8], mut right: &[u8]) -> Ordering {
    loop {
        let ((left_other, left_rest), (right_other, right_rest)) =
            (split_while(left, is_other), split_while(right, is_other));
        let ((left_digits, left_next), (right_digits, right_next)) =
            (split(left_rest), split(right_rest));
        let order = left_other
            .cmp(right_other)
            .then_with(|| compare(left_digits, right_digits))
            .then_with(|| left_digits.is_empty().cmp(&right_digits.is_empty()).reverse());
        if order.is_ne() || (left_next.is_empty() && right_next.is_empty()) {
            return order;
        }
        (left, right) = (left_next, right_next);
    }
}

fn is_other(byte: u8) -> bool {
    !byte.is_ascii_digit()
}
