//! RPM's order: epoch, version and release as `rpmverCmp` and `rpmvercmp` compare them.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Evr::read(left), Evr::read(right));
    digits::compare(left.epoch, right.epoch)
        .then_with(|| compare_part(left.version, right.version))
        .then_with(|| match (left.release, right.release) {
            (Some(left), Some(right)) => compare_part(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
}

/// Whether rpmbuild would accept the text.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Evr { epoch, version, release } = Evr::read(text);
    let is_part = |part: &[u8]| {
        !part.is_empty()
            && part.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._+~^".contains(&byte))
    };
    is_part(version) && release.is_none_or(is_part) && digits::trim_zeros(epoch).len() < 10
}

/// Epoch, version and release.
struct Evr<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    /// A missing release sorts before any other, the empty one too.
    release: Option<&'a [u8]>,
}

impl<'a> Evr<'a> {
    /// Only digits before a colon are an epoch, the last hyphen starts the release (`parseEVR`).
    fn read(text: &'a [u8]) -> Self {
        let (number, rest) = digits::split(text);
        let (epoch, rest) = match rest.strip_prefix(b":") {
            Some(rest) => (number, rest),
            None => (&[][..], text),
        };
        let hyphen = rest.iter().rposition(|&byte| byte == b'-');
        match hyphen.and_then(|at| rest.split_at_checked(at)) {
            Some((version, release)) => {
                Self { epoch, version, release: release.strip_prefix(b"-") }
            }
            None => Self { epoch, version: rest, release: None },
        }
    }
}

/// Segment by segment: `~` < end < `^` < letters < digits. Other bytes only separate.
fn compare_part(mut left: &[u8], mut right: &[u8]) -> Ordering {
    loop {
        let (left_segment, left_rest) = Segment::next(left);
        let (right_segment, right_rest) = Segment::next(right);
        let order = left_segment.compare(&right_segment);
        if order.is_ne() || matches!(left_segment, Segment::End) {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a [u8]),
    Digits(&'a [u8]),
}

impl<'a> Segment<'a> {
    fn next(text: &'a [u8]) -> (Self, &'a [u8]) {
        let is_separator = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^';
        let (_, text) = digits::split_while(text, is_separator);
        match text.split_first() {
            None => (Self::End, text),
            Some((b'~', rest)) => (Self::Tilde, rest),
            Some((b'^', rest)) => (Self::Caret, rest),
            Some((first, _)) if first.is_ascii_digit() => {
                let (digits, rest) = digits::split(text);
                (Self::Digits(digits), rest)
            }
            Some(_) => {
                let (letters, rest) = digits::split_while(text, |byte| byte.is_ascii_alphabetic());
                (Self::Letters(letters), rest)
            }
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Letters(left), Self::Letters(right)) => left.cmp(right),
            (Self::Digits(left), Self::Digits(right)) => digits::compare(left, right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Tilde => 0,
            Self::End => 1,
            Self::Caret => 2,
            Self::Letters(_) => 3,
            Self::Digits(_) => 4,
        }
    }
}
