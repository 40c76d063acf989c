//! Alerts as lines: text for people, JSON with the keys that readers of Falco's know.

use bulkhead_events::{Event, Value};
use bulkhead_rules::{Rule, RuleSet};
use jiff::Timestamp;
use serde_json::json;

use crate::failure::Failure;

/// `HH:MM:SS.nnnnnnnnn: Priority text`.
pub(super) fn text(set: &RuleSet, rule: &Rule, event: &Event) -> Vec<u8> {
    let clock = instant(event).strftime("%H:%M:%S.%9f").to_string();
    format!("{clock}: {} {}\n", rule.priority.name(), rule.output.line(set, event)).into_bytes()
}

/// A line of JSON.
pub(super) fn json(
    set: &RuleSet,
    rule: &Rule,
    event: &Event,
    hostname: &str,
) -> Result<Vec<u8>, Failure> {
    let fields = rule.output.fields(set, event);
    let fields: serde_json::Map<String, serde_json::Value> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), of(&value))).collect();
    let alert = json!({
        "time": format!("{:.9}", instant(event)),
        "rule": &*rule.name,
        "priority": rule.priority.name(),
        "source": "syscall",
        "hostname": hostname,
        "tags": rule.tags,
        "output": rule.output.line(set, event),
        "output_fields": fields,
    });
    let mut line = serde_json::to_vec(&alert)?;
    line.push(b'\n');
    Ok(line)
}

fn instant(event: &Event) -> Timestamp {
    Timestamp::from_nanosecond(event.time.into()).unwrap_or(Timestamp::MAX)
}

fn of(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Number(number) => json!(number),
        Value::Boolean(truth) => json!(truth),
        Value::Text(_) | Value::Address(_) => json!(value.to_string()),
        Value::List(values) => values.iter().map(of).collect(),
    }
}
