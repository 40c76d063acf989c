//! Composer's order: PHP's `version_compare` without the `v` before the numbers.
//!
//! Composer fills numbers up with zeros before it compares, so that `1.0` is `1.0.0` to it; the
//! published order of pairs has `1.0 < 1.0.0-beta`, which only `version_compare` itself gives. Ranges
//! compare what [`filled`] gives.
//! From Composer come the order of branches (`dev-main`), which are before all versions, that
//! `2.x-dev` is after all of 2, and that `-stable` says nothing.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    match (Version::read(left), Version::read(right)) {
        (Version::Numbers(left), Version::Numbers(right)) => left.compare(right),
        (Version::Branch(left), Version::Branch(right)) => left.cmp(right),
        (Version::Branch(_), Version::Numbers(_)) => Ordering::Less,
        (Version::Numbers(_), Version::Branch(_)) => Ordering::Greater,
    }
}

/// Whether the text is a branch or a version of up to four numbers with words that Composer knows
/// after them, in upper or lower case.
pub(super) fn is_valid(text: &[u8]) -> bool {
    match Version::read(text) {
        Version::Branch(name) => name.len() != text.trim_ascii().len() && !name.is_empty(),
        Version::Numbers(Parts { rest }) => {
            let release = digits::split_at_byte(rest, b'+').map_or(rest, |(release, _)| release);
            let parts = || Parts { rest: release };
            let numbers = parts().take_while(|part| matches!(part, Part::Number(_))).count();
            (1..=4).contains(&numbers) && parts().skip(numbers).all(Part::is_known)
        }
    }
}

/// The version with four numbers and in lower case, as Composer writes it: `1.2-BETA1` as
/// `1.2.0.0-beta1`, without what a `+` adds, and its first pre-release where that is asked for and it is
/// none itself. Branches stay as they are.
pub(super) fn filled(text: &[u8], first: bool) -> Vec<u8> {
    let text = text.trim_ascii();
    let number = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
    let number = digits::split_at_byte(number, b'+').map_or(number, |(number, _)| number);
    let (core, rest) = super::semver::split_core(number);
    if core.is_empty() || rest.starts_with(b".") {
        return text.to_vec();
    }
    let missing = 4_usize.saturating_sub(core.split(|&byte| byte == b'.').count());
    let rest = if first && rest.is_empty() { b"-dev".to_vec() } else { rest.to_ascii_lowercase() };
    [core, &b".0".repeat(missing), &rest].concat()
}

/// What Composer puts for the `x` of the branch `2.x-dev`.
const ANY: &[u8] = b"9999999";

enum Version<'a> {
    /// A branch, by its name without `dev-`.
    Branch(&'a [u8]),
    /// A version, which starts with a digit.
    Numbers(Parts<'a>),
}

impl<'a> Version<'a> {
    fn read(text: &'a [u8]) -> Self {
        let text = text.trim_ascii();
        let rest = text.strip_prefix(b"v").or_else(|| text.strip_prefix(b"V")).unwrap_or(text);
        if rest.first().is_some_and(u8::is_ascii_digit) {
            return Self::Numbers(Parts { rest });
        }
        match text.split_at_checked(4) {
            Some((dev, name)) if dev.eq_ignore_ascii_case(b"dev-") => Self::Branch(name),
            _ => Self::Branch(text),
        }
    }
}

/// The runs of digits and of other bytes, between `.`, `-`, `_` and `+`.
struct Parts<'a> {
    rest: &'a [u8],
}

impl Parts<'_> {
    fn compare(mut self, mut other: Self) -> Ordering {
        loop {
            let (left, right) = (self.next(), other.next());
            if left.is_none() && right.is_none() {
                return Ordering::Equal;
            }
            let order = left.unwrap_or(Part::End).compare(right.unwrap_or(Part::End));
            if order.is_ne() {
                return order;
            }
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let (_, text) = digits::split_while(self.rest, is_separator);
        let (number, rest) = digits::split(text);
        if !number.is_empty() {
            self.rest = rest;
            return Some(Part::Number(number));
        }
        let (word, rest) =
            digits::split_while(text, |byte| !byte.is_ascii_digit() && !is_separator(byte));
        self.rest = rest;
        match word {
            b"" => None,
            b"x" | b"X" | b"*" => Some(Part::Number(ANY)),
            _ => Some(Part::Word(word)),
        }
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_' | b'+')
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
    /// What a shorter version is filled up with; `#` to PHP.
    End,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// All other words, which are equal to each other.
    Unknown,
    Development,
    Alpha,
    Beta,
    Candidate,
    End,
    Number,
    Patch,
}

/// The words that PHP knows, by how they begin.
const WORDS: [(&[u8], Rank); 9] = [
    (b"dev", Rank::Development),
    (b"a", Rank::Alpha),
    (b"b", Rank::Beta),
    (b"rc", Rank::Candidate),
    (b"RC", Rank::Candidate),
    (b"#", Rank::End),
    (b"p", Rank::Patch),
    (b"stable", Rank::End),
    (b"", Rank::Unknown),
];

impl Part<'_> {
    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => digits::compare(left, right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(self) -> Rank {
        let word = match self {
            Self::End => return Rank::End,
            Self::Number(_) => return Rank::Number,
            Self::Word(word) => word,
        };
        WORDS
            .into_iter()
            .find_map(|(start, rank)| word.starts_with(start).then_some(rank))
            .unwrap_or(Rank::Unknown)
    }

    fn is_known(self) -> bool {
        const KNOWN: [&[u8]; 10] =
            [b"dev", b"alpha", b"a", b"beta", b"b", b"rc", b"stable", b"patch", b"pl", b"p"];
        match self {
            Self::Word(word) => KNOWN.iter().any(|known| word.eq_ignore_ascii_case(known)),
            Self::Number(_) | Self::End => true,
        }
    }
}
