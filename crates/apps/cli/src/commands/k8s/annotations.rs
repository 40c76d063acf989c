//! Exceptions that stand on the objects themselves.

use std::collections::BTreeMap;

use bulkhead_exceptions::{ExceptionFile, read_annotation};
use bulkhead_model::{Location, Problem, ProblemKind};
use bulkhead_objects::{FieldPath, Labels, Object, Objects};
use bulkhead_posture::{file, subject};

/// Every exception in the annotations of objects and of the pods that they make, by file.
pub(super) fn exceptions(objects: &Objects) -> Vec<ExceptionFile> {
    let mut files: BTreeMap<&str, ExceptionFile> = BTreeMap::new();
    let mut places = objects.places();
    for object in &objects.objects {
        let path = file(object, objects);
        let own = annotations(object, true);
        // What stands on the template stands on each pod, too, which the cluster keeps apart.
        let of_pods = object.workload().map(|workload| &workload.template.metadata.annotations);
        let of_pods = of_pods.into_iter().flat_map(Labels::iter).map(|it| (it, false));
        for ((key, value), is_own) in own.chain(of_pods) {
            let annotated = || (subject(object), path.to_owned());
            let Some(read) = read_annotation(key, value, annotated) else { continue };
            let entry = files.entry(path).or_insert_with(|| ExceptionFile {
                name: path.to_owned(),
                ..ExceptionFile::default()
            });
            match read {
                Ok(mut exception) => {
                    let at = FieldPath::ROOT.key("metadata").key("annotations").key(key);
                    let at = is_own.then(|| places.locate(object, &at)).flatten();
                    let has_lines = objects.has_lines(object);
                    exception.line = at.filter(|_| has_lines).map_or(0, |at| at.line);
                    entry.exceptions.push(exception);
                }
                Err(mistake) => {
                    let message = format!("{object}: {key}: {mistake}; it accepts nothing");
                    let kind = ProblemKind::Malformed;
                    entry.problems.push(Problem::new(kind, Location::of(path), message));
                }
            }
        }
    }
    files.into_values().collect()
}

type Pair<'a> = ((&'a bulkhead_objects::Name, &'a bulkhead_objects::Name), bool);

fn annotations(object: &Object, is_own: bool) -> impl Iterator<Item = Pair<'_>> {
    object.metadata.annotations.iter().map(move |pair| (pair, is_own))
}
