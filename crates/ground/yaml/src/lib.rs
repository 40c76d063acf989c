//! YAML as people wrote it: a tree in which every scalar is the text that stands in the file and every
//! value knows its place, so that a mistake in one entry costs only that one and is shown where it is.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod raw;

use std::ops::Range;

use raw::Raw;
use serde_saphyr::{DuplicateKeyPolicy, Spanned, UserMessageFormatter};

/// Something and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The line on which it begins, from 1; of an alias, the line of the alias.
    pub line: u64,
    /// The character in its line at which it begins, from 1.
    pub column: u64,
    /// The bytes of the file in which it is written, quotes and indicators with them; of an alias, those
    /// of what it stands for. None where the reader cannot tell.
    pub bytes: Option<Range<usize>>,
    /// What stands there.
    pub value: T,
}

/// A value of the tree.
pub type Node = Placed<Value>;

/// What YAML is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing stands there, or `null`.
    Nothing,
    /// A scalar, as it was written: `1.10` and `0x10` are no numbers here.
    Text(String),
    /// A sequence, in its order.
    List(Vec<Node>),
    /// In their order. Keys that are no text are left out; one that stands twice is there twice.
    Map(Vec<Pair>),
}

/// A key and what it holds.
pub type Pair = (Placed<String>, Node);

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line of the mistake, from 1.
    pub line: u64,
    /// The character in that line, from 1.
    pub column: u64,
    /// What is wrong, in the reader's words, without the place.
    pub cause: String,
}

/// Reads one document, within the reader's own limits for depth, size and aliases.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Placed { line: 1, column: 1, bytes: None, value: Value::Nothing });
    }
    let raw = serde_saphyr::from_str_with_options(text, options());
    Ok(node(raw.map_err(|error| syntax_error(&error))?, text))
}

/// Reads all documents of a text but those in which nothing stands, within the same limits.
pub fn parse_documents(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let raw = serde_saphyr::from_multiple_with_options(text, options());
    let documents: Vec<Spanned<Raw>> = raw.map_err(|error| syntax_error(&error))?;
    Ok(documents.into_iter().map(|raw| node(raw, text)).collect())
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    }
}

fn syntax_error(error: &serde_saphyr::Error) -> SyntaxError {
    let error = error.without_snippet();
    let message = error.render_with_formatter(&UserMessageFormatter);
    // The reader ends its messages with the place, which the error has apart.
    let cause = message.rsplit_once(" at line ").map_or(&*message, |(cause, _)| cause);
    let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
    SyntaxError { line, column, cause: cause.to_owned() }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let bytes = bytes(&raw);
    let written = || Some(text.get(bytes.clone()?)?.trim().to_owned());
    let value = match raw.value {
        Raw::Nothing => Value::Nothing,
        Raw::Text(text) => Value::Text(text),
        Raw::Scalar => written().map_or(Value::Nothing, Value::Text),
        Raw::List(list) => Value::List(list.into_iter().map(|inner| node(inner, text)).collect()),
        Raw::Map(pairs) => {
            let pair = |(key, value)| Some((node(key, text).into_text()?, node(value, text)));
            Value::Map(pairs.into_iter().filter_map(pair).collect())
        }
    };
    Placed { line: raw.referenced.line(), column: raw.referenced.column(), bytes, value }
}

fn bytes<T>(raw: &Spanned<T>) -> Option<Range<usize>> {
    let span = raw.defined.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    Some(start..end)
}

impl Node {
    fn into_text(self) -> Option<Placed<String>> {
        let Self { line, column, bytes, value } = self;
        match value {
            Value::Text(value) => Some(Placed { line, column, bytes, value }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_as_they_were_written() {
        let text = "a: 1.10\nb: yes\nc: 2027-03-31\nd: \"x\"\ne:\nf: 0x10 # six\ng: [007, ~]\n";
        let Ok(Node { value: Value::Map(pairs), .. }) = parse(text) else { panic!("no map") };
        let shown = |node: &Node| match &node.value {
            Value::Text(text) => text.clone(),
            Value::Nothing => "nothing".to_owned(),
            Value::List(list) => {
                format!("{:?}", list.iter().map(|one| &one.value).collect::<Vec<_>>())
            }
            Value::Map(_) => "map".to_owned(),
        };
        let found: Vec<_> =
            pairs.iter().map(|(key, node)| (key.value.as_str(), key.line, shown(node))).collect();
        let expected = [
            ("a", 1, "1.10"),
            ("b", 2, "yes"),
            ("c", 3, "2027-03-31"),
            ("d", 4, "x"),
            ("e", 5, "nothing"),
            ("f", 6, "0x10"),
            ("g", 7, "[Text(\"007\"), Nothing]"),
        ];
        assert_eq!(found, expected.map(|(key, line, value)| (key, line, value.to_owned())));
    }

    #[test]
    fn an_alias_stands_where_it_is_used_and_is_written_where_it_was_named() {
        let text = "a: &x one\nb: *x\n";
        let Ok(Node { value: Value::Map(pairs), .. }) = parse(text) else { panic!("no map") };
        let (_, alias) = &pairs[1];
        assert_eq!((alias.line, &alias.value), (2, &Value::Text("one".to_owned())));
        assert_eq!(alias.bytes.clone().map(|bytes| &text[bytes]), Some("one"));
    }

    #[test]
    fn mistakes_have_a_place() {
        let error = parse("a: 1\nb: [\n").unwrap_err();
        assert!(error.line >= 2, "{error:?}");
    }
}
