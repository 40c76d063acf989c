//! JSON: the committed schema, and reading back what was written.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_model::Report;
use bulkhead_report::{Format, ReportError, Style, json, render};
use serde_json::Value;

fn schemas() -> std::path::PathBuf {
    bulkhead_testing::repository().join("content/schemas")
}

fn example() -> Vec<u8> {
    fs_err::read(schemas().join("examples/report-1.json")).unwrap()
}

/// `BULKHEAD_UPDATE_SCHEMAS=1` writes the files anew after a change of the types.
fn update(name: &str, text: &str) {
    if std::env::var_os("BULKHEAD_UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
        fs_err::write(schemas().join(name), text).unwrap();
    }
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let schema = json::schema().unwrap();
    update("report-1.json", &schema);
    assert!(
        fs_err::read_to_string(schemas().join("report-1.json")).unwrap() == schema,
        "the types have changed: run again with BULKHEAD_UPDATE_SCHEMAS=1 and raise SCHEMA_VERSION \
         where readers must know"
    );
}

#[test]
fn what_is_written_is_valid_and_read_back() {
    let schema: Value = serde_json::from_str(&json::schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let reports = json::read(&example()).unwrap();
    let text = render(&reports[0], Format::Json, Style::PLAIN).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&serde_json::from_str(&text).unwrap())
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(json::read(text.as_bytes()).unwrap(), reports);
    update("examples/report-1.json", &text);
    assert!(text.as_bytes() == example(), "the example is not what is written");
}

#[test]
fn several_platforms_are_an_array_and_one_is_an_object() {
    let one: Report = json::read(&example()).unwrap().remove(0);
    let two = [one.clone(), one.clone()];
    assert!(json::write_all(&two).unwrap().starts_with('['));
    assert!(json::write_all(std::slice::from_ref(&one)).unwrap().starts_with('{'));
    assert_eq!(json::read(json::write_all(&two).unwrap().as_bytes()).unwrap(), two);
}

#[test]
fn other_versions_are_refused_by_their_version() {
    let text = String::from_utf8(example()).unwrap();
    let newer = text.replace("\"schema_version\": \"1.0\"", "\"schema_version\": \"2.0\"");
    assert!(matches!(json::read(newer.as_bytes()), Err(ReportError::Version { .. })));
    let minor = text.replace("\"schema_version\": \"1.0\"", "\"schema_version\": \"1.7\"");
    assert!(json::read(minor.as_bytes()).is_ok());
    for text in ["", "{}", "[]]", "[1]", "nonsense"] {
        let error = json::read(text.as_bytes()).unwrap_err();
        assert!(error.hint().is_some(), "{text}");
    }
}
