//! What is told: a line each.

use std::io::{self, Write as _};

use bulkhead_model::{Finding, NotAssessed, Severity, Suppression, VerdictCounts};
use bulkhead_report::{printable, said, suppression};
use jiff::{Timestamp, Unit};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::{K8sWatch, WatchForm};
use crate::failure::Failure;

/// The version of the JSON.
const SCHEMA_VERSION: &str = "1.0";

/// How many kinds are named to people.
const NAMED: usize = 3;

/// A line of JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Line<'a> {
    /// The version of this form: `1.0`.
    schema_version: &'static str,
    /// When it was told, RFC 3339 in UTC.
    time: String,
    /// What.
    #[serde(flatten)]
    event: &'a Event,
}

/// What is told.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// Everything was listed and judged: what comes is held against this, or against the base.
    Started {
        /// Where the API server is.
        cluster: String,
        /// Its version; empty where it keeps that to itself.
        server_version: String,
        /// How many objects it has.
        objects: u64,
        /// How often each verdict was given.
        verdicts: VerdictCounts,
        /// Failures that nothing answers.
        failing: u64,
        /// Failures that exceptions answer.
        answered: u64,
        /// What is not assessed, and why.
        not_assessed: Vec<NotAssessed>,
    },
    /// Something fails that did not, or is no longer answered.
    Appeared {
        /// What the control is about.
        title: String,
        /// The failure, as in the report of a scan.
        finding: Finding,
    },
    /// Something fails, and an exception answers it.
    Answered {
        /// What the control is about.
        title: String,
        /// The failure, as in the report of a scan.
        finding: Finding,
        /// The exception.
        by: Suppression,
        /// Whether it did not fail before.
        is_new: bool,
    },
    /// Something failed, and no longer does.
    Gone {
        /// What the control is about.
        title: String,
        /// The failure as it was.
        finding: Finding,
        /// What came of it.
        now: Now,
        /// Whether an exception answered it.
        was_answered: bool,
    },
    /// Some kinds are not seen: changes of them are not told until they are seen again.
    Blind {
        /// The kinds: `pods`, `deployments.apps`.
        resources: Vec<String>,
        /// Since when, as far as is known.
        since: String,
        /// Why.
        reason: String,
    },
    /// They are seen again.
    Sees {
        /// The kinds.
        resources: Vec<String>,
        /// Since when the first of them was not seen.
        since: String,
        /// For how many seconds.
        seconds: u64,
        /// They were listed anew: what came and went meanwhile was not seen. Otherwise nothing was missed.
        listed_anew: bool,
    },
    /// It ends.
    Ended {
        /// Failures that nothing answers.
        failing: u64,
        /// Failures that exceptions answer.
        answered: u64,
        /// How many failures were told to appear.
        appeared: u64,
        /// How many failures were told to be gone.
        gone: u64,
        /// What is not assessed, and why.
        not_assessed: Vec<NotAssessed>,
        /// Whether something is not assessed, or was not seen for a time.
        incomplete: bool,
        /// The exit code.
        exit_code: u8,
    },
}

impl Event {
    /// The failure that it is about.
    pub(super) const fn finding(&self) -> Option<&Finding> {
        match self {
            Self::Appeared { finding, .. }
            | Self::Answered { finding, .. }
            | Self::Gone { finding, .. } => Some(finding),
            _ => None,
        }
    }
}

/// What came of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Now {
    /// The control no longer objects to it.
    Mended,
    /// What would decide it is not seen.
    NotCheckable,
    /// The object is gone.
    Deleted,
}

/// Standard output, and what was written to it.
pub(super) struct Lines {
    form: WatchForm,
    severities: Vec<Severity>,
    shows_answered: bool,
    is_closed: bool,
    appeared: u64,
    gone: u64,
}

impl Lines {
    pub(super) fn new(arguments: &K8sWatch) -> Self {
        Self {
            form: arguments.output,
            severities: arguments.severity.clone(),
            shows_answered: arguments.show_suppressed,
            is_closed: false,
            appeared: 0,
            gone: 0,
        }
    }

    /// Whether nobody reads any more.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// How many failures were told to appear, and to be gone.
    pub(super) const fn told(&self) -> (u64, u64) {
        (self.appeared, self.gone)
    }

