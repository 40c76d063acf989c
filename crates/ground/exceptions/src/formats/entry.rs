//! An entry of a YAML list, field by field.

use super::{Reading, quoted};
use crate::{Dialect, Expiry, Glob};
use bulkhead_yaml::{Node, Value};

/// The fields of one entry that were not asked for yet. Every mistake makes the entry void: what is
/// not understood must not suppress more than it says.
pub(super) struct Entry<'a> {
    /// What messages call it: its id, or its place.
    name: String,
    fields: Vec<(&'a str, &'a Node)>,
    mistakes: Vec<(u64, String)>,
}

impl<'a> Entry<'a> {
    /// An element of a list that should be a map.
    pub(super) fn new(node: &'a Node, id_key: &str, reading: &mut Reading) -> Option<Self> {
        let Value::Map(pairs) = &node.value else {
            reading.problem(node.line, &format!("no entry: write it as `- {id_key}: CVE-…`"));
            return None;
        };
        let mut entry = Self {
            name: "an entry".to_owned(),
            fields: Vec::with_capacity(pairs.len()),
            mistakes: Vec::new(),
        };
        for (key, value) in pairs {
            let key = &key.value;
            if entry.fields.iter().any(|(known, _)| known == key) {
                entry.mistake(value.line, format!("{} stands twice", quoted(key)));
            } else {
                entry.fields.push((key, value));
            }
        }
        let id = pairs.iter().find(|(key, _)| key.value == id_key);
        if let Some((_, Node { value: Value::Text(id), .. })) = id {
            entry.name = id.chars().take(100).collect();
        }
        Some(entry)
    }

    pub(super) fn mistake(&mut self, line: u64, what: String) {
        self.mistakes.push((line, what));
    }

    /// Whether everything was understood so far.
    pub(super) const fn is_understood(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// A field that may be absent.
    pub(super) fn take(&mut self, key: &str) -> Option<&'a Node> {
        let at = self.fields.iter().position(|(known, _)| *known == key)?;
        Some(self.fields.remove(at).1)
    }

    /// A field that holds a text; an empty one counts as absent, as other tools have it.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.text_at(key).map(|(text, _)| text)
    }

    pub(super) fn text_at(&mut self, key: &str) -> Option<(String, u64)> {
        let node = self.take(key)?;
        match &node.value {
            Value::Nothing => None,
            Value::Text(text) => {
                Some((text.clone(), node.line)).filter(|(text, _)| !text.is_empty())
            }
            Value::List(_) | Value::Map(_) => {
                self.mistake(node.line, format!("`{key}` should be a text"));
                None
            }
        }
    }

    /// A field that holds a list of texts.
    pub(super) fn texts(&mut self, key: &str) -> Vec<(String, u64)> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let list = match &node.value {
            Value::Nothing => return Vec::new(),
            Value::List(list) => list,
            Value::Text(_) | Value::Map(_) => {
                self.mistake(node.line, format!("`{key}` should be a list of texts"));
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(list.len());
        for element in list {
            match &element.value {
                Value::Text(text) => texts.push((text.clone(), element.line)),
                _ => self.mistake(element.line, format!("`{key}` should hold texts alone")),
            }
        }
        texts
    }

    /// A field that holds a list of patterns of paths.
    pub(super) fn globs(&mut self, key: &str, dialect: Dialect) -> Vec<Glob> {
        let mut globs = Vec::new();
        for (text, line) in self.texts(key) {
            match Glob::read(&text, dialect) {
                Ok(glob) => globs.push(glob),
                Err(error) => {
                    self.mistake(
                        line,
                        format!("{} is no pattern of paths: {error}", quoted(&text)),
                    );
                }
            }
        }
        globs
    }

    /// A field that holds a day or an instant.
    pub(super) fn expiry(&mut self, key: &str) -> Option<Expiry> {
        let (text, line) = self.text_at(key)?;
        let expiry = Expiry::read(&text);
        if expiry.is_none() {
            let what = format!("`{key}`: {} is no day; write it as 2027-03-31", quoted(&text));
            self.mistake(line, what);
        }
        expiry
    }

    /// Whether all of it was understood; what was not is told.
    pub(super) fn finish(mut self, reading: &mut Reading) -> bool {
        for (key, node) in std::mem::take(&mut self.fields) {
            self.mistake(node.line, format!("the key {} is not known", quoted(key)));
        }
        for (line, what) in &self.mistakes {
            reading.problem(*line, &format!("{}: {what}; the entry is left out", self.name));
        }
        self.mistakes.is_empty()
    }
}

/// The elements of a list; anything else is told.
pub(super) fn list<'a>(key: &str, node: &'a Node, reading: &mut Reading) -> &'a [Node] {
    match &node.value {
        Value::List(list) => list,
        Value::Nothing => &[],
        Value::Text(_) | Value::Map(_) => {
            reading.problem(node.line, &format!("`{key}` should be a list"));
            &[]
        }
    }
}

/// A line as reports have it.
pub(super) fn line(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
