//! Ruby's order: `Gem::Version`. A version is its runs of digits and of letters; a letter makes it a
//! pre-release. A hyphen reads `.pre.`.

use std::cmp::Ordering;

use crate::digits;

pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (Segments::new(left), Segments::new(right));
    loop {
        let (left_segment, right_segment) = (left.next(), right.next());
        if left_segment.is_none() && right_segment.is_none() {
            return Ordering::Equal;
        }
        let order = compare_segments(
            left_segment.unwrap_or(Segment::ZERO),
            right_segment.unwrap_or(Segment::ZERO),
        );
        if order.is_ne() {
            return order;
        }
    }
}

/// Whether `Gem::Version.correct?` holds.
pub(super) fn is_valid(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let (numbers, rest) = match digits::split_at_byte(text, b'-') {
        Some((numbers, rest)) => (numbers, Some(rest)),
        None => (text, None),
    };
    let is_part = |part: &[u8], others: &[u8]| {
        !part.is_empty()
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || others.contains(byte))
    };
    let is_dotted = |text: &[u8], others: &[u8]| {
        text.split(|&byte| byte == b'.').all(|part| is_part(part, others))
    };
    text.is_empty()
        || (numbers.first().is_some_and(u8::is_ascii_digit)
            && numbers.split(|&byte| byte == b'.').next().is_some_and(digits::are_digits)
            && is_dotted(numbers, b"")
            && rest.is_none_or(|rest| is_dotted(rest, b"-")))
}

fn compare_segments(left: Segment<'_>, right: Segment<'_>) -> Ordering {
    match (left, right) {
        (Segment::Letters(left), Segment::Letters(right)) => left.cmp(right),
        (Segment::Number(left), Segment::Number(right)) => digits::compare(left, right),
        (Segment::Letters(_), Segment::Number(_)) => Ordering::Less,
        (Segment::Number(_), Segment::Letters(_)) => Ordering::Greater,
    }
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Letters(&'a [u8]),
    Number(&'a [u8]),
}

impl Segment<'_> {
    /// What a shorter version is filled up with.
    const ZERO: Self = Segment::Number(&[]);

    fn is_zero(self) -> bool {
        matches!(self, Self::Number(number) if digits::is_zero(number))
    }
}

/// The segments without the zeros that end the numbers before the first letter: `1.0.a` is `1.a`.
struct Segments<'a> {
    rest: &'a [u8],
    before_letters: bool,
    /// Zeros before this length of the remaining text count.
    zeros_until: Option<usize>,
}

impl<'a> Segments<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { rest: text, before_letters: true, zeros_until: None }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (segment, rest) = split_segment(self.rest)?;
        self.rest = rest;
        self.before_letters &= matches!(segment, Segment::Number(_));
        let is_counted = self.zeros_until.is_some_and(|until| rest.len() > until);
        if !self.before_letters || !segment.is_zero() || is_counted {
            return Some(segment);
        }
        let (next, after) = first_that_is_not_zero(rest)?;
        if matches!(next, Segment::Number(_)) {
            self.zeros_until = Some(after.len());
            return Some(segment);
        }
        (self.rest, self.before_letters) = (after, false);
        Some(next)
    }
}

fn first_that_is_not_zero(mut text: &[u8]) -> Option<(Segment<'_>, &[u8])> {
    loop {
        let (segment, rest) = split_segment(text)?;
        if !segment.is_zero() {
            return Some((segment, rest));
        }
        text = rest;
    }
}

/// Bytes that are no letter, digit or hyphen only separate.
fn split_segment(text: &[u8]) -> Option<(Segment<'_>, &[u8])> {
    let (_, text) = digits::split_while(text, |byte| !byte.is_ascii_alphanumeric() && byte != b'-');
    let (first, after) = text.split_first()?;
    if *first == b'-' {
        return Some((Segment::Letters(b"pre"), after));
    }
    if first.is_ascii_digit() {
        let (number, rest) = digits::split(text);
        return Some((Segment::Number(number), rest));
    }
    let (letters, rest) = digits::split_while(text, |byte| byte.is_ascii_alphabetic());
    Some((Segment::Letters(letters), rest))
}
