//! Which fields of an object are a manager's own, and what is sent to the server about them.
//!
//! Server-side apply takes away what a manager applied before and no longer sends, so that every
//! request has to have all of the manager's fields. (Kubernetes, Server-Side Apply, Field management)

use bulkhead_objects::{FieldPath, Step};
use serde_json::{Map, Value, json};

use crate::edit::at;

/// The name under which repairs own fields.
pub const FIELD_MANAGER: &str = "bulkhead-fix";

/// Lists whose elements are told apart by keys; all others are one value. (`x-kubernetes-list-map-keys`
/// of the published OpenAPI documents)
const KEYED: [(&str, &[&str]); 13] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("ports", &["containerPort", "protocol"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("webhooks", &["name"]),
    ("listeners", &["name"]),
    ("secrets", &["name"]),
];

/// What a manager has applied, as it would apply it again.
pub(crate) fn applied_by(object: &Value, manager: &str) -> Value {
    let mut configuration = identity(object);
    let entries = at(object, &[Step::Key("metadata".into()), Step::Key("managedFields".into())]);
    for entry in entries.and_then(Value::as_array).into_iter().flatten() {
        let own = entry["manager"] == manager
            && entry["operation"] == "Apply"
            && entry.get("subresource").is_none();
        if own && let Some(fields) = entry.get("fieldsV1") {
            merge(&mut configuration, extract(fields, object));
        }
    }
    configuration
}

/// What names an object.
fn identity(object: &Value) -> Value {
    let mut metadata = json!({ "name": object["metadata"]["name"] });
    if let Some(namespace) = object["metadata"].get("namespace") {
        metadata["namespace"] = namespace.clone();
    }
    json!({
        "apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": metadata,
    })
}

/// Adds the fields at these paths with their values in `object`.
pub(crate) fn add<'p>(
    configuration: &mut Value,
    object: &Value,
    paths: impl Iterator<Item = &'p FieldPath>,
) {
    for path in paths {
        put(configuration, object, path.steps());
    }
}

fn put(configuration: &mut Value, object: &Value, path: &[Step]) {
    match path.split_first() {
        Some((Step::Key(key), rest)) => {
            let Some(value) = object.get(&**key) else { return };
            let keys = KEYED.iter().find(|(list, _)| *list == &**key).map(|(_, keys)| *keys);
            if !configuration.is_object() {
                *configuration = Value::Object(Map::new());
            }
            let place = &mut configuration[&**key];
            match (rest.split_first(), keys) {
                (Some((Step::Index(index), rest)), Some(keys)) => {
                    let Some((before, [element, ..])) =
                        value.as_array().and_then(|all| all.split_at_checked(*index))
                    else {
                        return;
                    };
                    let own = element_of(place, before, element, keys);
                    if rest.is_empty() {
                        *own = element.clone();
                    } else {
                        put(own, element, rest);
                    }
                }
                // A list without keys is one value.
                (Some((Step::Index(_), _)) | None, _) => *place = value.clone(),
                _ => put(place, value, rest),
            }
        }
        _ => *configuration = object.clone(),
    }
}

/// A path as the server writes it, as far as the first list that is one value.
/// (`fieldpath`, `PathElement.String`)
pub(crate) fn server_path(object: &Value, path: &[Step]) -> String {
    let mut text = String::new();
    let mut here = Some(object);
    let mut keys: Option<&[&str]> = None;
    for step in path {
        match step {
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
                keys = KEYED.iter().find(|(list, _)| *list == &**key).map(|(_, keys)| *keys);
                here = here.and_then(|value| value.get(&**key));
            }
            Step::Index(index) => {
                let Some(keys) = keys.take() else { break };
                here = here.and_then(|value| value.get(*index));
                let pair = |key: &&str| format!("{key}={}", here.unwrap_or(&Value::Null)[*key]);
                let pairs: Vec<_> = keys.iter().map(pair).collect();
                text.push('[');
                text.push_str(&pairs.join(","));
                text.push(']');
            }
        }
    }
    text
}

/// The element with the same keys, made where it is missing: behind those that stand `before` it in the object,
/// since the server takes the order of elements from what is applied.
fn element_of<'v>(
    list: &'v mut Value,
    before: &[Value],
    element: &Value,
    keys: &[&str],
) -> &'v mut Value {
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Value::Array(elements) = list else { return list };
    let is_same =
        |one: &Value, other: &Value| keys.iter().all(|key| one.get(key) == other.get(key));
    let known = elements.iter().position(|own| is_same(own, element));
    let position = known.unwrap_or_else(|| {
        let is_before = |own: &&Value| before.iter().any(|other| is_same(other, own));
        let position = elements.iter().filter(is_before).count();
        let known =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), element.get(key)?.clone())));
        elements.insert(position, Value::Object(known.collect()));
        position
    });
    &mut elements[position]
}

/// The values of a set of fields. (`fieldpath`, Serialize: `f:` a field, `k:` an element by its keys,
/// `v:` an element by its value, `.` the thing itself)
fn extract(fields: &Value, value: &Value) -> Value {
    let Some(fields) = fields.as_object() else { return value.clone() };
    if fields.keys().all(|key| key == ".") {
        return value.clone();
    }
    let below = fields.iter().filter(|(key, _)| *key != ".");
    if value.is_array() {
        let elements = value.as_array().into_iter().flatten();
        let found = below.filter_map(|(key, fields)| {
            let (kind, wanted) = key.split_once(':')?;
            let wanted: Value = serde_json::from_str(wanted).ok()?;
            if kind == "v" {
                let place = elements.clone().position(|it| *it == wanted);
                return Some((place, wanted));
            }
            let keys = wanted.as_object()?;
            let is_it = |it: &&Value| keys.iter().all(|(key, wanted)| it.get(key) == Some(wanted));
            let place = elements.clone().position(|it| is_it(&it))?;
            let mut own = extract(fields, value.get(place)?);
            for (key, wanted) in keys {
                own[key.as_str()] = wanted.clone();
            }
            Some((Some(place), own))
        });
        // Fields are in the order of their keys, elements in that of the object.
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(place, _)| *place);
        return Value::Array(found.into_iter().map(|(_, own)| own).collect());
    }
    let own = below.filter_map(|(key, fields)| {
        let name = key.strip_prefix("f:")?;
        Some((name.to_owned(), extract(fields, value.get(name)?)))
    });
    Value::Object(own.collect())
}

/// Whether two configurations say the same: elements of lists are told apart by keys, not by order.
pub(crate) fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_fields_stay_with_later_ones_in_the_order_of_the_object() {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "web", "namespace": "shop", "managedFields": [{
                "manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": { "f:spec": { "f:containers": {
                    "k:{\"name\":\"a\"}": { ".": {}, "f:name": {}, "f:tty": {} } } } },
            }] },
            "spec": { "containers": [
                { "name": "b", "image": "x" },
                { "name": "a", "image": "y", "tty": true, "drop": ["ALL"] },
            ] },
        });
        let mut configuration = applied_by(&object, FIELD_MANAGER);
        let paths = ["spec.containers[1].drop[0]", "spec.containers[0].image"];
        let paths: Vec<_> = paths.iter().filter_map(|path| FieldPath::parse(path)).collect();
        add(&mut configuration, &object, paths.iter());
        assert_eq!(
            configuration,
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": { "name": "web", "namespace": "shop" },
                "spec": { "containers": [
                    { "name": "b", "image": "x" },
                    { "name": "a", "tty": true, "drop": ["ALL"] },
                ] },
            })
        );
    }
}
