//! Findings that somebody answered, and answers that came to nothing.

use bulkhead_model::{Report, Suppressed};

use super::Page;
use crate::answers;
use crate::text::printable;

/// Entries of ignore files that are shown; JSON has them all.
const SHOWN: usize = 10;

/// Every suppressed finding with the answer to it.
pub(super) fn list(report: &Report, page: &mut Page) {
    if report.suppressed.is_empty() {
        return;
    }
    page.title(&format!("Suppressed ({})", report.suppressed.len()));
    for Suppressed { finding, by } in &report.suppressed {
        let (name, version) = (finding.subject.name(), finding.subject.version());
        let package = finding.subject.object().unwrap_or_else(|| format!("{name} {version}"));
        let heading = [
            printable(&finding.rule).into_owned(),
            page.style.severity(finding.rating.severity, finding.rating.severity.name()),
            printable(&package).into_owned(),
        ];
        page.line(&format!("  {}", heading.join("  ")));
        let place = finding.location.to_string();
        if !place.is_empty() {
            page.plain_item("    ", &printable(&place));
        }
        let mut parts = vec![answers::statement(by)];
        parts.extend(answers::circumstances(by));
        page.plain_item("    ", &format!("{} · {}", parts.join(" · "), answers::place(by)));
    }
}

/// Entries of ignore files that suppress nothing: somebody may take them out, or renew them.
pub(super) fn unused(report: &Report, page: &mut Page) {
    let idle: Vec<_> =
        report.answers.iter().filter_map(|answer| Some((answer, answers::idle(answer)?))).collect();
    if idle.is_empty() {
        return;
    }
    page.title(&format!("Exceptions without effect ({})", idle.len()));
    for (answer, why) in idle.iter().take(SHOWN) {
        let place = answers::place(&answer.says);
        page.plain_item("  ", &format!("{}: {why} · {place}", answers::subject(answer)));
    }
    let rest = idle.len().saturating_sub(SHOWN);
    if rest > 0 {
        page.plain_item("  ", &format!("and {rest} more (-o json has all)"));
    }
}
