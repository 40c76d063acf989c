//! Ways to write a value.

use bulkhead_objects::{Entry, FieldPath, Node, Step, Value as Tree};
use serde_json::{Map, Value};

use super::style::{Style, flow, pair, scalar};
use super::text::{Text, own};
use super::{Found, Splice, Way};

/// Ways to give a field a value.
pub(super) fn set(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    value: &Value,
) -> Vec<Way> {
    let rest = path.steps().get(found.steps..).unwrap_or_default();
    let Some((first, below)) = rest.split_first() else {
        return replace(text, style, found, path, value);
    };
    match (&found.last().value, first) {
        (Tree::Map(_), Step::Key(key)) => {
            entry(text, style, found, path, key, &nested(below, value))
        }
        (Tree::List(_), Step::Index(index)) => {
            element(text, style, found, path, *index, &nested(below, value))
        }
        (Tree::Null, _) => fill(text, style, found, path, &nested(rest, value)),
        _ => Vec::new(),
    }
}

/// Ways to put an element into a list.
pub(super) fn insert(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    value: &Value,
) -> Vec<Way> {
    let Some((Step::Index(index), _)) = path.steps().split_last() else { return Vec::new() };
    // The element that has the index now goes behind the new one.
    let list = if found.whole { found.clone().parent() } else { found.clone() };
    if list.steps + 1 == path.steps().len() && matches!(list.last().value, Tree::List(_)) {
        return element(text, style, &list, path, *index, value);
    }
    set(text, style, &list, path, value)
}

/// A value below maps and lists that are not there yet.
fn nested(steps: &[Step], value: &Value) -> Value {
    steps.iter().rev().fold(value.clone(), |value, step| match step {
        Step::Key(key) => Value::Object(Map::from_iter([(key.to_string(), value)])),
        Step::Index(_) => Value::Array(vec![value]),
    })
}

/// Another value for a field that has one.
fn replace(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    value: &Value,
) -> Vec<Way> {
    let node = found.last();
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let quoted = text.slice(start, end).starts_with('"') || style.json;
    let written = match value {
        Value::String(_) if text.slice(start, end).starts_with('\'') => {
            let plain = scalar(value, true);
            let inner = plain.trim_matches('"');
            if plain.contains(['\\', '\'']) { plain } else { format!("'{inner}'") }
        }
        _ => flow(value, quoted),
    };
    let mut ways = Vec::new();
    if start < end {
        ways.push(vec![Splice { start, end, text: written.clone() }]);
    }
    if node.is_null() && (value.is_object() || value.is_array()) {
        ways.extend(fill(text, style, found, path, value));
    }
    if let Some((entry, colon)) = own_entry(text, found, path) {
        // With its tag, or the header of a block scalar.
        let end = text.entry_end(entry);
        let end = if text.slice(0, end).ends_with('\n') {
            text.line_behind(end).saturating_sub(style.line_break.len())
        } else {
            end
        };
        ways.push(vec![Splice { start: colon, end: end.max(colon), text: format!(" {written}") }]);
    }
    ways
}

/// The entry of the last value that exists, and where its colon ends.
fn own_entry<'n, 'a>(
    text: Text<'_>,
    found: &Found<'n, 'a>,
    path: &FieldPath,
) -> Option<(&'n Entry<'a>, usize)> {
    let step = path.steps().get(found.steps.checked_sub(1)?)?;
    let Step::Key(key) = step else { return None };
    let entry = found.around()?.entries().iter().find(|entry| *entry.key == **key)?;
    Some((entry, text.behind_colon(entry)?))
}

/// Fills a key that has nothing, or an empty map or list in brackets.
fn fill(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    value: &Value,
) -> Vec<Way> {
    let Some((entry, colon)) = own_entry(text, found, path) else { return Vec::new() };
    let end = text.entry_end(entry).max(colon);
    let in_line = vec![Splice { start: colon, end, text: format!(" {}", flow(value, style.json)) }];
    if found.around().is_none_or(|around| text.is_flow(around)) || found.is_in_flow(text) {
        return vec![in_line];
    }
    let indent = text.column(entry.key_span.start as usize);
    let lines = style.below(value, indent);
    let line_end = text.slice(0, text.next_line(end)).trim_end_matches(['\n', '\r']).len();
    let below = vec![
        Splice { start: colon, end, text: String::new() },
        Splice { start: line_end, end: line_end, text: lines },
    ];
    vec![below, in_line]
}

