//! Alpine's order: apk-package(5), as version.c of apk-tools compares it:
//! `digits{.digits}{letter}{_suffix{digits}}{~hash}{-rdigits}`.
//!
//! apk calls two versions equal from where neither can be read; here their remaining texts decide.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (Tokens::new(left), Tokens::new(right));
    loop {
        let (left_token, right_token) = (left.next_token(), right.next_token());
        let order = left_token.compare(&right_token);
        if order.is_ne() || matches!(left_token, Token::End | Token::Invalid(_)) {
            return order;
        }
    }
}

/// Whether `apk version --check` accepts the text.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let mut tokens = Tokens::new(text);
    loop {
        match tokens.next_token() {
            Token::End => return true,
            Token::Invalid(_) => return false,
            _ => {}
        }
    }
}

/// The suffixes before the release, and those after it, each in their order.
const BEFORE: [&[u8]; 4] = [b"alpha", b"beta", b"pre", b"rc"];
const AFTER: [&[u8]; 5] = [b"cvs", b"svn", b"git", b"hg", b"p"];

enum Token<'a> {
    /// A suffix before the release, by its place in [`BEFORE`].
    SuffixBefore(usize),
    Invalid(&'a [u8]),
    End,
    Revision(&'a [u8]),
    Hash(&'a [u8]),
    SuffixNumber(&'a [u8]),
    /// A suffix after the release, by its place in [`AFTER`].
    SuffixAfter(usize),
    Letter(u8),
    Number(&'a [u8]),
    FirstNumber(&'a [u8]),
}

impl Token<'_> {
    /// Where the kinds differ the one that the grammar allows earlier is the later version, but for
    /// the suffixes before a release.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::SuffixBefore(left), Self::SuffixBefore(right))
            | (Self::SuffixAfter(left), Self::SuffixAfter(right)) => left.cmp(right),
            (Self::Invalid(left), Self::Invalid(right)) => digits::compare_natural(left, right),
            (Self::Hash(left), Self::Hash(right)) => left.cmp(right),
            (Self::Letter(left), Self::Letter(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => compare_numbers(left, right),
            (Self::Revision(left), Self::Revision(right))
            | (Self::SuffixNumber(left), Self::SuffixNumber(right))
            | (Self::FirstNumber(left), Self::FirstNumber(right)) => digits::compare(left, right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::SuffixBefore(_) => 0,
            Self::Invalid(_) => 1,
            Self::End => 2,
            Self::Revision(_) => 3,
            Self::Hash(_) => 4,
            Self::SuffixNumber(_) => 5,
            Self::SuffixAfter(_) => 6,
            Self::Letter(_) => 7,
            Self::Number(_) => 8,
            Self::FirstNumber(_) => 9,
        }
    }
}

/// A number with a zero before it is a decimal fraction in all but name: compared as text.
fn compare_numbers(left: &[u8], right: &[u8]) -> Ordering {
    if left.starts_with(b"0") || right.starts_with(b"0") {
        left.cmp(right)
    } else {
        digits::compare(left, right)
    }
}

/// What the last token allows to follow it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Start,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
}

struct Tokens<'a> {
    rest: &'a [u8],
    place: Place,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { rest: text, place: Place::Start }
    }

    fn next_token(&mut self) -> Token<'a> {
        let text = self.rest;
        if self.place == Place::Start {
            return self.number(text, Place::Number, Token::FirstNumber);
        }
        let Some((first, after)) = text.split_first() else { return Token::End };
        match first {
            b'a'..=b'z' if self.place == Place::Number => {
                (self.rest, self.place) = (after, Place::Letter);
                Token::Letter(*first)
            }
            b'.' if self.place == Place::Number => self.number(after, Place::Number, Token::Number),
            b'0'..=b'9' if self.place == Place::Suffix => {
                self.number(text, Place::SuffixNumber, Token::SuffixNumber)
            }
            b'_' if self.place <= Place::SuffixNumber => self.suffix(after),
            b'~' if self.place < Place::Hash => {
                let (hash, rest) = digits::split_while(after, |byte| byte.is_ascii_hexdigit());
                if hash.is_empty() {
                    return Token::Invalid(text);
                }
                (self.rest, self.place) = (rest, Place::Hash);
                Token::Hash(hash)
            }
            b'-' if self.place < Place::Revision => match after.strip_prefix(b"r") {
                Some(after) => self.number(after, Place::Revision, Token::Revision),
                None => Token::Invalid(text),
            },
            _ => Token::Invalid(text),
        }
    }

    fn number(
        &mut self,
        text: &'a [u8],
        place: Place,
        token: fn(&'a [u8]) -> Token<'a>,
    ) -> Token<'a> {
        let (number, rest) = digits::split(text);
        if number.is_empty() {
            return Token::Invalid(self.rest);
        }
        (self.rest, self.place) = (rest, place);
        token(number)
    }

    fn suffix(&mut self, text: &'a [u8]) -> Token<'a> {
        let (name, rest) = digits::split_while(text, |byte| byte.is_ascii_lowercase());
        let before = BEFORE.iter().position(|&suffix| suffix == name).map(Token::SuffixBefore);
        let after = || AFTER.iter().position(|&suffix| suffix == name).map(Token::SuffixAfter);
        let Some(token) = before.or_else(after) else { return Token::Invalid(self.rest) };
        (self.rest, self.place) = (rest, Place::Suffix);
        token
    }
}
