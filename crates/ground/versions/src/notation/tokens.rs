//! The words of a range.

use super::bracket;
use crate::{Interval, RangeError};

/// One word of a range; places are byte offsets.
pub(super) enum Token<'a> {
    /// `||`, `|`
    Or { at: usize },
    /// `[1.0,2.0)`
    Bracket(Interval),
    /// `>=1.0`; no operator where the version stands alone.
    Comparison { operator: &'a str, version: &'a str, at: usize },
    /// `1.0 - 2.0`
    Span { from: &'a str, to: &'a str },
}

pub(super) struct Tokens<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    fn at(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    fn comparison(&mut self) -> Result<Token<'a>, RangeError> {
        let at = self.at();
        let (operator, rest) = split_while(self.rest, is_operator);
        let (version, rest) = split_while(rest.trim_start(), is_version);
        if version.is_empty() {
            return Err(match (operator, rest.chars().next()) {
                ("", Some(']' | ')')) => RangeError::Bracket { at },
                _ => RangeError::NoVersion { operator: operator.to_owned(), at },
            });
        }
        self.rest = rest;
        if let Some((to, after)) = split_span(rest).filter(|_| operator.is_empty()) {
            self.rest = after;
            return Ok(Token::Span { from: version, to });
        }
        Ok(Token::Comparison { operator, version, at })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, RangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(is_separator);
        let at = self.at();
        match self.rest.chars().next()? {
            '|' => {
                let rest = self.rest.trim_start_matches('|');
                self.rest = rest;
                Some(Ok(Token::Or { at }))
            }
            '[' | '(' => Some(bracket::read(self.rest, at).map(|(interval, rest)| {
                self.rest = rest;
                Token::Bracket(interval)
            })),
            _ => {
                let token = self.comparison();
                if token.is_err() {
                    self.rest = "";
                }
                Some(token)
            }
        }
    }
}

/// The second version of `1.0 - 2.0`, after the first; the spaces tell the hyphen from one in a
/// version.
fn split_span(rest: &str) -> Option<(&str, &str)> {
    let after_space = rest.trim_start();
    let after_hyphen = after_space.strip_prefix('-')?;
    let to = after_hyphen.trim_start();
    if after_space.len() == rest.len() || to.len() == after_hyphen.len() {
        return None;
    }
    let (to, after) = split_while(to, is_version);
    (!to.is_empty()).then_some((to, after))
}

fn split_while(text: &str, condition: fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|character| !condition(character)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Between comparisons that must all hold.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || character == ',' || character == '&'
}

fn is_operator(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '!' | '~' | '^')
}

/// `!`, `~` and `^` are part of versions of PEP 440, dpkg and rpm.
fn is_version(character: char) -> bool {
    !is_separator(character) && !matches!(character, '<' | '>' | '=' | '|' | '[' | ']' | '(' | ')')
}
