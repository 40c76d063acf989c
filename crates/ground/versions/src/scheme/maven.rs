//! Maven's order: `ComparableVersion` of maven-artifact and the POM reference's "Version Order
//! Specification", which agree on all but corners.
//!
//! A version is a row of items: numbers and words, each after a dot or a hyphen; a change between
//! digits and letters counts as a hyphen. Items that say nothing (zeros, `ga`, `final`, `release`)
//! are dropped before a hyphen and at the end.
//!
//! Maven's own comparison runs in circles: `2.0.RC1 < 2.0 < 2.0-1`, and `2.0-1 < 2.0.RC1` because
//! there the zero decides. Here what sorts before a release stays before it whatever it is compared
//! with, which is what Maven 3.9 and later do too.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (Tokens::new(left), Tokens::new(right));
    loop {
        let (left_token, right_token) = (left.next_token(), right.next_token());
        let order = left_token.compare(&right_token);
        if order.is_ne() || matches!(left_token, Token::End) {
            return order;
        }
    }
}

/// Maven orders any text; this is what it can store as a file name and tell from a range.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let is_reserved = |byte: &u8| byte.is_ascii_control() || b" \\/:\"<>|?*[](),".contains(byte);
    !text.is_empty() && !text.iter().any(is_reserved)
}

/// The qualifiers before a release, in their order, with their aliases.
const BEFORE_RELEASE: [&[&[u8]]; 5] =
    [&[b"alpha"], &[b"beta"], &[b"milestone"], &[b"rc", b"cr"], &[b"snapshot"]];
const RELEASE: [&[u8]; 3] = [b"ga", b"final", b"release"];

/// What two versions are compared by. The end stands for endlessly many items that say nothing.
enum Token<'a> {
    /// A qualifier before the release, by its place in [`BEFORE_RELEASE`].
    Before {
        hyphen: bool,
        place: usize,
    },
    /// An item that says nothing, with a qualifier before the release after it.
    NothingBefore {
        hyphen: bool,
    },
    End,
    /// Any other qualifier.
    After {
        hyphen: bool,
        word: &'a [u8],
    },
    Number {
        hyphen: bool,
        digits: &'a [u8],
    },
}

impl Token<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| match (self, other) {
            (Self::Before { place: left, .. }, Self::Before { place: right, .. }) => {
                left.cmp(right)
            }
            (Self::After { word: left, .. }, Self::After { word: right, .. }) => {
                compare_words(left, right)
            }
            (Self::Number { digits: left, .. }, Self::Number { digits: right, .. }) => {
                digits::compare(left, right)
            }
            _ => Ordering::Equal,
        })
    }

    /// `.word` < `-word` < `-number` < `.number`, on each side of the release.
    fn rank(&self) -> u8 {
        match self {
            Self::Before { hyphen: false, .. } => 0,
            Self::Before { hyphen: true, .. } => 1,
            Self::NothingBefore { hyphen: true } => 2,
            Self::NothingBefore { hyphen: false } => 3,
            Self::End => 4,
            Self::After { hyphen: false, .. } => 5,
            Self::After { hyphen: true, .. } => 6,
            Self::Number { hyphen: true, .. } => 7,
            Self::Number { hyphen: false, .. } => 8,
        }
    }
}

/// `sp` comes first, the rest by its letters.
fn compare_words(left: &[u8], right: &[u8]) -> Ordering {
    let is_other = |word: &[u8]| !word.eq_ignore_ascii_case(b"sp");
    is_other(left)
        .cmp(&is_other(right))
        .then_with(|| super::dotted::compare_ignoring_case(left, right))
}

struct Tokens<'a> {
    items: Items<'a>,
    run: Option<Run>,
}

