//! Trees to texts.

use std::fmt::Write as _;

use crate::node::{Node, Value};

/// Writes a value without spaces or line breaks.
pub(crate) fn write(node: &Node<'_>, text: &mut String) {
    match &node.value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Integer(number) => text.push_str(&number.to_string()),
        // With a point or an exponent, so that it stays what it is.
        Value::Float(number) => {
            // Writing to a text cannot fail.
            let _ = write!(text, "{number:?}");
        }
        Value::Text(value) => quote(value, text),
        Value::List(elements) => list(text, ('[', ']'), elements, write),
        Value::Map(entries) => list(text, ('{', '}'), entries, |entry, text| {
            quote(&entry.key, text);
            text.push(':');
            write(&entry.node, text);
        }),
    }
}

fn list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: &[T],
    write: impl Fn(&T, &mut String),
) {
    text.push(open);
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(close);
}

/// Writes a text as Go's `encoding/json` does: what could end a script in a page is escaped, too.
pub(crate) fn quote(value: &str, text: &mut String) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a text cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
    text.push('"');
}
