//! The forms of records, and the schema of JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use bulkhead_alerts::{
    BlindRule, Document, Loss, Notice, Reason, Record, RuleProblem, Rules, Sum, json, message, text,
};
use bulkhead_rules::Priority;
use serde_json::{Value, json};

use super::{OPENED, event, events, node, record};

/// A record of each kind.
fn records() -> Vec<Record> {
    let time = 1_700_000_000_000_000_000;
    let problem = RuleProblem {
        file: "local.yaml".into(),
        line: 9,
        column: 51,
        message: "there is no field `proc.nmae`".into(),
        hint: Some("did you mean `proc.name`".into()),
    };
    let sum = Sum {
        reason: Reason::Repeated,
        rule: Arc::from("Account file read"),
        priority: Priority::Warning,
        id: Some(super::alert(&event(OPENED)).id),
        count: 41,
        first: time,
        last: time + 9,
    };
    let loss = Loss {
        lane: "file".into(),
        lost: 1_200,
        since: time,
        until: time + 5,
        containers: vec![(String::new(), 3), ("3ad7b26ded6d".into(), 1_197)],
        rules: vec![BlindRule("Account file read".into())],
    };
    let mut records: Vec<Record> = events(OPENED).iter().map(record).collect();
    records.extend([
        Record::Sum(sum.clone()),
        Record::Sum(Sum { id: None, reason: Reason::Rate, ..sum }),
        Record::Loss(loss),
        Record::Rules(Rules { time, loaded: Some(93), problems: Vec::new(), count: 0 }),
        Record::Rules(Rules { time, loaded: None, problems: vec![problem], count: 1 }),
        Record::Notice(Notice {
            time,
            name: "Bulkhead: something".into(),
            priority: Priority::Notice,
            message: "something is said".into(),
            fields: BTreeMap::from([("figure".to_owned(), json!(3))]),
        }),
    ]);
    records
}

fn document(record: &Record) -> Value {
    serde_json::from_str(&json(&Document::new(record, Some("node-1")))).unwrap()
}

/// `BULKHEAD_UPDATE_SCHEMAS=1` writes the schema anew.
#[test]
fn json_is_as_the_schema_says() {
    let path = bulkhead_testing::repository().join("content/schemas/alert-1.json");
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document<'_>>();
    let written = format!("{:#}\n", serde_json::to_value(&schema).unwrap());
    if std::env::var_os("BULKHEAD_UPDATE_SCHEMAS").is_some() {
        fs_err::write(&path, &written).unwrap();
    }
    let committed = fs_err::read_to_string(&path).unwrap();
    assert_eq!(committed, written, "run with BULKHEAD_UPDATE_SCHEMAS=1 where this is meant");
    let validator = jsonschema::validator_for(&serde_json::from_str(&committed).unwrap()).unwrap();
    for record in records() {
        let document = document(&record);
        let errors: Vec<_> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{document:#}: {errors:?}");
    }
}

#[test]
fn an_alert_has_the_keys_of_falco_and_ours() {
    let alert = document(&record(&event(OPENED)));
    for (key, value) in [
        ("time", json!("2023-11-14T22:13:20.123456789Z")),
        ("hostname", json!("node-1")),
        ("rule", json!("Account file read")),
        ("priority", json!("Warning")),
        ("source", json!("syscall")),
        ("tags", json!(["T1003.008", "container", "mitre_credential_access"])),
        ("severity", json!("medium")),
        ("record", json!("alert")),
        ("attack", json!({"tactics": ["credential_access"], "techniques": ["T1003.008"]})),
    ] {
        assert_eq!(alert[key], value, "{key}");
    }
    let output =
        "22:13:20.123456789: Warning cat of root reads /etc/shadow (cat /etc/shadow) in shop";
    assert!(alert["output"].as_str().unwrap().starts_with(output), "{}", alert["output"]);
    assert_eq!(alert["output_fields"]["fd.name"], "/etc/shadow");
    // As Falco has it, whether the output names it or not.
    assert_eq!(alert["output_fields"]["evt.time"], 1_700_000_000_123_456_789_u64);
    let of = |kind: &str| {
        let evidence = alert["evidence"].as_array().unwrap();
        evidence.iter().find(|one| one["type"] == kind).unwrap_or_else(|| panic!("{kind}")).clone()
    };
    assert_eq!(of("process")["executable"], "/usr/bin/cat");
    assert_eq!(of("lineage")["ancestors"][0]["name"], "sh");
    assert_eq!(of("container")["pod"]["name"], "shop-1");
    assert_eq!(of("file")["path"], "/etc/shadow");
}

#[test]
fn every_record_is_one_line_of_each_form() {
    for record in records() {
        let text = text(&record);
        assert!(!text.ends_with(' ') && text.lines().count() == 1, "{text}");
        let message = String::from_utf8(message(&record, &node())).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert_eq!(document(&record)["output"], text);
    }
    let refused = records().into_iter().map(|record| text(&record));
    let refused = refused.filter(|line| line.contains("local.yaml:9:51")).count();
    assert_eq!(refused, 1, "a refused file is told with its place");
}
