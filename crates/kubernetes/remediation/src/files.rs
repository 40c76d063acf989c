//! Repairs of manifests in files.

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Object, Objects};
use bulkhead_posture::{Catalogue, Cluster, Settings, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::choice::Choice;
use crate::edit::{Change, Edit, json};
use crate::mend::{Mended, Mender, Step, verdicts, worse};
use crate::open::{Open, Reason};
use crate::patch::patch;

/// What is to become of files.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files that change, in the order of their names.
    pub files: Vec<FileRepair>,
    /// What stays as it is.
    pub open: Vec<Open>,
}

/// What is to become of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRepair {
    /// The file.
    pub path: String,
    /// Its text now.
    pub before: String,
    /// Its text then.
    pub after: String,
    /// Its objects that change.
    pub objects: Vec<ObjectRepair>,
}

/// What is to become of one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRepair {
    /// The object: `Deployment shop/web`.
    pub object: String,
    /// The controls that pass then, and what makes them.
    pub steps: Vec<Step>,
}

/// Plans the repair of objects that were read from files. Nothing is written.
pub fn plan(
    objects: &Objects,
    settings: &Settings,
    catalogue: &Catalogue,
    choice: &Choice,
    wanted: &dyn Fn(&Object) -> bool,
) -> Plan {
    let context = Cluster::new(&objects.objects, settings);
    let mender = Mender { catalogue, choice, context: &context };
    let mut pages = Pages { objects, texts: BTreeMap::new() };
    let mut plan = Plan::default();
    let mut mended = BTreeMap::new();
    for (position, object) in objects.objects.iter().enumerate().filter(|(_, it)| wanted(it)) {
        let outcome = match pages.obstacle(object) {
            Some(reason) => told(&mender, object, &reason),
            None => pages.mend(&mender, object),
        };
        plan.open.extend(outcome.open);
        if !outcome.steps.is_empty() {
            mended.insert(position, (outcome.root, outcome.steps));
        }
    }
    let mut spoilt = pages.spoilt(&mended);
    spoilt.extend(harmed(objects, settings, &context, &mended));
    for (file, reason) in &spoilt {
        for (position, (_, steps)) in &mended {
            let object = &objects.objects[*position];
            if objects.file(object).is_some_and(|own| *own.path == **file) {
                plan.open.extend(refused(catalogue, object, steps, reason));
            }
        }
    }
    plan.files = pages.repairs(&mended);
    plan.files.retain(|file| !spoilt.contains_key(&file.path));
    plan
}

/// The documents of the files as they are to be.
struct Pages<'o> {
    objects: &'o Objects,
    /// By file and the first byte of the document in it: where it ends there, and its new text.
    texts: BTreeMap<(String, usize), (usize, String)>,
}

impl Pages<'_> {
    /// Why an object cannot be mended where it was read.
    fn obstacle(&self, object: &Object) -> Option<String> {
        let origin = &object.origin;
        if let Some(template) = &origin.template {
            return Some(format!("a chart makes it: mend {template} or the values of the chart"));
        }
        if let Some(folder) = &origin.kustomization {
            return Some(format!(
                "the kustomization in {folder} makes it: mend its resource, or add a patch to it"
            ));
        }
        if !object.metadata.owner_references.is_empty() {
            return Some("another object makes it: mend that one".to_owned());
        }
        if !object.mistakes.is_empty() {
            return Some("the API server would refuse it as it is".to_owned());
        }
        self.objects.node(object).is_none().then(|| "its text is not there".to_owned())
    }

    fn mend(&mut self, mender: &Mender<'_>, object: &Object) -> Mended {
        let origin = &object.origin;
        let root = self.objects.node(object).map_or(Value::Null, |node| json(&node));
        let file = self.objects.file(object);
        let (path, text) =
            file.map_or((String::new(), ""), |file| (file.path.to_string(), &file.text));
        let (start, end) = (origin.bytes.start as usize, origin.bytes.end as usize);
        let key = (path, start);
        let before = self.texts.get(&key).map(|(_, text)| text.clone());
        let mut page =
            before.unwrap_or_else(|| text.get(start..end).unwrap_or_default().to_owned());
        let mended = mender.mend(&object.to_string(), root, &mut |edits| {
            let edits: Vec<_> = edits.iter().map(|edit| within(edit, object)).collect();
            page = patch(&page, &edits).map_err(|refusal| refusal.to_string())?;
            Ok(())
        });
        if !mended.steps.is_empty() {
            self.texts.insert(key, (end, page));
        }
        mended
    }

    /// Files that do not read as they should, in which nothing else may have changed.
    fn spoilt(&self, mended: &BTreeMap<usize, (Value, Vec<Step>)>) -> BTreeMap<String, String> {
        let mut spoilt = BTreeMap::new();
        for (path, text) in self.files() {
            let mut read = Objects::new();
            read.add(&path, text.as_bytes(), &Budget::new(Limits::DEFAULT));
            let expected = self.objects.objects.iter().enumerate().filter(|(_, object)| {
                object.origin.kustomization.is_none()
                    && self.objects.file(object).is_some_and(|file| *file.path == *path)
            });
            let expected: Vec<Value> = expected
                .map(|(position, object)| match mended.get(&position) {
                    Some((root, _)) => root.clone(),
                    None => self.objects.node(object).map_or(Value::Null, |node| json(&node)),
                })
                .collect();
            let found: Vec<Value> = read
                .objects
                .iter()
                .map(|object| read.node(object).map_or(Value::Null, |node| json(&node)))
                .collect();
            if found != expected {
                let reason = "the file would not read as it should: mend it by hand".to_owned();
                spoilt.insert(path, reason);
            }
        }
        spoilt
    }

    /// The files that change, with their new text.
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        // From the last document to the first, so that places before it stay where they are.
        for ((path, start), (end, text)) in self.texts.iter().rev() {
            let file = self.objects.files.iter().find(|file| *file.path == **path);
            let before = || file.map(|file| file.text.to_string()).unwrap_or_default();
            let whole = files.entry(path.clone()).or_insert_with(before);
            if whole.get(*start..*end).is_some() {
                whole.replace_range(*start..*end, text);
            }
        }
        files
    }

    fn repairs(&self, mended: &BTreeMap<usize, (Value, Vec<Step>)>) -> Vec<FileRepair> {
        let repair = |(path, after): (String, String)| {
            let own = |object: &&Object| {
                self.objects.file(object).is_some_and(|file| *file.path == *path)
            };
            let objects = mended.iter().filter_map(|(position, (_, steps))| {
                let object = self.objects.objects.get(*position).filter(own)?;
                Some(ObjectRepair { object: object.to_string(), steps: steps.clone() })
            });
            let file = self.objects.files.iter().find(|file| *file.path == *path);
            let before = file.map(|file| file.text.to_string()).unwrap_or_default();
            FileRepair { objects: objects.collect(), path, before, after }
        };
        self.files().into_iter().map(repair).collect()
    }
}