    pub(super) fn write(&mut self, now: Timestamp, event: &Event) -> Result<(), Failure> {
        if !self.wants(event) {
            return Ok(());
        }
        match event {
            Event::Appeared { .. } => self.appeared = self.appeared.saturating_add(1),
            Event::Gone { .. } => self.gone = self.gone.saturating_add(1),
            _ => {}
        }
        let time = now.round(Unit::Second).unwrap_or(now).to_string();
        let line = match self.form {
            WatchForm::Json => {
                serde_json::to_string(&Line { schema_version: SCHEMA_VERSION, time, event })?
            }
            WatchForm::Text => format!("{time}  {}", text(event)),
        };
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            // A reader that has seen enough is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_closed = true,
            written => written?,
        }
        Ok(())
    }

    fn wants(&self, event: &Event) -> bool {
        let Some(finding) = event.finding() else { return true };
        let is_answered = match event {
            Event::Answered { is_new, .. } => *is_new,
            Event::Gone { was_answered, .. } => *was_answered,
            _ => false,
        };
        let of_severity =
            self.severities.is_empty() || self.severities.contains(&finding.rating.severity);
        of_severity && (!is_answered || self.shows_answered)
    }
}

/// An event for people.
fn text(event: &Event) -> String {
    match event {
        Event::Started {
            cluster,
            server_version,
            objects,
            failing,
            answered,
            not_assessed,
            verdicts,
        } => {
            let cluster = printable(&format!("{cluster} {server_version}")).trim().to_owned();
            let undecided = verdicts.not_checkable;
            let mut text = format!(
                "started   {cluster}: {objects} objects, {failing} failures, {answered} answered, {undecided} not checkable"
            );
            text.push_str(&gaps(not_assessed));
            text
        }
        Event::Appeared { title, finding } => {
            let what = said(&finding.text);
            format!("appeared  {}\n{}", failure(finding, &what), indented(title))
        }
        Event::Answered { finding, by, .. } => {
            format!("answered  {}", failure(finding, &suppression(by)))
        }
        Event::Gone { finding, now, .. } => {
            let now = match now {
                Now::Mended => "no longer fails",
                Now::NotCheckable => "can no longer be checked",
                Now::Deleted => "the object is gone",
            };
            format!("gone      {}", failure(finding, now))
        }
        Event::Blind { resources, since, reason } => {
            format!("blind     to {} since {since}: {}", named(resources), printable(reason))
        }
        Event::Sees { resources, seconds, listed_anew, .. } => {
            let missed = if *listed_anew {
                "listed anew, so that what came and went meanwhile was not seen"
            } else {
                "nothing was missed"
            };
            format!("sees      {} again after {seconds} s: {missed}", named(resources))
        }
        Event::Ended { failing, answered, appeared, gone, not_assessed, .. } => {
            let counts = format!(
                "{appeared} appeared, {gone} gone; {failing} failures, {answered} answered"
            );
            format!("ended     {counts}{}", gaps(not_assessed))
        }
    }
}

/// `high  privileged-container  Deployment shop/web  spec.…: is true`.
fn failure(finding: &Finding, what: &str) -> String {
    let severity = finding.rating.severity.to_string();
    let object = finding.subject.object().unwrap_or_default();
    let place = finding.control().map(|detail| detail.place.as_str()).unwrap_or_default();
    let place = if place.is_empty() { String::new() } else { format!("{}: ", printable(place)) };
    format!("{severity:<10}  {}  {}  {place}{what}", finding.rule, printable(&object))
}

fn indented(text: &str) -> String {
    format!("{:34}{}", "", printable(text))
}

/// The first kinds by name.
fn named(resources: &[String]) -> String {
    let first = resources.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match resources.len().saturating_sub(NAMED) {
        0 => printable(&first).into_owned(),
        more => format!("{} and {more} more kinds", printable(&first)),
    }
}

/// What is not assessed, a line each.
fn gaps(parts: &[NotAssessed]) -> String {
    let lines =
        parts.iter().flat_map(|part| ["\n".to_owned(), indented(&bulkhead_report::gap(part))]);
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::schema;

    #[test]
    fn the_schema_is_that_of_the_lines() -> Result<(), Box<dyn std::error::Error>> {
        schema::check("k8s-watch-1.json", &schema::of::<Line<'_>>())
    }
}
