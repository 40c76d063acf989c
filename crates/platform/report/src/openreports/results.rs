//! What came of each control, by namespace.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{Finding, Report, Severity, Subject};
use serde_json::{Value, json};

use crate::text::excerpt;
use crate::{gap, suppression};

/// How long a sentence may be, in characters.
const SENTENCE: usize = 1_000;

/// What `OpenReports` calls an outcome, in the order in which it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Fail,
    /// What would decide it was not given.
    Error,
    /// An exception answers it.
    Skip,
}

/// One result: a control with one outcome, and the objects that it is about.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    severity: Severity,
    outcome: Outcome,
    control: String,
    /// What is said of it, where that is not the control's own title.
    message: Option<String>,
    /// Beside what every result has.
    properties: BTreeMap<String, String>,
    subjects: BTreeSet<Subject>,
}

/// The results of all namespaces.
pub(super) struct Results(BTreeMap<String, BTreeMap<(Outcome, String, String), Entry>>);

impl Results {
    pub(super) fn of(report: &Report) -> Self {
        let mut all = Self(BTreeMap::new());
        for finding in &report.findings {
            all.add(finding, Outcome::Fail, None, BTreeMap::new());
        }
        for finding in report.posture.iter().flat_map(|posture| &posture.not_checkable) {
            let lacks = crate::said(&finding.text);
            all.add(finding, Outcome::Error, Some(lacks), BTreeMap::new());
        }
        let failing: BTreeSet<(&str, &Subject)> =
            report.findings.iter().map(|it| (it.rule.as_str(), &it.subject)).collect();
        for answered in &report.suppressed {
            let finding = &answered.finding;
            // An object that fails elsewhere, too, is not skipped.
            if failing.contains(&(finding.rule.as_str(), &finding.subject)) {
                continue;
            }
            let by = &answered.by;
            let known = [("owner", &by.owner), ("reason", &by.reason), ("expires", &by.expires)];
            let properties = known.into_iter().filter_map(|(name, value)| {
                Some((name.to_owned(), excerpt(value.as_ref()?, SENTENCE).into_owned()))
            });
            all.add(finding, Outcome::Skip, Some(suppression(by)), properties.collect());
        }
        for part in &report.not_assessed {
            let message = excerpt(&gap(part), SENTENCE).into_owned();
            let entry = Entry {
                severity: Severity::Unknown,
                outcome: Outcome::Error,
                control: "not-assessed".to_owned(),
                message: Some(message.clone()),
                properties: BTreeMap::new(),
                subjects: BTreeSet::new(),
            };
            let key = (Outcome::Error, entry.control.clone(), message);
            all.0.entry(String::new()).or_default().insert(key, entry);
        }
        all
    }

    pub(super) fn namespaces(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// The results of a namespace: failures first, the worst of them foremost.
    pub(super) fn take(&mut self, namespace: &str) -> Vec<Entry> {
        let results = self.0.remove(namespace).unwrap_or_default();
        let mut results: Vec<Entry> = results.into_values().collect();
        results.sort_by_key(|it| (it.outcome, std::cmp::Reverse(it.severity)));
        results
    }

    fn add(
        &mut self,
        finding: &Finding,
        outcome: Outcome,
        message: Option<String>,
        properties: BTreeMap<String, String>,
    ) {
        let message = message.map(|message| excerpt(&message, SENTENCE).into_owned());
        let results = self.0.entry(super::namespace(&finding.subject).to_owned()).or_default();
        let key = (outcome, finding.rule.clone(), message.clone().unwrap_or_default());
        let entry = results.entry(key).or_insert_with(|| Entry {
            severity: finding.rating.severity,
            outcome,
            control: finding.rule.clone(),
            message,
            properties,
            subjects: BTreeSet::new(),
        });
        entry.subjects.insert(finding.subject.clone());
    }
}

/// How many verdicts exceptions answer: a control may be answered by several about one object.
pub(super) fn skipped(entries: &[Entry]) -> u64 {
    let skipped = entries.iter().filter(|it| it.outcome == Outcome::Skip);
    let verdicts =
        skipped.flat_map(|it| it.subjects.iter().map(|subject| (it.control.as_str(), subject)));
    verdicts.collect::<BTreeSet<_>>().len() as u64
}

/// The results as they are written, each with at most so many names, and how many names are left out.
pub(super) fn list(entries: &[Entry], report: &Report, named: usize) -> (Vec<Value>, u64) {
    let mut unnamed = 0;
    let seconds = report.created.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let results = entries.iter().map(|entry| {
        let left = entry.subjects.len().saturating_sub(named);
        unnamed += left as u64;
        let statement = report.posture.as_ref().and_then(|it| it.control(&entry.control));
        let title = statement.map_or(entry.control.as_str(), |statement| &statement.title);
        let message = match &entry.message {
            Some(message) if statement.is_some() => format!("{title}: {message}"),
            Some(message) => message.clone(),
            None => title.to_owned(),
        };
        let mut properties = entry.properties.clone();
        properties.insert("objects".to_owned(), entry.subjects.len().to_string());
        if left > 0 {
            properties.insert("objects-not-named".to_owned(), left.to_string());
        }
        if let (Outcome::Fail, Some(statement)) = (entry.outcome, statement) {
            let fix = excerpt(&statement.fix, SENTENCE).into_owned();
            properties.insert("fix".to_owned(), fix);
        }
        let mut result = json!({
            "policy": entry.control,
            "result": entry.outcome.name(),
            "message": message,
            "scored": entry.outcome == Outcome::Fail,
            "timestamp": { "seconds": seconds, "nanos": 0 },
            "properties": properties,
        });
        if let Some(severity) = severity(entry.severity) {
            result["severity"] = json!(severity);
        }
        if named > 0 && !entry.subjects.is_empty() {
            result["resources"] = entry.subjects.iter().take(named).map(reference).collect();
        }
        result
    });
    (results.collect(), unnamed)
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

const fn severity(severity: Severity) -> Option<&'static str> {
    Some(match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Negligible => "info",
        Severity::Unknown => return None,
    })
}

/// A reference to an object. A subject has no version, and only the core group has but one.
fn reference(subject: &Subject) -> Value {
    let Subject::Object { group, kind, namespace, name } = subject else { return json!({}) };
    let mut reference = json!({ "kind": kind, "name": name });
    if group.is_empty() {
        reference["apiVersion"] = json!("v1");
    }
    if let Some(namespace) = namespace {
        reference["namespace"] = json!(namespace);
    }
    reference
}
