//! Pacman's order: epoch, version and release as `alpm_pkg_vercmp` compares them; vercmp(8).
//!
//! Two of its answers are not kept, because no order has them: a version without a release equals
//! every release there (here it comes before them), and separators at an end are older than letters
//! behind a single one and newer than letters behind two (here they are nothing).

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (Parts::read(left), Parts::read(right));
    digits::compare(left.epoch, right.epoch)
        .then_with(|| compare_part(left.version, right.version))
        .then_with(|| match (left.release, right.release) {
            (Some(left), Some(right)) => compare_part(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        })
}

/// Whether makepkg would accept the text as a version: PKGBUILD(5), `pkgver`, `pkgrel`, `epoch`.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let Parts { version, release, .. } = Parts::read(text);
    let graphic = |byte: &u8| byte.is_ascii_graphic() && !b":/-<>=".contains(byte);
    let number = |release: &[u8]| {
        !release.is_empty() && release.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    };
    !version.is_empty() && version.iter().all(graphic) && release.is_none_or(number)
}

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
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

/// Segment by segment: letters that follow at once < end < digits that follow at once < what stands
/// behind separators, the fewer the earlier.
fn compare_part(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (trim_end(left), trim_end(right));
    loop {
        let (left_segment, left_rest) = Segment::next(left);
        let (right_segment, right_rest) = Segment::next(right);
        let order = left_segment.compare(&right_segment);
        if order.is_ne() || left_segment.text.is_empty() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at.saturating_add(1));
    text.get(..end).unwrap_or_default()
}

struct Segment<'a> {
    separators: usize,
    /// Letters or digits; empty at the end.
    text: &'a [u8],
}

impl<'a> Segment<'a> {
    fn next(text: &'a [u8]) -> (Self, &'a [u8]) {
        let (separators, text) = digits::split_while(text, |byte| !byte.is_ascii_alphanumeric());
        let (own, rest) = match text.first() {
            Some(first) if first.is_ascii_digit() => digits::split(text),
            _ => digits::split_while(text, |byte| byte.is_ascii_alphabetic()),
        };
        (Self { separators: separators.len(), text: own }, rest)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let rank = self.rank().cmp(&other.rank());
        rank.then_with(|| self.separators.cmp(&other.separators)).then_with(|| {
            match (digits::are_digits(self.text), digits::are_digits(other.text)) {
                (true, true) => digits::compare(self.text, other.text),
                (false, false) => self.text.cmp(other.text),
                (left, right) => left.cmp(&right),
            }
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Self { text: [], .. } => 1,
            Self { separators: 0, text } if digits::are_digits(text) => 2,
            Self { separators: 0, .. } => 0,
            Self { .. } => 3,
        }
    }
}
