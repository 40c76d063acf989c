//! Whether a repair did what it should, and nothing else.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{FileId, Object, Objects};
use bulkhead_posture::{Cluster, Settings};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::edit::json;
use crate::mend::{Step, verdicts, worse};

/// What is left of the repair of an object while the others are mended: its steps, and what it is to say
/// then.
pub(super) struct Repaired {
    pub(super) steps: Vec<Step>,
    digest: [u8; 32],
    /// The object as it is to be, where others go by what changes.
    object: Option<Box<Object>>,
}

impl Repaired {
    pub(super) fn new(root: &Value, steps: Vec<Step>) -> Self {
        let mut edits = steps.iter().flat_map(|step| &step.edits);
        let labels = edits.any(|edit| edit.path.to_string().contains("labels"));
        let object = labels.then(|| {
            let mut read = Objects::new();
            read.add("object.json", root.to_string().as_bytes(), &Budget::new(Limits::DEFAULT));
            read.objects.pop().map(Box::new)
        });
        Self { steps, digest: digest(root), object: object.flatten() }
    }
}

/// Sorted keys and all: equal values, and no others, have equal digests.
fn digest(value: &Value) -> [u8; 32] {
    Sha256::digest(value.to_string().as_bytes()).into()
}

/// Whether a file in its new text does not read as it should, where nothing else may have changed.
pub(super) fn is_spoilt(
    objects: &Objects,
    file: FileId,
    text: &str,
    repaired: &BTreeMap<usize, Repaired>,
) -> bool {
    let mut read = Objects::new();
    read.add("file", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    let in_file = |it: &Object| it.origin.file == file && it.origin.kustomization.is_none();
    let expected: Vec<(usize, &Object)> =
        objects.objects.iter().enumerate().filter(|(_, object)| in_file(object)).collect();
    let says =
        |objects: &Objects, object: &Object| objects.node(object).map(|node| digest(&json(&node)));
    expected.len() != read.objects.len()
        || expected.par_iter().zip(&read.objects).any(|((position, object), found)| {
            let expected = match repaired.get(position) {
                Some(repaired) => Some(repaired.digest),
                None => says(objects, object),
            };
            says(&read, found) != expected
        })
}

/// Files whose repair makes a control fail on some other object, with what it would do: labels are what
/// others go by.
pub(super) fn harmed<'o>(
    objects: &'o Objects,
    settings: &Settings,
    before: &Cluster<'_>,
    repaired: &BTreeMap<usize, Repaired>,
) -> BTreeMap<&'o str, String> {
    let labelled: BTreeMap<usize, &Object> = repaired
        .iter()
        .filter_map(|(position, repaired)| Some((*position, repaired.object.as_deref()?)))
        .collect();
    if labelled.is_empty() {
        return BTreeMap::new();
    }
    let new = |(position, object)| labelled.get(&position).copied().unwrap_or(object);
    let after: Vec<&Object> = objects.objects.iter().enumerate().map(new).collect();
    let context = Cluster::of(after.iter().copied(), settings);
    let harm = objects.objects.iter().zip(&after).find_map(|(object, changed)| {
        let control = worse(&verdicts(before, object), &verdicts(&context, changed))?;
        Some(format!("{control} of {object} would fail by it"))
    });
    let Some(reason) = harm else { return BTreeMap::new() };
    let blamed = labelled.keys().filter_map(|position| objects.objects.get(*position));
    let files = blamed.filter_map(|object| objects.file(object));
    files.map(|file| (&*file.path, reason.clone())).collect()
}
