//! A document as a tree of values that know their bytes.

use std::borrow::Cow;

/// Bytes of a file, from the first to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte, from the beginning of the file.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

/// A value and where it was written. What an alias or a merge key brings in has the place of the
/// anchored value.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where it was written.
    pub span: Span,
    /// It was written at an anchor, and other places of the document use the same bytes.
    pub shared: bool,
}

/// A value as the API server reads it: YAML becomes JSON first.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`, or nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number. Larger ones than these are [`Value::Float`].
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Node<'a>>),
    /// A map; each key stands once.
    Map(Vec<Entry<'a>>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The key; what is no text in YAML is one in JSON.
    pub key: Cow<'a, str>,
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// A value that was written nowhere.
    pub const fn unplaced(value: Value<'a>) -> Self {
        Self { value, span: Span { start: 0, end: 0 }, shared: false }
    }

    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node<'a>> {
        match &mut self.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
            }
            _ => None,
        }
    }

    /// The entries, none where this is no map.
    pub fn entries(&self) -> &[Entry<'a>] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements, none where this is no list.
    pub fn elements(&self) -> &[Node<'a>] {
        match &self.value {
            Value::List(elements) => elements,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text under a key, empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Node::as_text).unwrap_or_default()
    }

    /// Whether nothing stands here.
    pub const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What it is, for people: `a list`.
    pub const fn what(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
