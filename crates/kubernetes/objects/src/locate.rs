//! Where a field was written, found when it is asked for.

use crate::node::{Node, Span, Value};
use crate::path::{FieldPath, Step};

/// The place of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Line and column of its first byte, from 1. Columns count characters.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// The column behind its last character: of key and value where they share the line, else of the
    /// key.
    pub end: u32,
    /// The bytes of the value.
    pub value: Span,
    /// The bytes of its key, where it stands in a map.
    pub key: Option<Span>,
    /// How many steps of the path exist. Where that is fewer than all, the place is that of the last
    /// that does.
    pub found: usize,
    /// The bytes serve other places, too: they stand at an anchor.
    pub shared: bool,
}

/// Follows a path as far as it goes.
pub(crate) fn follow(root: &Node<'_>, path: &FieldPath) -> Followed {
    let mut reached = Followed { value: root.span, key: None, found: 0, shared: root.shared };
    let mut node = root;
    for step in path.steps() {
        let next = match (&node.value, step) {
            (Value::Map(entries), Step::Key(key)) => entries
                .iter()
                .find(|entry| *entry.key == **key)
                .map(|entry| (&entry.node, Some(entry.key_span))),
            (Value::List(elements), Step::Index(index)) => {
                elements.get(*index).map(|element| (element, None))
            }
            _ => None,
        };
        let Some((below, key)) = next else { break };
        node = below;
        reached.value = node.span;
        reached.key = key;
        reached.shared |= node.shared;
        reached.found = reached.found.saturating_add(1);
    }
    reached
}

/// What a path led to.
pub(crate) struct Followed {
    value: Span,
    key: Option<Span>,
    found: usize,
    shared: bool,
}

impl Followed {
    pub(crate) const fn span(&self) -> Span {
        self.value
    }

    /// With line and column.
    pub(crate) fn placed(self, cursor: &mut Cursor<'_>) -> Location {
        let Self { value, key, found, shared } = self;
        let start = key.unwrap_or(value).start as usize;
        let (line, column) = cursor.move_to(start);
        let bytes = cursor.text.as_bytes();
        let rest = bytes.get(start..value.end as usize).unwrap_or_default();
        let end = match (memchr::memchr(b'\n', rest), key) {
            (None, _) => value.end as usize,
            (Some(_), Some(key)) => key.end as usize,
            (Some(length), None) => start.saturating_add(length),
        };
        let (_, end) = cursor.move_to(end);
        Location { line, column, end, value, key, found, shared }
    }
}

/// Line and column of a byte, from 1. For several bytes near to each other a [`Cursor`] is quicker.
pub(crate) fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    Cursor { text, at: 0, line: 1, column: 1 }.move_to(at)
}

/// A place in a text that knows its line and column, and walks to others: what it costs is the way
/// between them.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    /// At a byte whose line is known.
    pub(crate) fn new(text: &'t str, at: usize, line: u32) -> Self {
        Self { text, at, line, column: column(text, at) }
    }

    /// Line and column of a byte, from 1. Columns count characters.
    pub(crate) fn move_to(&mut self, at: usize) -> (u32, u32) {
        let bytes = self.text.as_bytes();
        let at = at.min(bytes.len());
        let forwards = at >= self.at;
        let (from, to) = if forwards { (self.at, at) } else { (at, self.at) };
        let between = bytes.get(from..to).unwrap_or_default();
        let lines = number(memchr::memchr_iter(b'\n', between).count());
        if forwards {
            self.line = self.line.saturating_add(lines);
        } else {
            self.line = self.line.saturating_sub(lines);
        }
        self.column = match (lines, forwards) {
            (0, true) => self.column.saturating_add(characters(between)),
            (0, false) => self.column.saturating_sub(characters(between)),
            _ => column(self.text, at),
        };
        self.at = at;
        (self.line, self.column)
    }
}

fn column(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |found| found.saturating_add(1));
    characters(before.get(start..).unwrap_or_default()).saturating_add(1)
}

/// Bytes that continue a character are none.
fn characters(bytes: &[u8]) -> u32 {
    number(bytes.iter().filter(|byte| *byte & 0xc0 != 0x80).count())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_finds_the_same_wherever_it_comes_from() {
        let text = "a: é\n\n  b: ü x\r\nlast";
        let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        for from in &places {
            for to in &places {
                let before = &text[..*to];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                let mut cursor = Cursor { text, at: 0, line: 1, column: 1 };
                cursor.move_to(*from);
                assert_eq!(cursor.move_to(*to), (number(line), number(column)), "{from} to {to}");
            }
        }
    }
}
