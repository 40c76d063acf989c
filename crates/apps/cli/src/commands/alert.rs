//! Alerts as lines, the same for what happens now and for what was recorded.

use bulkhead_events::{Event, Field, Value};
use bulkhead_rules::{Rule, RuleSet};
use serde_json::{Map, json};

/// `HH:MM:SS.nnnnnnnnn: Priority text`
pub(super) fn text(set: &RuleSet, rule: &Rule, event: &Event) -> String {
    let line = rule.output.line(set, event);
    format!("{}: {} {line}", field("evt.time", event), rule.priority.name())
}

/// An alert with the keys that Falco gives it.
pub(super) fn json(set: &RuleSet, rule: &Rule, event: &Event) -> serde_json::Value {
    let fields: Map<String, serde_json::Value> = rule
        .output
        .fields(set, event)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), as_json(&value)))
        .collect();
    json!({
        "time": field("evt.time.iso8601", event),
        "rule": &*rule.name,
        "priority": rule.priority.name(),
        "source": "syscall",
        "output": text(set, rule, event),
        "tags": rule.tags,
        "output_fields": fields,
    })
}

/// A field of the table as text.
fn field(name: &str, event: &Event) -> String {
    let value = Field::parse(name).map_or(Value::Null, |field| field.extract(event));
    value.to_string()
}

fn as_json(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Number(number) => json!(number),
        Value::Boolean(truth) => json!(truth),
        Value::List(values) => values.iter().map(as_json).collect(),
        other => json!(other.to_string()),
    }
}
