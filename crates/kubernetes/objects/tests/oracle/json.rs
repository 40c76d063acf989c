//! Any JSON, written by another writer: the same values, each where it was written.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{FieldPath, Objects, read_tree};
use proptest::prelude::*;
use serde_json::Value;

use super::answers::{json, normal};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15_f64).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof!["yes", "0x1F", "007", "", "~", "- a", "a: b", "# c", "|"].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z./\"\\\\é ]{0,6}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every scalar with the way to it.
fn leaves(value: &Value, path: FieldPath, found: &mut Vec<(FieldPath, Value)>) {
    match value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, path.clone().index(index), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, path.clone().key(key), found);
            }
        }
        leaf => found.push((path, leaf.clone())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn values_are_read_as_they_were_written(value in values(), pretty in any::<bool>()) {
        let value = serde_json::json!([value]);
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let tree = read_tree(&text);
        prop_assert!(tree.is_ok(), "{text}: {tree:?}");
        prop_assert_eq!(json(&tree.unwrap()), normal(value), "{}", text);
    }

    #[test]
    fn every_value_is_found_where_it_was_written(value in values(), pretty in any::<bool>()) {
        let object = serde_json::json!({"apiVersion": "a/v1", "kind": "K", "data": value});
        let text = if pretty { format!("{object:#}") } else { object.to_string() };
        let mut objects = Objects::new();
        objects.add("f", text.as_bytes(), &Budget::new(Limits::DEFAULT));
        prop_assert_eq!(objects.objects.len(), 1, "{}: {:?}", text, objects.problems);
        let mut expected = Vec::new();
        leaves(&object, FieldPath::ROOT, &mut expected);
        let mut places = objects.places();
        for (path, leaf) in expected {
            let place = places.locate(&objects.objects[0], &path).unwrap();
            prop_assert_eq!(objects.locate(&objects.objects[0], &path), Some(place.clone()));
            prop_assert_eq!(place.found, path.steps().len(), "{} in {}", path, text);
            let written = &text[place.value.start as usize..place.value.end as usize];
            prop_assert_eq!(written, leaf.to_string(), "{} in {}", path, text);
            let start = place.key.unwrap_or(place.value).start as usize;
            let line = text[..start].matches('\n').count() + 1;
            prop_assert_eq!(place.line as usize, line);
        }
    }
}
