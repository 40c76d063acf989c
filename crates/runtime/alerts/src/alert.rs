//! A rule that an event met, and what that is about.

use std::fmt;
use std::sync::Arc;

use bulkhead_events::{Event, Text, Value};
use bulkhead_model::{Evidence, Severity, identity};
use bulkhead_rules::{Priority, Rule, RuleSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attack::Attack;
use crate::evidence::{evidence, text};
use crate::sieve::Key;

/// Bytes of one value of an output that are kept.
const VALUE_BYTES: usize = 32 << 10;

/// How many executables of the line of parents belong to what an alert is about.
const LINE: usize = 8;

/// A rule was met.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What it is about.
    pub id: AlertId,
    /// The rule.
    pub rule: Arc<str>,
    /// How grave the rule calls it.
    pub priority: Priority,
    /// How grave that is among all that Bulkhead finds.
    pub severity: Severity,
    /// The tags of the rule.
    pub tags: Vec<String>,
    /// What of ATT&CK it is.
    pub attack: Attack,
    /// When it happened, in nanoseconds since 1970.
    pub time: u64,
    /// The place of the event among all of the sensor's run.
    pub event: u64,
    /// What happened: the name of the event.
    pub kind: &'static str,
    /// What the rule says of it: one line.
    pub line: String,
    /// The fields of what the rule says, by name.
    pub fields: Vec<(String, serde_json::Value)>,
    /// What it was seen in.
    pub evidence: Vec<Evidence>,
}

/// These are nanoseconds since 1970 in Falco's JSON, and the first of them is in every alert. (libs,
/// `sinsp_filtercheck_gen_event.cpp`, `extract_as_js`; falco, `formats.cpp`)
const TIMES: [&str; 5] =
    ["evt.time", "evt.time.s", "evt.time.iso8601", "evt.datetime", "evt.datetime.s"];

impl Alert {
    /// Of an event that met a rule of a set.
    pub fn new(set: &RuleSet, rule: &Rule, event: &Event) -> Self {
        let shown = rule.output.fields(set, event);
        let mut fields: Vec<_> = shown
            .into_iter()
            .filter(|(name, _)| *name != TIMES[0])
            .map(|(name, one)| {
                let is_time = TIMES.contains(&name);
                (name.to_owned(), if is_time { event.time.into() } else { value(&one) })
            })
            .collect();
        fields.push((TIMES[0].to_owned(), event.time.into()));
        Self {
            id: AlertId::new(rule, event),
            rule: Arc::clone(&rule.name),
            priority: rule.priority,
            severity: severity(rule.priority),
            tags: rule.tags.clone(),
            attack: Attack::of_tags(rule.tags.iter().map(String::as_str)),
            time: event.time,
            event: event.sequence,
            kind: event.kind.name(),
            line: rule.output.line(set, event),
            fields,
            evidence: evidence(event),
        }
    }
}

/// Falco's priorities are syslog's; what nobody has to act upon is negligible, as a finding would be.
pub const fn severity(priority: Priority) -> Severity {
    match priority {
        Priority::Emergency | Priority::Alert | Priority::Critical => Severity::Critical,
        Priority::Error => Severity::High,
        Priority::Warning => Severity::Medium,
        Priority::Notice => Severity::Low,
        Priority::Informational | Priority::Debug => Severity::Negligible,
    }
}

/// The identity of what an alert is about: the same tomorrow, in the next container of the same image and on
/// another node.
///
/// Made of the rule, the image's name (the container where it has none, `host` outside of all), the executable
/// and those of its line of parents in the same container, and the file or the server that it was about.
/// Numbers of processes and times are no part of it, and neither are arguments, which a program chooses.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct AlertId(String);

impl AlertId {
    /// Of a rule and the event that met it.
    pub fn new(rule: &Rule, event: &Event) -> Self {
        let process = &event.process;
        let container = process.container.as_deref();
        let (place, name): (&str, &[u8]) = match container {
            None => ("host", b""),
            Some(container) => match &container.image.repository {
                Some(image) => ("image", image),
                None => ("container", &container.id),
            },
        };
        let about = about(event);
        let mut parts: Vec<&[u8]> =
            vec![rule.name.as_bytes(), place.as_bytes(), name, &about, &process.executable.path];
        let id = |container: &bulkhead_events::Container| container.id.clone();
        let own = container.map(id);
        let parents = process.ancestors().take_while(|one| one.container.as_deref().map(id) == own);
        let parents: Vec<_> = parents.take(LINE).collect();
        parts.extend(parents.iter().map(|one| one.executable.path.as_bytes()));
        Self(identity(parts))
    }

    /// 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By what equal alerts are known, within one container: also the arguments are the same.
    pub fn key(&self, event: &Event) -> Key {
        let process = &event.process;
        let container = process.container.as_deref().map_or(&[][..], |container| &container.id);
        let mut parts: Vec<&[u8]> =
            vec![self.0.as_bytes(), event.kind.name().as_bytes(), container];
        parts.extend(process.arguments.iter().map(Text::as_bytes));
        Key::new(&identity(parts))
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The file, or the server: the client's port is another each time.
fn about(event: &Event) -> Vec<u8> {
    let Some(file) = &event.file else { return Vec::new() };
    match &file.connection {
        Some(connection) => {
            connection.server().map(ToString::to_string).unwrap_or_default().into_bytes()
        }
        None => file.name.to_vec(),
    }
}

/// A value as JSON has it; texts are cut where they are very long.
fn value(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Number(number) => (*number).into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::List(values) => values.iter().map(self::value).collect(),
        Value::Text(bytes) => text(bytes, VALUE_BYTES).into(),
        Value::Address(address) => address.to_string().into(),
    }
}
