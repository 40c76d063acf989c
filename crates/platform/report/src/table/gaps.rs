//! What the report says nothing about, and what was broken.

use std::collections::BTreeMap;

use bulkhead_model::{NotAssessed, NotAssessedReason, Problem, ProblemKind, Report};

use super::{Page, layers};
use crate::text::{count, printable};

/// How many problems are shown; JSON has them all.
const SHOWN_PROBLEMS: usize = 10;

/// The parts that were not assessed: as prominent as the findings.
pub(super) fn not_assessed(report: &Report, page: &mut Page) {
    if report.not_assessed.is_empty() {
        return;
    }
    page.line("");
    let title = page.style.warning("NOT ASSESSED");
    page.line(&format!("{title}  that nothing was found in these means nothing"));
    for part in &report.not_assessed {
        let mark = format!("  {} ", page.style.warning("!"));
        page.item(&mark, 4, &describe(part, report));
        if let Some(hint) = &part.hint {
            page.plain_item("    → ", &printable(hint));
        }
    }
}

/// One part in words.
pub(crate) fn describe(part: &NotAssessed, report: &Report) -> String {
    match &part.reason {
        NotAssessedReason::Layer { index, cause, .. } => {
            let layer = layers::name(*index, report);
            format!("{layer}: {}", printable(cause))
        }
        _ => gap(part),
    }
}

/// One part in words, without its report.
pub fn gap(part: &NotAssessed) -> String {
    let packages = || match part.count {
        0 => String::new(),
        number => format!(" ({})", count(number, "package")),
    };
    match &part.reason {
        NotAssessedReason::Distribution { id, .. } if id.is_empty() => format!(
            "system packages of an unknown distribution: the target has no os-release{}",
            packages()
        ),
        NotAssessedReason::Distribution { id, version } => format!(
            "packages of {}: the database has no statements about this release{}",
            printable(format!("{id} {version}").trim()),
            packages()
        ),
        NotAssessedReason::Packages { id, version } => format!(
            "packages of {}: no list of what is installed was found",
            printable(format!("{id} {version}").trim())
        ),
        NotAssessedReason::Ecosystem { ecosystem } => format!(
            "packages of {}: the database has no statements about this ecosystem{}",
            ecosystem.name(),
            packages()
        ),
        NotAssessedReason::Layer { index, cause, .. } => {
            format!("layer {}: {}", u64::from(*index).saturating_add(1), printable(cause))
        }
        NotAssessedReason::Folder { cause } => format!("the folder: {}", printable(cause)),
        NotAssessedReason::Database { cause } => {
            format!("a part of the database: {}", printable(cause))
        }
        NotAssessedReason::Manifest { file, line, cause } => {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            printable(&format!("{file}{line}: {cause}")).into_owned()
        }
        NotAssessedReason::Collection { resource, cause } => {
            printable(&format!("{resource} of the cluster: {cause}")).into_owned()
        }
        NotAssessedReason::Kind { kind, cause } => {
            let objects = count(part.count, "object");
            printable(&format!("{objects} of {kind}: {cause}")).into_owned()
        }
        NotAssessedReason::Control { cause, controls } => {
            let verdicts = count(part.count, "verdict");
            let controls = printable(&controls.join(", ")).into_owned();
            format!("{verdicts} for want of {}: {controls}", printable(cause))
        }
        NotAssessedReason::Document { cause } => match part.count {
            0 => format!("the document: {}", printable(cause)),
            number => format!("the document has {number}: {}", printable(cause)),
        },
    }
}

/// Broken and odd files.
pub(super) fn problems(report: &Report, page: &mut Page) {
    if report.problems.is_empty() {
        return;
    }
    page.title(&format!("Problems ({})", report.problems.len()));
    for problem in report.problems.iter().take(SHOWN_PROBLEMS) {
        page.plain_item("  ", &describe_problem(problem));
    }
    let rest = report.problems.get(SHOWN_PROBLEMS..).unwrap_or_default();
    if !rest.is_empty() {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for problem in rest {
            *kinds.entry(kind(problem.kind)).or_default() += 1;
        }
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
        page.plain_item(
            "  ",
            &format!("and {} more: {} (-o json has all)", rest.len(), kinds.join(", ")),
        );
    }
}

/// One broken or odd file in words.
pub(crate) fn describe_problem(problem: &Problem) -> String {
    let message = printable(&problem.message);
    match &problem.location {
        Some(location) => {
            format!("{}: {}: {message}", kind(problem.kind), printable(&location.to_string()))
        }
        None => format!("{}: {message}", kind(problem.kind)),
    }
}

/// The class of a problem in words.
pub(crate) const fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Malformed => "malformed",
        ProblemKind::Truncated => "truncated",
        ProblemKind::LimitReached => "limit reached",
        ProblemKind::Ambiguous => "ambiguous",
        ProblemKind::Unreadable => "unreadable",
        ProblemKind::Mismatch => "mismatch",
        ProblemKind::Unresolved => "unresolved",
    }
}
