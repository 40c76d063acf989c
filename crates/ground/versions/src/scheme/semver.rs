//! Semantic versions 2.0.0, read generously: any number of parts, a `v` or `=` before them, a
//! pre-release without its hyphen. Missing parts are zero, build metadata does not count.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    super::dotted::compare_padded(left.core, right.core)
        .then_with(|| compare_pre(left.pre, right.pre, <[u8]>::cmp))
}

/// Whether the text is a version of the specification, word for word.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Version { prefix, core, pre, build } = Version::read(text);
    prefix.is_empty()
        && is_core(core, 3)
        && text.get(core.len()).is_none_or(|byte| b"-+".contains(byte))
        && pre.is_none_or(|pre| is_identifiers(pre) && has_no_padded_number(pre))
        && build.is_none_or(is_identifiers)
}

/// The parts of a version, borrowed from the text.
pub(super) struct Version<'a> {
    /// Spaces, `v` and `=`.
    pub(super) prefix: &'a [u8],
    /// Numbers between dots.
    pub(super) core: &'a [u8],
    pub(super) pre: Option<&'a [u8]>,
    pub(super) build: Option<&'a [u8]>,
}

impl<'a> Version<'a> {
    /// What follows the numbers without a hyphen is a pre-release too, as npm reads loosely.
    pub(super) fn read(text: &'a [u8]) -> Self {
        let text = text.trim_ascii_end();
        let (prefix, rest) = digits::split_while(text, |byte| {
            byte == b'v' || byte == b'V' || byte == b'=' || byte.is_ascii_whitespace()
        });
        let (core, rest) = split_core(rest);
        let (pre, build) = match digits::split_at_byte(rest, b'+') {
            Some((pre, build)) => (pre, Some(build)),
            None => (rest, None),
        };
        let pre = match pre.split_first() {
            None | Some((b'.', [])) => None,
            Some((b'-' | b'.', pre)) => Some(pre),
            Some(_) => Some(pre),
        };
        Self { prefix, core, pre, build }
    }
}

/// The numbers between dots that a text starts with, and the rest.
pub(super) fn split_core(text: &[u8]) -> (&[u8], &[u8]) {
    let (_, mut rest) = digits::split(text);
    while let Some(after) = rest.strip_prefix(b".") {
        let (number, next) = digits::split(after);
        if number.is_empty() {
            break;
        }
        rest = next;
    }
    text.split_at_checked(text.len().saturating_sub(rest.len())).unwrap_or((text, &[]))
}

/// Item 11: a release after its pre-releases, which compare identifier by identifier.
pub(super) fn compare_pre(
    left: Option<&[u8]>,
    right: Option<&[u8]>,
    compare_words: fn(&[u8], &[u8]) -> Ordering,
) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            compare_identifiers(identifiers(left), identifiers(right), compare_words)
        }
        (left, right) => left.is_none().cmp(&right.is_none()),
    }
}

/// The identifiers between dots; none where the text is empty.
pub(super) fn identifiers(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'.').filter(|_| !text.is_empty())
}

/// Numbers before words, the longer row after its own beginning.
pub(super) fn compare_identifiers<'a>(
    mut left: impl Iterator<Item = &'a [u8]>,
    mut right: impl Iterator<Item = &'a [u8]>,
    compare_words: fn(&[u8], &[u8]) -> Ordering,
) -> Ordering {
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(left), Some(right)) => {
                match (digits::are_digits(left), digits::are_digits(right)) {
                    (true, true) => digits::compare(left, right),
                    (false, false) => compare_words(left, right),
                    (left, right) => right.cmp(&left),
                }
            }
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Whether these are exactly so many numbers, none with a zero before it.
pub(super) fn is_core(core: &[u8], parts: usize) -> bool {
    core.split(|&byte| byte == b'.').count() == parts
        && core.split(|&byte| byte == b'.').all(digits::are_digits)
        && has_no_padded_number(core)
}

/// Whether all identifiers are made of letters, digits and hyphens.
pub(super) fn is_identifiers(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'.').all(|identifier| {
        !identifier.is_empty()
            && identifier.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Whether no number between dots has a zero before it.
pub(super) fn has_no_padded_number(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'.')
        .all(|part| !digits::are_digits(part) || part.len() == 1 || !part.starts_with(b"0"))
}
