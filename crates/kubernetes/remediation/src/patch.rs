//! Edits of a document's text that keep every other byte.
//!
//! An edit becomes a few splices. There is mostly more than one way to write it, and which of them is
//! right depends on comments, anchors and styles around it; so each is tried and read again, and the
//! first one counts whose objects differ from the old ones by exactly the edit. Where there is none the
//! edit is refused, and nothing is guessed.

mod add;
mod remove;
mod style;
mod text;

use bulkhead_objects::{FieldPath, Node, Step, read_tree};
use serde_json::Value;

use crate::edit::{Change, Edit, json};
use style::Style;
use text::Text;

/// Why an edit is not written into a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text cannot be read.
    #[error("the document cannot be read: {0}")]
    Unreadable(String),
    /// The field is not there, or what it should be in has another type.
    #[error("{0} is not as the edit expects it")]
    Misfit(String),
    /// The bytes serve other places, too.
    #[error("{0} stands at an anchor that other places use: write it out there first")]
    Shared(String),
    /// No way of writing it was found that changes nothing else.
    #[error("{0} cannot be written without changing anything else: edit it by hand")]
    Unwritable(String),
}

/// A replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Splice {
    start: usize,
    end: usize,
    text: String,
}

/// One way to write an edit.
type Way = Vec<Splice>;

/// Writes edits, one after the other, into the text of one document.
///
/// # Errors
/// Where one of them cannot be written. Nothing is half done: the text is only given with all of them.
pub fn patch(text: &str, edits: &[Edit]) -> Result<String, Refusal> {
    edits.iter().try_fold(text.to_owned(), |text, edit| patched(&text, edit))
}

fn patched(text: &str, edit: &Edit) -> Result<String, Refusal> {
    let root = read_tree(text).map_err(Refusal::Unreadable)?;
    let before = json(&root);
    let mut expected = before.clone();
    if !edit.apply(&mut expected) {
        return Err(Refusal::Misfit(edit.path.to_string()));
    }
    if expected == before {
        return Ok(text.to_owned());
    }
    let found = Found::new(&root, &edit.path);
    if found.is_shared(edit) {
        return Err(Refusal::Shared(edit.path.to_string()));
    }
    let page = Text(text);
    let style = Style::of(page, &root);
    let ways = match &edit.change {
        Change::Set(value) => add::set(page, &style, &found, &edit.path, value),
        Change::Insert(value) => add::insert(page, &style, &found, &edit.path, value),
        Change::Remove => remove::remove(page, &found),
    };
    ways.into_iter()
        .filter_map(|way| spliced(text, way))
        .find(|candidate| is_exactly(candidate, &expected))
        .ok_or_else(|| Refusal::Unwritable(edit.path.to_string()))
}

fn is_exactly(text: &str, expected: &Value) -> bool {
    read_tree(text).is_ok_and(|tree| json(&tree) == *expected)
}

fn spliced(text: &str, mut way: Way) -> Option<String> {
    way.sort_by_key(|splice| splice.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for splice in way {
        result.push_str(text.get(at..splice.start)?);
        result.push_str(&splice.text);
        at = splice.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

/// How far a path goes in a tree: every value on the way, the root first.
#[derive(Clone)]
struct Found<'n, 'a> {
    nodes: Vec<&'n Node<'a>>,
    /// How many steps of the path exist.
    steps: usize,
    whole: bool,
}

impl<'n, 'a> Found<'n, 'a> {
    fn new(root: &'n Node<'a>, path: &FieldPath) -> Self {
        let mut nodes = vec![root];
        let mut here = root;
        for step in path.steps() {
            let next = match step {
                Step::Key(key) => here.get(key),
                Step::Index(index) => here.elements().get(*index),
            };
            let Some(next) = next else { break };
            nodes.push(next);
            here = next;
        }
        let steps = nodes.len() - 1;
        Self { nodes, steps, whole: steps == path.steps().len() }
    }

    /// The last value that exists.
    fn last(&self) -> &'n Node<'a> {
        self.nodes[self.steps]
    }

    /// What the last value stands in.
    fn around(&self) -> Option<&'n Node<'a>> {
        self.steps.checked_sub(1).map(|position| self.nodes[position])
    }

    /// The same without the last step.
    fn parent(mut self) -> Self {
        self.nodes.truncate(self.steps);
        Self { steps: self.steps.saturating_sub(1), whole: false, ..self }
    }

    /// Whether any value on the way is written in brackets.
    fn is_in_flow(&self, text: Text<'_>) -> bool {
        let way = self.nodes.get(..self.steps).unwrap_or_default();
        way.iter().any(|node| text.is_flow(node))
    }

    /// Whether an alias or a merge key brought in what would be changed.
    fn is_shared(&self, edit: &Edit) -> bool {
        let (last, way) = self.nodes.split_last().unwrap_or((&self.nodes[0], &[]));
        let inside = way.iter().any(|node| node.shared);
        // A new element beside an alias is the list's own.
        let beside = matches!(edit.change, Change::Insert(_)) && self.whole;
        inside || (last.shared && !beside)
    }
}

#[cfg(test)]
mod tests;
