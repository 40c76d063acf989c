//! What was scanned, and the findings in numbers.

use std::collections::BTreeMap;

use bulkhead_model::{Confidence, FixState, PackageType, Posture, Report, Severity};

use super::{Page, Piece};
use crate::streamed::Tally;
use crate::text::{count, cut, printable, wrap_with};

/// Target, image and system.
pub(super) fn heading(report: &Report, page: &mut Page) {
    let target = &report.target;
    let mut parts = vec![printable(&target.name)];
    if let Some(image) = &target.image {
        let tags = image.tags.iter().filter(|tag| !target.name.contains(tag.as_str()));
        parts.extend(tags.chain([&image.platform]).map(|text| printable(text)));
    }
    let title = page.style.strong(&cut(parts.join("  ").trim_end(), page.style.width));
    page.line(&title);
    let digest = target.image.as_ref().and_then(|image| image.manifest.as_ref());
    if let Some(digest) = digest {
        let digest = page.style.faint(digest.as_str());
        page.line(&digest);
    }
    if let Some(posture) = &report.posture {
        for line in wrap_with(judged(posture).iter().map(String::as_str), " · ", page.style.width)
        {
            page.line(&line);
        }
        return;
    }
    let system = match &report.inventory.operating_system {
        Some(system) => printable(&system.pretty_name).into_owned(),
        None => "no operating system".to_owned(),
    };
    let supported = report.end_of_life.iter().filter(|end| !end.ended);
    let supported = supported.map(|end| format!("supported until {}", printable(&end.day)));
    let facts: Vec<String> =
        [system].into_iter().chain(supported).chain([package_counts(report)]).collect();
    for line in wrap_with(facts.iter().map(String::as_str), " · ", page.style.width) {
        page.line(&line);
    }
}

/// `12 objects (10 Deployment, 2 Service)`, and how often each verdict was given: how much of the
/// whole was judged stands beside what was found.
pub(crate) fn judged(posture: &Posture) -> Vec<String> {
    let counts = &posture.verdicts;
    vec![
        object_counts(posture),
        count(counts.fail, "failed verdict"),
        format!("{} not checkable", counts.not_checkable),
        format!("{} passed", counts.pass),
    ]
}

/// `12 objects (10 Deployment, 2 Service)`, the most frequent kinds first.
pub(crate) fn object_counts(posture: &Posture) -> String {
    /// Kinds that are named; a cluster has dozens.
    const NAMED: usize = 6;
    let total = count(posture.count(), "object");
    let mut kinds: Vec<(&String, &u64)> = posture.objects.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let named = kinds.iter().take(NAMED).map(|(kind, count)| format!("{count} {kind}"));
    let others = kinds.len().saturating_sub(NAMED);
    let others = (others > 0).then(|| format!("{others} more kinds"));
    let named: Vec<String> = named.chain(others).collect();
    if named.is_empty() { total } else { format!("{total} ({})", printable(&named.join(", "))) }
}

/// Releases that are supported no more: what is said of them may be old.
pub(super) fn ended(report: &Report, page: &mut Page) {
    for end in report.end_of_life.iter().filter(|end| end.ended) {
        page.line("");
        let mark = format!("{}  ", page.style.warning("END OF LIFE"));
        let text = format!(
            "the support of {} ended on {} ({}): what is found since then may never be listed or \
             fixed",
            printable(&end.scope.to_string()),
            printable(&end.day),
            printable(&end.source),
        );
        page.item(&mark, "END OF LIFE  ".len(), &text);
    }
}

/// `137 packages (92 deb, 40 npm, 5 pypi)`.
pub(crate) fn package_counts(report: &Report) -> String {
    let packages = &report.inventory.packages;
    let mut types: BTreeMap<PackageType, u64> = BTreeMap::new();
    for package in packages {
        *types.entry(package.package_type).or_default() += 1;
    }
    let total = count(packages.len() as u64, "package");
    if types.is_empty() {
        return total;
    }
    let types: Vec<String> =
        types.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    format!("{total} ({})", types.join(", "))
}

/// The findings by severity, and what can be done about them.
pub(super) fn counts(report: &Report, tally: &Tally, page: &mut Page) {
    let style = page.style;
    page.line("");
    let total = count(tally.total(), "finding");
    let mut pieces = vec![Piece::painted(total, |text| style.strong(text))];
    pieces.extend(
        Severity::DESCENDING
            .into_iter()
            .map(|severity| (severity, tally.of_severity(severity)))
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| {
                Piece::painted(format!("{count} {severity}"), |text| style.severity(severity, text))
            }),
    );
    page.flow("", &pieces);
    page.flow("  ", &remarks(report, page));
}

/// What can be done about the findings, and which of them are special.
fn remarks(report: &Report, page: &Page) -> Vec<Piece> {
    let style = page.style;
    let Remarks { fixable, exploited, unconfirmed } = Remarks::of(report);
    let mut pieces = Vec::new();
    let has_packages = report.findings.iter().any(|finding| finding.vulnerability().is_some());
    if has_packages {
        pieces.push(match fixable {
            0 => Piece::plain("none has a fix"),
            1 => Piece::painted("1 has a fix", |text| style.good(text)),
            count => Piece::painted(format!("{count} have a fix"), |text| style.good(text)),
        });
    }
    if exploited > 0 {
        let text = format!("{exploited} known to be exploited");
        pieces.push(Piece::painted(text, |text| style.alarm(text)));
    }
    if unconfirmed > 0 {
        pieces.push(Piece::plain(format!("{unconfirmed} unconfirmed")));
    }
    if !report.suppressed.is_empty() {
        let text = format!("{} suppressed", report.suppressed.len());
        pieces.push(Piece::painted(text, |text| style.faint(text)));
    }
    if report.filtered > 0 {
        let text = format!("{} not shown (filters)", report.filtered);
        pieces.push(Piece::painted(text, |text| style.faint(text)));
    }
    pieces
}

/// The verdict of the gate, and where to go from here.
pub(super) fn closing(report: &Report, tally: &Tally, page: &mut Page) {
    let style = page.style;
    page.line("");
    if !report.outcome.gates.is_empty() {
        let gates = report.outcome.gates.join(", ");
        let mark = style.alarm("gate hit: ");
        page.item(&mark, "gate hit: ".len(), &printable(&gates));
    }
    if report.outcome.incomplete {
        let mark = style.warning("incomplete: ");
        page.item(&mark, "incomplete: ".len(), "see what was not assessed, above");
    }
    if let Some((_, rule)) = &tally.first {
        let rule = printable(rule);
        let hint =
            format!("bulkhead explain {rule} REPORT.json tells why a finding is there, or not");
        page.line(&style.faint(&hint));
    }
}

/// How many findings are special.
pub(crate) struct Remarks {
    pub(crate) fixable: usize,
    pub(crate) exploited: usize,
    pub(crate) unconfirmed: usize,
}

impl Remarks {
    pub(crate) fn of(report: &Report) -> Self {
        let mut remarks = Self { fixable: 0, exploited: 0, unconfirmed: 0 };
        for finding in &report.findings {
            let Some(detail) = finding.vulnerability() else { continue };
            remarks.fixable += usize::from(detail.state == FixState::Fixed);
            remarks.exploited += usize::from(detail.exploited.is_some());
            remarks.unconfirmed += usize::from(detail.confidence == Confidence::Unconfirmed);
        }
        remarks
    }
}
