//! Patches by RFC 6902.

use super::Failed;
use crate::node::{Entry, Node, Span, Value};

/// Applies the operations of a patch in their order.
pub(super) fn apply(
    target: &mut Node<'static>,
    operations: &[Node<'static>],
) -> Result<(), Failed> {
    for operation in operations {
        let path = pointer(operation.text("path"))?;
        let value =
            || operation.get("value").cloned().unwrap_or_else(|| Node::unplaced(Value::Null));
        match operation.text("op") {
            "add" => add(target, &path, value())?,
            "remove" => drop(remove(target, &path)?),
            "replace" => replace(target, &path, value())?,
            "move" => {
                let moved = remove(target, &pointer(operation.text("from"))?)?;
                add(target, &path, moved)?;
            }
            "copy" => {
                let copied = find(target, &pointer(operation.text("from"))?)?.clone();
                add(target, &path, copied)?;
            }
            "test" => {
                if find(target, &path)?.value != value().value {
                    return Err(format!("the test of {} failed", operation.text("path")));
                }
            }
            other => return Err(format!("{other:?} is no operation of a JSON patch")),
        }
    }
    Ok(())
}

/// The parts of a pointer. (RFC 6901)
fn pointer(text: &str) -> Result<Vec<String>, Failed> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rest = text.strip_prefix('/').ok_or_else(|| format!("{text:?} is no JSON pointer"))?;
    Ok(rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

fn find<'n>(
    target: &'n mut Node<'static>,
    path: &[String],
) -> Result<&'n mut Node<'static>, Failed> {
    let mut node = target;
    for part in path {
        let below = match &mut node.value {
            Value::Map(entries) => entries
                .iter_mut()
                .find(|entry| entry.key == part.as_str())
                .map(|entry| &mut entry.node),
            Value::List(elements) => {
                let place = place(part, elements.len());
                place.and_then(|place| elements.get_mut(place))
            }
            _ => None,
        };
        node = below.ok_or_else(|| missing(path))?;
    }
    Ok(node)
}

fn add(target: &mut Node<'static>, path: &[String], value: Node<'static>) -> Result<(), Failed> {
    let Some((last, above)) = path.split_last() else {
        *target = value;
        return Ok(());
    };
    let parent = find(target, above)?;
    match &mut parent.value {
        Value::Map(entries) => {
            match entries.iter_mut().find(|entry| entry.key == last.as_str()) {
                Some(entry) => entry.node = value,
                None => entries.push(Entry {
                    key: last.clone().into(),
                    key_span: Span::default(),
                    node: value,
                }),
            }
            Ok(())
        }
        Value::List(elements) => {
            let end = elements.len();
            let place = if last == "-" { Some(end) } else { place(last, end.saturating_add(1)) };
            let place = place.filter(|place| *place <= end).ok_or_else(|| missing(path))?;
            elements.insert(place, value);
            Ok(())
        }
        _ => Err(missing(path)),
    }
}

/// The library that kustomize uses adds a key that is not there.
fn replace(
    target: &mut Node<'static>,
    path: &[String],
    value: Node<'static>,
) -> Result<(), Failed> {
    let parent = path.split_last().and_then(|(_, above)| find(target, above).ok());
    if parent.is_some_and(|parent| matches!(parent.value, Value::Map(_))) {
        return add(target, path, value);
    }
    *find(target, path)? = value;
    Ok(())
}

fn remove(target: &mut Node<'static>, path: &[String]) -> Result<Node<'static>, Failed> {
    let (last, above) = path.split_last().ok_or("a JSON patch removes the whole object")?;
    let parent = find(target, above)?;
    let removed = match &mut parent.value {
        Value::List(elements) => place(last, elements.len())
            .filter(|place| *place < elements.len())
            .map(|place| elements.remove(place)),
        _ => parent.remove(last),
    };
    removed.ok_or_else(|| missing(path))
}

/// An index; the library that kustomize uses counts negative ones from the end.
fn place(part: &str, length: usize) -> Option<usize> {
    match part.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse().ok()?),
        None => part.parse().ok(),
    }
}

fn missing(path: &[String]) -> Failed {
    format!("a JSON patch asks for /{}, which is not there", path.join("/"))
}
