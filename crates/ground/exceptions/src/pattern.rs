//! Patterns of names and paths, in the notations of the tools whose files are read.

use std::fmt::Write as _;

use regex::RegexBuilder;

/// Bytes that a compiled pattern may take.
const SIZE: usize = 1 << 20;

/// A pattern that does not follow its notation, or grows too large.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

/// A regular expression over a whole text.
#[derive(Debug, Clone)]
pub struct Regex {
    source: String,
    compiled: regex::Regex,
}

impl Regex {
    /// Reads a regular expression that must match from the beginning to the end. The notation is
    /// RE2's, which Go and this reader share.
    pub fn whole(source: &str) -> Result<Self, PatternError> {
        let compiled = compile(&format!(r"\A(?:{source})\z"))?;
        Ok(Self { source: source.to_owned(), compiled })
    }

    /// Whether the expression matches.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// What a tool's patterns are held against, and how it reads a closing `**`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Grype: paths begin with a slash, and `/a/**` matches what is below `/a`, not `/a` itself
    /// (doublestar 2).
    Absolute,
    /// Trivy, and the project's own files: paths do not begin with a slash, and `a/**` matches `a`,
    /// too (doublestar 4).
    Relative,
}

/// A pattern of paths: `*`, `?` and `[a-z]` within a part of the path, `**` over any number of
/// parts, `{a,b}` for alternatives, `\` before a character that stands for itself.
#[derive(Debug, Clone)]
pub struct Glob {
    source: String,
    compiled: regex::Regex,
    is_absolute: bool,
}

impl Glob {
    /// Reads a pattern.
    pub fn read(source: &str, dialect: Dialect) -> Result<Self, PatternError> {
        let compiled = compile(&Translation::of(source, dialect)?)?;
        // A pattern that begins with a name, or with a slash, says itself which it means.
        let is_absolute = match source.chars().next() {
            Some('/') => true,
            Some(first) if first.is_alphanumeric() || matches!(first, '.' | '_' | '-') => false,
            _ => dialect == Dialect::Absolute,
        };
        Ok(Self { source: source.to_owned(), compiled, is_absolute })
    }

    /// Whether a path matches, from the root of what was scanned, with a slash before it or without.
    pub fn matches(&self, path: &str) -> bool {
        let relative = path.trim_start_matches('/');
        if self.is_absolute {
            self.compiled.is_match(&format!("/{relative}"))
        } else {
            self.compiled.is_match(relative)
        }
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

fn compile(expression: &str) -> Result<regex::Regex, PatternError> {
    RegexBuilder::new(expression)
        .size_limit(SIZE)
        .build()
        .map_err(|error| PatternError(shortened(&error.to_string())))
}

/// The last line of a message says what is wrong, those before it draw the place.
fn shortened(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").chars().take(200).collect()
}

/// From a pattern of paths to a regular expression.
struct Translation<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    expression: String,
    /// Whether a part of the path begins here.
    at_start: bool,
    /// For each open `{`, whether a part of the path begins there.
    alternatives: Vec<bool>,
    dialect: Dialect,
}

impl<'a> Translation<'a> {
    fn of(source: &'a str, dialect: Dialect) -> Result<String, PatternError> {
        let mut translation = Self {
            rest: source.chars().peekable(),
            expression: String::from(r"(?s)\A"),
            at_start: true,
            alternatives: Vec::new(),
            dialect,
        };
        while let Some(character) = translation.rest.next() {
            translation.character(character)?;
        }
        if !translation.alternatives.is_empty() {
            return Err(PatternError("a { without its }".to_owned()));
        }
        translation.expression.push_str(r"\z");
        Ok(translation.expression)
    }

    fn character(&mut self, character: char) -> Result<(), PatternError> {
        let starts = std::mem::replace(&mut self.at_start, false);
        match character {
            '*' => self.stars(starts),
            '?' => self.expression.push_str("[^/]"),
            '[' => self.class()?,
            '{' => {
                self.alternatives.push(starts);
                self.expression.push_str("(?:");
                self.at_start = starts;
            }
            '}' if self.alternatives.pop().is_some() => self.expression.push(')'),
            ',' if let Some(starts) = self.alternatives.last() => {
                self.at_start = *starts;
                self.expression.push('|');
            }
            '\\' => match self.rest.next() {
                Some(escaped) => self.literal(escaped),
                None => return Err(PatternError("a \\ at the end".to_owned())),
            },
            '/' => {
                self.slash();
                self.at_start = true;
            }
            other => self.literal(other),
        }
        Ok(())
    }

    /// `*`, or `**` where it is a whole part.
    fn stars(&mut self, starts: bool) {
        let mut count = 1_usize;
        while self.rest.next_if_eq(&'*').is_some() {
            count = count.saturating_add(1);
        }
        let ends = matches!(self.rest.peek(), None | Some('/'));
        if !(starts && ends && count == 2) {
            self.expression.push_str("[^/]*");
        } else if self.rest.next_if_eq(&'/').is_some() {
            self.expression.push_str("(?:[^/]*/)*");
            self.at_start = true;
        } else {
            self.expression.push_str(".*");
        }
    }

    /// A slash; one before a closing `**` is part of what may be missing.
    fn slash(&mut self) {
        let mut ahead = self.rest.clone();
        let closes =
            ahead.next() == Some('*') && ahead.next() == Some('*') && ahead.next().is_none();
        if closes && self.dialect == Dialect::Relative {
            self.rest.next();
            self.rest.next();
            self.expression.push_str("(?:/.*)?");
        } else {
            self.expression.push('/');
        }
    }

    /// `[a-z]`, `[^a-z]` or `[!a-z]`.
    fn class(&mut self) -> Result<(), PatternError> {
        let unfinished = || PatternError("a [ without its ]".to_owned());
        let negated = self.rest.next_if(|it| matches!(it, '^' | '!')).is_some();
        self.expression.push_str(if negated { "[^/" } else { "[" });
        let mut is_empty = true;
        loop {
            let low = match self.rest.next().ok_or_else(unfinished)? {
                ']' if !is_empty => break,
                '\\' => self.rest.next().ok_or_else(unfinished)?,
                other => other,
            };
            is_empty = false;
            self.class_member(low);
            if self.rest.next_if_eq(&'-').is_some() {
                let high = match self.rest.next().ok_or_else(unfinished)? {
                    ']' => return Err(PatternError("a range without its end".to_owned())),
                    '\\' => self.rest.next().ok_or_else(unfinished)?,
                    other => other,
                };
                self.expression.push('-');
                self.class_member(high);
            }
        }
        self.expression.push(']');
        Ok(())
    }

    fn class_member(&mut self, member: char) {
        let _ = write!(self.expression, r"\x{{{:x}}}", u32::from(member));
    }

    fn literal(&mut self, character: char) {
        self.expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
    }
}
