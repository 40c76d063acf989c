//! Where a recipe works: a place that a control named, in an object.

use bulkhead_objects::{FieldPath, Step};
use serde_json::Value;

use crate::edit::at;

/// A place in an object, and what people said about it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'v> {
    pub(crate) root: &'v Value,
    pub(crate) place: &'v FieldPath,
    pub(crate) answer: Option<&'v Value>,
}

const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

impl<'v> Site<'v> {
    /// The value at the place.
    pub(crate) fn here(&self) -> Option<&'v Value> {
        at(self.root, self.place.steps())
    }

    /// The value at a path of a recipe.
    pub(crate) fn look(&self, path: &str) -> Option<&'v Value> {
        at(self.root, self.path(path)?.steps()).filter(|value| !value.is_null())
    }

    /// A path of a recipe in this object.
    pub(crate) fn path(&self, text: &str) -> Option<FieldPath> {
        let (begin, rest) = match text.split_once(':') {
            Some((begin, rest)) if !begin.contains(['.', '[']) => (begin, rest),
            _ => ("", text),
        };
        let steps = self.place.steps();
        let begin = match begin {
            "" => self.place.clone(),
            "object" => FieldPath::ROOT,
            "pod" => self.pod()?,
            "container" => self.container()?,
            "parent" => path_of(steps.get(..steps.len().checked_sub(1)?)?),
            "entry" => {
                let last = steps.iter().rposition(|step| matches!(step, Step::Index(_)));
                let in_container = self.container().map_or(0, |path| path.steps().len());
                match last.filter(|last| *last >= in_container) {
                    Some(last) => path_of(steps.get(..=last)?),
                    None => self.place.clone(),
                }
            }
            _ => return None,
        };
        let last = steps.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(&**key),
            Step::Index(_) => None,
        });
        Some(FieldPath::parse(rest)?.steps().iter().fold(begin, |path, step| match step {
            Step::Key(key) if &**key == "{}" => path.key(last.unwrap_or_default()),
            Step::Key(key) => path.key(key),
            Step::Index(index) => path.index(*index),
        }))
    }

    /// A value of a recipe, with what stands for others put in.
    pub(crate) fn value(&self, template: &Value) -> Option<Value> {
        match template {
            Value::String(text) if text == "$value" => self.answer.cloned(),
            Value::String(text) if text.starts_with('$') => {
                self.look(text.get(1..).unwrap_or_default()).cloned()
            }
            Value::Array(list) => list.iter().map(|value| self.value(value)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| Some((key.clone(), self.value(value)?))).collect()
            }
            other => Some(other.clone()),
        }
    }

    /// The pod's specification.
    pub(crate) fn pod(&self) -> Option<FieldPath> {
        let path = match self.root.get("kind").and_then(Value::as_str)? {
            "Pod" => "spec",
            "PodTemplate" => "template.spec",
            "CronJob" => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        };
        FieldPath::parse(path)
    }

    /// The container that the place is in.
    fn container(&self) -> Option<FieldPath> {
        let steps = self.place.steps();
        let is_list = |step: &Step| matches!(step, Step::Key(key) if CONTAINERS.contains(&&**key));
        let list = steps.iter().position(is_list)?;
        matches!(steps.get(list + 1)?, Step::Index(_)).then(|| path_of(&steps[..list + 2]))
    }

    /// The container that the place is in, or all of the pod.
    pub(crate) fn containers(&self) -> Vec<&'v Value> {
        if let Some(container) = self.container() {
            return at(self.root, container.steps()).into_iter().collect();
        }
        let pod = self.pod().and_then(|pod| at(self.root, pod.steps()));
        let lists = CONTAINERS.iter().filter_map(|list| pod?.get(list)?.as_array());
        lists.flatten().collect()
    }

    /// A field of a container's security context, else of its pod's.
    pub(crate) fn effective(&self, container: &'v Value, field: &str) -> Option<&'v Value> {
        let own = |value: &'v Value| {
            value.get("securityContext")?.get(field).filter(|value| !value.is_null())
        };
        own(container).or_else(|| own(at(self.root, self.pod()?.steps())?))
    }
}

/// Steps as a path.
pub(crate) fn path_of(steps: &[Step]) -> FieldPath {
    steps.iter().fold(FieldPath::ROOT, |path, step| match step {
        Step::Key(key) => path.key(key),
        Step::Index(index) => path.index(*index),
    })
}
