//! What databases know about an id by itself.

use std::collections::BTreeSet;

use bulkhead_advisories::{Advisory, Knowledge};
use bulkhead_model::{ExploitPrediction, Finding, KnownExploitation, VulnerabilityDetail};

use super::chain::{LABEL, fact};
use crate::table::Page;
use crate::text::{count, pad, printable, wrap};

/// Packages of one record that are listed; a bulletin may name thousands.
const SHOWN_PACKAGES: usize = 20;

/// Names, title, dates, exploitation: from the findings where there are any, else from records.
pub(super) fn heading(id: &str, found: &[&Finding], knowledge: &[Knowledge], page: &mut Page) {
    let details: Vec<&VulnerabilityDetail> =
        found.iter().filter_map(|finding| finding.vulnerability()).collect();
    let advisories = || knowledge.iter().flat_map(|known| &known.advisories);
    let title = details
        .iter()
        .find_map(|detail| detail.title.as_deref())
        .or_else(|| advisories().find_map(|advisory| advisory.title.as_deref()));
    let heading = page.style.strong(&printable(id));
    page.line(&format!("{heading}  {}", printable(title.unwrap_or_default())));

    let rules = found.iter().map(|finding| finding.rule.as_str());
    let aliases = details.iter().flat_map(|detail| &detail.aliases).map(String::as_str);
    let known = knowledge.iter().flat_map(|known| known.vulnerabilities.iter().chain(&known.names));
    let names: BTreeSet<&str> = rules
        .chain(aliases)
        .chain(known.map(String::as_str))
        .filter(|name| !name.eq_ignore_ascii_case(id))
        .collect();
    if !names.is_empty() {
        let names: Vec<_> = names.into_iter().map(printable).collect();
        fact("also known as", &names.join(", "), page);
    }
    let published = details
        .iter()
        .filter_map(|detail| detail.published.as_deref())
        .chain(advisories().filter_map(|advisory| advisory.published.as_deref()))
        .min();
    if let Some(published) = published {
        fact("published", &printable(published), page);
    }
    let weaknesses: BTreeSet<u32> = details
        .iter()
        .flat_map(|detail| &detail.cwes)
        .chain(advisories().flat_map(|advisory| &advisory.cwes))
        .copied()
        .collect();
    if !weaknesses.is_empty() {
        let weaknesses: Vec<String> =
            weaknesses.iter().map(|number| format!("CWE-{number}")).collect();
        fact("weaknesses", &weaknesses.join(", "), page);
    }
    let entry = details
        .iter()
        .find_map(|detail| detail.exploited.as_ref())
        .or_else(|| knowledge.iter().find_map(|known| known.exploited.first()));
    if let Some(entry) = entry {
        exploited(entry, page);
    }
    let predicted = details
        .iter()
        .find_map(|detail| detail.epss.as_ref())
        .or_else(|| knowledge.iter().find_map(|known| known.epss.as_ref()));
    if let Some(predicted) = predicted {
        fact("predicted", &prediction(predicted), page);
    }
}

/// The records about the id, with the packages that each names.
pub(super) fn records(knowledge: &[Knowledge], page: &mut Page) {
    let advisories: Vec<&Advisory> = knowledge.iter().flat_map(|known| &known.advisories).collect();
    if advisories.is_empty() && knowledge.iter().all(|known| known.vulnerabilities.is_empty()) {
        page.line("");
        page.plain_item("", "No database that was asked knows this id.");
        return;
    }
    for known in knowledge {
        for advisory in &known.advisories {
            record(advisory, known, page);
        }
    }
}

fn record(advisory: &Advisory, known: &Knowledge, page: &mut Page) {
    page.title(&printable(&format!("{} of {}", advisory.id, advisory.feed)));
    if let Some(severity) = advisory.severity {
        fact("severity", &format!("{severity}, the publisher's own"), page);
    }
    for cvss in &advisory.cvss {
        let text = format!("{:.1} by {} ({})", cvss.score, cvss.vector, cvss.source);
        fact("score", &printable(&text), page);
    }
    if !advisory.covers.is_empty() {
        fact("about", &printable(&advisory.covers.join(", ")), page);
    }
    let rows: Vec<_> = known
        .affected
        .iter()
        .filter(|(_, row)| row.feed == advisory.feed && row.record == advisory.id)
        .collect();
    for (key, row) in rows.iter().take(SHOWN_PACKAGES) {
        let text = format!("{key}: {} ({})", row.versions, row.state.name().replace('_', " "));
        fact("package", &printable(&text), page);
    }
    let rest = rows.len().saturating_sub(SHOWN_PACKAGES);
    if rest > 0 {
        fact("", &format!("and {}", count(rest as u64, "more package")), page);
    }
    for reference in advisory.references.iter().take(3) {
        fact("see", &printable(reference), page);
    }
    if let Some(description) = &advisory.description {
        let width = page.style.width.saturating_sub(2).max(20);
        let description = printable_paragraph(description);
        wrap(description.split_whitespace(), width)
            .iter()
            .take(8)
            .for_each(|line| page.line(&format!("  {line}")));
    }
}

/// Line breaks of a description are spaces like others.
fn printable_paragraph(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" ")).into_owned()
}

/// `97.567 % likely to be exploited within 30 days, no less than 99.995 % of all (epss 2023-03-07)`.
fn prediction(entry: &ExploitPrediction) -> String {
    let percent = |share: f64| format!("{:.5}", share * 100.0);
    let short = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    let rank = entry.percentile.map_or_else(String::new, |share| {
        format!(", no less than {} % of all", short(percent(share)))
    });
    let date = entry.date.as_deref().map_or_else(String::new, |date| format!(" {date}"));
    let likely = short(percent(entry.score));
    format!("{likely} % likely to be exploited within 30 days{rank} ({}{date})", entry.source)
}

fn exploited(entry: &KnownExploitation, page: &mut Page) {
    let due = match &entry.due {
        Some(due) => format!(", to be fixed by {due}"),
        None => String::new(),
    };
    let ransomware = if entry.ransomware { ", used in ransomware campaigns" } else { "" };
    let text = format!("since {} ({}){due}{ransomware}", entry.added, entry.source);
    let mark = format!("  {}", page.style.alarm(&pad("exploited", LABEL)));
    page.item(&mark, LABEL.saturating_add(2), &printable(&text));
}
