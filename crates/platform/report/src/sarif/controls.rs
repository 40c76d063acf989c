//! A rule for each control, a result for each field that it speaks against.

use bulkhead_model::Severity;
use serde_json::{Value, json};

use super::document::{
    Configuration, Descriptor, Location, LogicalLocation, Message, PhysicalLocation, Region,
    RunResult,
};
use super::results::{file, fingerprints, suppressions};
use super::rules::{level, middle};
use super::text::{DESCRIPTION, NAME, message};
use crate::control::ControlRow;
use crate::markdown;
use crate::text::excerpt;

/// GitHub refuses a rule with more than 20 tags, and shows 10.
const SHOWN_TAGS: usize = 8;

/// The rule of a finding.
pub(super) fn descriptor(row: ControlRow<'_>) -> Descriptor {
    let title = format!("{}.", row.title().trim_end_matches('.'));
    let why = row.statement.map_or_else(|| title.clone(), |statement| statement.why.clone());
    Descriptor {
        id: excerpt(row.rule(), NAME).into_owned(),
        name: "ObjectConfiguration",
        short_description: Message::plain(message(&title)),
        full_description: Message::plain(message(&why)),
        help: help(row, &title),
        help_uri: row.address().map(str::to_owned),
        default_configuration: Configuration { level: level(row.severity()) },
        relationships: Vec::new(),
        properties: properties_of_rule(row),
    }
}

/// Why, what may come of it, what to do, and who asks for it.
fn help(row: ControlRow<'_>, title: &str) -> Message {
    let mut parts: Vec<(&str, String)> = Vec::new();
    if let Some(statement) = row.statement {
        parts.push(("Why", statement.why.clone()));
        parts.push(("Risk", statement.risk.clone()));
        parts.push(("Fix", statement.fix.clone()));
    }
    let clauses: Vec<String> = row.clauses().collect();
    if !clauses.is_empty() {
        parts.push(("Asked for by", clauses.join("; ")));
    }
    let plain = parts.iter().map(|(name, text)| message(&format!("{name}: {text}")));
    let plain: Vec<String> = std::iter::once(message(title)).chain(plain).collect();
    let marked = parts
        .iter()
        .map(|(name, text)| format!("**{name}**: {}", markdown::text(text, DESCRIPTION)));
    let heading = format!("**{}**", markdown::text(title, DESCRIPTION));
    let marked: Vec<String> = std::iter::once(heading).chain(marked).collect();
    Message { text: plain.join("\n"), markdown: Some(marked.join("\n\n")) }
}

fn properties_of_rule(row: ControlRow<'_>) -> Value {
    let mut tags = vec!["security".to_owned(), "kubernetes".to_owned()];
    let clauses = row.statement.into_iter().flat_map(|statement| &statement.clauses);
    // Techniques of ATT&CK have names of their own; numbers of others mean nothing alone.
    let techniques = clauses.filter(|it| it.document.contains("ATT&CK")).flat_map(|it| &it.clauses);
    tags.extend(techniques.take(SHOWN_TAGS).map(|id| format!("attack/{}", excerpt(id, NAME))));
    let mut properties = json!({
        "tags": tags,
        "precision": "high",
        "severity": row.severity().name(),
    });
    if let (Some(score), Some(map)) = (middle(row.severity()), properties.as_object_mut()) {
        map.insert("security-severity".to_owned(), format!("{score:.1}").into());
    }
    properties
}

/// The result for one field.
pub(super) fn result(row: ControlRow<'_>, rule_index: usize) -> RunResult {
    let sentence = format!(
        "{}: {}. {}.",
        excerpt(&row.object(), NAME),
        row.said(),
        row.title().trim_end_matches('.')
    );
    RunResult {
        rule_id: excerpt(row.rule(), NAME).into_owned(),
        rule_index,
        level: level(row.severity()),
        message: Message::plain(message(&sentence)),
        locations: vec![location(row)],
        partial_fingerprints: fingerprints(row.finding),
        suppressions: suppressions(row.suppressed),
        properties: properties(row),
    }
}

/// The field in its file. A file of a chart, and what a cluster gave, have no line that would tell more
/// than the first.
fn location(row: ControlRow<'_>) -> Location {
    let PhysicalLocation { artifact_location, .. } = file(&row.finding.location, row.report);
    let columns = row.detail.columns.filter(|_| row.detail.line.is_some());
    let region = Region {
        start_line: row.detail.line.unwrap_or(1).max(1),
        start_column: columns.map(|(start, _)| start.max(1)),
        end_column: columns.map(|(start, end)| end.max(start).max(1)),
    };
    let name = format!("{} {}", row.object(), row.detail.place);
    Location {
        physical_location: PhysicalLocation { artifact_location, region },
        logical_locations: vec![LogicalLocation {
            name: excerpt(&row.object(), NAME).into_owned(),
            fully_qualified_name: excerpt(name.trim_end(), DESCRIPTION).into_owned(),
            kind: "resource",
        }],
    }
}

fn properties(row: ControlRow<'_>) -> Value {
    json!({
        "object": excerpt(&row.object(), DESCRIPTION),
        "place": excerpt(&row.detail.place, DESCRIPTION),
        "found": excerpt(&row.said(), DESCRIPTION),
        "severity": row.severity().name(),
    })
}

/// The worst of each rule stands for it, in the order in which rules come up.
pub(super) fn worst<'a>(rows: &[ControlRow<'a>]) -> Vec<ControlRow<'a>> {
    let mut worst: Vec<ControlRow<'a>> = Vec::new();
    let mut known: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for row in rows {
        let at = *known.entry(row.rule()).or_insert_with(|| {
            worst.push(*row);
            worst.len().saturating_sub(1)
        });
        let severity = worst.get(at).map_or(Severity::Unknown, |it| it.severity());
        if let Some(kept) = worst.get_mut(at).filter(|_| row.severity() > severity) {
            *kept = *row;
        }
    }
    worst
}
