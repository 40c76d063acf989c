//! Text on a terminal: made harmless, measured, cut and wrapped.

use std::borrow::Cow;

pub use bulkhead_model::printable;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text of the target as [`printable`], cut to at most so many characters before: what a document
/// shows of one name, however long it is.
pub(crate) fn excerpt(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        None => printable(text),
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            Cow::Owned(format!("{}…", printable(start)))
        }
    }
}

/// The columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The text cut at its end to at most so many columns.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used >= width {
            break;
        }
        kept.push(character);
    }
    kept.truncate(kept.trim_end().len());
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// The text cut at its start, for paths, whose end says more.
pub(crate) fn cut_start(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// The text filled up with spaces to so many columns.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Words in lines of at most so many columns; a longer word has a line of its own.
pub(crate) fn wrap<'a>(words: impl IntoIterator<Item = &'a str>, width: usize) -> Vec<String> {
    wrap_with(words, " ", width)
}

/// As [`wrap`], with something else than one space between words.
pub(crate) fn wrap_with<'a>(
    words: impl IntoIterator<Item = &'a str>,
    space: &str,
    width: usize,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if columns(line) + columns(space) + columns(word) <= width => {
                line.push_str(space);
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `1 package`, `2 packages`.
pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_keeps_to_the_width() {
        for (text, width, end, start) in [
            ("abcdef", 6, "abcdef", "abcdef"),
            ("abcdef", 4, "abc…", "…def"),
            ("ab cdef", 4, "ab…", "…def"),
            ("中文字", 4, "中…", "…字"),
        ] {
            assert_eq!(cut(text, width), end);
            assert_eq!(cut_start(text, width), start);
        }
    }

    #[test]
    fn words_are_never_broken() {
        assert_eq!(wrap("a bb CVE-2021-44228 c".split(' '), 6), ["a bb", "CVE-2021-44228", "c"]);
    }
}
