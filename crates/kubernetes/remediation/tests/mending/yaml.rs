//! Values as people write them: block style, comments everywhere, both kinds of quotation marks.

use serde_json::Value;

/// A value as a document with a comment on many a line.
pub(crate) fn commented(value: &Value) -> String {
    let mut text = String::from("# the first line\n");
    map(value, 0, &mut text);
    text.push_str("# the last line\n");
    text
}

fn map(value: &Value, indent: usize, text: &mut String) {
    for (number, (key, value)) in value.as_object().unwrap().iter().enumerate() {
        if number > 0 || !text.ends_with("- ") {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&quoted(key, false));
        text.push(':');
        entry(value, indent, number, text);
    }
}

fn entry(value: &Value, indent: usize, number: usize, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.push_str(if number.is_multiple_of(2) { " # about it\n" } else { "\n" });
            map(value, indent + 2, text);
        }
        Value::Array(list) if !list.is_empty() => {
            text.push('\n');
            for element in list {
                text.push_str(&" ".repeat(indent + 2));
                text.push_str("- ");
                if element.as_object().is_some_and(|fields| !fields.is_empty()) {
                    map(element, indent + 4, text);
                } else {
                    text.push_str(&scalar(element, number));
                    text.push_str(" # an element\n");
                }
            }
        }
        _ => {
            text.push(' ');
            text.push_str(&scalar(value, number));
            text.push_str(if number.is_multiple_of(3) { "   # why\n" } else { "\n" });
        }
    }
}

fn scalar(value: &Value, number: usize) -> String {
    match value {
        Value::String(text) => quoted(text, number % 2 == 1),
        other => other.to_string(),
    }
}

fn quoted(text: &str, single: bool) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-./".contains(c))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&text);
    match (plain, single && !text.contains(['\'', '\n', '\\'])) {
        (_, true) => format!("'{text}'"),
        (true, false) => text.to_owned(),
        (false, false) => Value::from(text).to_string(),
    }
}
