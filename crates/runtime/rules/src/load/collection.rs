//! What the files define, by name and in order.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::keys::{Key, SOURCE};
use super::value::Value;
use crate::problem::Problem;
use crate::text::{Place, Text};
use crate::yaml::Node;

/// The source of events of rules that name none.
pub(crate) const SYSCALL: &str = "syscall";

/// What can be defined and later changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Macro,
    Rule,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::List, Self::Macro, Self::Rule];

    /// The key that makes an item one of them, and the word for it in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Macro => "macro",
            Self::Rule => "rule",
        }
    }
}

/// A list, macro or rule with all that was said of it.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) name: String,
    /// Where it was last defined.
    pub(crate) place: Place,
    /// When it was first defined: counts all items.
    pub(crate) index: usize,
    /// When it was last changed.
    pub(crate) changed: usize,
    values: Vec<(&'static str, Value)>,
}

impl Object {
    pub(crate) fn new(name: String, place: Place) -> Self {
        Self { name, place, index: 0, changed: 0, values: Vec::new() }
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Value> {
        self.values.iter().find(|(name, _)| *name == key.name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, key: Key) -> Option<&Text> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: Key) -> Option<bool> {
        match self.get(key) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn words(&self, key: Key) -> &[Text] {
        match self.get(key) {
            Some(Value::Words(words)) => words,
            _ => &[],
        }
    }

    /// Whose events a rule is for.
    pub(crate) fn source(&self) -> &str {
        self.text(SOURCE).map_or(SYSCALL, Text::as_str)
    }

    pub(crate) fn set(&mut self, key: Key, value: Value) {
        match self.values.iter_mut().find(|(name, _)| *name == key.name) {
            Some((_, old)) => *old = value,
            None => self.values.push((key.name, value)),
        }
    }

    pub(crate) fn append(&mut self, key: Key, value: Value) -> Result<(), Problem> {
        if let Some((_, old)) = self.values.iter_mut().find(|(name, _)| *name == key.name) {
            return old.append(value);
        }
        self.values.push((key.name, value));
        Ok(())
    }
}

/// Objects of one kind, in the order of their first definition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Objects {
    objects: Vec<Object>,
    by_name: HashMap<String, usize, FxBuildHasher>,
}

impl Objects {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Object> {
        self.objects.get(*self.by_name.get(name)?)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Object> {
        self.objects.get_mut(*self.by_name.get(name)?)
    }

    /// Sets an object anew; its place in the order stays.
    pub(crate) fn define(&mut self, mut object: Object, now: usize) {
        object.changed = now;
        if let Some(old) = self.get_mut(&object.name) {
            object.index = old.index;
            *old = object;
        } else {
            object.index = now;
            self.by_name.insert(object.name.clone(), self.objects.len());
            self.objects.push(object);
        }
    }
}

/// How many items of each kind a file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCount {
    /// The file as it was named.
    pub file: Arc<str>,
    /// Items that define or change a rule.
    pub rules: usize,
    /// Items that define or change a macro.
    pub macros: usize,
    /// Items that define or change a list.
    pub lists: usize,
    /// Tests.
    pub tests: usize,
}

/// All that the files say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    pub(crate) lists: Objects,
    pub(crate) macros: Objects,
    pub(crate) rules: Objects,
    /// `- test:` items, unread.
    pub(crate) tests: Vec<Node>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) files: Vec<FileCount>,
    /// Items so far.
    pub(crate) items: usize,
}

impl Collection {
    /// What follows stands in this file.
    pub(crate) fn begin(&mut self, file: &Arc<str>) {
        let file = file.clone();
        self.files.push(FileCount { file, rules: 0, macros: 0, lists: 0, tests: 0 });
    }

    /// Counts an item of the file.
    pub(crate) fn count(&mut self, kind: Option<Kind>) {
        let Some(file) = self.files.last_mut() else { return };
        let count = match kind {
            Some(Kind::Rule) => &mut file.rules,
            Some(Kind::Macro) => &mut file.macros,
            Some(Kind::List) => &mut file.lists,
            None => &mut file.tests,
        };
        *count = count.saturating_add(1);
    }

    pub(crate) fn of(&mut self, kind: Kind) -> &mut Objects {
        match kind {
            Kind::List => &mut self.lists,
            Kind::Macro => &mut self.macros,
            Kind::Rule => &mut self.rules,
        }
    }
}
