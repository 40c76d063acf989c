//! Repairs of manifests in files.

mod proof;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bulkhead_objects::{File, FileId, Object, Objects};
use bulkhead_posture::{Catalogue, Cluster, Settings, Verdict};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::choice::Choice;
use crate::difference::{Difference, Region, assemble};
use crate::edit::{Change, Edit, json};
use crate::mend::{Mended, Mender, Step, verdicts};
use crate::open::{Open, Reason};
use crate::patch::patch;

use proof::{Repaired, harmed, is_spoilt};

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
    pub before: Arc<str>,
    /// Its text then.
    pub after: String,
    /// The lines that change.
    regions: Vec<Region>,
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

/// New texts of documents, each for the bytes from its key to the end beside it.
type Pages = BTreeMap<u32, (u32, String)>;

/// What stays of an object, and what does not.
type Outcome = (Vec<Open>, Option<Repaired>);

/// An object and where it stands among the others.
type Placed<'o> = (usize, &'o Object);

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
    let files = first_files(objects);
    let is_first = |it: &Object| files.get(path_of(objects, it)) == Some(&it.origin.file);
    let all = objects.objects.iter().enumerate();
    let all: Vec<Placed<'_>> = all.filter(|(_, it)| is_first(it) && wanted(it)).collect();
    let document = |object: &Object| (object.origin.file, object.origin.bytes.start);
    let documents: Vec<&[Placed<'_>]> =
        all.chunk_by(|(_, one), (_, other)| document(one) == document(other)).collect();
    // Documents know nothing of each other.
    let mended: Vec<_> = documents.par_iter().map(|it| mend(&mender, objects, it)).collect();

    let (mut plan, mut repaired) = (Plan::default(), BTreeMap::new());
    let mut pages: BTreeMap<&str, Pages> = BTreeMap::new();
    for (document, (page, outcomes)) in documents.iter().zip(mended) {
        if let (Some(page), Some((_, first))) = (page, document.first()) {
            let (path, bytes) = (path_of(objects, first), &first.origin.bytes);
            pages.entry(path).or_default().insert(bytes.start, (bytes.end, page));
        }
        for ((position, _), (open, repair)) in document.iter().zip(outcomes) {
            plan.open.extend(open);
            repaired.extend(repair.map(|repair| (*position, repair)));
        }
    }
    let harmed = harmed(objects, settings, &context, &repaired);
    for (path, pages) in pages {
        let Some(id) = files.get(path).copied() else { continue };
        let Some(file) = all.iter().find(|(_, it)| it.origin.file == id) else { continue };
        let Some(file) = objects.file(file.1) else { continue };
        let mut repair = FileRepair::new(file, &pages);
        let spoilt = is_spoilt(objects, id, &repair.after, &repaired);
        let spoilt = spoilt.then(|| "the file would not read as it should: mend it by hand".into());
        let reason = harmed.get(path).cloned().or(spoilt);
        for (position, object) in all.iter().filter(|(_, it)| it.origin.file == id) {
            let Some(Repaired { steps, .. }) = repaired.remove(position) else { continue };
            match &reason {
                Some(reason) => plan.open.extend(refused(catalogue, object, &steps, reason)),
                None => repair.objects.push(ObjectRepair { object: object.to_string(), steps }),
            }
        }
        if reason.is_none() {
            plan.files.push(repair);
        }
    }
    plan
}

/// The first file of each path: a file that was read twice is mended once.
fn first_files(objects: &Objects) -> HashMap<&str, FileId> {
    let mut files = HashMap::new();
    for object in &objects.objects {
        files.entry(path_of(objects, object)).or_insert(object.origin.file);
    }
    files
}

fn path_of<'o>(objects: &'o Objects, object: &Object) -> &'o str {
    objects.file(object).map_or("", |file| &*file.path)
}

/// Mends the objects of one document: its text where it changes, and what became of each.
fn mend(
    mender: &Mender<'_>,
    objects: &Objects,
    document: &[Placed<'_>],
) -> (Option<String>, Vec<Outcome>) {
    let mut page = None;
    let outcomes = document.iter().map(|(_, object)| {
        if let Some(reason) = obstacle(objects, object) {
            return told(mender, object, &reason);
        }
        let root = objects.node(object).map_or(Value::Null, |node| json(&node));
        mender.mend(&object.to_string(), root, &mut |edits| {
            let edits: Vec<_> = edits.iter().map(|edit| within(edit, object)).collect();
            let bytes = object.origin.bytes.start as usize..object.origin.bytes.end as usize;
            let text = || objects.file(object).and_then(|file| file.text.get(bytes));
            let now = page.as_deref().or_else(text).unwrap_or_default();
            page = Some(patch(now, &edits).map_err(|refusal| refusal.to_string())?);
            Ok(())
        })
    });
    // The trees go at once: they are larger than all that is kept of an object.
    let outcomes = outcomes.map(|mended| {
        let is_mended = !mended.steps.is_empty();
        (mended.open, is_mended.then(|| Repaired::new(&mended.root, mended.steps)))
    });
    let outcomes = outcomes.collect();
    (page, outcomes)
}

/// Why an object cannot be mended where it was read.
fn obstacle(objects: &Objects, object: &Object) -> Option<String> {
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
    objects.node(object).is_none().then(|| "its text is not there".to_owned())
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

impl FileRepair {
    /// The texts of documents put into their file.
    fn new(file: &File, pages: &Pages) -> Self {
        let pieces = pages.iter().map(|(start, (end, text))| {
            let range = *start as usize..*end as usize;
            (range, text.as_str())
        });
        let (after, regions) = assemble(&file.text, pieces);
        let (path, before) = (file.path.to_string(), Arc::clone(&file.text));
        Self { path, before, after, regions, objects: Vec::new() }
    }

    /// What changes, line by line.
    pub fn difference(&self) -> Difference<'_> {
        Difference::within(&self.before, &self.after, &self.regions)
    }
}
