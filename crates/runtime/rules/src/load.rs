//! From rule files to definitions: what is redefined, appended to and switched is settled here.

mod collection;
pub(crate) mod exceptions;
mod item;
pub(crate) mod keys;
mod lists;
mod macros;
#[cfg(test)]
mod tests;
pub(crate) mod value;

use std::sync::Arc;

use bulkhead_limits::Budget;

pub use collection::FileCount;
pub(crate) use collection::{Collection, Kind, Object, Objects, SYSCALL};
pub(crate) use lists::Lists;
pub(crate) use macros::Macros;
pub(crate) use value::Value;

use crate::problem::Problem;
use crate::text::Place;
use crate::yaml;

/// A rule file: its name, which is part of messages, and what is in it.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile<'bytes> {
    /// As the user gave it.
    pub name: &'bytes str,
    /// Its content.
    pub bytes: &'bytes [u8],
}

/// Reads files in their order. A file that is no YAML gives nothing but its problem.
pub(crate) fn collect(files: &[RuleFile<'_>], budget: &Budget) -> Collection {
    let mut collection = Collection::default();
    for file in files {
        let name: Arc<str> = Arc::from(file.name);
        collection.begin(&name);
        if let Err(problem) = collect_file(&name, file.bytes, budget, &mut collection) {
            collection.problems.push(problem);
        }
    }
    collection
}

fn collect_file(
    name: &Arc<str>,
    bytes: &[u8],
    budget: &Budget,
    collection: &mut Collection,
) -> Result<(), Problem> {
    let whole =
        |message: String| Problem::error(Place { file: name.clone(), line: 1, column: 1 }, message);
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    budget
        .check_file(size)
        .and_then(|()| budget.charge_bytes(size))
        .map_err(|limit| whole(format!("the file is too large: {limit}")))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = yaml::end_of(name, bytes.get(..error.valid_up_to()).unwrap_or_default());
        Problem::error(place, "not text in UTF-8").hint("save the file as UTF-8")
    })?;
    let documents = yaml::parse(name, text).map_err(|error| {
        let hint = if error.cause.contains("found a tab") {
            "indent with blanks; nothing of the file was used"
        } else {
            "mend the line; nothing of the file was used"
        };
        Problem::error(error.place, format!("not YAML: {}", error.cause)).hint(hint)
    })?;
    for document in documents {
        let yaml::Value::List(items) = document.value else {
            let hint = if has_key(&document.value, "customRules") {
                "these are values of Falco's chart: save what stands below a name of `customRules` as a file"
            } else if has_key(&document.value, "kind") && has_key(&document.value, "data") {
                "this is an object of Kubernetes: save what stands below a name of `data` as a file"
            } else {
                "a rule file is a list whose items begin with `- rule:`, `- macro:` or `- list:`"
            };
            return Err(Problem::error(document.place, "not a list of items").hint(hint));
        };
        for node in items.iter().filter(|node| node.value != yaml::Value::Nothing) {
            budget
                .charge_entry()
                .map_err(|limit| Problem::error(node.place.clone(), limit.to_string()))?;
            if let Err(problem) = item::read(node, collection) {
                collection.problems.push(problem);
            }
        }
    }
    Ok(())
}

fn has_key(document: &yaml::Value, name: &str) -> bool {
    let yaml::Value::Map(pairs) = document else { return false };
    pairs.iter().any(|(key, _)| key.as_str() == name)
}
