//! Findings as the vulnerabilities of a document.

use std::collections::BTreeMap;

use bulkhead_model::{Finding, FixState, Severity, Suppressed, Suppression, VulnerabilityDetail};

use super::analysis;
use super::document::{Advisory, AffectedVersion, Affects, Alias, Rating, Source, Vulnerability};
use super::references::References;
use crate::parts::{Property, names};

/// One vulnerability per id, in the order in which the ids first appear, with every package that it
/// affects; then one per id and answer for those that are suppressed, with the answer as analysis.
pub(super) fn of(
    findings: &[Finding],
    suppressed: &[Suppressed],
    references: &References,
) -> Vec<Vulnerability> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut by_key: BTreeMap<(&str, Option<String>), usize> = BTreeMap::new();
    let open = findings.iter().map(|finding| (finding, None));
    let answered = suppressed.iter().map(|it| (&it.finding, Some(&it.by)));
    for (finding, by) in open.chain(answered) {
        let Some(detail) = finding.vulnerability() else { continue };
        let rule = finding.rule.as_str();
        let key = (rule, by.map(|by| format!("{by:?}")));
        let at = *by_key.entry(key).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group { rule, by, findings: Vec::new() });
        }
        if let Some(group) = groups.get_mut(at) {
            group.findings.push((finding, detail));
        }
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    groups
        .iter()
        .filter_map(|group| {
            let number = seen.entry(group.rule).or_default();
            *number = number.saturating_add(1);
            // References are unique; the first has the id alone.
            let reference = match number {
                1 => group.rule.to_owned(),
                number => format!("{}#{number}", group.rule),
            };
            vulnerability(group, reference, references)
        })
        .collect()
}

/// The findings of one vulnerability that are answered alike.
struct Group<'a> {
    rule: &'a str,
    by: Option<&'a Suppression>,
    findings: Vec<(&'a Finding, &'a VulnerabilityDetail)>,
}

fn vulnerability(
    group: &Group<'_>,
    reference: String,
    references: &References,
) -> Option<Vulnerability> {
    let Group { rule, by, findings: group } = group;
    let (first, first_detail) = group.first()?;
    Some(Vulnerability {
        reference,
        id: (*rule).to_owned(),
        source: source(&first.rating.source),
        references: aliases(group),
        ratings: ratings(group),
        cwes: distinct(group.iter().flat_map(|(_, detail)| detail.cwes.iter().copied())),
        description: first_detail.title.clone(),
        recommendation: recommendation(group),
        advisories: distinct(
            group
                .iter()
                .flat_map(|(_, detail)| &detail.references)
                .map(|url| Advisory { url: url.clone() }),
        ),
        published: first_detail
            .published
            .as_ref()
            .map(|day| if day.contains('T') { day.clone() } else { format!("{day}T00:00:00Z") }),
        analysis: by.map(analysis::of),
        affects: affects(group, references),
        properties: properties(group, references),
    })
}

/// The rating that was chosen comes first, then every vector that a feed gives.
fn ratings(group: &[(&Finding, &VulnerabilityDetail)]) -> Vec<Rating> {
    let chosen = group.iter().map(|(finding, _)| {
        let rating = &finding.rating;
        Rating {
            source: source(&rating.source),
            score: rating.score,
            severity: severity(rating.severity),
            method: rating.vector.as_deref().map(method),
            vector: rating.vector.clone(),
        }
    });
    let others = group.iter().flat_map(|(_, detail)| &detail.cvss).map(|cvss| Rating {
        source: source(&cvss.source),
        score: Some(cvss.score),
        severity: severity(Severity::from_score(cvss.score)),
        method: Some(method(&cvss.vector)),
        vector: Some(cvss.vector.clone()),
    });
    distinct(chosen.chain(others))
}

/// The specification's words: what has no practical effect is information.
const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Negligible => "info",
        other => other.name(),
    }
}

fn method(vector: &str) -> &'static str {
    match vector.split('/').next() {
        Some("CVSS:4.0") => "CVSSv4",
        Some("CVSS:3.1") => "CVSSv31",
        Some("CVSS:3.0") => "CVSSv3",
        _ => "CVSSv2",
    }
}

fn source(name: &str) -> Option<Source> {
    (!name.is_empty()).then(|| Source { name: name.to_owned() })
}

/// The other names. The specification wants a source with each: the authority that the prefix
/// names.
fn aliases(group: &[(&Finding, &VulnerabilityDetail)]) -> Vec<Alias> {
    distinct(group.iter().flat_map(|(_, detail)| &detail.aliases).map(|id| Alias {
        id: id.clone(),
        source: Source { name: id.split('-').next().unwrap_or_default().to_owned() },
    }))
}

fn recommendation(group: &[(&Finding, &VulnerabilityDetail)]) -> Option<String> {
    let upgrades = distinct(group.iter().filter_map(|(finding, detail)| {
        let name = finding.subject.name();
        (!detail.fixed_versions.is_empty())
            .then(|| format!("Upgrade {name} to {}.", detail.fixed_versions.join(" or ")))
    }));
    (!upgrades.is_empty()).then(|| upgrades.join(" "))
}

fn affects(group: &[(&Finding, &VulnerabilityDetail)], references: &References) -> Vec<Affects> {
    let affected = group.iter().filter_map(|(finding, detail)| {
        let version = finding.subject.version();
        let status = match detail.state {
            FixState::NotAffected => "unaffected",
            FixState::UnderInvestigation => "unknown",
            FixState::Fixed | FixState::Affected | FixState::WillNotFix => "affected",
        };
        let installed = AffectedVersion { version: version.to_owned(), status };
        let fixed = detail
            .fixed_versions
            .iter()
            .map(|version| AffectedVersion { version: version.to_owned(), status: "unaffected" });
        Some(Affects {
            reference: references.get(detail.package)?.to_owned(),
            versions: std::iter::once(installed).chain(fixed).collect(),
        })
    });
    affected.collect()
}

fn properties(
    group: &[(&Finding, &VulnerabilityDetail)],
    references: &References,
) -> Vec<Property> {
    let mut properties = Vec::new();
    if let Some(entry) = group.iter().find_map(|(_, detail)| detail.exploited.as_ref()) {
        let mut add = |name: &str, value: &str| {
            properties.push(Property::new(format!("{}{name}", names::EXPLOITED), value));
        };
        add("source", &entry.source);
        add("added", &entry.added);
        if let Some(due) = &entry.due {
            add("due", due);
        }
        add("ransomware", if entry.ransomware { "true" } else { "false" });
    }
    properties.extend(group.iter().filter_map(|(finding, detail)| {
        let reference = references.get(detail.package)?;
        Some(Property::new(names::FINDING, format!("{} {reference}", finding.id)))
    }));
    properties
}

/// The values in order, each once.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut distinct, value| {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
        distinct
    })
}
