//! The fields that published rules use.

use std::collections::BTreeSet;

use bulkhead_events::{Field, FieldType, Need, Selection, fields};
use serde::Deserialize;

use crate::samples;

/// A rule, macro or list, as far as it can name fields.
#[derive(Deserialize)]
struct Item {
    condition: Option<String>,
    output: Option<String>,
}

/// Each field of each published rule is in the table, and has a value for one of the samples.
#[test]
fn published_rules_use_no_field_that_is_always_null() {
    let samples = samples();
    for path in bulkhead_testing::data_files("fixtures/falco-rules") {
        let text = fs_err::read_to_string(&path).unwrap();
        let items: Vec<Item> = serde_saphyr::from_str(&text).unwrap();
        let names: BTreeSet<String> = items
            .iter()
            .flat_map(|item| [&item.condition, &item.output])
            .flatten()
            .flat_map(|text| named(text))
            .collect();
        assert!(names.len() > 20, "{} names {names:?}", path.display());
        for name in names {
            let field = Field::parse(&name);
            let field = field.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let seen = samples.iter().any(|event| field.extract(event).exists());
            assert!(seen, "{}: no sample has {name}", path.display());
        }
    }
}

/// What looks like fields in a condition or output.
fn named(text: &str) -> Vec<String> {
    let classes: BTreeSet<&str> =
        fields().filter_map(|row| row.name.split_once('.')).map(|(class, _)| class).collect();
    let mut names = Vec::new();
    let mut before = ' ';
    for (place, character) in text.char_indices() {
        let rest = &text[place..];
        // What follows a slash, a dot or a letter is the end of a path or of an image's name.
        let begins = !before.is_ascii_alphanumeric() && !"./-_\"'".contains(before);
        before = character;
        let class = rest.split('.').next().unwrap_or_default();
        if !begins || !classes.contains(class) || !rest[class.len()..].starts_with('.') {
            continue;
        }
        let word = |byte: char| byte.is_ascii_alphanumeric() || byte == '_' || byte == '.';
        let length = rest.find(|byte| !word(byte)).unwrap_or(rest.len());
        let brackets = match rest[length..].strip_prefix('[') {
            Some(inside) => inside.find(']').map_or(0, |end| end + 2),
            None => 0,
        };
        names.push(rest[..length + brackets].to_owned());
    }
    names
}

#[test]
fn each_field_of_the_table_has_a_value_for_a_sample() {
    let samples = samples();
    for row in fields().filter(|row| row.needs != [Need::Elsewhere]) {
        let name = match (row.selection, row.name) {
            (
                Selection::Nothing
                | Selection::Index
                | Selection::OptionalKey
                | Selection::IndexOrKey,
                name,
            ) => name.to_owned(),
            (Selection::Key, name) => format!("{name}[app]"),
            (Selection::Argument, name) => format!("{name}.flags"),
            (Selection::Glob, "container.mount.source") => "container.mount.source[/host*]".into(),
            (Selection::Glob, name) => format!("{name}[/var/run/*]"),
            (other, name) => panic!("{name}: how to ask for {other:?}?"),
        };
        let field = Field::parse(&name).unwrap();
        let seen = samples.iter().any(|event| field.extract(event).exists());
        assert!(seen, "no sample has {name}");
        assert!(row.description.ends_with('.'), "{name}: {}", row.description);
    }
}

#[test]
fn names_of_fields_are_unique() {
    let mut seen = BTreeSet::new();
    for row in fields() {
        assert!(seen.insert(row.name), "{} stands twice in the table", row.name);
    }
}

#[test]
fn the_longest_field_of_an_output_is_taken() {
    let cases = [
        ("proc.name", "proc.name"),
        ("proc.name, and more", "proc.name"),
        ("proc.name.", "proc.name"),
        ("proc.namesays", "proc.name"),
        ("thread.tid_", "thread.tid"),
        ("proc.aname[]", "proc.aname"),
        ("proc.aname[2] x", "proc.aname[2]"),
        ("proc.aname[x] y", "proc.aname"),
        ("fd.sip.name)", "fd.sip.name"),
        ("fd.sip.nam", "fd.sip"),
        ("evt.arg.flags|", "evt.arg.flags"),
        ("container.mount.dest[/proc*]", "container.mount.dest[/proc*]"),
        ("proc.exe_ino.ctime_duration_proc_start\n", "proc.exe_ino.ctime_duration_proc_start"),
    ];
    for (text, expected) in cases {
        let (field, length) = Field::prefix(text).unwrap();
        assert_eq!((field.to_string().as_str(), &text[..length]), (expected, expected));
    }
    assert!(Field::prefix("no.such").is_none());
}

/// What is compared with a number is one, whichever call has it.
#[test]
fn arguments_as_they_are_have_types() {
    let cases = [
        ("evt.rawarg.res", FieldType::Number),
        ("evt.rawarg.uid", FieldType::Number),
        ("evt.rawarg.flags", FieldType::Text),
        ("evt.rawarg.size", FieldType::Number),
        ("evt.rawarg.path", FieldType::Text),
        ("evt.rawarg[0]", FieldType::Text),
        ("evt.arg.uid", FieldType::Text),
    ];
    for (name, expected) in cases {
        assert_eq!(Field::parse(name).unwrap().kind(), expected, "{name}");
    }
}

#[test]
fn fields_that_never_change_say_so() {
    for (name, expected) in [("evt.dir", "<"), ("evt.source", "syscall"), ("evt.count", "1")] {
        let constant = Field::parse(name).unwrap().constant();
        assert_eq!(constant.map(|value| value.to_string()).as_deref(), Some(expected), "{name}");
    }
    for name in ["evt.type", "proc.name", "evt.hostname"] {
        assert_eq!(Field::parse(name).unwrap().constant(), None, "{name}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let cases = [
        ("proc.nmae", "no field is called `proc.nmae`; is `proc.name` meant?"),
        ("wholly.unlike.anything", "no field is called `wholly.unlike.anything`"),
        ("evt.arg.nonsense", "no event has an argument `nonsense`"),
        ("evt.arg", "`evt.arg` needs something in brackets: evt.arg[flags]"),
        ("proc.name[1]", "`proc.name` takes nothing in brackets, but `1` stands there"),
        ("proc.aname[x]", "`proc.aname` takes a number in brackets, but `x` is none below 1000"),
        ("proc.aname[1", "`proc.aname[1` does not end with the bracket that it opens"),
    ];
    for (text, expected) in cases {
        assert_eq!(Field::parse(text).unwrap_err().to_string(), expected);
    }
}
