//! `replacements`: values of one resource copied into others.

use super::Failed;
use super::file::{FieldOptions, Replacement, Source, Target};
use super::resource::{Identity, Resource, text};
use super::select::Selection;
use crate::node::{Node, Value};

/// Copies one value to all its targets.
pub(super) fn apply(resources: &mut [Resource], replacement: &Replacement) -> Result<(), Failed> {
    let value = match (&replacement.source, &replacement.source_value) {
        (Some(source), None) => source_value(resources, source)?,
        (None, Some(value)) => Node::unplaced(text(value)),
        _ => return Err("a replacement needs one source".into()),
    };
    for target in &replacement.targets {
        apply_to(resources, &value, target)?;
    }
    Ok(())
}

fn source_value(resources: &[Resource], source: &Source) -> Result<Node<'static>, Failed> {
    let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
    let is_meant = |identity: &Identity| {
        fits(&source.group, &identity.group)
            && fits(&source.version, &identity.version)
            && fits(&source.kind, &identity.kind)
            && fits(&source.name, &identity.name)
            && (source.namespace.is_empty() || source.namespace == identity.effective_namespace())
    };
    let mut found = resources.iter().filter(|it| it.identities().iter().any(is_meant));
    let named = || format!("{} {}", source.kind, source.name);
    let resource =
        found.next().ok_or_else(|| format!("a replacement's source {} is not there", named()))?;
    if found.next().is_some() {
        return Err(format!("a replacement's source {} is there twice", named()));
    }
    let path = if source.field_path.is_empty() { "metadata.name" } else { &source.field_path };
    let mut node = resource.node.clone();
    let mut values = Vec::new();
    visit(&mut node, &split(path), false, &mut |found| values.push(found.clone()));
    let value = values.into_iter().next().filter(|value| !value.is_null());
    let value = value.ok_or_else(|| format!("{} has no {path}", named()))?;
    if source.options.delimiter.is_empty() {
        return Ok(value);
    }
    let whole = as_text(&value).ok_or("a delimiter divides texts only")?;
    let index = usize::try_from(source.options.index).ok();
    let part = index.and_then(|index| whole.split(&*source.options.delimiter).nth(index));
    let part = part.ok_or_else(|| format!("{whole:?} has too few parts for its replacement"))?;
    Ok(Node::unplaced(text(part)))
}

fn apply_to(
    resources: &mut [Resource],
    value: &Node<'static>,
    target: &Target,
) -> Result<(), Failed> {
    let select = target.select.as_ref().ok_or("a replacement's target selects nothing")?;
    let selection = Selection::new(select)?;
    let rejected: Vec<_> = target.reject.iter().map(Selection::new).collect::<Result<_, _>>()?;
    let name = ["metadata.name".to_owned()];
    let paths = if target.field_paths.is_empty() { &name[..] } else { &target.field_paths };
    for resource in resources {
        let identities = resource.identities();
        let mut fits = selection.fits_labels(resource)?
            && identities.iter().any(|identity| selection.fits_identity(identity));
        for (rejection, selector) in rejected.iter().zip(&target.reject) {
            let by_labels =
                !(selector.label_selector.is_empty() && selector.annotation_selector.is_empty());
            let by_name = [&selector.group, &selector.version, &selector.kind, &selector.name]
                .into_iter()
                .chain([&selector.namespace])
                .any(|pattern| !pattern.is_empty());
            fits &= !(by_labels && rejection.fits_labels(resource)?);
            fits &= !(by_name && identities.iter().any(|it| rejection.fits_identity(it)));
        }
        if !fits {
            continue;
        }
        for path in paths {
            let mut count = 0_usize;
            visit(&mut resource.node, &split(path), target.options.create, &mut |node| {
                count = count.saturating_add(1);
                set(node, value, &target.options);
            });
            if count == 0 {
                return Err(format!("a replacement finds no {path} in {}", resource.name()));
            }
        }
    }
    Ok(())
}

fn set(node: &mut Node<'static>, value: &Node<'static>, options: &FieldOptions) {
    let mut new = value.value.clone();
    if !options.delimiter.is_empty()
        && let (Some(present), Some(value)) = (before(node), as_text(value))
    {
        let mut parts: Vec<&str> = present.split(&*options.delimiter).collect();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, &value),
            Ok(index) => match parts.get_mut(index) {
                Some(part) => *part = &value,
                None => parts.push(&value),
            },
        }
        new = text(&parts.join(&options.delimiter));
    }
    // A number in a text stays a text, and the other way round.
    let kept = match (&node.value, &new) {
        (Value::Text(_), Value::Integer(_) | Value::Float(_) | Value::Bool(_)) => {
            as_text(value).map(|value| text(&value))
        }
        (Value::Integer(_), Value::Text(new)) => new.parse().ok().map(Value::Integer),
        (Value::Bool(_), Value::Text(new)) => new.parse().ok().map(Value::Bool),
        _ => None,
    };
    node.value = kept.unwrap_or(new);
}

/// The text that a delimiter divides: of a field that was just made, an empty one.
fn before(node: &Node<'_>) -> Option<String> {
    if node.is_null() { Some(String::new()) } else { as_text(node) }
}

pub(super) fn as_text(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone().into_owned()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The parts of `spec.containers.[name=a].image`: a dot behind a backslash or in brackets belongs to
/// its part.
pub(super) fn split(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut escaped, mut bracket) = (false, false);
    for letter in path.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' if !escaped && !bracket => parts.push(String::new()),
            _ => {
                bracket = (bracket || letter == '[') && letter != ']';
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
        escaped = false;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Visits what the parts lead to: keys, indices, `*`, `-` for a new element, `[key=value]`.
pub(super) fn visit(
    node: &mut Node<'static>,
    path: &[String],
    create: bool,
    act: &mut dyn FnMut(&mut Node<'static>),
) {
    let Some((part, rest)) = path.split_first() else { return act(node) };
    if create && node.is_null() {
        let is_list = part.starts_with('[') || part == "-" || part.parse::<usize>().is_ok();
        node.value = if is_list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) };
    }
    let query = part.strip_prefix('[').and_then(|part| part.strip_suffix(']'));
    match &mut node.value {
        Value::List(elements) => {
            if let Some((key, wanted)) = query.and_then(|query| query.split_once('=')) {
                let fits = |element: &Node<'static>| {
                    let value = if key.is_empty() { Some(element) } else { element.get(key) };
                    value.and_then(as_text).is_some_and(|value| value == wanted)
                };
                if create && !elements.iter().any(fits) && !key.is_empty() {
                    let mut element = Node::unplaced(Value::Map(Vec::new()));
                    element.entry(key).value = text(wanted);
                    elements.push(element);
                }
                for element in elements.iter_mut().filter(|element| fits(element)) {
                    visit(element, rest, create, act);
                }
            } else if part == "*" {
                for element in elements {
                    visit(element, rest, create, act);
                }
            } else if part == "-" {
                let mut element = Node::unplaced(Value::Null);
                visit(&mut element, rest, true, act);
                elements.push(element);
            } else if let Some(element) =
                part.parse().ok().and_then(|index: usize| elements.get_mut(index))
            {
                visit(element, rest, create, act);
            }
        }
        Value::Map(entries) if part == "*" => {
            for entry in entries {
                visit(&mut entry.node, rest, create, act);
            }
        }
        Value::Map(_) if create => visit(node.entry(part), rest, create, act),
        Value::Map(_) => {
            if let Some(below) = node.get_mut(part) {
                visit(below, rest, create, act);
            }
        }
        _ => {}
    }
}