/// An edit of an object as one of its document.
fn within(edit: &Edit, object: &Object) -> Edit {
    let path = object.origin.within.clone().join(&edit.path);
    Edit { path, change: Change::clone(&edit.change) }
}

/// All failures of an object, which cannot be mended here.
pub(crate) fn told(mender: &Mender<'_>, object: &Object, reason: &str) -> Mended {
    let name = object.to_string();
    let mut mended = Mended { root: Value::Null, steps: Vec::new(), open: Vec::new() };
    for (control, (verdict, places)) in verdicts(mender.context, object) {
        let Some(text) = mender.catalogue.get(control) else { continue };
        if verdict == Verdict::Fail && mender.choice.wants(control, &name) {
            let reason = match text.repair.strategy {
                bulkhead_posture::Strategy::Never => Reason::Never,
                _ => Reason::Refused(reason.to_owned()),
            };
            mended.open.push(Open::new(text, &name, &places, reason));
        }
    }
    mended
}

fn refused(catalogue: &Catalogue, object: &Object, steps: &[Step], reason: &str) -> Vec<Open> {
    let name = object.to_string();
    let texts = steps.iter().filter_map(|step| catalogue.get(&step.control));
    texts.map(|text| Open::new(text, &name, &[], Reason::Refused(reason.to_owned()))).collect()
}

/// Files whose repair makes a control fail on some other object: labels are what others go by.
fn harmed(
    objects: &Objects,
    settings: &Settings,
    before: &Cluster<'_>,
    mended: &BTreeMap<usize, (Value, Vec<Step>)>,
) -> BTreeMap<String, String> {
    let labels = |steps: &[Step]| {
        let mut edits = steps.iter().flat_map(|step| &step.edits);
        edits.any(|edit| edit.path.to_string().contains("labels"))
    };
    if !mended.values().any(|(_, steps)| labels(steps)) {
        return BTreeMap::new();
    }
    let mut after = objects.objects.clone();
    for (position, (root, _)) in mended {
        let mut read = Objects::new();
        read.add("object.json", root.to_string().as_bytes(), &Budget::new(Limits::DEFAULT));
        if let (Some(place), Some(new)) = (after.get_mut(*position), read.objects.pop()) {
            *place = new;
        }
    }
    let context = Cluster::new(&after, settings);
    let mut harmed = BTreeMap::new();
    for (position, object) in objects.objects.iter().enumerate() {
        let Some(changed) = after.get(position) else { continue };
        let Some(control) = worse(&verdicts(before, object), &verdicts(&context, changed)) else {
            continue;
        };
        let blamed = mended.iter().filter(|(_, (_, steps))| labels(steps));
        for (position, _) in blamed {
            let blamed = objects.objects.get(*position);
            if let Some(file) = blamed.and_then(|blamed| objects.file(blamed)) {
                harmed.insert(
                    file.path.to_string(),
                    format!("{control} of {object} would fail by it"),
                );
            }
        }
    }
    harmed
}