/// One more entry of a map.
fn entry(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    key: &str,
    value: &Value,
) -> Vec<Way> {
    let map = found.last();
    let entries = own(map);
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        if map.entries().is_empty() && text.is_flow(map) {
            let whole = nested(&[Step::Key(key.into())], value);
            let mut ways = fill(text, style, found, path, &whole);
            let (start, end) = (map.span.start as usize, map.span.end as usize);
            ways.push(vec![Splice { start, end, text: flow(&whole, style.json) }]);
            return ways;
        }
        return Vec::new();
    };
    let (first_at, last_at) = (first.key_span.start as usize, last.key_span.start as usize);
    if text.is_flow(map) {
        let quoted = text.slice(last_at, last_at + 1) == "\"";
        let written = pair(key, value, quoted);
        return in_brackets(text, style, text.entry_end(last), last_at, first_at, &written);
    }
    let indent = text.column(first_at);
    let written = style.entry(key, value, indent);
    let before = |at: usize| {
        let text = format!("{written}{}{}", style.line_break, " ".repeat(indent));
        vec![Splice { start: at, end: at, text }]
    };
    vec![
        line_behind(text, style, text.entry_end(last), indent, &written),
        before(last_at),
        before(first_at),
    ]
}

/// One more element of a list, before the one at an index.
fn element(
    text: Text<'_>,
    style: &Style,
    found: &Found<'_, '_>,
    path: &FieldPath,
    index: usize,
    value: &Value,
) -> Vec<Way> {
    let list = found.last();
    let elements = list.elements();
    let Some(last) = elements.last() else {
        let whole = Value::Array(vec![value.clone()]);
        let (start, end) = (list.span.start as usize, list.span.end as usize);
        let in_line = vec![Splice { start, end, text: flow(&whole, style.json) }];
        let mut ways = vec![in_line];
        if value.is_object() {
            ways.splice(0..0, fill(text, style, found, path, &whole));
        }
        return ways;
    };
    let next = elements.get(index);
    // Where an alias stands is not known.
    if next.unwrap_or(last).shared {
        return Vec::new();
    }
    let start = |node: &Node<'_>| node.span.start as usize;
    if text.is_flow(list) {
        let quoted = style.json || text.slice(start(last), start(last) + 1) == "\"";
        let written = flow(value, quoted);
        return match next {
            None => {
                let end = last.span.end as usize;
                in_brackets(text, style, end, start(last), start(last), &written)
                    .into_iter()
                    .take(1)
                    .collect()
            }
            Some(next) => {
                let (at, line) = (start(next), text.before(start(next)));
                let between = if text.is_first(at) {
                    format!(",{}{line}", style.line_break)
                } else {
                    ", ".to_owned()
                };
                vec![vec![Splice { start: at, end: at, text: format!("{written}{between}") }]]
            }
        };
    }
    let Some(dash) = text.before(start(next.unwrap_or(last))).rfind('-') else { return Vec::new() };
    let written = style.element(value, dash);
    match next {
        None => vec![line_behind(text, style, last.span.end as usize, dash, &written)],
        Some(next) => {
            let at = text.line_start(start(next)) + dash;
            let between = format!("{}{}", style.line_break, " ".repeat(dash));
            vec![vec![Splice { start: at, end: at, text: format!("{written}{between}") }]]
        }
    }
}

/// Lines of their own behind the line on which something ends.
fn line_behind(text: Text<'_>, style: &Style, end: usize, indent: usize, written: &str) -> Way {
    let at = text.line_behind(end);
    let line = format!("{}{written}", " ".repeat(indent));
    let line = if text.slice(0, at).ends_with('\n') {
        format!("{line}{}", style.line_break)
    } else {
        format!("{}{line}", style.line_break)
    };
    vec![Splice { start: at, end: at, text: line }]
}

/// Behind the last part of a collection in brackets, on a line of its own if that one has one; else
/// before the first.
fn in_brackets(
    text: Text<'_>,
    style: &Style,
    end: usize,
    last: usize,
    first: usize,
    written: &str,
) -> Vec<Way> {
    let between = if text.is_first(last) {
        format!("{}{}", style.line_break, text.before(last))
    } else {
        " ".to_owned()
    };
    let behind = Splice { start: end, end, text: format!(",{between}{written}") };
    let rest = text.slice(end, text.0.len());
    let space = rest.len() - rest.trim_start().len();
    let mut ways = Vec::new();
    if rest.trim_start().starts_with(',') {
        let at = end + space + 1;
        ways.push(vec![Splice { start: at, end: at, text: format!("{between}{written},") }]);
    }
    ways.push(vec![behind]);
    ways.push(vec![Splice { start: first, end: first, text: format!("{written}, ") }]);
    ways
}
