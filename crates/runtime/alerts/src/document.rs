//! A record as a document: Falco's keys, and ours beside them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bulkhead_model::{Evidence, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use crate::alert::AlertId;
use crate::attack::Attack;
use crate::moment::rfc3339;
use crate::record::{BlindRule, Record, RuleProblem};
use crate::sieve::Reason;
use crate::text::text;

/// The version of the form: the first number changes when a reader must.
pub const SCHEMA_VERSION: &str = "1.0";

/// A line of the stream of alerts. Who reads Falco's alerts finds its keys: `time`, `hostname`, `rule`, `priority`,
/// `source`, `output`, `tags`, `output_fields`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Document<'record> {
    /// When it happened: RFC 3339 in UTC, to the nanosecond.
    time: String,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<&'record str>,
    /// The name of the rule; for records that are no alerts, what they are.
    rule: &'record str,
    /// How grave the rule calls it, in Falco's words.
    priority: &'static str,
    /// `syscall`; `sensor` for what the sensor says of itself.
    source: &'static str,
    /// The line for people.
    output: String,
    /// The tags of the rule; `sensor` for what the sensor says of itself.
    tags: Vec<&'record str>,
    /// The fields that the rule's output names, with their values.
    output_fields: Cow<'record, BTreeMap<String, serde_json::Value>>,
    /// The version of this form.
    schema_version: &'static str,
    /// What it is.
    record: RecordKind,
    /// How grave it is among all that Bulkhead finds.
    severity: Severity,
    /// What it is about: the same for the same rule, image, executable, line of parents and file or server.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'record AlertId>,
    /// The place of the event among all of the sensor's run.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<u64>,
    /// What happened: the name of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
    /// Tactics and techniques of MITRE ATT&CK.
    #[serde(skip_serializing_if = "Option::is_none")]
    attack: Option<&'record Attack>,
    /// What it was seen in.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    evidence: &'record [Evidence],
    /// Of `suppressed`: the alerts that were held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<SuppressedAlerts>,
    /// Of `loss`: where and when the sensor was blind.
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<LostRecords<'record>>,
    /// Of `rules`: what became of rule files that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<RuleChange<'record>>,
}

/// What a line of the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A rule was met.
    Alert,
    /// Alerts were held back: how many, and why.
    Suppressed,
    /// The sensor was blind.
    Loss,
    /// Rule files changed.
    Rules,
    /// Something else that the sensor says of itself.
    Notice,
}

/// Alerts that were held back.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct SuppressedAlerts {
    /// `repeated`, `rule_rate` or `rate`.
    reason: &'static str,
    /// How many: exactly.
    count: u64,
    /// When the first of them happened.
    first: String,
    /// When the last of them happened.
    last: String,
}

/// What was lost.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct LostRecords<'record> {
    /// The lane.
    lane: &'record str,
    /// How many records.
    lost: u64,
    /// The last that was seen before; absent where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// The first that was seen afterwards.
    until: String,
    /// Lost records by container, as far as the kernel counted them.
    containers: Vec<LostOf<'record>>,
    /// The rules that need what was lost.
    blind_rules: &'record [BlindRule],
}

/// What was lost of one container.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct LostOf<'record> {
    /// Its identifier; `host` outside of all.
    container: &'record str,
    /// How many records.
    lost: u64,
}

/// Rule files that changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct RuleChange<'record> {
    /// How many rules are in force from now on; null where those before stay in force.
    loaded: Option<u64>,
    /// The first problems.
    problems: &'record [RuleProblem],
    /// How many problems there are.
    problem_count: u64,
}

impl<'record> Document<'record> {
    /// Of a record, on a node of that name.
    pub fn new(record: &'record Record, hostname: Option<&'record str>) -> Self {
        let mut document = Self {
            time: rfc3339(record.time(), 9),
            hostname,
            rule: record.rule(),
            priority: record.priority().name(),
            source: "sensor",
            output: text(record),
            tags: vec!["sensor"],
            output_fields: Cow::Owned(BTreeMap::new()),
            schema_version: SCHEMA_VERSION,
            record: RecordKind::Alert,
            severity: record.severity(),
            id: None,
            event: None,
            event_type: None,
            attack: None,
            evidence: &[],
            suppressed: None,
            loss: None,
            rules: None,
        };
        match record {
            Record::Alert(alert) => {
                document.source = "syscall";
                document.tags = alert.tags.iter().map(String::as_str).collect();
                document.tags.sort_unstable();
                document.output_fields = Cow::Owned(alert.fields.iter().cloned().collect());
                document.id = Some(&alert.id);
                document.event = Some(alert.event);
                document.event_type = Some(alert.kind);
                document.attack = Some(&alert.attack);
                document.evidence = &alert.evidence;
            }
            Record::Sum(sum) => {
                document.record = RecordKind::Suppressed;
                document.id = sum.id.as_ref();
                document.suppressed = Some(SuppressedAlerts {
                    reason: match sum.reason {
                        Reason::Repeated => "repeated",
                        Reason::RuleRate => "rule_rate",
                        Reason::Rate => "rate",
                    },
                    count: sum.count,
                    first: rfc3339(sum.first, 9),
                    last: rfc3339(sum.last, 9),
                });
            }
            Record::Loss(loss) => {
                document.record = RecordKind::Loss;
                let containers = loss.containers.iter().map(|(container, lost)| LostOf {
                    container: if container.is_empty() { "host" } else { container },
                    lost: *lost,
                });
                document.loss = Some(LostRecords {
                    lane: &loss.lane,
                    lost: loss.lost,
                    since: (loss.since > 0).then(|| rfc3339(loss.since, 9)),
                    until: rfc3339(loss.until, 9),
                    containers: containers.collect(),
                    blind_rules: &loss.rules,
                });
            }
            Record::Rules(rules) => {
                document.record = RecordKind::Rules;
                document.rules = Some(RuleChange {
                    loaded: rules.loaded,
                    problems: &rules.problems,
                    problem_count: rules.count,
                });
            }
            Record::Notice(notice) => {
                document.record = RecordKind::Notice;
                document.output_fields = Cow::Borrowed(&notice.fields);
            }
        }
        document
    }
}
