//! The project's own files: what the others have, with an owner.

use bulkhead_yaml::{Node, Pair, Placed};

use super::entry::{self, Entry};
use super::{Reading, kind_of, quoted, trivy};
use crate::{Criterion, Dialect, Exception};

/// The list of exceptions.
pub(super) const KEY: &str = "exceptions";

pub(super) fn read(pairs: &[Pair], reading: &mut Reading) {
    for (Placed { value: key, .. }, node) in pairs {
        if key != KEY {
            reading
                .problem(node.line, &format!("the key {} is not known; known: {KEY}", quoted(key)));
            continue;
        }
        for element in entry::list(key, node, reading) {
            if let Some(exception) = exception(element, reading) {
                reading.add(exception);
            }
        }
    }
}

fn exception(node: &Node, reading: &mut Reading) -> Option<Exception> {
    let mut entry = Entry::new(node, "id", reading)?;
    let id = entry.text("id");
    let mut criteria = trivy::limits(&mut entry);
    let objects = entry.globs("objects", Dialect::Relative);
    criteria.extend((!objects.is_empty()).then_some(Criterion::Objects(objects)));
    let exception = Exception {
        line: entry::line(node.line),
        annotation: None,
        kind: id.as_deref().and_then(kind_of),
        id,
        criteria,
        owner: entry.text("owner"),
        reason: entry.text("reason"),
        expiry: entry.expiry("expires"),
        void: None,
    };
    if exception.id.is_none() {
        entry.mistake(node.line, "it has no id".to_owned());
    }
    if exception.reason.is_none() {
        entry.mistake(node.line, "it has no reason; say why in `reason`".to_owned());
    }
    entry.finish(reading).then_some(exception)
}
