//! Which fields of an object are otherwise, as they were written.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_objects::{FieldPath, Node, Value};
use schemars::JsonSchema;
use serde::Serialize;

/// How many fields are told of one object.
const TOLD: usize = 50;

/// How much of a value is shown, in characters.
const SHOWN: usize = 120;

/// What the server writes by itself, or keeps of what somebody else wrote.
const NOT_WRITTEN: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// A value of one field, and what it was.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Field {
    /// The object.
    pub(super) object: String,
    /// The field; `…` where there are more than are told.
    pub(super) path: String,
    /// None where it was not set.
    pub(super) before: Option<String>,
    /// None where it is not set.
    pub(super) after: Option<String>,
}

/// The fields that differ, in the order of the object; the last says how many more there are.
pub(super) fn fields(name: &str, old: &Node<'_>, new: &Node<'_>) -> Vec<Field> {
    let is_secret = new.text("kind") == "Secret" || old.text("kind") == "Secret";
    let mut walk = Walk { object: name, fields: Vec::new(), more: 0 };
    for part in ["labels", "annotations"] {
        let of = |node| Node::get(node, "metadata").and_then(|it| it.get(part));
        walk.compare(&FieldPath::ROOT.key("metadata").key(part), of(old), of(new), false);
    }
    let keys = keys(old).chain(keys(new)).collect::<BTreeSet<_>>();
    for key in keys.into_iter().filter(|key| !NOT_WRITTEN.contains(key)) {
        let is_hidden = is_secret || key == "data" || key == "binaryData";
        walk.compare(&FieldPath::ROOT.key(key), old.get(key), new.get(key), is_hidden);
    }
    let Walk { mut fields, more, .. } = walk;
    if more > 0 {
        let after = Some(format!("{more} more fields differ"));
        fields.push(Field { object: name.to_owned(), path: "…".to_owned(), before: None, after });
    }
    fields
}

struct Walk<'n> {
    object: &'n str,
    fields: Vec<Field>,
    more: usize,
}

impl Walk<'_> {
    /// Values of what may be secret are not shown, only that they differ.
    fn compare(
        &mut self,
        path: &FieldPath,
        old: Option<&Node<'_>>,
        new: Option<&Node<'_>>,
        is_hidden: bool,
    ) {
        let is_map = |node: Option<&Node<'_>>| node.is_some_and(|it| !it.entries().is_empty());
        let is_list = |node: Option<&Node<'_>>| node.is_some_and(|it| !it.elements().is_empty());
        let is_unset = |node: Option<&Node<'_>>| node.is_none_or(Node::is_null);
        if (is_map(old) || is_map(new)) && !is_list(old) && !is_list(new) {
            let all = old.into_iter().chain(new).flat_map(keys).collect::<BTreeSet<_>>();
            // A variable's value may be a password.
            let is_variable = all.contains("name") && all.contains("value");
            for key in all {
                let (old, new) = (old.and_then(|it| it.get(key)), new.and_then(|it| it.get(key)));
                let is_hidden = is_hidden || (is_variable && key == "value");
                self.compare(&path.clone().key(key), old, new, is_hidden);
            }
        } else if is_list(old) || is_list(new) {
            for (index, old, new) in pairs(old, new) {
                self.compare(&path.clone().index(index), old, new, is_hidden);
            }
        } else if !(is_unset(old) && is_unset(new)) {
            let value = |node: Option<&Node<'_>>| node.filter(|it| !it.is_null()).map(shown);
            let (mut before, mut after) = (value(old), value(new));
            if old.map(|it| &it.value) != new.map(|it| &it.value) {
                if is_hidden {
                    let hide = |_| "(not shown)".to_owned();
                    (before, after) = (before.map(hide), after.map(hide));
                }
                if self.fields.len() < TOLD {
                    let (object, path) = (self.object.to_owned(), path.to_string());
                    self.fields.push(Field { object, path, before, after });
                } else {
                    self.more += 1;
                }
            }
        }
    }
}

/// An element before and after, and where it stands.
type Pair<'n, 'a> = (usize, Option<&'n Node<'a>>, Option<&'n Node<'a>>);

