//! A result for each finding.

use std::collections::{BTreeMap, HashMap};

use bulkhead_model::Finding;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region, RunResult,
    Suppression,
};
use super::rules::level;
use super::text::{DESCRIPTION, NAME, message, relative};
use super::{Entry, ROOT, controls};
use crate::row::Row;
use crate::text::excerpt;
use crate::words;

/// The results of a run, each of which is made when it is written.
pub(super) struct Results<'a> {
    pub(super) rows: &'a [Entry<'a>],
    pub(super) positions: HashMap<&'a str, usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let position = |rule| self.positions.get(rule).copied().unwrap_or_default();
        serializer.collect_seq(self.rows.iter().map(|row| match row {
            Entry::Vulnerability(row) => result(*row, position(row.rule())),
            Entry::Control(row) => controls::result(*row, position(row.rule())),
        }))
    }
}

fn result(row: Row<'_>, rule_index: usize) -> RunResult {
    RunResult {
        rule_id: excerpt(row.rule(), NAME).into_owned(),
        rule_index,
        level: level(row.severity()),
        message: Message::plain(sentences(row)),
        locations: vec![location(row)],
        partial_fingerprints: fingerprints(row.finding),
        suppressions: suppressions(row.suppressed),
        properties: properties(row),
    }
}

/// GitHub knows only the first name, and would else make it of the line of a file, which moves, or is in
/// no repository.
pub(super) fn fingerprints(finding: &Finding) -> BTreeMap<&'static str, String> {
    let id = finding.id.as_str();
    [("primaryLocationLineHash", format!("{id}:1")), ("findingId/v1", id.to_owned())].into()
}

/// What was found, where, and what to do.
fn sentences(row: Row<'_>) -> String {
    let title = match row.title().trim_end_matches('.') {
        "" => String::new(),
        title => format!(": {}", excerpt(title, NAME)),
    };
    let mut text = format!(
        "{} {} has {} ({}){title}.",
        excerpt(row.name(), NAME),
        excerpt(row.version(), NAME),
        excerpt(row.rule(), NAME),
        row.severity(),
    );
    let mut say = |sentence: &str| {
        text.push(' ');
        text.push_str(&excerpt(sentence, NAME));
        text.push('.');
    };
    say(&words::fix_sentence(row.detail));
    if let Some(exploitation) = row.exploitation() {
        say(&format!("It is {exploitation}"));
    }
    if row.is_unconfirmed() {
        say("Unconfirmed: the distribution that built the package is silent and may carry a fix");
    }
    if let Some(layer) = row.layer() {
        say(&format!("It came with {layer}"));
    }
    message(&text)
}

/// The file, and the package. GitHub wants a line of each place; files of packages have none that
/// would tell more than the first.
fn location(row: Row<'_>) -> Location {
    Location {
        physical_location: file(&row.finding.location, row.report),
        logical_locations: vec![LogicalLocation {
            name: excerpt(row.name(), NAME).into_owned(),
            fully_qualified_name: excerpt(row.purl(), DESCRIPTION).into_owned(),
            kind: "package",
        }],
    }
}

/// A file of the target; the target itself where it is a document that names none.
pub(super) fn file(
    location: &bulkhead_model::Location,
    report: &bulkhead_model::Report,
) -> PhysicalLocation {
    let uri = if location.path.as_bytes().is_empty() {
        let target = &report.target.name;
        let (_, name) = target.split_once(':').unwrap_or(("", target));
        relative(&bulkhead_model::EntryPath::new(name))
    } else {
        relative(&location.path)
    };
    let uri = if uri.is_empty() { "unnamed".to_owned() } else { uri };
    PhysicalLocation {
        artifact_location: ArtifactLocation { uri, uri_base_id: ROOT },
        region: Region { start_line: 1, start_column: None, end_column: None },
    }
}

/// What an ignore file or a VEX statement answers stays in the document as answered.
pub(super) fn suppressions(answer: Option<&bulkhead_model::Suppression>) -> Vec<Suppression> {
    let suppression = |by| Suppression {
        kind: "external",
        status: "accepted",
        justification: excerpt(&words::suppression(by), DESCRIPTION).into_owned(),
    };
    answer.map(suppression).into_iter().collect()
}

fn properties(row: Row<'_>) -> Value {
    let short = |text: &str| excerpt(text, DESCRIPTION).into_owned();
    let few = |texts: &[String]| texts.iter().take(20).map(|it| short(it)).collect::<Vec<_>>();
    let location = &row.finding.location;
    let inside: Vec<String> =
        location.inside.iter().take(20).map(|path| short(&path.to_string())).collect();
    let layer = location.layer.as_ref().map(|layer| {
        json!({
            "index": layer.index,
            "diffId": layer.diff_id,
            "createdBy": row.layer().map(|line| short(&line)),
        })
    });
    let evidence: Vec<String> = row
        .evidence()
        .take(20)
        .map(|(kind, text)| format!("{kind}: {}", excerpt(&text, DESCRIPTION)))
        .collect();
    let rating = &row.finding.rating;
    let mut properties = json!({
        "package": short(row.name()),
        "version": short(row.version()),
        "purl": short(row.purl()),
        "type": row.package_type().map(bulkhead_model::PackageType::name),
        "severity": row.severity().name(),
        "severitySource": short(&rating.source),
        "vector": rating.vector.as_deref().map(short),
        "score": rating.score,
        "fixState": row.detail.state.name(),
        "fixedVersions": few(&row.detail.fixed_versions),
        "aliases": few(&row.detail.aliases),
        "confirmed": !row.is_unconfirmed(),
        "inside": inside,
        "layer": layer,
        "exploited": row.detail.exploited.is_some(),
        "exploitPrediction": row.detail.epss.as_ref().map(|epss| epss.score),
        "evidence": evidence,
    });
    if let Some(map) = properties.as_object_mut() {
        map.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty()));
    }
    properties
}
