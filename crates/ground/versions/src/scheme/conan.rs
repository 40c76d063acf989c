//! Conan 2's order (`conans/model/version.py`): parts between dots, a pre-release behind the last
//! hyphen, a build behind the last plus. `1.1.1k` is older than `1.1.1l`, and zeros at the end are
//! nothing.
//!
//! One answer of it is not kept, because no order has it: a number and a word compare there as texts,
//! so that 2 < 10 < 1a < 2. Here the number that a part starts with counts first, then the rest; parts
//! without one are the newest, as there.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    compare_parts(left.parts, right.parts)
        .then_with(|| match (left.pre, right.pre) {
            (Some(left), Some(right)) => compare_parts(left, right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        })
        .then_with(|| match (left.build, right.build) {
            (Some(left), Some(right)) => compare_parts(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
}

/// Whether a recipe may be called so: lower-case letters, digits and `+`, `-`, `.`, `_` (the validation
/// of references, `conans/model/recipe_ref.py`).
pub(super) fn is_valid(text: &[u8]) -> bool {
    let allowed =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-._".contains(byte);
    let starts = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    text.first().is_some_and(starts) && text.iter().all(allowed)
}

struct Version<'a> {
    parts: &'a [u8],
    pre: Option<&'a [u8]>,
    build: Option<&'a [u8]>,
}

impl<'a> Version<'a> {
    fn read(text: &'a [u8]) -> Self {
        let (text, build) = split_at_last(text.trim_ascii(), b'+');
        let (parts, pre) = split_at_last(text, b'-');
        Self { parts, pre, build }
    }
}

/// What stands before the last of these bytes and what behind it.
fn split_at_last(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    let at = text.iter().rposition(|&one| one == byte);
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((before, rest)) => (before, rest.get(1..)),
        None => (text, None),
    }
}

/// Part by part; what is missing is zero.
fn compare_parts(left: &[u8], right: &[u8]) -> Ordering {
    let parts = |text| <[u8]>::split(text, |&byte: &u8| byte == b'.');
    let (mut left, mut right) = (parts(left), parts(right));
    loop {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            return Ordering::Equal;
        }
        let order = compare_part(one.unwrap_or_default(), other.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_part(left: &[u8], right: &[u8]) -> Ordering {
    let (number, word) = digits::split(left);
    let (other_number, other_word) = digits::split(right);
    let is_word = |number: &[u8], word: &[u8]| number.is_empty() && !word.is_empty();
    is_word(number, word)
        .cmp(&is_word(other_number, other_word))
        .then_with(|| digits::compare(number, other_number))
        .then_with(|| word.cmp(other_word))
}
