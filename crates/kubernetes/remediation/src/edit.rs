//! Edits: one field of an object, and what becomes of it.

use bulkhead_objects::{FieldPath, Node, Step, Value as Tree};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A change of one place of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The field.
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub path: FieldPath,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It gets this value; maps and lists on the way to it are made.
    Set(Value),
    /// The list gets one more element, before the one that has this index now.
    Insert(Value),
    /// It goes.
    Remove,
}

impl Edit {
    /// The field with a value.
    pub const fn set(path: FieldPath, value: Value) -> Self {
        Self { path, change: Change::Set(value) }
    }

    /// Carries the edit out on a tree; false, and nothing changed, where the tree has another shape.
    pub fn apply(&self, root: &mut Value) -> bool {
        let mut changed = root.clone();
        let done = match (&self.change, self.path.steps().split_last()) {
            (_, None) => false,
            (Change::Set(value), _) => {
                reach(&mut changed, self.path.steps()).map(|place| *place = value.clone()).is_some()
            }
            (Change::Insert(value), Some((Step::Index(index), way))) => {
                insert(&mut changed, way, *index, value)
            }
            (Change::Insert(_), _) => false,
            (Change::Remove, Some((last, way))) => remove(&mut changed, way, last),
        };
        if done {
            *root = changed;
        }
        done
    }
}

/// The place at the end of a path, made where it is missing.
fn reach<'v>(root: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(root, |place, step| match step {
        Step::Key(key) => {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            Some(place.as_object_mut()?.entry(&**key).or_insert(Value::Null))
        }
        Step::Index(index) => {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let list = place.as_array_mut()?;
            if list.len() == *index {
                list.push(Value::Null);
            }
            list.get_mut(*index)
        }
    })
}

fn insert(root: &mut Value, way: &[Step], index: usize, value: &Value) -> bool {
    let Some(place) = reach(root, way) else { return false };
    if place.is_null() {
        *place = Value::Array(Vec::new());
    }
    match place.as_array_mut().filter(|list| index <= list.len()) {
        Some(list) => {
            list.insert(index, value.clone());
            true
        }
        None => false,
    }
}

fn remove(root: &mut Value, way: &[Step], last: &Step) -> bool {
    let place = way.iter().try_fold(root, |place, step| match step {
        Step::Key(key) => place.get_mut(&**key),
        Step::Index(index) => place.get_mut(*index),
    });
    match (place, last) {
        (Some(Value::Object(map)), Step::Key(key)) => map.remove(&**key).is_some(),
        (Some(Value::Array(list)), Step::Index(index)) if *index < list.len() => {
            list.remove(*index);
            true
        }
        _ => false,
    }
}

/// The value at a path.
pub(crate) fn at<'v>(root: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(root, |place, step| match step {
        Step::Key(key) => place.get(&**key),
        Step::Index(index) => place.get(*index),
    })
}

/// A tree as JSON, the form in which trees are compared.
pub(crate) fn json(node: &Node<'_>) -> Value {
    match &node.value {
        Tree::Null => Value::Null,
        Tree::Bool(truth) => Value::Bool(*truth),
        Tree::Integer(number) => Value::from(*number),
        Tree::Float(number) => Value::from(*number),
        Tree::Text(text) => Value::String(text.clone().into_owned()),
        Tree::List(elements) => Value::Array(elements.iter().map(json).collect()),
        Tree::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone().into_owned(), json(&entry.node)))
                .collect(),
        ),
    }
}

/// A path as the text that people read.
mod as_text {
    use bulkhead_objects::FieldPath;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(path: &FieldPath, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(path)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FieldPath, D::Error> {
        let text = String::deserialize(from)?;
        FieldPath::parse(&text).ok_or_else(|| D::Error::custom(format!("{text} is no path")))
    }
}
