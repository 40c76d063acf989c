//! What a stream of alerts is made of.

use std::collections::BTreeMap;

use bulkhead_model::Severity;
use bulkhead_rules::{Priority, Problem, Weight};
use schemars::JsonSchema;
use serde::Serialize;

use crate::alert::{Alert, severity};
use crate::sieve::{Reason, Sum};

/// How many problems of rule files one record has.
const PROBLEMS: usize = 32;

/// One entry of a stream of alerts.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A rule was met.
    Alert(Box<Alert>),
    /// Alerts were held back.
    Sum(Sum),
    /// The sensor was blind.
    Loss(Loss),
    /// Other rules are in force, or should have been.
    Rules(Rules),
    /// Something else that the sensor has to say of itself.
    Notice(Notice),
}

/// Records of the kernel were lost: what happened then was not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loss {
    /// What was lost: the lane, such as `file` or `process`.
    pub lane: String,
    /// How many records.
    pub lost: u64,
    /// The last that was seen before, in nanoseconds since 1970; 0 where nothing was.
    pub since: u64,
    /// The first that was seen afterwards, or when the loss was found.
    pub until: u64,
    /// Lost records by the identifier of the container, empty for the host, as far as the kernel counted them.
    pub containers: Vec<(String, u64)>,
    /// The rules that need what was lost.
    pub rules: Vec<BlindRule>,
}

/// A rule that may have missed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct BlindRule(pub String);

/// What became of rule files that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// When, in nanoseconds since 1970.
    pub time: u64,
    /// How many rules are in force from now on; none where those before stay in force.
    pub loaded: Option<u64>,
    /// What is wrong with the files, at most so many.
    pub problems: Vec<RuleProblem>,
    /// How many problems there are.
    pub count: u64,
}

/// What is wrong with a rule file, where, and what helps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleProblem {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where the file itself is meant.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What the sensor has to say of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// When, in nanoseconds since 1970.
    pub time: u64,
    /// What it is about, in place of a rule's name.
    pub name: String,
    /// How grave it is.
    pub priority: Priority,
    /// What is the matter.
    pub message: String,
    /// Figures and names of it.
    pub fields: BTreeMap<String, serde_json::Value>,
}

impl Rules {
    /// Of the problems of files, of which warnings are left out.
    pub fn new(time: u64, loaded: Option<u64>, problems: &[Problem]) -> Self {
        let errors = || problems.iter().filter(|problem| problem.weight == Weight::Error);
        let shown = errors().take(PROBLEMS).map(|problem| RuleProblem {
            file: problem.place.file.to_string(),
            line: u64::from(problem.place.line),
            column: u64::from(problem.place.column),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        });
        Self { time, loaded, problems: shown.collect(), count: errors().map(|_| 1_u64).sum() }
    }
}

impl Record {
    /// When it happened, in nanoseconds since 1970.
    pub const fn time(&self) -> u64 {
        match self {
            Self::Alert(alert) => alert.time,
            Self::Sum(sum) => sum.last,
            Self::Loss(loss) => loss.until,
            Self::Rules(rules) => rules.time,
            Self::Notice(notice) => notice.time,
        }
    }

    /// The name of the rule, or what stands in its place.
    pub fn rule(&self) -> &str {
        match self {
            Self::Alert(alert) => &alert.rule,
            Self::Sum(sum) => &sum.rule,
            Self::Loss(_) => "Sensor lost events",
            Self::Rules(Rules { loaded: Some(_), .. }) => "Sensor loads rules",
            Self::Rules(_) => "Sensor refuses rules",
            Self::Notice(notice) => &notice.name,
        }
    }

    /// How grave it is.
    pub const fn priority(&self) -> Priority {
        match self {
            Self::Alert(alert) => alert.priority,
            Self::Sum(sum) => sum.priority,
            Self::Loss(_) => Priority::Critical,
            Self::Rules(Rules { loaded: Some(_), .. }) => Priority::Notice,
            Self::Rules(_) => Priority::Error,
            Self::Notice(notice) => notice.priority,
        }
    }

    /// How grave that is among all that Bulkhead finds.
    pub const fn severity(&self) -> Severity {
        severity(self.priority())
    }

    /// What it says, without time and priority. It may hold anything: whoever writes it down escapes it.
    pub(crate) fn says(&self) -> String {
        match self {
            Self::Alert(alert) => alert.line.clone(),
            Self::Sum(sum) => {
                let (count, rule) = (sum.count, &sum.rule);
                let why = match sum.reason {
                    Reason::Repeated => "equal to one that was told",
                    Reason::RuleRate => "beyond the limit of a rule",
                    Reason::Rate => "beyond the limit of all rules",
                };
                format!("{count} alerts held back, {why}: {rule}")
            }
            Self::Loss(loss) => {
                let Loss { lane, lost, rules, .. } = loss;
                format!(
                    "{lost} records of the lane {lane} were lost, {} rules were blind",
                    rules.len()
                )
            }
            Self::Rules(Rules { loaded: Some(count), .. }) => format!("{count} rules are in force"),
            Self::Rules(rules) => rules.problems.first().map_or_else(
                || {
                    "the rule files changed and cannot be used: the last rules stay in force"
                        .to_owned()
                },
                |problem| {
                    let RuleProblem { file, line, column, message, hint } = problem;
                    let hint = hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
                    format!("the last rules stay in force: {file}:{line}:{column}: {message}{hint}")
                },
            ),
            Self::Notice(notice) => notice.message.clone(),
        }
    }
}
