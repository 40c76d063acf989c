//! Places in a text: lines, columns, ends of values.

use bulkhead_objects::{Entry, Node};

/// The text of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t>(pub(super) &'t str);

impl<'t> Text<'t> {
    pub(super) fn slice(self, start: usize, end: usize) -> &'t str {
        self.0.get(start..end).unwrap_or_default()
    }

    /// Where the line of a byte begins.
    pub(super) fn line_start(self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |found| found + 1)
    }

    /// Behind the line break that ends the line of a byte, or the end of the text.
    pub(super) fn next_line(self, at: usize) -> usize {
        let rest = self.slice(at, self.0.len());
        rest.find('\n').map_or(self.0.len(), |found| at + found + 1)
    }

    /// What stands before a byte on its line.
    pub(super) fn before(self, at: usize) -> &'t str {
        self.slice(self.line_start(at), at)
    }

    /// The column of a byte, from 0, in characters.
    pub(super) fn column(self, at: usize) -> usize {
        self.before(at).chars().count()
    }

    /// Whether nothing but space stands before a byte on its line.
    pub(super) fn is_first(self, at: usize) -> bool {
        self.before(at).trim().is_empty()
    }

    /// The column of the dash before a value, or at it: where a list begins is one or the other.
    pub(super) fn dash(self, at: usize) -> Option<usize> {
        let is_dash = self.slice(at, self.0.len()).starts_with("- ");
        if is_dash { Some(self.column(at)) } else { self.before(at).rfind('-') }
    }

    /// How lines end.
    pub(super) fn line_break(self) -> &'static str {
        if self.0.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Whether a collection is written in brackets.
    pub(super) fn is_flow(self, node: &Node<'_>) -> bool {
        let start = node.span.start as usize;
        let first = self.slice(start, node.span.end as usize);
        first.starts_with(['{', '['])
    }

    /// Behind the colon of a key, where nothing but space stands between.
    pub(super) fn behind_colon(self, entry: &Entry<'_>) -> Option<usize> {
        let end = entry.key_span.end as usize;
        let rest = self.slice(end, self.0.len());
        let colon = rest.find(|c: char| !c.is_whitespace())?;
        rest.get(colon..)?.starts_with(':').then_some(end + colon + 1)
    }

    /// Behind the last byte of an entry.
    pub(super) fn entry_end(self, entry: &Entry<'_>) -> usize {
        let key = entry.key_span.end as usize;
        if entry.node.shared {
            // An alias stands where the value would; its span is that of the anchored value.
            let from = self.behind_colon(entry).unwrap_or(key);
            let rest = self.slice(from, self.0.len());
            let name = rest.find('*').unwrap_or_default();
            let length = rest
                .get(name..)
                .and_then(|rest| rest.find([',', '}', ']', ' ', '\t', '\r', '\n']))
                .unwrap_or_else(|| rest.len().saturating_sub(name));
            return from + name + length;
        }
        // A value that is missing may be placed anywhere before the next key.
        if entry.node.is_null() && entry.node.span.start == entry.node.span.end {
            return self.behind_colon(entry).unwrap_or(key);
        }
        key.max(entry.node.span.end as usize)
    }

    /// Where a line may be added behind a value that ends here: behind its line with a comment, or
    /// behind the last line of a block scalar.
    pub(super) fn line_behind(self, end: usize) -> usize {
        let before = self.slice(0, end);
        if !before.ends_with('\n') {
            return self.next_line(end);
        }
        // Blank lines behind a block scalar are read as its own, whether they count or not.
        let content = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
        self.next_line(content).min(end)
    }
}

/// The entries of a map that stand in it, in the order of the text; merge keys bring in others.
pub(super) fn own<'n, 'a>(map: &'n Node<'a>) -> Vec<&'n Entry<'a>> {
    let inside = |entry: &&Entry<'_>| entry.key_span.start >= map.span.start;
    let mut own: Vec<_> = map.entries().iter().filter(inside).collect();
    own.sort_by_key(|entry| entry.key_span.start);
    own
}
