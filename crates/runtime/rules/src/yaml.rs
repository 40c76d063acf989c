//! YAML as a tree whose texts know where each word stands.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned, UserMessageFormatter};

use crate::text::{Place, Text};

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing stands there, or `null`.
    Nothing,
    /// A scalar, as it was written: `0x10` is no number here.
    Text(Text),
    List(Vec<Node>),
    /// In their order; a key that stands twice is there twice.
    Map(Vec<(Text, Node)>),
}

/// A text that is no YAML: where, and why.
pub(crate) struct SyntaxError {
    pub(crate) place: Place,
    pub(crate) cause: String,
}

/// Reads one document.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<Node, SyntaxError> {
    let source = Source::new(file, text);
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Node { place: source.place(0), value: Value::Nothing });
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let error = error.without_snippet();
            let message = error.render_with_formatter(&UserMessageFormatter);
            // The reader ends its messages with the place, which the error has apart.
            let cause = message.rsplit_once(" at line ").map_or(&*message, |(cause, _)| cause);
            let place = error.location().map_or_else(|| source.place(0), |at| source.at(at));
            SyntaxError { place, cause: cause.to_owned() }
        })?;
    Ok(source.node(raw))
}

/// The text of a file and where its lines begin.
struct Source<'text> {
    file: Arc<str>,
    text: &'text str,
    lines: Vec<usize>,
}

impl<'text> Source<'text> {
    fn new(file: &Arc<str>, text: &'text str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| end.saturating_add(1))).collect();
        Self { file: file.clone(), text, lines }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index));
        let before = self.text.get(start.copied().unwrap_or(0)..offset).unwrap_or("");
        let column = before.chars().count().saturating_add(1);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Place { file: self.file.clone(), line: number(line), column: number(column) }
    }

    fn at(&self, location: Location) -> Place {
        let number = |count: u64| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let (line, column) = (number(location.line()), number(location.column()));
        Place { file: self.file.clone(), line, column }
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let place = self.at(raw.referenced);
        let value = match raw.value {
            Raw::Nothing => Value::Nothing,
            Raw::Text(text) => Value::Text(self.text(&text, raw.defined)),
            Raw::Scalar => match self.written(raw.defined) {
                Some(written) => Value::Text(self.text(written.trim(), raw.defined)),
                None => Value::Nothing,
            },
            Raw::List(list) => {
                Value::List(list.into_iter().map(|inner| self.node(inner)).collect())
            }
            Raw::Map(map) => Value::Map(
                map.into_iter()
                    .filter_map(|(key, value)| match self.node(key).value {
                        Value::Text(key) => Some((key, self.node(value))),
                        _ => None,
                    })
                    .collect(),
            ),
        };
        Node { place, value }
    }

    fn span(&self, location: Location) -> Option<(usize, &'text str)> {
        let span = location.span();
        let start = usize::try_from(span.byte_offset()?).ok()?;
        let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
        Some((start, self.text.get(start..end)?))
    }

    fn written(&self, location: Location) -> Option<&'text str> {
        Some(self.span(location)?.1)
    }

    /// Finds each word of a scalar in the file: folding changes no more than the blanks between
    /// them, and a word that was written with escapes is owed to where it begins.
    fn text(&self, value: &str, location: Location) -> Text {
        let Some((start, written)) = self.span(location) else {
            return Text::at(value, self.at(location));
        };
        let mut text = Text::empty();
        let mut position = header(written);
        let mut rest = value;
        while !rest.is_empty() {
            let blanks = rest.len().saturating_sub(rest.trim_start().len());
            let (blank, after) = rest.split_at(blanks);
            let length = after.find(char::is_whitespace).unwrap_or(after.len());
            let (word, after) = after.split_at(length);
            let remaining = written.get(position..).unwrap_or("");
            let skipped = remaining.len().saturating_sub(remaining.trim_start().len());
            position = position.saturating_add(skipped);
            let place = self.place(start.saturating_add(position));
            text.push_for(blank, place.clone());
            let remaining = remaining.trim_start();
            let length = if remaining.starts_with(word) {
                text.push_verbatim(word, place);
                word.len()
            } else {
                text.push_for(word, place);
                remaining.find(char::is_whitespace).unwrap_or(remaining.len())
            };
            position = position.saturating_add(length);
            rest = after;
        }
        if text.as_str().is_empty() {
            return Text::at("", self.place(start));
        }
        text
    }
}

/// The bytes of a scalar before its first word: a quote, or the line of `>` or `|`.
fn header(written: &str) -> usize {
    match written.as_bytes().first() {
        Some(b'\'' | b'"') => 1,
        Some(b'>' | b'|') => written.find('\n').unwrap_or(written.len()),
        _ => 0,
    }
}

/// What the reader gives: numbers and truth values have lost their notation.
enum Raw {
    Nothing,
    Text(String),
    Scalar,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Raw::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Raw::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the first key, and the place of `mark` in it.
    fn check(source: &str, mark: &str, line: u32, column: u32) {
        let Ok(node) = parse(&Arc::from("f"), source) else { panic!("no YAML: {source}") };
        let Value::Map(pairs) = node.value else { panic!("no map: {source}") };
        let Value::Text(text) = &pairs[0].1.value else { panic!("no text: {source}") };
        let place = text.place(text.as_str().find(mark).unwrap());
        assert_eq!((place.line, place.column), (line, column), "{source}: {:?}", text.as_str());
    }

    #[test]
    fn words_are_found_in_every_style() {
        check("a: one two", "two", 1, 8);
        check("a: >\n  one\n  two three\n", "three", 3, 7);
        check("a: |-\n\n    one\n    two\n", "two", 4, 5);
        check("# c\na: one\n   two # not this\n", "two", 3, 4);
        check("a: 'it''s two'", "two", 1, 11);
        check("a: \"one\\ttwo three\"", "three", 1, 14);
        check("a:\n  one\n\n  two\n", "two", 4, 3);
        check("a: 0x1F", "1F", 1, 6);
        check("ä: öne two", "two", 1, 8);
    }

    #[test]
    fn scalars_are_as_they_were_written() {
        let Ok(node) = parse(&Arc::from("f"), "[0x10, 1.10, yes, true, 007, \"x\", ~]") else {
            panic!("no YAML")
        };
        let Value::List(list) = node.value else { panic!("no list") };
        let texts: Vec<_> = list
            .iter()
            .map(|node| match &node.value {
                Value::Text(text) => text.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(texts, ["0x10", "1.10", "yes", "true", "007", "x", ""]);
    }

    #[test]
    fn mistakes_have_a_place() {
        let error = parse(&Arc::from("f"), "a: 1\nb: [\n").err().unwrap();
        assert!(error.place.line >= 2, "{}: {}", error.place, error.cause);
    }
}
