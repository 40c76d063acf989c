//! Documents in YAML, TOML and JSON with comments, read field by field as [`crate::json`] reads JSON.

use serde_saphyr::DuplicateKeyPolicy;

use crate::json::{Fields, Object};
use crate::reading::{Fault, text};

/// Nodes of the largest lock files known times ten; beyond it a document is refused.
const MOST_NODES: usize = 4_000_000;

/// Reads a YAML document whose root is a mapping. Merge tools leave keys twice: the first counts.
pub(crate) fn yaml<T>(bytes: &[u8]) -> Result<T, Fault>
where
    T: for<'de> Fields<'de>,
{
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::FirstWins,
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_events: MOST_NODES.saturating_mul(2),
            max_documents: 2,
        },
    };
    serde_saphyr::from_str_with_options::<Object<T>>(&text(bytes), options)
        .map(|object| object.0)
        .map_err(|error| first_line(&error.to_string()))
}

/// Reads a TOML document.
pub(crate) fn toml<T>(bytes: &[u8]) -> Result<T, Fault>
where
    T: for<'de> Fields<'de>,
{
    toml::from_str::<Object<T>>(&text(bytes)).map(|object| object.0).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(bytes, span.start));
        Fault::malformed(format!("line {line}: {}", error.message().replace('\n', " ")))
    })
}

/// Reads JSON in which comments and commas behind the last value may stand.
pub(crate) fn json_with_comments<T>(bytes: &[u8]) -> Result<T, Fault>
where
    T: for<'de> Fields<'de>,
{
    crate::json::read(&plain(bytes)).map_err(|error| Fault::malformed(error.to_string()))
}

/// The message of a fault without the piece of the document that may follow it.
fn first_line(message: &str) -> Fault {
    Fault::malformed(message.lines().next().unwrap_or_default())
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    let before = bytes.get(..offset).unwrap_or(bytes);
    memchr::memchr_iter(b'\n', before).count().saturating_add(1)
}

/// The same document as plain JSON of the same length: comments and idle commas become spaces, so
/// that the lines and columns of what is wrong stay true.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut plain = bytes.to_vec();
    let mut comma = None;
    let mut within = Within::Value;
    let mut before = b' ';
    for (place, &byte) in bytes.iter().enumerate() {
        let blank = |plain: &mut Vec<u8>, place: usize| {
            if let Some(byte) = plain.get_mut(place).filter(|byte| **byte != b'\n') {
                *byte = b' ';
            }
        };
        let mut seen = byte;
        match within {
            Within::Text if before == b'\\' => seen = b' ',
            Within::Text if byte == b'"' => within = Within::Value,
            Within::Text => {}
            Within::Line if byte == b'\n' => within = Within::Value,
            Within::Block if before == b'*' && byte == b'/' => {
                blank(&mut plain, place);
                (within, seen) = (Within::Value, b' ');
            }
            Within::Line | Within::Block => blank(&mut plain, place),
            Within::Value if before == b'/' && matches!(byte, b'/' | b'*') => {
                within = if byte == b'/' { Within::Line } else { Within::Block };
                blank(&mut plain, place.saturating_sub(1));
                blank(&mut plain, place);
                seen = b' ';
            }
            Within::Value => match byte {
                b',' => comma = Some(place),
                b'}' | b']' => {
                    if let Some(comma) = comma.take() {
                        blank(&mut plain, comma);
                    }
                }
                b'"' => (within, comma) = (Within::Text, None),
                b'/' => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => comma = None,
            },
        }
        before = seen;
    }
    plain
}

/// Where a byte of JSON stands.
#[derive(Clone, Copy)]
enum Within {
    Value,
    Text,
    /// A comment up to the end of its line.
    Line,
    /// A comment between `/*` and `*/`.
    Block,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_idle_commas_are_blanked() {
        let check = |text: &str, expected: &str| {
            assert_eq!(String::from_utf8(plain(text.as_bytes())).unwrap(), expected, "{text}");
        };
        check("{\"a\": [1, 2,],}", "{\"a\": [1, 2 ] }");
        check("{\"a//b\": \"c,]\\\"/*\"}", "{\"a//b\": \"c,]\\\"/*\"}");
        check("[1, // x,\n2/*,*/,/*y*/]", "[1,      \n2           ]");
        check("[\"\\\\\",]", "[\"\\\\\" ]");
        check("/", "/");
        check("[1,,]", "[1, ]");
    }
}
