//! How a document is written, so that what is added looks like the rest.

use bulkhead_objects::{Node, Value as Tree};
use serde_json::Value;

use super::text::{Text, own};

/// The habits of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// By how much a map in a map is indented.
    pub(super) step: usize,
    /// By how much the dashes of a list are indented against its key.
    pub(super) dash: usize,
    pub(super) line_break: &'static str,
    /// The document is JSON, or written like it.
    pub(super) json: bool,
}

impl Style {
    pub(super) fn of(text: Text<'_>, root: &Node<'_>) -> Self {
        let (mut step, mut dash) = (None, None);
        look(text, root, &mut step, &mut dash);
        let json = text.is_flow(root);
        Self {
            step: step.unwrap_or(2),
            dash: dash.unwrap_or(0),
            line_break: text.line_break(),
            json,
        }
    }

    /// An entry of a block map, as lines that begin at an indentation; the first line is not indented.
    pub(super) fn entry(&self, key: &str, value: &Value, indent: usize) -> String {
        let key = scalar(&Value::from(key), false);
        match value {
            Value::Object(map) if !map.is_empty() => {
                format!("{key}:{}", self.below(value, indent))
            }
            Value::Array(list) if !list.is_empty() => {
                format!("{key}:{}", self.below(value, indent))
            }
            _ => format!("{key}: {}", flow(value, false)),
        }
    }

    /// A map or a list below a key at an indentation: each line begins with its line break.
    pub(super) fn below(&self, value: &Value, indent: usize) -> String {
        let (inner, lines): (usize, Vec<String>) = match value {
            Value::Object(map) => {
                let inner = indent + self.step;
                (inner, map.iter().map(|(key, value)| self.entry(key, value, inner)).collect())
            }
            Value::Array(list) => {
                let inner = indent + self.dash;
                (inner, list.iter().map(|value| self.element(value, inner)).collect())
            }
            _ => return format!(" {}", flow(value, false)),
        };
        let mut text = String::new();
        for line in lines {
            text.push_str(self.line_break);
            text.push_str(&" ".repeat(inner));
            text.push_str(&line);
        }
        text
    }

    /// An element of a block list with its dash; the first line is not indented.
    pub(super) fn element(&self, value: &Value, indent: usize) -> String {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let inner = indent + 2;
                let entries: Vec<_> =
                    map.iter().map(|(key, value)| self.entry(key, value, inner)).collect();
                let between = format!("{}{}", self.line_break, " ".repeat(inner));
                format!("- {}", entries.join(&between))
            }
            _ => format!("- {}", flow(value, false)),
        }
    }
}

/// A value in brackets on one line; with every text in quotation marks if it is to be JSON.
pub(super) fn flow(value: &Value, json: bool) -> String {
    match value {
        Value::Array(list) => {
            let elements: Vec<_> = list.iter().map(|value| flow(value, json)).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| pair(key, value, json)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => scalar(value, json),
    }
}

/// A key and its value in brackets.
pub(super) fn pair(key: &str, value: &Value, json: bool) -> String {
    format!("{}: {}", scalar(&Value::from(key), json), flow(value, json))
}

/// A scalar: a text without quotation marks only where every reader takes it for that text.
pub(super) fn scalar(value: &Value, json: bool) -> String {
    match value {
        Value::String(text) if !json && is_plain(text) => text.clone(),
        // JSON's notation of a text is one of YAML's.
        _ => value.to_string(),
    }
}

fn is_plain(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
    let rest = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@+=".contains(c));
    first && rest && !text.ends_with(':') && !words.contains(&text.to_ascii_lowercase().as_str())
}

/// Finds the first block map in a block map, and the first block list.
fn look(text: Text<'_>, node: &Node<'_>, step: &mut Option<usize>, dash: &mut Option<usize>) {
    if (step.is_some() && dash.is_some()) || node.shared || text.is_flow(node) {
        return;
    }
    for entry in own(node) {
        let (key, value) = (entry.key_span.start as usize, entry.node.span.start as usize);
        if entry.node.shared || text.is_flow(&entry.node) || !text.is_first(key) {
            continue;
        }
        match &entry.node.value {
            Tree::Map(_) => {
                let deeper = text.column(value).checked_sub(text.column(key));
                *step = step.or(deeper.filter(|deeper| *deeper > 0));
            }
            Tree::List(_) => {
                let at = text.dash(value);
                let deeper = at.and_then(|at| at.checked_sub(text.column(key)));
                *dash = dash.or(deeper);
            }
            _ => {}
        }
    }
    let below = node.entries().iter().map(|entry| &entry.node).chain(node.elements());
    below.for_each(|node| look(text, node, step, dash));
}
