//! `bulkhead rules replay`.

use std::fmt::Write as _;

use bulkhead_events::{Event, Field, Value};
use bulkhead_rules::{Matching, Options, Rule, RuleSet, Scanner};
use serde_json::{Map, json};

use super::input::for_each_event;
use super::rule_set;
use crate::arguments::{RulesForm, RulesReplay};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit code where a recording could not be read to its end.
const INCOMPLETE: u8 = 3;

pub(crate) fn run(arguments: &RulesReplay, terminal: Terminal) -> Result<u8, Failure> {
    let options = Options { minimum: arguments.priority, disabled: false };
    let set = rule_set(&arguments.rules, options, terminal)?;
    let matching = if arguments.all { Matching::All } else { Matching::First };
    let mut scanner = Scanner::new(&set, matching);
    let ended = for_each_event(&arguments.events, |event| {
        let mut lines = String::new();
        for rule in scanner.scan(event) {
            let line = match arguments.output {
                RulesForm::Text => text(&set, rule, event),
                RulesForm::Json => alert(&set, rule, event).to_string(),
            };
            let _infallible = writeln!(lines, "{line}");
        }
        output::standard(&lines)
    })?;
    match ended {
        None => Ok(0),
        Some(error) => {
            let message = format!("{}: {error}", arguments.events.display());
            terminal.warning(&message, Some("what comes before that place was replayed"));
            Ok(INCOMPLETE)
        }
    }
}

/// `HH:MM:SS.nnnnnnnnn: Priority text`
fn text(set: &RuleSet, rule: &Rule, event: &Event) -> String {
    let line = rule.output.line(set, event);
    format!("{}: {} {line}", field("evt.time", event), rule.priority.name())
}

/// An alert with the keys that Falco gives it.
fn alert(set: &RuleSet, rule: &Rule, event: &Event) -> serde_json::Value {
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
