//! What scalars, keys and merges are.

use bulkhead_objects::read_tree;

use super::answers::{ask, json, normal};

/// Plain scalars that parsers take differently.
const SCALARS: &[&str] = &[
    "yes",
    "Yes",
    "YES",
    "yEs",
    "no",
    "on",
    "On",
    "off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "true",
    "True",
    "TRUE",
    "tRue",
    "false",
    "null",
    "Null",
    "NULL",
    "nULL",
    "~",
    "",
    "0",
    "-0",
    "+1",
    "1",
    "007",
    "08",
    "09",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "0b101",
    "-0b11",
    "-0x10",
    "+0o7",
    "1_000",
    "_1",
    "1__0",
    "0x_1F",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "+1e3",
    ".5",
    "-.5",
    "+.5",
    "1.",
    "1.0",
    "1.10",
    "-1.5",
    ".",
    "..",
    "-",
    "--",
    "+",
    "-a",
    "1e400",
    "1e",
    "e1",
    ".e1",
    "1:30",
    "12:30:45",
    "2001-01-01",
    "2001-1-1",
    "2001-99-99",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "20010101",
    ".inf",
    ".Inf",
    "-.inf",
    "+.INF",
    ".nan",
    "nan",
    "inf",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "0777",
    "0888",
    "00",
    "0.5",
    "0_7",
    "1.2.3",
    "1,000",
    "0x",
    "0o",
    "0b",
    "0b2",
    "0o8",
    "100m",
    "1Gi",
    "1e3Mi",
    "5%",
    "a b",
    "'1'",
    "\"yes\"",
    "!!str 1",
    "!!int \"1\"",
    "!!float 1",
    "!!bool yes",
    "!!null x",
    "!!int x",
    "|\n  text\n",
    ">\n  folded\n  text\n",
    "\"\\u00e9\\n\\x41\"",
    "'it''s'",
    "{a: 1, b: [x, y]}",
    "[1, [2]]",
    "{a: }",
    "[a, ]",
    "! a",
    "0x1p4",
    "1__",
    "._5",
    "1e1_0",
    "infinity",
    "-~",
];

/// Documents whose structure parsers take differently.
const DOCUMENTS: &[&str] = &[
    "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n",
    "a: &x {b: 1, c: 2}\nd:\n  b: 3\n  <<: *x\n",
    "a: &x {b: 1}\ny: &y {b: 2, c: 3}\nd:\n  <<: [*x, *y]\n",
    "a: &x [1]\nb: *x\nc: [*x, *x]\n",
    "1: a\ntrue: b\nyes: c\n1.5: d\n1e3: e\n0x10: f\n",
    "a: 1\na: 2\n",
    "a:\n- 1\n- 2\nb:\n  - 3\n",
    "? a\n: b\n",
    "a: |-\n  x\n   y\n\n  z\n\nb: >-\n  x\n  y\n\n  z\n",
    "a: |+\n  x\n\n\nb: 1\n",
    "a: \"x\n  y\"\nb: 'x\n\n  y'\nc: x\n  y\n",
    "a: x # comment\nb: x#y\nc: 'x # y'\n",
    "{\"a\": 1, \"b\": [true, null, \"\\u00e9\\/\"], \"c\": {\"d\": 1.5e3}}",
    "\"a\":1\n",
    "a: {b: c, d}\n",
    "a: [b: c]\n",
    "- a\n- b: c\n  d: e\n-\n  - f\n",
    "",
    "# nothing\n",
    "text\n",
    "a: !!binary aGk=\n",
    "a: *nowhere\n",
    "a: [\n",
    "a: b: c\n",
    "\ta: b\n",
    "a: 'x\n",
    "a:\n\t- b\n",
    "{a: 1\n}\n",
    "a: @b\n",
    "a: `b\n",
    "a: %b\n",
    "<<: {a: 1}\nb: 2\n",
    "a: |\n  last line",
    "a: |+\n  last line",
    "a: >\n  last\n  line",
    "a: |\n  text\n  ",
    "- |\n  text\n-",
    "a: [2001:db8::]\n",
    "a: [1.2.3.4, fd00::, fe80::1]\n",
    "a: [b:, 1:]\n",
    "a: [b: , 'c': , \"d\":]\n",
    "a: [{b: 1}, {c: }]\n",
    "'<<': 1\n",
];

#[test]
fn values_are_those_of_kubernetes() {
    let mut texts: Vec<String> = SCALARS.iter().map(|scalar| format!("a: {scalar}\n")).collect();
    texts.extend(SCALARS.iter().map(|scalar| format!("a: [{scalar}]\n")));
    texts.extend(DOCUMENTS.iter().map(|&document| document.to_owned()));
    compare(&texts);
}

/// Where the library's parser and ours read another language, and why that does no harm.
const KNOWN: &[(&str, &str)] = &[
    ("a: [-]\n", "no YAML by 1.2; nobody writes a list of a dash"),
    (
        "{\"a\": 1, \"b\": [true, null, \"\\u00e9\\/\"], \"c\": {\"d\": 1.5e3}}",
        "JSON may escape a slash, YAML 1.1 may not; kubectl reads JSON as JSON, as we do",
    ),
    ("\"a\":1\n", "no map without a space, and no text with something behind it: refused here"),
    ("\ta: b\n", "YAML 1.2 allows a tab before a key at the outside"),
];

fn compare(texts: &[String]) {
    let mut input = Vec::new();
    for text in texts {
        input.extend_from_slice(format!("{}\n{text}", text.len()).as_bytes());
    }
    let Some(answers) = ask(&["yaml"], input) else { return };
    assert_eq!(answers.len(), texts.len());
    let mut wrong = Vec::new();
    for (text, answer) in texts.iter().zip(answers) {
        let ours = read_tree(text).map(|node| json(&node));
        let theirs = match answer.get("error") {
            Some(_) => None,
            None => Some(normal(answer)),
        };
        if KNOWN.iter().any(|(known, _)| known == text) {
            continue;
        }
        if ours.as_ref().ok() != theirs.as_ref() {
            wrong.push(format!("{text:?}: {ours:?}, and {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of them: {:#?}", wrong.len(), wrong);
}
