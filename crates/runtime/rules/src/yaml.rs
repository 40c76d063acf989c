//! YAML as a tree whose texts know where each word stands.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use bulkhead_yaml::{Placed, Value as Written};

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

/// Reads all documents of a file; those in which nothing stands are left out.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<Vec<Node>, SyntaxError> {
    let source = Source::new(file, text);
    match bulkhead_yaml::parse_documents(text) {
        Ok(roots) => Ok(roots.into_iter().map(|root| source.node(root)).collect()),
        Err(error) => {
            Err(SyntaxError { place: source.at(error.line, error.column), cause: error.cause })
        }
    }
}

/// Where what follows some bytes of a file begins.
pub(crate) fn end_of(file: &Arc<str>, before: &[u8]) -> Place {
    let text = String::from_utf8_lossy(before);
    Source::new(file, &text).place(text.len())
}

/// The text of a file and where its lines begin.
struct Source<'text> {
    file: Arc<str>,
    text: &'text str,
    lines: Vec<usize>,
    /// The last offset that was asked for, its line and how many characters stand before it there. Words are asked for
    /// one after the other: a line of a megabyte is not counted from its beginning for each.
    last: Cell<(usize, usize, usize)>,
}

impl<'text> Source<'text> {
    fn new(file: &Arc<str>, text: &'text str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| end.saturating_add(1))).collect();
        Self { file: file.clone(), text, lines, last: Cell::default() }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset);
        let (from, before) = match self.last.get() {
            (last, of_line, before) if of_line == line && last <= offset => (last, before),
            _ => {
                let start = line.checked_sub(1).and_then(|index| self.lines.get(index));
                (start.copied().unwrap_or(0), 0)
            }
        };
        let between = self.text.get(from..offset).unwrap_or("").chars().count();
        let before = before.saturating_add(between);
        self.last.set((offset, line, before));
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = number(before.saturating_add(1));
        Place { file: self.file.clone(), line: number(line), column }
    }

    fn at(&self, line: u64, column: u64) -> Place {
        let number = |count: u64| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Place { file: self.file.clone(), line: number(line), column: number(column) }
    }

    fn node(&self, node: bulkhead_yaml::Node) -> Node {
        let Placed { line, column, bytes, value } = node;
        let place = self.at(line, column);
        let value = match value {
            Written::Nothing => Value::Nothing,
            Written::Text(text) => Value::Text(self.text(&text, bytes, &place)),
            Written::List(list) => {
                Value::List(list.into_iter().map(|inner| self.node(inner)).collect())
            }
            Written::Map(pairs) => Value::Map(
                pairs.into_iter().map(|(key, value)| (self.key(key), self.node(value))).collect(),
            ),
        };
        Node { place, value }
    }

    fn key(&self, key: Placed<String>) -> Text {
        let place = self.at(key.line, key.column);
        self.text(&key.value, key.bytes, &place)
    }

    /// Finds each word of a scalar in the file: folding changes no more than the blanks between
    /// them, and a word that was written with escapes is owed to where it begins.
    fn text(&self, value: &str, bytes: Option<Range<usize>>, place: &Place) -> Text {
        let span = bytes.and_then(|bytes| Some((bytes.start, self.text.get(bytes)?)));
        let Some((start, written)) = span else {
            return Text::at(value, place.clone());
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the first key, and the place of `mark` in it.
    fn check(source: &str, mark: &str, line: u32, column: u32) {
        let Ok(nodes) = parse(&Arc::from("f"), source) else { panic!("no YAML: {source}") };
        let Value::Map(pairs) = &nodes[0].value else { panic!("no map: {source}") };
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
        check(&format!("a: {}z two", "ö ".repeat(70_000)), "two", 1, 140_006);
    }

    #[test]
    fn scalars_are_as_they_were_written() {
        let Ok(nodes) = parse(&Arc::from("f"), "[0x10, 1.10, yes, true, 007, \"x\", ~]") else {
            panic!("no YAML")
        };
        let Value::List(list) = &nodes[0].value else { panic!("no list") };
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
