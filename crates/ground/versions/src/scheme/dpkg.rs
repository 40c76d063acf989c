//! Debian's order: deb-version(7), as dpkg's `dpkg_version_compare` has it.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Version::read(left), Version::read(right));
    digits::compare(left.epoch, right.epoch)
        .then_with(|| compare_part(left.upstream, right.upstream))
        .then_with(|| {
            compare_part(left.revision.unwrap_or_default(), right.revision.unwrap_or_default())
        })
}

/// Whether dpkg would install a package of this version.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let version = Version::read(text);
    let allowed: &[u8] = if version.epoch.is_empty() { b".+-~" } else { b".+-~:" };
    version.upstream.first().is_some_and(u8::is_ascii_digit)
        && version.upstream.iter().all(|&byte| is_alphanumeric_or(byte, allowed))
        && version.revision.is_none_or(|revision| {
            !revision.is_empty() && revision.iter().all(|&byte| is_alphanumeric_or(byte, b".+~"))
        })
        && digits::trim_zeros(version.epoch).len() < 10
}

struct Version<'a> {
    epoch: &'a [u8],
    upstream: &'a [u8],
    revision: Option<&'a [u8]>,
}

impl<'a> Version<'a> {
    /// What stands before a colon is an epoch only where it is a number: dpkg refuses the rest, here
    /// it belongs to the upstream version. No epoch and no revision are zero.
    fn read(text: &'a [u8]) -> Self {
        let text = text.trim_ascii();
        let (epoch, rest) = match digits::split_at_byte(text, b':') {
            Some((epoch, rest)) if digits::are_digits(epoch) => (epoch, rest),
            _ => (&[][..], text),
        };
        let hyphen = rest.iter().rposition(|&byte| byte == b'-');
        match hyphen.and_then(|at| rest.split_at_checked(at)) {
            Some((upstream, revision)) => {
                Self { epoch, upstream, revision: revision.strip_prefix(b"-") }
            }
            None => Self { epoch, upstream: rest, revision: None },
        }
    }
}

/// Runs of other bytes and runs of digits in turn.
fn compare_part(mut left: &[u8], mut right: &[u8]) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let other = compare_other(&mut left, &mut right);
        if other.is_ne() {
            return other;
        }
        let ((left_digits, left_rest), (right_digits, right_rest)) =
            (digits::split(left), digits::split(right));
        let order = digits::compare(left_digits, right_digits);
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

/// Takes the other bytes from both texts: a tilde sorts before the end, letters before the rest.
fn compare_other(left: &mut &[u8], right: &mut &[u8]) -> Ordering {
    loop {
        let (left_weight, right_weight) = (weight(left.first()), weight(right.first()));
        if left_weight != right_weight {
            return left_weight.cmp(&right_weight);
        }
        if left_weight == 0 {
            return Ordering::Equal;
        }
        *left = left.get(1..).unwrap_or_default();
        *right = right.get(1..).unwrap_or_default();
    }
}

/// Digits weigh as much as the end.
fn weight(byte: Option<&u8>) -> i16 {
    match byte {
        None | Some(b'0'..=b'9') => 0,
        Some(b'~') => -1,
        Some(&byte) if byte.is_ascii_alphabetic() => i16::from(byte),
        Some(&byte) => i16::from(byte).saturating_add(256),
    }
}

fn is_alphanumeric_or(byte: u8, others: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || others.contains(&byte)
}
