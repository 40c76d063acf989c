//! Long lists of objects, cut into their elements before any is read: a tree of all of them would take more
//! memory than all that is kept of them.
//!
//! A cut is right only where each element stands for itself: none names an anchor of another. Nothing here
//! understands YAML; it takes the lines that begin like elements for their beginnings. A cut inside
//! of a value leaves a text without its end, which nobody can read, and then the list is read as a whole.

use crate::entries::EntriesBuilder;
use crate::json;
use crate::node::{Node, Value};
use crate::object::TypeName;
use crate::read::type_of;
use crate::yaml::{self, Document};

/// Shorter documents are read as they are.
const LONG: usize = 1 << 18;

/// A document that is a list of objects, in pieces.
#[derive(Debug)]
pub(crate) struct Elements<'t> {
    /// What the list says it is.
    pub(crate) type_name: TypeName,
    /// The elements. In YAML each still is a list, of one.
    pub(crate) pieces: Vec<Document<'t>>,
    /// Whether that is so.
    pub(crate) is_listed: bool,
}

/// The elements of a long list; none where the document is short, or anything else.
pub(crate) fn elements<'t>(document: &Document<'t>) -> Option<Elements<'t>> {
    (document.text.len() >= LONG).then(|| cut(document)).flatten()
}

fn cut<'t>(document: &Document<'t>) -> Option<Elements<'t>> {
    let Some((head, ranges)) = json::elements(document.text) else { return cut_lines(document) };
    let mut lines = Lines { text: document.text, at: 0, line: document.line };
    let pieces = ranges.into_iter().map(|range| lines.document(document, range));
    of([head], pieces.collect(), false)
}

/// With what stands around the elements, each key of it once.
fn of<'t>(
    around: impl IntoIterator<Item = Node<'t>>,
    pieces: Vec<Document<'t>>,
    is_listed: bool,
) -> Option<Elements<'t>> {
    let mut entries = EntriesBuilder::default();
    for node in around {
        match node.value {
            Value::Map(more) => {
                for entry in more {
                    entries.insert(entry).is_none().then_some(())?;
                }
            }
            Value::Null => {}
            _ => return None,
        }
    }
    let type_name = type_of(&Node::unplaced(Value::Map(entries.finish())), None)?;
    type_name.kind.ends_with("List").then_some(Elements { type_name, pieces, is_listed })
}

/// Cuts at the lines that begin as deep as the first element, and with a dash.
fn cut_lines<'t>(document: &Document<'t>) -> Option<Elements<'t>> {
    let text = document.text;
    let mut lines = text.split_inclusive('\n').scan((0_usize, document.line), |place, line| {
        let (at, number) = *place;
        *place = (at.saturating_add(line.len()), number.saturating_add(1));
        Some((line, at, number))
    });
    let (items, at, _) =
        lines.find(|(line, ..)| line.strip_prefix("items:").is_some_and(is_blank))?;
    let head = text.get(..at.saturating_add(items.len()))?;
    let (mut begins, mut depth, mut tail) = (Vec::new(), None, text.len());
    for (line, at, number) in lines {
        let inner = line.trim_start_matches(' ');
        let before = line.len().saturating_sub(inner.len());
        if is_blank(inner) || depth.is_some_and(|depth| before > depth) {
            continue;
        }
        if !begins_element(inner) || before != *depth.get_or_insert(before) {
            tail = at;
            break;
        }
        begins.push((at, number));
    }
    let ends = begins.iter().skip(1).map(|(at, _)| *at).chain([tail]);
    let piece = |((at, line), end): (&(usize, u32), usize)| {
        let start = document.start.saturating_add(*at);
        Some(Document { text: text.get(*at..end)?, start, line: *line })
    };
    let pieces = begins.iter().zip(ends).map(piece).collect::<Option<Vec<_>>>()?;
    let read = |text| yaml::read(&Document { text, ..*document }).ok();
    let around = [read(head)?, read(text.get(tail..)?)?];
    let has_items = around.first()?.root.entries().last()?.key == "items";
    let is_repeated = around.iter().any(|tree| !tree.repeated.is_empty());
    (has_items && !is_repeated).then(|| of(around.map(|tree| tree.root), pieces, true)).flatten()
}

fn begins_element(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|text| text.starts_with([' ', '\r', '\n']))
}

/// Whether nothing but a comment stands here.
fn is_blank(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t']);
    text.is_empty() || text.starts_with(['#', '\r', '\n'])
}

/// Counts lines on the way through a text.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    fn document(&mut self, whole: &Document<'t>, range: std::ops::Range<usize>) -> Document<'t> {
        let between = self.text.as_bytes().get(self.at..range.start).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', between).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = range.start;
        let start = whole.start.saturating_add(range.start);
        Document { text: self.text.get(range).unwrap_or_default(), start, line: self.line }
    }
}
