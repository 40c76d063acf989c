//! A document as a tree of values that know their bytes.

use std::borrow::Cow;

/// How deep values may lie in values.
pub(crate) const NESTING: usize = 100;

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

    /// The same, on its own.
    pub fn into_owned(self) -> Node<'static> {
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Bool(truth) => Value::Bool(truth),
            Value::Integer(number) => Value::Integer(number),
            Value::Float(number) => Value::Float(number),
            Value::Text(text) => Value::Text(text.into_owned().into()),
            Value::List(elements) => {
                Value::List(elements.into_iter().map(Node::into_owned).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|entry| Entry {
                        key: entry.key.into_owned().into(),
                        key_span: entry.key_span,
                        node: entry.node.into_owned(),
                    })
                    .collect(),
            ),
        };
        Node { value, span: self.span, shared: self.shared }
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

    /// The value of a key, made where it is missing; this becomes a map if it is none.
    #[expect(clippy::unreachable, reason = "the line above makes it a map")]
    pub fn entry(&mut self, key: &str) -> &mut Node<'a> {
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        let Value::Map(entries) = &mut self.value else { unreachable!() };
        let found = entries.iter().position(|entry| entry.key == key);
        if let Some(place) = found {
            #[expect(clippy::indexing_slicing, reason = "the place was just found")]
            return &mut entries[place].node;
        }
        let key = key.to_owned().into();
        let node = Node::unplaced(Value::Null);
        &mut entries.push_mut(Entry { key, key_span: Span::default(), node }).node
    }

    /// Takes a key out of a map.
    pub fn remove(&mut self, key: &str) -> Option<Node<'a>> {
        let Value::Map(entries) = &mut self.value else { return None };
        let place = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(place).node)
    }

    /// The elements of a list, to change them.
    pub fn elements_mut(&mut self) -> &mut [Node<'a>] {
        match &mut self.value {
            Value::List(elements) => elements,
            _ => &mut [],
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
