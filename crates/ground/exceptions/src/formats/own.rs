//! The project's own files: what the others have, with an owner.

use super::entry::{self, Entry};
use super::{Reading, quoted, trivy};
use crate::Exception;
use bulkhead_yaml::{Node, Pair, Placed};

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
    let exception = Exception {
        line: entry::line(node.line),
        id: entry.text("id"),
        criteria: trivy::limits(&mut entry),
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
