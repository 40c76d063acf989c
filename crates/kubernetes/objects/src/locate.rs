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
    /// With line and column within the text of the file.
    pub(crate) fn placed(self, text: &str) -> Location {
        let (line, column) = line_and_column(text, self.key.unwrap_or(self.value).start as usize);
        let Self { value, key, found, shared } = self;
        Location { line, column, value, key, found, shared }
    }
}

/// Line and column of a byte, from 1.
pub(crate) fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = memchr::memchr_iter(b'\n', before).count().saturating_add(1);
    let start = memchr::memrchr(b'\n', before).map_or(0, |found| found.saturating_add(1));
    // Bytes that continue a character are no column.
    let in_line = before.get(start..).unwrap_or_default();
    let column = in_line.iter().filter(|byte| *byte & 0xc0 != 0x80).count().saturating_add(1);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(line), number(column))
}
