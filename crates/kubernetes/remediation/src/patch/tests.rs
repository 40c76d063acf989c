use bulkhead_objects::FieldPath;
use serde_json::{Value, json};

use super::*;

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

/// Edits in short: a path with its value, `-` before it to remove, `+` to insert.
fn edit((place, value): (&str, Value)) -> Edit {
    match place.split_at(1) {
        ("-", place) => Edit { path: path(place), change: Change::Remove },
        ("+", place) => Edit { path: path(place), change: Change::Insert(value) },
        _ => Edit::set(path(place), value),
    }
}

fn check(text: &str, edits: &[(&str, Value)], expected: &str) {
    let edits: Vec<_> = edits.iter().cloned().map(edit).collect();
    assert_eq!(patch(text, &edits).as_deref(), Ok(expected), "{text}");
    // Other line ends are kept.
    let windows = |text: &str| text.replace('\n', "\r\n");
    if !text.contains('|') {
        assert_eq!(patch(&windows(text), &edits), Ok(windows(expected)), "{text}");
    }
}

#[test]
fn fields_of_block_maps() {
    check(
        "a:\n  b: 1 # why\n\n# end\n",
        &[("a.c", json!(true))],
        "a:\n  b: 1 # why\n  c: true\n\n# end\n",
    );
    check(
        "a:\n    b: 1\nc: 2\n",
        &[("a.d.e", json!("x"))],
        "a:\n    b: 1\n    d:\n        e: x\nc: 2\n",
    );
    check("a:\n  b: 1", &[("a.c", json!("yes"))], "a:\n  b: 1\n  c: \"yes\"");
    check(
        "a: # none\nb: 1\n",
        &[("a.c.d", json!([1]))],
        "a: # none\n  c:\n    d:\n    - 1\nb: 1\n",
    );
    check(
        "a: {} # none\nb:\n  - 1\n",
        &[("a.c", json!(["ALL"]))],
        "a: # none\n  c:\n    - ALL\nb:\n  - 1\n",
    );
    check("a: ~\n", &[("a.b", json!(1))], "a:\n  b: 1\n");
    check("a: true # c\n", &[("a", json!(false))], "a: false # c\n");
    check(
        "a: 'x' # c\nb: \"y\"\n",
        &[("a", json!("z")), ("b", json!("w"))],
        "a: 'z' # c\nb: \"w\"\n",
    );
    check(
        "- name: a\n  image: b\n- name: c\n",
        &[("[0].pull", json!("Always"))],
        "- name: a\n  image: b\n  pull: Always\n- name: c\n",
    );
    check("a:\n  - b: x\n", &[("a[0].c.d", json!(1))], "a:\n  - b: x\n    c:\n      d: 1\n");
    check("? a\n: b: 1\n", &[("a.c", json!(1))], "? a\n: b: 1\n  c: 1\n");
    check(
        "a:\n  b: |\n    text\n\nc: 1\n",
        &[("a.d", json!(1))],
        "a:\n  b: |\n    text\n  d: 1\n\nc: 1\n",
    );
    check(
        "a:\n  b: |+\n    text\n\nc: 1\n",
        &[("a.d", json!(1))],
        "a:\n  d: 1\n  b: |+\n    text\n\nc: 1\n",
    );
    check("a: |\n  x\nb: 1\n", &[("a", json!("z"))], "a: z\nb: 1\n");
    check("a: !!str 1\n", &[("a", json!("x"))], "a: !!str x\n");
    check(
        "metadata:\n  labels: {a: b}\n",
        &[("metadata.labels[\"x.y/z\"]", json!("1"))],
        "metadata:\n  labels: {a: b, x.y/z: \"1\"}\n",
    );
}

