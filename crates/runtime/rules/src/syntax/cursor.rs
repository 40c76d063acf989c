//! The words of the language: each function takes one from the front, or leaves everything as it is.

use std::str::CharIndices;

/// A position in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'text> {
    text: &'text str,
    offset: usize,
}

/// A quoted string that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuoteError {
    pub(crate) offset: usize,
    pub(crate) cause: String,
    /// A backslash and what follows it, which stand for nothing.
    pub(crate) is_escape: bool,
}

impl<'text> Cursor<'text> {
    pub(crate) const fn at(text: &'text str, offset: usize) -> Self {
        Self { text, offset }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn rest(&self) -> &'text str {
        self.text.get(self.offset..).unwrap_or("")
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Blanks; whether there were any.
    pub(crate) fn blanks(&mut self) -> bool {
        !self.take_while(is_blank).is_empty()
    }

    /// This very text.
    pub(crate) fn literal(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.advance(text.len());
        }
        found
    }

    /// This word, where nothing follows that would make it a longer one.
    pub(crate) fn keyword(&mut self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        let ends = !after
            .starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '.'));
        if ends {
            self.advance(word.len());
        }
        ends
    }

    /// `[a-zA-Z]+[a-zA-Z0-9_]*`
    pub(crate) fn identifier(&mut self) -> Option<&'text str> {
        if !self.rest().starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        Some(self.take_while(|inner| inner.is_ascii_alphanumeric() || inner == '_'))
    }

    /// Identifiers with dots between them, at least two.
    pub(crate) fn field_name(&mut self) -> Option<&'text str> {
        let mut inner = *self;
        inner.identifier()?;
        let mut end = None;
        loop {
            let before = inner;
            if !inner.literal(".") || inner.identifier().is_none() {
                inner = before;
                break;
            }
            end = Some(inner.offset);
        }
        let name = self.text.get(self.offset..end?)?;
        self.offset = inner.offset;
        Some(name)
    }

    /// `0x` with digits, or `[+-]?digits[.digits][e[+-]digits]`.
    pub(crate) fn number(&mut self) -> Option<&'text str> {
        let start = self.offset;
        let mut inner = *self;
        if inner.literal("0x") || inner.literal("0X") {
            if inner.take_while(|digit| digit.is_ascii_alphanumeric()).is_empty() {
                return None;
            }
        } else {
            if !inner.literal("+") {
                inner.literal("-");
            }
            if inner.digits().is_empty() {
                return None;
            }
            inner.literal(".");
            inner.digits();
            let before = inner;
            let exponent = (inner.literal("e") || inner.literal("E"))
                && (inner.literal("+") || inner.literal("-"))
                && !inner.digits().is_empty();
            if !exponent {
                inner = before;
            }
        }
        *self = inner;
        self.text.get(start..self.offset)
    }

    /// `[^()"'\s=,]+`
    pub(crate) fn bare(&mut self) -> Option<&'text str> {
        let word = self.take_while(|inner| {
            !matches!(inner, '(' | ')' | '"' | '\'' | '=' | ',') && !is_space(inner)
        });
        (!word.is_empty()).then_some(word)
    }

    /// `[^][ "'\s]+`: the argument of a field without quotes.
    pub(crate) fn bare_argument(&mut self) -> Option<&'text str> {
        let word =
            self.take_while(|inner| !matches!(inner, '[' | ']' | '"' | '\'') && !is_space(inner));
        (!word.is_empty()).then_some(word)
    }

    /// A text in quotes of either kind, without them and with its escapes undone: any bytes.
    pub(crate) fn quoted(&mut self) -> Result<Option<Vec<u8>>, QuoteError> {
        let start = self.offset;
        let mut characters = self.rest().char_indices();
        let Some((_, quote @ ('"' | '\''))) = characters.next() else { return Ok(None) };
        let mut text = Vec::new();
        while let Some((index, character)) = characters.next() {
            match character {
                // Falco ends a text at a quote that has no backslash before it, whatever that one escapes.
                '\\' if ends_later(characters.as_str(), quote) => {
                    characters.by_ref().take(2).for_each(drop);
                    text.extend(['\\', quote].map(|escaped| escaped as u8));
                }
                '\\' => {
                    let escaped = characters.next().map(|(_, escaped)| escaped);
                    let byte = match escaped {
                        Some('x') => hexadecimal(&mut characters),
                        escaped => escaped.and_then(|escaped| unescape(escaped, quote)),
                    };
                    text.push(byte.ok_or_else(|| QuoteError {
                        offset: start.saturating_add(index),
                        cause: escape_cause(escaped, quote),
                        is_escape: escaped.is_some(),
                    })?);
                }
                _ if character == quote => {
                    self.advance(index.saturating_add(1));
                    return Ok(Some(text));
                }
                _ => text.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let cause = format!("a text that begins with {quote} does not end");
        Err(QuoteError { offset: start, cause, is_escape: false })
    }

    fn digits(&mut self) -> &'text str {
        self.take_while(|digit| digit.is_ascii_digit())
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'text str {
        let rest = self.rest();
        let length = rest.find(|inner| !belongs(inner)).unwrap_or(rest.len());
        self.advance(length);
        rest.get(..length).unwrap_or("")
    }

    fn advance(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(bytes);
    }
}

/// Whether an escaped backslash and two quotes follow: only the second quote can be the end.
fn ends_later(after_backslash: &str, quote: char) -> bool {
    let mut characters = after_backslash.chars();
    characters.next() == Some('\\')
        && characters.next() == Some(quote)
        && characters.next() == Some(quote)
}

/// What an escape stands for. `\ ` is a backslash: rules that ship with Falco rely on it.
const fn unescape(escaped: char, quote: char) -> Option<u8> {
    Some(match escaped {
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        '\\' | ' ' => b'\\',
        '/' => b'/',
        '"' if quote == '"' => b'"',
        '\'' if quote == '\'' => b'\'',
        _ => return None,
    })
}

/// The byte of two digits.
fn hexadecimal(characters: &mut CharIndices<'_>) -> Option<u8> {
    let mut digit = || characters.next()?.1.to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high.wrapping_mul(16).wrapping_add(low)).ok()
}

fn escape_cause(escaped: Option<char>, quote: char) -> String {
    match escaped {
        None => format!("a text that begins with {quote} does not end"),
        Some(escaped) => format!(
            "\\{escaped} is no escape here; there are \\b \\f \\n \\r \\t \\\\ \\/ \\{quote} and \\x with two digits"
        ),
    }
}

/// A blank of the grammar.
const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{8}' | '\r' | '\n')
}

/// POSIX's `[[:space:]]`.
const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}
