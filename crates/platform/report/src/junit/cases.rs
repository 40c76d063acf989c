//! The tests of a suite. Those of objects are made while they are written: there may be more than memory
//! holds.

use std::fmt::{self, Display, Formatter};
use std::ops::ControlFlow;

use askama::Template;
use bulkhead_model::Report;

use super::{Counts, LINE};
use crate::control::ControlRow;
use crate::streamed::Findings;
use crate::text::excerpt;
use crate::words;

/// The tests of a suite.
pub(super) enum Cases<'a> {
    Known(Vec<Case>),
    OfKind(OfKind<'a>),
}

/// What controls have against the objects of a kind.
pub(super) struct OfKind<'a> {
    pub(super) report: &'a Report,
    pub(super) findings: &'a dyn Findings,
    pub(super) kind: &'a str,
    /// How many findings there are, and how many that something answers.
    pub(super) failures: u64,
    pub(super) skipped: u64,
}

#[derive(Template)]
#[template(path = "case.xml")]
pub(super) struct Case {
    /// What it is about: the package.
    pub(super) class: String,
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    Passed,
    /// A finding that something answers.
    Skipped(String),
    /// A finding.
    Failed {
        kind: &'static str,
        message: String,
        lines: Vec<String>,
    },
    /// What could not be assessed.
    Error {
        message: String,
        hint: String,
    },
}

impl Cases<'_> {
    pub(super) fn counts(&self) -> Counts {
        let cases = match self {
            Self::OfKind(OfKind { failures, skipped, .. }) => {
                let (failures, skipped) = (*failures, *skipped);
                return Counts { tests: failures + skipped, failures, errors: 0, skipped };
            }
            Self::Known(cases) => cases,
        };
        let mut counts = Counts { tests: cases.len() as u64, ..Counts::default() };
        for case in cases {
            match case.outcome {
                Outcome::Passed => {}
                Outcome::Skipped(_) => counts.skipped += 1,
                Outcome::Failed { .. } => counts.failures += 1,
                Outcome::Error { .. } => counts.errors += 1,
            }
        }
        counts
    }
}

/// The elements, finished.
impl Display for Cases<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(cases) => cases.iter().try_for_each(|case| write(case, out)),
            Self::OfKind(of_kind) => of_kind.fmt(out),
        }
    }
}

impl Display for OfKind<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let each = self.findings.each(Some(self.kind), &mut |finding| {
            if let Some(row) = ControlRow::of(self.report, finding, None) {
                write(&failure(row), out).map_err(askama::Error::from)?;
            }
            Ok(ControlFlow::Continue(()))
        });
        each.map_err(|_| fmt::Error)?;
        let answered = ControlRow::suppressed(self.report);
        let mut answered = answered.filter(|row| row.kind() == self.kind);
        answered.try_for_each(|row| write(&failure(row), out))
    }
}

fn write(case: &Case, out: &mut Formatter<'_>) -> fmt::Result {
    out.write_str("\n    ")?;
    // The formatter's own error is all that there can be, and it says nothing.
    case.render_into(out).map_err(|_| fmt::Error)
}

/// What a control says against an object.
fn failure(row: ControlRow<'_>) -> Case {
    let severity = row.severity().name();
    let name = format!("[{}] {} {}", severity.to_uppercase(), row.rule(), row.detail.place);
    Case {
        class: excerpt(&row.object(), LINE).into_owned(),
        name: excerpt(name.trim_end(), LINE).into_owned(),
        outcome: match row.suppressed {
            Some(by) => Outcome::Skipped(words::suppression(by)),
            None => Outcome::Failed {
                kind: severity,
                message: format!("{}. {}", excerpt(row.title(), LINE), excerpt(&row.said(), LINE)),
                lines: lines_of_control(row),
            },
        },
    }
}

fn lines_of_control(row: ControlRow<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("object: {}", row.object()),
        format!("file: {}", row.file()),
        format!("severity: {}", row.severity()),
    ];
    if let Some(statement) = row.statement {
        lines.push(format!("why: {}", statement.why));
        lines.push(format!("risk: {}", statement.risk));
        lines.push(format!("fix: {}", statement.fix));
    }
    lines.extend(row.clauses());
    lines
}
