//! Objects of a base and changes of them, by the notation of `content/controls/README.md`.

use bulkhead_objects::{FieldPath, Step};
use serde_json::{Map, Value, json};

use crate::common::value;

/// Objects, one of which is looked at.
#[derive(Clone)]
pub(crate) struct Scene {
    objects: Vec<Option<Value>>,
    target: usize,
    pub(crate) partial: bool,
}

impl Scene {
    pub(crate) fn of(objects: Vec<Value>) -> Self {
        Self { objects: objects.into_iter().map(Some).collect(), target: 0, partial: false }
    }

    pub(crate) fn read(base: &str, on: &str) -> Self {
        let documents = base.split("\n---\n").map(value);
        let mut scene = Self::of(documents.collect());
        scene.target = scene.find(on);
        scene
    }

    pub(crate) fn target(&self) -> &Value {
        self.objects[self.target].as_ref().unwrap()
    }

    pub(crate) fn target_mut(&mut self) -> &mut Value {
        self.objects[self.target].as_mut().unwrap()
    }

    /// The position of the target among the objects that are left.
    pub(crate) fn position(&self) -> usize {
        self.objects[..self.target].iter().flatten().count()
    }

    /// Each object as a file.
    pub(crate) fn texts(&self) -> Vec<String> {
        let present = self.objects.iter().flatten();
        present.map(|object| serde_json::to_string_pretty(object).unwrap()).collect()
    }

    pub(crate) fn edited(&self, edit: &Map<String, Value>) -> Self {
        let mut scene = self.clone();
        for (key, new) in edit {
            scene.change(key, new);
        }
        scene
    }

    fn change(&mut self, key: &str, new: &Value) {
        let name = |key: &str| {
            key.contains('/') && key.starts_with(|first: char| first.is_ascii_uppercase())
        };
        match key.split_once(' ') {
            _ if key == "partial" => self.partial = true,
            _ if key == "on" => self.target = self.find(new.as_str().unwrap()),
            _ if key == "+" => {
                self.objects.insert(0, Some(new.clone()));
                self.target += 1;
            }
            _ if key.starts_with("--") => flag(self.target_mut(), key, new),
            Some((object, path)) if name(object) => {
                let index = self.find(object);
                set(self.objects[index].as_mut().unwrap(), path, new);
            }
            _ if name(key) => {
                let index = self.find(key);
                self.objects[index] = None;
            }
            _ => set(self.target_mut(), key, new),
        }
    }

    /// The first object of a kind, or of a kind and a name.
    fn find(&self, wanted: &str) -> usize {
        let (kind, name) = wanted.split_once('/').unwrap_or((wanted, ""));
        let is = |object: &Value| {
            object["kind"] == kind && (name.is_empty() || object["metadata"]["name"] == name)
        };
        let found = self.objects.iter().position(|object| object.as_ref().is_some_and(is));
        found.unwrap_or_else(|| panic!("the base has no {wanted}"))
    }
}

/// Sets a field, makes the maps and elements on the way, or takes the field away.
fn set(object: &mut Value, path: &str, new: &Value) {
    let path = FieldPath::parse(path).unwrap_or_else(|| panic!("{path} is no path"));
    let (last, way) = path.steps().split_last().unwrap();
    let mut here = object;
    for step in way {
        here = enter(here, step);
    }
    match (last, new) {
        (Step::Key(key), Value::Null) => {
            here.as_object_mut().unwrap().remove(&**key);
        }
        _ => *enter(here, last) = new.clone(),
    }
}

fn enter<'v>(value: &'v mut Value, step: &Step) -> &'v mut Value {
    match step {
        Step::Key(key) => {
            if !value.is_object() {
                *value = json!({});
            }
            value.as_object_mut().unwrap().entry(&**key).or_insert(Value::Null)
        }
        Step::Index(index) => {
            if !value.is_array() {
                *value = json!([]);
            }
            let list = value.as_array_mut().unwrap();
            if *index >= list.len() {
                assert_eq!(*index, list.len(), "a gap in a list");
                list.push(Value::Null);
            }
            &mut list[*index]
        }
    }
}

/// Sets a flag of the first container's command line, or takes it away.
fn flag(object: &mut Value, flag: &str, new: &Value) {
    let command = object["spec"]["containers"][0]["command"].as_array_mut().unwrap();
    command.retain(|word| word.as_str().unwrap().split('=').next() != Some(flag));
    if let Some(new) = new.as_str() {
        command.push(json!(format!("{flag}={new}")));
    }
}

/// Whether a place is at a changed field, below it or around it. A container inherits from its pod, so
/// that the same field of either is meant.
pub(crate) fn is_about(place: &str, key: &str) -> bool {
    let key = if key.starts_with("--") { "command" } else { key };
    let (place, key) = (own_steps(place), own_steps(key));
    let shorter = place.len().min(key.len());
    place[..shorter] == key[..shorter]
}

/// The steps of a path within its pod or its container.
fn own_steps(path: &str) -> Vec<Step> {
    let mut steps = FieldPath::parse(path).unwrap().steps().to_vec();
    let is = |step: Option<&Step>, key: &str| matches!(step, Some(Step::Key(own)) if &**own == key);
    if is(steps.first(), "spec") {
        steps.remove(0);
        if ["containers", "initContainers", "ephemeralContainers"]
            .iter()
            .any(|list| is(steps.first(), list))
        {
            steps.drain(..steps.len().min(2));
        }
    }
    steps
}
