//! Any edit of any document: it says what it should then, or nothing is written.

use std::fmt::Write as _;

use bulkhead_objects::{FieldPath, Step};
use bulkhead_remediation::{Change, Edit, patch};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Values as manifests have them.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_i64..100).prop_map(Value::from),
        prop_oneof![
            Just("x"),
            Just("yes"),
            Just(""),
            Just("a: b"),
            Just("# c"),
            Just("1"),
            Just("- d")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-e]", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Writes a value in block style, or in brackets where the dice say so, with a comment behind each scalar and
/// above each key. The comments are counted.
fn write(value: &Value, indent: usize, dice: &mut impl Iterator<Item = bool>, text: &mut String) {
    let space = " ".repeat(indent);
    let is_flow = dice.next().unwrap_or(false);
    match value {
        Value::Object(map) if !map.is_empty() && !is_flow => {
            text.push('\n');
            for (key, value) in map {
                let _ = write!(text, "{space}# above {key} {}\n{space}{key}:", text.len());
                write(value, indent + 2, dice, text);
            }
        }
        Value::Array(list) if !list.is_empty() && !is_flow => {
            text.push('\n');
            for value in list {
                let _ = write!(text, "{space}-");
                write(value, indent + 2, dice, text);
            }
        }
        value => {
            let _ = writeln!(text, " {value} # behind {}", text.len());
        }
    }
}

/// Every place of a value.
fn places(value: &Value, path: &FieldPath, found: &mut Vec<FieldPath>) {
    found.push(path.clone());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| places(value, &path.clone().key(key), found));
        }
        Value::Array(list) => {
            let list = list.iter().enumerate();
            list.for_each(|(index, value)| places(value, &path.clone().index(index), found));
        }
        _ => {}
    }
}

fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

proptest! {
    #[test]
    fn an_edit_says_what_it_should_or_is_refused(
        map in prop::collection::btree_map("[a-e]", values(), 1..5),
        dice in prop::collection::vec(prop::bool::weighted(0.3), 32),
        place in any::<prop::sample::Index>(),
        kind in 0..4,
        given in values(),
    ) {
        let before: Value = map.into_iter().collect::<Map<_, _>>().into();
        let mut text = String::new();
        write(&before, 0, &mut std::iter::once(false).chain(dice), &mut text);
        prop_assert_eq!(&read(&text), &before);
        let mut found = Vec::new();
        places(&before, &FieldPath::ROOT, &mut found);
        let path = place.get(&found).clone();
        let edit = match kind {
            0 => Edit::set(path, given),
            1 => Edit::set(path.key("new"), given),
            2 => Edit { path: path.index(0), change: Change::Insert(given) },
            _ => Edit { path, change: Change::Remove },
        };
        let mut expected = before.clone();
        let fits = edit.apply(&mut expected);
        let Ok(after) = patch(&text, std::slice::from_ref(&edit)) else {
            // A key beside the others of the outermost map can always be written.
            prop_assert!(!(fits && kind == 1 && edit.path.steps().len() == 1), "{edit:?}\n{text}");
            return Ok(());
        };
        prop_assert!(fits, "{edit:?}\n{text}");
        prop_assert_eq!(&read(&after), &expected, "{:?}\n{}=>\n{}", &edit, &text, &after);
        if matches!(edit.path.steps(), [Step::Key(_)]) && kind == 1 {
            for comment in text.lines().filter_map(|line| line.split_once(" # ")) {
                prop_assert!(after.contains(comment.1), "{comment:?}\n{text}=>\n{after}");
            }
        }
    }
}
