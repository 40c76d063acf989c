//! Ways to take a field away.

use bulkhead_objects::{Entry, Node, Value as Tree};

use super::text::{Text, own};
use super::{Found, Splice, Way};

/// Ways to take away what the path leads to.
pub(super) fn remove(text: Text<'_>, found: &Found<'_, '_>) -> Vec<Way> {
    let (Some(around), true) = (found.around(), found.whole) else { return Vec::new() };
    let gone = found.last();
    match &around.value {
        Tree::Map(_) => entry(text, found, around, gone),
        Tree::List(_) => element(text, found, around, gone),
        _ => Vec::new(),
    }
}

/// From here to there.
fn cut(start: usize, end: usize) -> Way {
    vec![Splice { start, end, text: String::new() }]
}

fn entry(text: Text<'_>, found: &Found<'_, '_>, map: &Node<'_>, gone: &Node<'_>) -> Vec<Way> {
    let own = own(map);
    let Some(position) = own.iter().position(|entry| std::ptr::eq(&raw const entry.node, gone))
    else {
        return Vec::new();
    };
    if own.len() == 1 {
        return empty(text, found, map, "{}");
    }
    let start = |entry: &Entry<'_>| entry.key_span.start as usize;
    let (at, end) = (start(own[position]), text.entry_end(own[position]));
    let next = own.get(position + 1).map(|entry| start(entry));
    let before = position.checked_sub(1).map(|before| text.entry_end(own[before]));
    if text.is_flow(map) {
        return match (next, before) {
            (Some(next), _) => vec![cut(at, next)],
            (None, Some(before)) => vec![cut(before, end)],
            (None, None) => Vec::new(),
        };
    }
    let mut ways = Vec::new();
    if text.is_first(at) {
        ways.push(cut(text.line_start(at), text.line_behind(end)));
        // The last line of a text without a line break.
        ways.push(cut(text.line_start(at).saturating_sub(1), end));
    }
    if let Some(next) = next {
        // Behind a dash: the next key takes its place.
        ways.push(cut(at, next));
    }
    ways
}

fn element(text: Text<'_>, found: &Found<'_, '_>, list: &Node<'_>, gone: &Node<'_>) -> Vec<Way> {
    let elements = list.elements();
    let Some(position) = elements.iter().position(|node| std::ptr::eq(node, gone)) else {
        return Vec::new();
    };
    if elements.len() == 1 {
        return empty(text, found, list, "[]");
    }
    let (at, end) = (gone.span.start as usize, gone.span.end as usize);
    if text.is_flow(list) {
        let before = position.checked_sub(1).and_then(|before| elements.get(before));
        return match (elements.get(position + 1), before) {
            (Some(next), _) if !next.shared => vec![cut(at, next.span.start as usize)],
            (None, Some(before)) if !before.shared => vec![cut(before.span.end as usize, end)],
            _ => Vec::new(),
        };
    }
    let line = text.before(at);
    let alone = line.rfind('-').is_some_and(|dash| line[..dash].trim().is_empty());
    if !alone {
        return Vec::new();
    }
    let start = text.line_start(at);
    vec![cut(start, text.line_behind(end)), cut(start.saturating_sub(1), end)]
}

/// A collection whose last part goes.
fn empty(text: Text<'_>, found: &Found<'_, '_>, collection: &Node<'_>, brackets: &str) -> Vec<Way> {
    let (start, end) = (collection.span.start as usize, collection.span.end as usize);
    let mut ways = Vec::new();
    if text.is_flow(collection) {
        return vec![vec![Splice { start, end, text: brackets.to_owned() }]];
    }
    let outer = found.steps.checked_sub(2).and_then(|position| found.nodes.get(position));
    let entries = outer.map_or(&[][..], |outer| outer.entries());
    let entry = entries.iter().find(|entry| std::ptr::eq(&raw const entry.node, collection));
    if let Some(colon) = entry.and_then(|entry| text.behind_colon(entry)) {
        let between = text.slice(colon, start);
        if between.trim_matches(['-', ' ', '\t', '\r', '\n']).is_empty() {
            ways.push(vec![Splice { start: colon, end, text: format!(" {brackets}") }]);
        }
    }
    let dash = text.before(start).rfind('-').filter(|_| brackets == "[]");
    let start = dash.map_or(start, |dash| text.line_start(start) + dash);
    ways.push(vec![Splice { start, end, text: brackets.to_owned() }]);
    ways
}