/// The elements that belong together: by their names where all have one, else by their places.
fn pairs<'n, 'a>(old: Option<&'n Node<'a>>, new: Option<&'n Node<'a>>) -> Vec<Pair<'n, 'a>> {
    let (old, new) = (old.map_or(&[][..], Node::elements), new.map_or(&[][..], Node::elements));
    let (Some(by_old), Some(by_new)) = (by_name(old), by_name(new)) else {
        let length = old.len().max(new.len());
        return (0..length).map(|at| (at, old.get(at), new.get(at))).collect();
    };
    let after = new.iter().enumerate().map(|(at, node)| {
        let old = by_old.get(node.text("name")).map(|(_, old)| *old);
        (at, old, Some(node))
    });
    let gone = by_old.iter().filter(|(name, _)| !by_new.contains_key(*name));
    after.chain(gone.map(|(_, (at, old))| (*at, Some(*old), None))).collect()
}

/// Elements by their names; none where one has no name of its own.
fn by_name<'n, 'a>(nodes: &'n [Node<'a>]) -> Option<BTreeMap<&'n str, (usize, &'n Node<'a>)>> {
    let named = nodes.iter().enumerate().map(|(at, node)| (node.text("name"), (at, node)));
    let named: BTreeMap<_, _> = named.collect();
    (named.len() == nodes.len() && !named.contains_key("")).then_some(named)
}

fn keys<'n>(node: &'n Node<'_>) -> impl Iterator<Item = &'n str> {
    node.entries().iter().map(|entry| &*entry.key)
}

fn shown(node: &Node<'_>) -> String {
    let text = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_objects::read_tree;

    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let (old, new) = (read_tree(old).unwrap(), read_tree(new).unwrap());
        let side = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let fields = fields("it", &old, &new).into_iter();
        fields.map(|it| format!("{} {} {}", it.path, side(it.before), side(it.after))).collect()
    }

    #[test]
    fn fields_are_told_with_what_they_were() {
        let old = "kind: Pod\nmetadata: {labels: {a: b}, uid: 1}\nstatus: {x: 1}\nspec:\n  hostPID: true\n  containers:\n  \
                   - {name: a, image: 'x:1', args: [one, two]}\n  - {name: b, image: y}\n";
        let new = "kind: Pod\nmetadata: {labels: {a: c}, uid: 2}\nspec:\n  containers:\n  - {name: b, image: y}\n  \
                   - {name: a, image: 'x:2', args: [one], securityContext: {privileged: true, runAsUser: 0}}\n";
        assert_eq!(
            told(old, new),
            [
                "metadata.labels.a b c",
                "spec.containers[1].args[1] two -",
                "spec.containers[1].image x:1 x:2",
                "spec.containers[1].securityContext.privileged - true",
                "spec.containers[1].securityContext.runAsUser - 0",
                "spec.hostPID true -",
            ]
        );
        assert!(told(new, new).is_empty());
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let secret = |value: &str| format!("kind: Secret\nstringData: {{password: {value}}}\n");
        assert_eq!(
            told(&secret("one"), &secret("two")),
            ["stringData.password (not shown) (not shown)"]
        );
        let map = |value: &str| format!("kind: ConfigMap\ndata: {{password: {value}}}\n");
        assert_eq!(told(&map("one"), &map("two")), ["data.password (not shown) (not shown)"]);
        let pod = |value: &str| {
            format!(
                "kind: Pod\nspec: {{containers: [{{name: a, env: [{{name: P, value: {value}}}]}}]}}\n"
            )
        };
        let expected = "spec.containers[0].env[0].value (not shown) (not shown)";
        assert_eq!(told(&pod("one"), &pod("two")), [expected]);
    }

    #[test]
    fn many_fields_are_counted() {
        let map = |start: usize| {
            let keys = (start..start + 200).map(|at| format!("  k{at}: {at}\n"));
            format!("kind: X\nspec:\n{}", keys.collect::<String>())
        };
        let told = told(&map(0), &map(200));
        assert_eq!(told.len(), TOLD + 1);
        assert_eq!(told.last().unwrap(), "… - 350 more fields differ");
    }
}
