//! One finding: package, file, layer, owner, rows of advisories, severity.

use bulkhead_model::{
    AdvisoryMatch, Confidence, Evidence, Finding, FixState, RelationKind, Report,
    VulnerabilityDetail,
};

use crate::control::ControlRow;
use crate::table::{Page, layers};
use crate::text::{pad, printable};

/// Columns of the label before each fact.
pub(super) const LABEL: usize = 14;

/// Every fact that the finding rests on.
pub(super) fn of(finding: &Finding, report: &Report, page: &mut Page) {
    let Some(detail) = finding.vulnerability() else { return control(finding, report, page) };
    let subject = &finding.subject;
    let (name, version, purl) = (subject.name(), subject.version(), subject.purl());
    let style = page.style;
    let severity = finding.rating.severity;
    page.line("");
    page.line(&format!(
        "{} {} {}  {}",
        style.strong(&printable(name)),
        printable(version),
        style.severity(severity, severity.name()),
        style.faint(finding.id.as_str()),
    ));
    fact("package", &printable(purl), page);
    fact("file", &printable(&finding.location.to_string()), page);
    if let Some(layer) = &finding.location.layer {
        fact("layer", &layers::describe(layer, report), page);
        fact("", layer.diff_id.as_str(), page);
    }
    related(detail, report, page);
    for step in &finding.evidence {
        let (label, text) = evidence(step);
        fact(label, &text, page);
    }
    rating(finding, detail, page);
    fact("fix", &fix(detail), page);
    if detail.confidence == Confidence::Unconfirmed {
        fact(
            "unconfirmed",
            "the distribution that built the package is silent: it may carry a fix",
            page,
        );
    }
}

/// What a control says against an object, and on what it rests.
fn control(finding: &Finding, report: &Report, page: &mut Page) {
    let Some(row) = ControlRow::of(report, finding, None) else { return };
    let style = page.style;
    let severity = row.severity();
    page.line("");
    page.line(&format!(
        "{} {}  {}",
        style.strong(&printable(&row.object())),
        style.severity(severity, severity.name()),
        style.faint(finding.id.as_str()),
    ));
    fact("file", &printable(&row.file()), page);
    fact("found", &row.said(), page);
}

/// One step of the reasoning: its kind, and what was compared with what.
pub(crate) fn evidence(step: &Evidence) -> (&'static str, String) {
    match step {
        Evidence::Advisory(row) => ("advisory", compared(row)),
        Evidence::Vendor { owner, verdict } => ("vendor", vendor(owner, verdict.as_ref())),
        Evidence::Process(process) => ("process", process.arguments.join(" ")),
        Evidence::Lineage { ancestors } => {
            let names: Vec<&str> = ancestors.iter().map(|one| one.name.as_str()).collect();
            ("started by", names.join(", by "))
        }
        Evidence::Container(container) => ("container", container.id.clone()),
        Evidence::File { path, .. } => ("file", path.clone()),
        Evidence::Connection { client, server, protocol } => {
            let ends = [client, server].map(|end| end.as_deref().unwrap_or("?"));
            ("connection", format!("{protocol} {}", ends.join("->")))
        }
        Evidence::Swapped { argument, seen, used } => {
            ("swapped", format!("{argument}: {seen} when the call began, {used} was used"))
        }
    }
}

/// A row of a feed, and how the version compares with it.
pub(super) fn compared(row: &AdvisoryMatch) -> String {
    let verdict = if row.inside { "lies in" } else { "lies outside" };
    let range = if row.range.is_empty() { "no version at all" } else { &row.range };
    let severity = match row.severity {
        Some(severity) => format!(", rated {severity}"),
        None => String::new(),
    };
    printable(&format!(
        "{} of {} on {}: {} {verdict} {range} (order of {}), {}{severity}",
        row.record,
        row.feed,
        row.key,
        row.version,
        row.scheme,
        state(row.state),
    ))
    .into_owned()
}

/// One fact behind its label; long ones go on below themselves.
pub(super) fn fact(label: &str, text: &str, page: &mut Page) {
    let mark = format!("  {}", page.style.faint(&pad(label, LABEL)));
    page.item(&mark, LABEL.saturating_add(2), text);
}

/// The packages that depend on it, own it or contain it.
fn related(detail: &VulnerabilityDetail, report: &Report, page: &mut Page) {
    for relation in &report.inventory.relations {
        let (label, other) = match relation.kind {
            RelationKind::OwnedBy if relation.from == detail.package => ("owned by", relation.to),
            RelationKind::ContainedIn if relation.from == detail.package => {
                ("contained in", relation.to)
            }
            RelationKind::DependsOn if relation.to == detail.package => {
                ("needed by", relation.from)
            }
            _ => continue,
        };
        if let Some(package) = report.inventory.package(other) {
            let text = format!("{} {}", package.name, package.version);
            fact(label, &printable(&text), page);
        }
    }
}

fn vendor(owner: &str, verdict: Option<&AdvisoryMatch>) -> String {
    let owner = printable(owner);
    match verdict {
        Some(row) => format!("{owner} owns the file; {}", compared(row)),
        None => format!("{owner} owns the file; its distribution says nothing about this"),
    }
}

fn rating(finding: &Finding, detail: &VulnerabilityDetail, page: &mut Page) {
    let rating = &finding.rating;
    let reason = match (&rating.vector, rating.score) {
        (Some(vector), Some(score)) => format!("{} gives {score:.1} by {vector}", rating.source),
        _ if rating.source.is_empty() => "no feed rates it".to_owned(),
        _ => format!("{} says so", rating.source),
    };
    let text = format!("{}: {reason}", rating.severity);
    fact("severity", &printable(&text), page);
    let chosen = rating.vector.as_deref();
    for cvss in detail.cvss.iter().filter(|cvss| chosen != Some(cvss.vector.as_str())) {
        let text = format!("{} gives {:.1} by {}", cvss.source, cvss.score, cvss.vector);
        fact("", &printable(&text), page);
    }
}

fn fix(detail: &VulnerabilityDetail) -> String {
    match detail.state {
        FixState::Fixed if !detail.fixed_versions.is_empty() => {
            printable(&detail.fixed_versions.join(" or ")).into_owned()
        }
        other => state(other).to_owned(),
    }
}

const fn state(state: FixState) -> &'static str {
    match state {
        FixState::Fixed => "fixed in a later version",
        FixState::Affected => "affected, no fix known",
        FixState::WillNotFix => "affected, will not be fixed",
        FixState::NotAffected => "not affected",
        FixState::UnderInvestigation => "under investigation",
    }
}