/// A run of items that say nothing. Places are lengths of the remaining text.
#[derive(Clone, Copy)]
struct Run {
    /// Where it ends.
    end: usize,
    /// From where on items after dots count: no hyphen follows them in the run.
    dots_count_from: usize,
    /// Whether a qualifier before the release follows.
    before_release: bool,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { items: Items { rest: text, hyphen: false }, run: None }
    }

    fn next_token(&mut self) -> Token<'a> {
        loop {
            let place = self.items.rest.len();
            let start = self.items;
            let Some(item) = self.items.next_item() else { return Token::End };
            let hyphen = item.hyphen;
            match item.meaning() {
                Meaning::Before(place) => return Token::Before { hyphen, place },
                Meaning::After(word) => return Token::After { hyphen, word },
                Meaning::Number(digits) => return Token::Number { hyphen, digits },
                Meaning::Nothing => {}
            }
            let known = self.run.filter(|run| place > run.end);
            let Some(run) = known.or_else(|| Run::starting_at(start)) else {
                self.items.rest = &[];
                return Token::End;
            };
            self.run = Some(run);
            if hyphen || place <= run.dots_count_from {
                return if run.before_release {
                    Token::NothingBefore { hyphen }
                } else {
                    Token::Number { hyphen, digits: &[] }
                };
            }
        }
    }
}

impl Run {
    /// `None` where nothing that counts follows.
    fn starting_at(mut items: Items<'_>) -> Option<Self> {
        let mut dots_count_from = items.rest.len();
        loop {
            let end = items.rest.len();
            let item = items.next_item()?;
            if item.hyphen {
                dots_count_from = end;
            }
            let meaning = item.meaning();
            if !matches!(meaning, Meaning::Nothing) {
                let before_release = matches!(meaning, Meaning::Before(_));
                return Some(Self { end, dots_count_from, before_release });
            }
        }
    }
}

/// The items of a version in their order.
#[derive(Clone, Copy)]
struct Items<'a> {
    rest: &'a [u8],
    /// Whether the next item stands after a hyphen.
    hyphen: bool,
}

struct Item<'a> {
    hyphen: bool,
    text: &'a [u8],
    followed_by_digit: bool,
}

impl<'a> Items<'a> {
    /// Nothing between two separators is a zero, nothing after the last is nothing.
    fn next_item(&mut self) -> Option<Item<'a>> {
        let first = *self.rest.first()?;
        let (text, rest) = if first.is_ascii_digit() {
            digits::split(self.rest)
        } else {
            digits::split_while(self.rest, |byte| {
                !byte.is_ascii_digit() && byte != b'.' && byte != b'-'
            })
        };
        let hyphen = self.hyphen;
        let mut followed_by_digit = false;
        (self.rest, self.hyphen) = match rest.split_first() {
            Some((b'.', rest)) => (rest, false),
            Some((b'-', rest)) => (rest, true),
            _ => {
                followed_by_digit = !rest.is_empty() && !first.is_ascii_digit();
                (rest, true)
            }
        };
        Some(Item { hyphen, text, followed_by_digit })
    }
}

enum Meaning<'a> {
    Nothing,
    Before(usize),
    After(&'a [u8]),
    Number(&'a [u8]),
}

impl<'a> Item<'a> {
    fn meaning(&self) -> Meaning<'a> {
        let word: &[u8] = match self.text {
            digits if digits::is_zero(digits) => return Meaning::Nothing,
            digits if digits.first().is_some_and(u8::is_ascii_digit) => {
                return Meaning::Number(digits);
            }
            b"a" | b"A" if self.followed_by_digit => b"alpha",
            b"b" | b"B" if self.followed_by_digit => b"beta",
            b"m" | b"M" if self.followed_by_digit => b"milestone",
            word => word,
        };
        if RELEASE.iter().any(|name| word.eq_ignore_ascii_case(name)) {
            return Meaning::Nothing;
        }
        BEFORE_RELEASE
            .iter()
            .position(|names| names.iter().any(|name| word.eq_ignore_ascii_case(name)))
            .map_or(Meaning::After(word), Meaning::Before)
    }
}
