//! Exceptions that stand on the objects themselves.

use std::collections::BTreeMap;

use bulkhead_exceptions::{Exception, ExceptionFile, read_annotation};
use bulkhead_model::{Location, Problem, ProblemKind};
use bulkhead_objects::{FieldPath, Labels, Object, Objects};
use bulkhead_posture::{file, subject};

/// An annotation that accepts something, or means to.
pub(super) struct Annotated<'a> {
    pub(super) key: &'a str,
    /// Whether it stands on the object itself, not on the pods that this makes.
    is_own: bool,
    /// What it accepts, or what is wrong with it.
    pub(super) exception: Result<Exception, String>,
}

/// The exceptions on an object and on the pods that it makes. `file` is the one that findings name.
pub(super) fn of<'a>(object: &'a Object, file: &str) -> impl Iterator<Item = Annotated<'a>> {
    // What stands on the template stands on each pod, too, which the cluster keeps apart.
    let of_pods = object.workload().map(|workload| &workload.template.metadata.annotations);
    let of_pods = of_pods.into_iter().flat_map(Labels::iter).map(|it| (it, false));
    let own = object.metadata.annotations.iter().map(|it| (it, true));
    own.chain(of_pods).filter_map(move |((key, value), is_own)| {
        let exception = read_annotation(key, value, || (subject(object), file.to_owned()))?;
        let mistake = |mistake| format!("{object}: {key}: {mistake}; it accepts nothing");
        Some(Annotated { key, is_own, exception: exception.map_err(mistake) })
    })
}

/// Every exception in the annotations of objects and of the pods that they make, by file.
pub(super) fn exceptions(objects: &Objects) -> Vec<ExceptionFile> {
    let mut files: BTreeMap<&str, ExceptionFile> = BTreeMap::new();
    let mut places = objects.places();
    for object in &objects.objects {
        let path = file(object, objects);
        for Annotated { key, is_own, exception } in of(object, path) {
            let entry = files.entry(path).or_insert_with(|| ExceptionFile {
                name: path.to_owned(),
                ..ExceptionFile::default()
            });
            match exception {
                Ok(mut exception) => {
                    let at = FieldPath::ROOT.key("metadata").key("annotations").key(key);
                    let at = is_own.then(|| places.locate(object, &at)).flatten();
                    let has_lines = objects.has_lines(object);
                    exception.line = at.filter(|_| has_lines).map_or(0, |at| at.line);
                    entry.exceptions.push(exception);
                }
                Err(message) => {
                    let kind = ProblemKind::Malformed;
                    entry.problems.push(Problem::new(kind, Location::of(path), message));
                }
            }
        }
    }
    files.into_values().collect()
}
