//! A rule for each vulnerability, and the weaknesses that the rules refer to.

use std::collections::HashMap;

use bulkhead_model::Severity;
use serde_json::json;

use super::document::{
    Configuration, Descriptor, Message, Relationship, Taxon, TaxonReference, TaxonomyReference,
};
use super::text::{DESCRIPTION, NAME, message};
use super::{CWE, controls};
use crate::control::ControlRow;
use crate::links;
use crate::markdown;
use crate::row::Row;
use crate::text::excerpt;

/// GitHub refuses a rule with more than 20 tags, and shows 10.
const SHOWN_WEAKNESSES: usize = 8;
/// References in a rule's help.
const SHOWN_REFERENCES: usize = 10;

/// The rules of a run.
pub(super) struct Rules<'a> {
    pub(super) descriptors: Vec<Descriptor>,
    pub(super) weaknesses: Vec<Taxon>,
    /// The position of each rule.
    pub(super) positions: HashMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(rows: &[Row<'a>], controls: &[ControlRow<'a>]) -> Self {
        // A rule stands for the vulnerability in all packages: its severity is the worst of them.
        let mut worst: HashMap<&str, Row<'a>> = HashMap::new();
        let mut order = Vec::new();
        for row in rows {
            let known = worst.entry(row.rule()).or_insert_with(|| {
                order.push(row.rule());
                *row
            });
            if row.severity() > known.severity() {
                *known = *row;
            }
        }
        let rows: Vec<Row<'a>> = order.iter().filter_map(|rule| worst.get(rule).copied()).collect();
        let mut numbers: Vec<u32> = rows.iter().flat_map(|row| weaknesses(*row)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let of_rows = rows.iter().map(|row| descriptor(*row, &numbers));
        let worst = controls::worst(controls);
        order.extend(worst.iter().map(|row| row.rule()));
        let of_controls = worst.iter().map(|row| controls::descriptor(*row));
        Self {
            descriptors: of_rows.chain(of_controls).collect(),
            weaknesses: numbers.iter().map(|number| taxon(*number)).collect(),
            positions: order.into_iter().zip(0..).collect(),
        }
    }
}

fn descriptor(row: Row<'_>, weaknesses_of_run: &[u32]) -> Descriptor {
    let rule = excerpt(row.rule(), NAME);
    let title = match row.title() {
        "" => format!("{rule} in {}", excerpt(row.name(), NAME)),
        title => format!("{rule}: {}", excerpt(title, DESCRIPTION / 2)),
    };
    let relationships = weaknesses(row).filter_map(|number| {
        let index = weaknesses_of_run.binary_search(&number).ok()?;
        let tool_component = TaxonomyReference { name: "CWE", index: CWE };
        let target = TaxonReference { id: number.to_string(), index, tool_component };
        Some(Relationship { target, kinds: ["relevant"] })
    });
    Descriptor {
        id: rule.to_string(),
        name: match row.package_type() {
            Some(kind) if kind.is_system() => "SystemPackageVulnerability",
            _ => "LanguagePackageVulnerability",
        },
        short_description: Message::plain(message(&format!("{}.", title.trim_end_matches('.')))),
        full_description: Message::plain(message(&description(row))),
        help: help(row, &title),
        help_uri: address(row),
        default_configuration: Configuration { level: level(row.severity()) },
        relationships: relationships.collect(),
        properties: properties(row),
    }
}

fn weaknesses(row: Row<'_>) -> impl Iterator<Item = u32> {
    row.detail.cwes.iter().copied().take(SHOWN_WEAKNESSES)
}

fn taxon(number: u32) -> Taxon {
    Taxon {
        id: number.to_string(),
        help_uri: format!("https://cwe.mitre.org/data/definitions/{number}.html"),
    }
}

/// Where the vulnerability is described: its own page, else what the feeds refer to.
fn address(row: Row<'_>) -> Option<String> {
    let reference = || row.detail.references.iter().find_map(|reference| links::web(reference));
    links::of(row.rule()).or_else(|| reference().map(str::to_owned))
}

fn description(row: Row<'_>) -> String {
    let exploited = row.exploitation().map(|it| format!("; {it}")).unwrap_or_default();
    let published = row.detail.published.as_deref();
    let published = published.map(|day| format!("; published {day}")).unwrap_or_default();
    format!("A vulnerability of severity {}{exploited}{published}.", row.rating())
}

/// What a viewer shows beside the result, as text and as markdown.
fn help(row: Row<'_>, title: &str) -> Message {
    let mut facts = vec![description(row)];
    let aliases: Vec<_> =
        row.detail.aliases.iter().take(SHOWN_REFERENCES).map(|it| excerpt(it, NAME)).collect();
    if !aliases.is_empty() {
        facts.push(format!("Also known as {}.", aliases.join(", ")));
    }
    if !row.detail.cwes.is_empty() {
        let weaknesses: Vec<String> =
            weaknesses(row).map(|number| format!("CWE-{number}")).collect();
        facts.push(format!("Weaknesses: {}.", weaknesses.join(", ")));
    }
    let references = row.detail.references.iter().filter_map(|reference| links::web(reference));
    let references: Vec<&str> = references.take(SHOWN_REFERENCES).collect();

    let plain = std::iter::once(title).chain(facts.iter().map(String::as_str)).map(message);
    let plain: Vec<String> = plain.chain(references.iter().map(ToString::to_string)).collect();
    let mut markdown = vec![format!("**{}**", markdown::text(title, DESCRIPTION))];
    markdown.extend(facts.iter().map(|fact| markdown::text(fact, DESCRIPTION)));
    if !references.is_empty() {
        let list: Vec<String> = references.iter().map(|it| format!("- <{it}>")).collect();
        markdown.push(list.join("\n"));
    }
    Message { text: plain.join("\n"), markdown: Some(markdown.join("\n\n")) }
}

/// What GitHub sorts and filters alerts by. Without a rating there is no `security-severity`: it
/// would claim one.
fn properties(row: Row<'_>) -> serde_json::Value {
    let severity = row.severity();
    let mut tags = vec!["security".to_owned(), "vulnerability".to_owned()];
    tags.extend(weaknesses(row).map(|number| format!("external/cwe/cwe-{number:03}")));
    if row.detail.exploited.is_some() {
        tags.push("exploited".to_owned());
    }
    let mut properties = json!({
        "tags": tags,
        "precision": if row.is_unconfirmed() { "medium" } else { "very-high" },
        "severity": severity.name(),
    });
    if let (Some(score), Some(map)) = (score(row), properties.as_object_mut()) {
        map.insert("security-severity".to_owned(), format!("{score:.1}").into());
    }
    properties
}

/// The score that stands for a severity. Where the deciding publisher rates otherwise than the score
/// that came along, the middle of its class does: services know only the number.
fn score(row: Row<'_>) -> Option<f64> {
    let severity = row.severity();
    let own = row.finding.rating.score.filter(|score| Severity::from_score(*score) == severity);
    middle(severity).map(|middle| own.unwrap_or(middle))
}

/// The middle of a class of scores; none for what nobody rated.
pub(super) const fn middle(severity: Severity) -> Option<f64> {
    Some(match severity {
        Severity::Critical => 9.5,
        Severity::High => 8.0,
        Severity::Medium => 5.5,
        Severity::Low => 2.0,
        Severity::Negligible => 0.0,
        Severity::Unknown => return None,
    })
}

/// SARIF's levels (section 3.27.10). What nobody rated is a warning: it may be anything.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unknown => "warning",
        Severity::Low | Severity::Negligible => "note",
    }
}
