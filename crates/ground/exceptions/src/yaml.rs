//! YAML as a tree that knows its lines, so that a mistake in one entry costs only that one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned, UserMessageFormatter};

/// A value and the line on which it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) line: u64,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing stands there, or `null`.
    Nothing,
    /// A scalar, as it was written: `1.10` is no number here.
    Text(String),
    List(Vec<Node>),
    /// Keys that are no text are left out; one that stands twice is there twice.
    Map(Vec<(String, Node)>),
}

/// A text that is no YAML.
pub(crate) struct SyntaxError {
    pub(crate) line: u64,
    pub(crate) cause: String,
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Node { line: 1, value: Value::Nothing });
    }
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let error = error.without_snippet();
            let message = error.render_with_formatter(&UserMessageFormatter);
            // The reader ends its messages with the place, which the error has apart.
            let cause = message.rsplit_once(" at line ").map_or(&*message, |(cause, _)| cause);
            let line = error.location().map_or(1, |location| location.line());
            SyntaxError { line, cause: cause.to_owned() }
        })?;
    Ok(raw_to_node(raw, text))
}

/// What the reader gives: numbers and truth values have lost their notation.
enum Raw {
    Nothing,
    Text(String),
    Scalar,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

fn raw_to_node(raw: Spanned<Raw>, text: &str) -> Node {
    let line = raw.referenced.line();
    let written = || {
        let span = raw.defined.span();
        let start = usize::try_from(span.byte_offset()?).ok()?;
        let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
        Some(text.get(start..end)?.trim().to_owned())
    };
    let value = match raw.value {
        Raw::Nothing => Value::Nothing,
        Raw::Text(text) => Value::Text(text),
        Raw::Scalar => written().map_or(Value::Nothing, Value::Text),
        Raw::List(list) => {
            Value::List(list.into_iter().map(|inner| raw_to_node(inner, text)).collect())
        }
        Raw::Map(map) => Value::Map(
            map.into_iter()
                .filter_map(|(key, value)| match raw_to_node(key, text).value {
                    Value::Text(key) => Some((key, raw_to_node(value, text))),
                    _ => None,
                })
                .collect(),
        ),
    };
    Node { line, value }
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

    #[test]
    fn scalars_are_as_they_were_written() {
        let text = "a: 1.10\nb: yes\nc: 2027-03-31\nd: \"x\"\ne:\nf: 0x10 # six\ng: [007, ~]\n";
        let Ok(Node { value: Value::Map(pairs), .. }) = parse(text) else { panic!("no map") };
        let found: Vec<_> =
            pairs.iter().map(|(key, node)| (key.as_str(), node.line, &node.value)).collect();
        let scalar = |text: &str| Value::Text(text.to_owned());
        let list = Value::List(vec![
            Node { line: 7, value: scalar("007") },
            Node { line: 7, value: Value::Nothing },
        ]);
        let expected = [
            ("a", 1, &scalar("1.10")),
            ("b", 2, &scalar("yes")),
            ("c", 3, &scalar("2027-03-31")),
            ("d", 4, &scalar("x")),
            ("f", 6, &scalar("0x10")),
            ("g", 7, &list),
        ];
        let without_nothing: Vec<_> =
            found.into_iter().filter(|(.., value)| **value != Value::Nothing).collect();
        assert_eq!(without_nothing, expected);
    }

    #[test]
    fn mistakes_have_a_line() {
        let error = parse("a: 1\nb: [\n").err().unwrap();
        assert!(error.line >= 2, "{}: {}", error.line, error.cause);
    }
}