#[test]
fn lists() {
    check("a:\n- b\n", &[("a[1]", json!("c"))], "a:\n- b\n- c\n");
    check(
        "a:\n  - b # x\nc: 1\n",
        &[("+a[0]", json!({"k": 1, "l": 2}))],
        "a:\n  - k: 1\n    l: 2\n  - b # x\nc: 1\n",
    );
    check("a: [b]\n", &[("a[1]", json!("c")), ("+a[0]", json!("d"))], "a: [d, b, c]\n");
    check("a: []\n", &[("a[0]", json!("c"))], "a: [c]\n");
    check("a: []\n", &[("a[0]", json!({"b": 1}))], "a:\n- b: 1\n");
    check("a: 1\n", &[("+b[0]", json!("c"))], "a: 1\nb:\n- c\n");
    check("a:\n- b\n- c\n- d\n", &[("-a[1]", Value::Null), ("-a[1]", Value::Null)], "a:\n- b\n");
    check("a:\n- b\n", &[("-a[0]", Value::Null)], "a: []\n");
    check("a: [b, c, d]\n", &[("-a[2]", Value::Null), ("-a[0]", Value::Null)], "a: [c]\n");
    check("- a\n- - b\n", &[("[1][1]", json!("c"))], "- a\n- - b\n  - c\n");
}

#[test]
fn fields_go() {
    check("a: 1\nb: 2 # c\n# d\nc: 3\n", &[("-b", Value::Null)], "a: 1\n# d\nc: 3\n");
    check("- a: 1\n  b: 2\n", &[("-[0].a", Value::Null)], "- b: 2\n");
    check("a:\n  b:\n    c: 1\nd: 1\n", &[("-a.b", Value::Null)], "a: {}\nd: 1\n");
    check("a: {b: 1, c: 2}\n", &[("-a.c", Value::Null)], "a: {b: 1}\n");
    check("a: 1\nb: 2", &[("-b", Value::Null)], "a: 1\n");
    check("a: 1\nb:\n  - x\n  # y\n  - z\nc: 1\n", &[("-b", Value::Null)], "a: 1\nc: 1\n");
}

#[test]
fn json_stays_json() {
    check(
        "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
        &[("a.c", json!({"d": "e"}))],
        "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": {\"d\": \"e\"}\n  }\n}\n",
    );
    check("{\"a\": {}}", &[("a.c", json!(true))], "{\"a\": {\"c\": true}}");
    check("{\"a\": [\"b\"]}", &[("a[1]", json!("c"))], "{\"a\": [\"b\", \"c\"]}");
    check("{\n  \"a\": 1,\n  \"b\": 2\n}\n", &[("-b", Value::Null)], "{\n  \"a\": 1\n}\n");
    check(
        "{\n\t\"a\": [\n\t\t{\"b\": 1}\n\t]\n}",
        &[("a[1]", json!({"c": 2}))],
        "{\n\t\"a\": [\n\t\t{\"b\": 1},\n\t\t{\"c\": 2}\n\t]\n}",
    );
}

#[test]
fn anchors() {
    let refused = |text: &str, place: &str| {
        let found = patch(text, &[edit((place, json!(7)))]);
        assert!(found.is_err(), "{text}: {found:?}");
    };
    refused("a: &x\n  b: 1\nc: *x\n", "a.b");
    refused("a: &x\n  b: 1\nc: *x\n", "a.d");
    refused("a: &x\n  b: 1\nc: *x\n", "c.b");
    refused("a: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n", "c.b");
    // What is a map's own may change, and what nobody else uses.
    check(
        "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 1\n",
        &[("c.d", json!(7)), ("c.e", json!(8))],
        "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 7\n  e: 8\n",
    );
    check("a: &x\n  b: 1\nc: 1\n", &[("a.b", json!(7))], "a: &x\n  b: 7\nc: 1\n");
    check("a: &x 1\nc: {d: *x}\n", &[("c.e", json!(7))], "a: &x 1\nc: {d: *x, e: 7}\n");
    check("a: &x 1\nc:\n  d: *x # k\n", &[("c.e", json!(7))], "a: &x 1\nc:\n  d: *x # k\n  e: 7\n");
}

#[test]
fn what_does_not_fit_is_refused() {
    for (text, place) in [("a: 1\n", "a.b"), ("a: [1]\n", "a[3]"), ("a: 1\n", "-b"), ("a: {", "b")]
    {
        assert!(patch(text, &[edit((place, json!(1)))]).is_err(), "{text} {place}");
    }
}
