//! Strategic merge patches: maps are merged, lists of objects by their keys.
//! (Kubernetes' documentation, Update API Objects in Place Using kubectl patch)

use crate::node::{Node, Value};

/// The keys by which elements of lists are told apart, by the field of the list and a part of the
/// path above it. What is not here is replaced whole. (Kubernetes' OpenAPI,
/// `x-kubernetes-patch-merge-key`)
const MERGE_KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("imagePullSecrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("ownerReferences", &["uid"]),
    ("secrets", &["name"]),
    ("webhooks", &["name"]),
    ("conditions", &["type"]),
    ("resourceClaims", &["name"]),
];

/// Groups whose kinds have these keys: others have no schema, and their lists are replaced. Neither has
/// a version of `apps` before the first.
const GROUPS: &[&str] = &["", "apps", "batch", "autoscaling", "policy"];

/// What a patch makes of a value.
enum Outcome {
    Keep,
    Delete,
}

/// Merges a patch into an object; false where the patch deletes it.
pub(super) fn merge(target: &mut Node<'static>, patch: &Node<'static>) -> bool {
    let api_version = target.text("apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let known = (GROUPS.contains(&group) && (group != "apps" || version == "v1"))
        || group.ends_with(".k8s.io");
    let kind = target.text("kind").to_owned();
    matches!(merge_value(target, patch, &Place { key: "", kind: &kind, known }), Outcome::Keep)
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    key: &'a str,
    kind: &'a str,
    known: bool,
}

impl Place<'_> {
    /// The keys of the elements of a list here.
    fn merge_keys(&self) -> Option<&'static [&'static str]> {
        if !self.known {
            return None;
        }
        if self.key == "ports" {
            return Some(if self.kind == "Service" {
                &["port", "protocol"]
            } else {
                &["containerPort", "protocol"]
            });
        }
        MERGE_KEYS.iter().find(|(key, _)| *key == self.key).map(|(_, keys)| *keys)
    }
}

fn merge_value(target: &mut Node<'static>, patch: &Node<'static>, place: &Place<'_>) -> Outcome {
    match (&mut target.value, &patch.value) {
        (_, Value::Null) => return Outcome::Delete,
        (Value::Map(_), Value::Map(_)) => return merge_map(target, patch, place),
        (Value::List(present), Value::List(changes)) => {
            if place.key == "finalizers" && place.known {
                merge_texts(present, changes);
                return Outcome::Keep;
            }
            if let Some(keys) = place.merge_keys() {
                return merge_list(present, changes, keys, place);
            }
            target.value = patch.value.clone();
        }
        _ => match directive(patch) {
            Some("delete") => return Outcome::Delete,
            _ => *target = fresh(patch),
        },
    }
    Outcome::Keep
}

fn merge_map(target: &mut Node<'static>, patch: &Node<'static>, place: &Place<'_>) -> Outcome {
    match directive(patch) {
        Some("delete") => return Outcome::Delete,
        Some("replace") => {
            *target = new(patch, place);
            return Outcome::Keep;
        }
        _ => {}
    }
    for entry in patch.entries().iter().filter(|entry| entry.key != "$patch") {
        let place = Place { key: &entry.key, ..*place };
        if target.get(&entry.key).is_none() {
            if !entry.node.is_null() && directive(&entry.node) != Some("delete") {
                *target.entry(&entry.key) = new(&entry.node, &place);
            }
            continue;
        }
        let below = target.entry(&entry.key);
        if matches!(merge_value(below, &entry.node, &place), Outcome::Delete) {
            target.remove(&entry.key);
        }
    }
    Outcome::Keep
}

/// Elements of the patch come first, in its order; then those that it does not name.
fn merge_list(
    present: &mut Vec<Node<'static>>,
    changes: &[Node<'static>],
    keys: &[&str],
    place: &Place<'_>,
) -> Outcome {
    for change in changes.iter().filter(|change| is_only_directive(change)) {
        match directive(change) {
            Some("delete") => return Outcome::Delete,
            Some("replace") => present.clear(),
            _ => {}
        }
    }
    let element = Place { key: "", ..*place };
    let mut merged: Vec<Node<'static>> = Vec::new();
    for change in changes.iter().filter(|change| !is_only_directive(change)) {
        // A key that the patch leaves out tells nothing apart.
        let keys: Vec<&str> =
            keys.iter().copied().filter(|key| change.get(key).is_some()).collect();
        let is_same = |node: &Node<'static>| {
            !keys.is_empty() && keys.iter().all(|key| key_of(node, key) == key_of(change, key))
        };
        if let Some(earlier) = merged.iter_mut().find(|node| is_same(node)) {
            merge_value(earlier, change, &element);
        } else if let Some(found) = present.iter().position(is_same) {
            let mut node = present.remove(found);
            if matches!(merge_value(&mut node, change, &element), Outcome::Keep) {
                merged.push(node);
            }
        } else if directive(change) != Some("delete") {
            merged.push(new(change, &element));
        }
    }
    merged.append(present);
    *present = merged;
    Outcome::Keep
}

/// Lists of texts that are sets.
fn merge_texts(present: &mut Vec<Node<'static>>, changes: &[Node<'static>]) {
    let mut merged = changes.to_vec();
    merged
        .extend(present.drain(..).filter(|node| changes.iter().all(|new| new.value != node.value)));
    *present = merged;
}

/// What tells an element apart. A port without a protocol is one of TCP.
fn key_of<'n>(node: &'n Node<'static>, key: &str) -> Option<&'n Value<'static>> {
    const TCP: &Value<'static> = &Value::Text(std::borrow::Cow::Borrowed("TCP"));
    let given = node.get(key).map(|node| &node.value);
    given.or_else(|| (key == "protocol").then_some(TCP))
}

fn directive<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Map(_) => node.get("$patch").and_then(Node::as_text),
        Value::List(elements) => {
            elements.iter().find(|element| is_only_directive(element)).and_then(directive)
        }
        _ => None,
    }
}

fn is_only_directive(node: &Node<'_>) -> bool {
    node.entries().len() == 1 && node.get("$patch").is_some()
}

/// A part of a patch that meets nothing: without directives.
fn fresh(patch: &Node<'static>) -> Node<'static> {
    let mut node = patch.clone();
    clean(&mut node);
    node
}

/// The same where nothing is yet: without what it takes away, either. Lists that are not merged stay as
/// they are.
fn new(patch: &Node<'static>, place: &Place<'_>) -> Node<'static> {
    let mut node = fresh(patch);
    take_away(&mut node, place);
    node
}

fn take_away(node: &mut Node<'static>, place: &Place<'_>) {
    match &mut node.value {
        Value::Map(entries) => {
            entries.retain(|entry| !entry.node.is_null());
            for entry in entries {
                take_away(&mut entry.node, &Place { key: &entry.key, ..*place });
            }
        }
        Value::List(elements) if place.merge_keys().is_some() => {
            for element in elements {
                take_away(element, &Place { key: "", ..*place });
            }
        }
        _ => {}
    }
}

fn clean(node: &mut Node<'static>) {
    match &mut node.value {
        Value::Map(entries) => {
            entries.retain(|entry| entry.key != "$patch");
            for entry in entries {
                clean(&mut entry.node);
            }
        }
        Value::List(elements) => {
            elements.retain(|element| !is_only_directive(element));
            for element in elements {
                clean(element);
            }
        }
        _ => {}
    }
}
