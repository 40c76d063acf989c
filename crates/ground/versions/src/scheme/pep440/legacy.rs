//! Versions from before PEP 440, in the order that setuptools 8 gave them (`LegacyVersion` of
//! packaging 21).

use std::cmp::Ordering;

use crate::digits;

/// Numbers sort as texts of at least this many digits, zeros put before them.
const NUMBER_WIDTH: usize = 8;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    parts(&left).cmp(&parts(&right))
}

/// One part; the order of the variants is theirs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    /// A word, with the words for pre-releases and the hyphen replaced.
    Word(&'a [u8]),
    Number(Number<'a>),
}

const END: Part<'_> = Part::Word(b"final");
const HYPHEN: Part<'_> = Part::Word(b"final-");

/// Hyphens before a pre-release and zeros before any word do not count.
fn parts(text: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.first() {
        let (part, after) = split_part(rest, *first);
        rest = after;
        let part = match part {
            b"." => continue,
            b"-" => HYPHEN,
            b"pre" | b"preview" | b"rc" => Part::Word(b"c"),
            b"dev" => Part::Word(b"@"),
            digits if first.is_ascii_digit() => Part::Number(Number(digits)),
            word => Part::Word(word),
        };
        push(&mut parts, part);
    }
    push(&mut parts, END);
    parts
}

fn push<'a>(parts: &mut Vec<Part<'a>>, part: Part<'a>) {
    if matches!(part, Part::Word(_)) {
        while part < END && parts.last() == Some(&HYPHEN) {
            parts.pop();
        }
        while matches!(parts.last(), Some(Part::Number(number)) if number.is_padding()) {
            parts.pop();
        }
    }
    parts.push(part);
}

/// Digits, letters, one dot, one hyphen, or what lies between those.
fn split_part(text: &[u8], first: u8) -> (&[u8], &[u8]) {
    match first {
        b'.' | b'-' => text.split_at_checked(1).unwrap_or((text, &[])),
        b'0'..=b'9' => digits::split(text),
        b'a'..=b'z' => digits::split_while(text, |byte| byte.is_ascii_lowercase()),
        _ => digits::split_while(text, |byte| {
            !byte.is_ascii_digit() && !byte.is_ascii_lowercase() && byte != b'.' && byte != b'-'
        }),
    }
}

#[derive(PartialEq, Eq)]
struct Number<'a>(&'a [u8]);

impl Number<'_> {
    fn is_padding(&self) -> bool {
        digits::is_zero(self.0) && self.0.len() <= NUMBER_WIDTH
    }

    fn padded(&self) -> impl Iterator<Item = u8> {
        let zeros = NUMBER_WIDTH.saturating_sub(self.0.len());
        std::iter::repeat_n(b'0', zeros).chain(self.0.iter().copied())
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.padded().cmp(other.padded())
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
