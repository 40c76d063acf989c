//! Why a finding is there, or why it is not: the whole chain of evidence.
//!
//! Answers come from a report, which has the rows that were compared, and from what databases know
//! about the id, which tells the rest.

mod absence;
mod answers;
pub(crate) mod chain;
mod control;
mod known;

use bulkhead_advisories::Knowledge;
use bulkhead_model::{Finding, Report, Suppressed};

use crate::control::ControlRow;
use crate::style::Style;
use crate::table::Page;
use crate::text::printable;

/// What a report and the databases say about an id and the target. Any name of the vulnerability
/// will do.
pub fn finding(report: &Report, id: &str, knowledge: &[Knowledge], style: Style) -> String {
    let mut page = Page::new(style);
    let names = names(id, knowledge);
    let found: Vec<&Finding> =
        report.findings.iter().filter(|finding| is_about(finding, &names)).collect();
    let overruled: Vec<&Finding> =
        report.overruled.iter().filter(|finding| is_about(finding, &names)).collect();
    let suppressed: Vec<&Suppressed> = report
        .suppressed
        .iter()
        .filter(|suppressed| is_about(&suppressed.finding, &names))
        .collect();
    let all: Vec<&Finding> =
        found.iter().copied().chain(suppressed.iter().map(|it| &it.finding)).collect();
    let not_checkable: Vec<&Finding> = report
        .posture
        .iter()
        .flat_map(|posture| &posture.not_checkable)
        .filter(|finding| is_about(finding, &names))
        .collect();
    match all.iter().chain(&not_checkable).find_map(|it| ControlRow::of(report, it, None)) {
        Some(row) => control::heading(row, &mut page),
        None => known::heading(id, &all, knowledge, &mut page),
    }
    let target = printable(&report.target.name);
    match found.len() {
        0 if !suppressed.is_empty() => page.title(&format!("No open finding in {target}")),
        0 => page.title(&format!("No finding in {target}")),
        1 => page.title(&format!("One finding in {target}")),
        count => page.title(&format!("{count} findings in {target}")),
    }
    for finding in &found {
        chain::of(finding, report, &mut page);
        answers::of(finding, report, &mut page);
    }
    if !suppressed.is_empty() {
        page.title("Suppressed");
        for Suppressed { finding, .. } in &suppressed {
            chain::of(finding, report, &mut page);
            answers::of(finding, report, &mut page);
        }
    }
    if !overruled.is_empty() {
        page.title("Overruled");
        for finding in &overruled {
            chain::of(finding, report, &mut page);
        }
    }
    if !not_checkable.is_empty() {
        page.title("Not checkable");
        for finding in &not_checkable {
            chain::of(finding, report, &mut page);
        }
    }
    if let Some(posture) = &report.posture {
        if found.is_empty() && suppressed.is_empty() && not_checkable.is_empty() {
            control::absence(id, posture, report, &mut page);
        }
    } else if found.is_empty() && suppressed.is_empty() {
        absence::reasons(report, &overruled, knowledge, &mut page);
    }
    page.text
}

/// What the databases know about an id, without any target.
pub fn vulnerability(id: &str, knowledge: &[Knowledge], style: Style) -> String {
    let mut page = Page::new(style);
    known::heading(id, &[], knowledge, &mut page);
    known::records(knowledge, &mut page);
    page.text
}

/// Every name under which a finding of the id may stand.
fn names<'a>(id: &'a str, knowledge: &'a [Knowledge]) -> Vec<&'a str> {
    let known = knowledge.iter().flat_map(|known| &known.vulnerabilities).map(String::as_str);
    std::iter::once(id).chain(known).collect()
}

fn is_about(finding: &Finding, names: &[&str]) -> bool {
    if names.iter().any(|name| finding.id.as_str().eq_ignore_ascii_case(name)) {
        return true;
    }
    let own = finding.aliases().iter().chain([&finding.rule]);
    own.into_iter().any(|name| names.iter().any(|other| other.eq_ignore_ascii_case(name)))
}
