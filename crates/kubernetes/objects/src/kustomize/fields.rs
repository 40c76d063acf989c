//! Paths of kustomize: `spec/template/spec/containers[]/image`.

use super::resource::Identity;
use crate::node::{Node, Value};

/// A field of some kinds. An empty text stands for every group, version or kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldSpec<'a> {
    pub(super) group: &'a str,
    pub(super) version: &'a str,
    pub(super) kind: &'a str,
    pub(super) path: &'a str,
    /// Missing maps on the way are made.
    pub(super) create: bool,
}

impl FieldSpec<'_> {
    pub(super) fn fits(&self, identity: &Identity) -> bool {
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        fits(self.group, &identity.group)
            && fits(self.version, &identity.version)
            && fits(self.kind, &identity.kind)
    }

    /// Changes each value that the path leads to, through every element of lists on the way.
    pub(super) fn visit(
        &self,
        node: &mut Node<'static>,
        change: &mut dyn FnMut(&mut Node<'static>),
    ) {
        visit(node, &parts(self.path), self.create, change);
    }
}

/// A `/` behind a backslash belongs to its part.
fn parts(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in path.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '/' if !escaped => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
        escaped = false;
    }
    parts
}

fn visit(
    node: &mut Node<'static>,
    path: &[String],
    create: bool,
    change: &mut dyn FnMut(&mut Node<'static>),
) {
    let Some((part, rest)) = path.split_first() else { return change(node) };
    match &mut node.value {
        Value::List(elements) => {
            for element in elements {
                visit(element, path, create, change);
            }
        }
        Value::Map(_) => {
            let (key, is_list) =
                part.strip_suffix("[]").map_or((part.as_str(), false), |key| (key, true));
            if create && !is_list {
                visit(node.entry(key), rest, create, change);
            } else if let Some(below) = node.get_mut(key)
                && !below.is_null()
            {
                visit(below, rest, create, change);
            }
        }
        Value::Null if create => {
            node.value = Value::Map(Vec::new());
            visit(node, path, create, change);
        }
        _ => {}
    }
}
