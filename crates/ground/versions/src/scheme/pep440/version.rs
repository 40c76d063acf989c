//! Versions by PEP 440, appendix B.

use std::cmp::Ordering;

use crate::digits;

/// `epoch!release{pre}{post}{dev}+local`, borrowed from the text.
pub(super) struct Version<'a> {
    epoch: &'a [u8],
    /// Numbers between dots.
    release: &'a [u8],
    pre: Option<(Phase, &'a [u8])>,
    post: Option<&'a [u8]>,
    dev: Option<&'a [u8]>,
    local: Option<&'a [u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Alpha,
    Beta,
    Candidate,
}

/// Longer spellings first.
const PHASES: [(&[u8], Phase); 8] = [
    (b"alpha", Phase::Alpha),
    (b"beta", Phase::Beta),
    (b"preview", Phase::Candidate),
    (b"pre", Phase::Candidate),
    (b"rc", Phase::Candidate),
    (b"a", Phase::Alpha),
    (b"b", Phase::Beta),
    (b"c", Phase::Candidate),
];
const POST: [(&[u8], ()); 3] = [(b"post", ()), (b"rev", ()), (b"r", ())];
const DEV: [(&[u8], ()); 1] = [(b"dev", ())];

impl<'a> Version<'a> {
    /// `None` where the text is no version of PEP 440.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let text = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
        let (number, after) = digits::split(text);
        let (epoch, text) = match after.strip_prefix(b"!") {
            Some(rest) if !number.is_empty() => (number, rest),
            _ => (&[][..], text),
        };
        let (release, text) = split_release(text)?;
        let (pre, text) = split_labelled(text, &PHASES);
        let (post, text) = split_post(text);
        let (dev, text) = split_labelled(text, &DEV);
        let local = match text.split_first() {
            None => None,
            Some((b'+', local)) if is_local(local) => Some(local),
            Some(_) => return None,
        };
        Some(Self { epoch, release, pre, post, dev: dev.map(|((), number)| number), local })
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        digits::compare(self.epoch, other.epoch)
            .then_with(|| super::super::dotted::compare_padded(self.release, other.release))
            .then_with(|| self.compare_pre(other))
            .then_with(|| compare_optional(self.post, other.post))
            .then_with(|| match (self.dev, other.dev) {
                (Some(left), Some(right)) => digits::compare(left, right),
                (left, right) => left.is_none().cmp(&right.is_none()),
            })
            .then_with(|| match (self.local, other.local) {
                (Some(left), Some(right)) => compare_local(left, right),
                (left, right) => left.is_some().cmp(&right.is_some()),
            })
    }

    /// A development release of the release itself comes before all its pre-releases.
    fn compare_pre(&self, other: &Self) -> Ordering {
        let rank = |version: &Self| match (version.pre, version.post, version.dev) {
            (Some(_), ..) => 1,
            (None, None, Some(_)) => 0,
            (None, ..) => 2,
        };
        rank(self).cmp(&rank(other)).then_with(|| match (self.pre, other.pre) {
            (Some((left_phase, left)), Some((right_phase, right))) => {
                left_phase.cmp(&right_phase).then_with(|| digits::compare(left, right))
            }
            _ => Ordering::Equal,
        })
    }
}

fn compare_optional(left: Option<&[u8]>, right: Option<&[u8]>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => digits::compare(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

fn split_release(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, mut rest) = digits::split(text);
    if first.is_empty() {
        return None;
    }
    while let Some(after) = rest.strip_prefix(b".") {
        let (number, next) = digits::split(after);
        if number.is_empty() {
            break;
        }
        rest = next;
    }
    text.split_at_checked(text.len().saturating_sub(rest.len()))
}

/// `[-_.]? label [-_.]? digits?`
fn split_labelled<'a, T: Copy>(
    text: &'a [u8],
    labels: &[(&[u8], T)],
) -> (Option<(T, &'a [u8])>, &'a [u8]) {
    let start = skip_separator(text);
    let label = labels.iter().find_map(|&(label, value)| {
        let (head, rest) = start.split_at_checked(label.len())?;
        head.eq_ignore_ascii_case(label).then_some((value, rest))
    });
    let Some((value, rest)) = label else { return (None, text) };
    let (number, after) = digits::split(skip_separator(rest));
    (Some((value, number)), after)
}

/// Also the implicit form `-digits`.
fn split_post(text: &[u8]) -> (Option<&[u8]>, &[u8]) {
    if let Some(after) = text.strip_prefix(b"-") {
        let (number, rest) = digits::split(after);
        if !number.is_empty() {
            return (Some(number), rest);
        }
    }
    let (post, rest) = split_labelled(text, &POST);
    (post.map(|((), number)| number), rest)
}

fn skip_separator(text: &[u8]) -> &[u8] {
    match text.split_first() {
        Some((&first, rest)) if is_separator(first) => rest,
        _ => text,
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.')
}

fn is_local(text: &[u8]) -> bool {
    text.split(|&byte| is_separator(byte))
        .all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric))
}

/// Numbers after words, the longer after its own beginning.
fn compare_local(left: &[u8], right: &[u8]) -> Ordering {
    let mut left = left.split(|&byte| is_separator(byte));
    let mut right = right.split(|&byte| is_separator(byte));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(left), Some(right)) => {
                match (digits::are_digits(left), digits::are_digits(right)) {
                    (true, true) => digits::compare(left, right),
                    (false, false) => super::super::dotted::compare_ignoring_case(left, right),
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
