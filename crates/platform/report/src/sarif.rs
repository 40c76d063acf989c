//! SARIF 2.1.0 (OASIS), for code scanning services: a rule for each vulnerability, a result for each
//! package that has it, a notification for each part that was not assessed.

mod batches;
mod controls;
mod document;
mod notifications;
mod results;
mod rules;
mod text;

use std::io::Write;

use bulkhead_model::Report;
use serde_json::{Value, json};

use crate::ReportError;
use crate::control::ControlRow;
use crate::row::Row;
use crate::streamed::{Findings, Tally};
use crate::table::summary;
use crate::text::excerpt;
use batches::Batches;
use document::{
    AutomationDetails, BaseLocation, Driver, Invocation, Log, Message, Run, Taxonomy,
    TaxonomyReference, Tool,
};
use results::Results;

/// Results of one run: GitHub refuses a file with more, so that a run is continued in another.
const RESULTS_PER_RUN: usize = 25_000;

/// The root of what was scanned, to which the paths of results are relative.
const ROOT: &str = "ROOT";

/// The position of the list of weaknesses among a run's taxonomies.
const CWE: usize = 0;

/// One document with a run for each report, which are those of an image's platforms.
pub(crate) fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    let rows: Vec<Vec<Entry<'_>>> = reports.iter().map(entries).collect();
    let mut runs = Vec::new();
    for (report, rows) in reports.iter().zip(&rows) {
        let parts = rows.len().div_ceil(RESULTS_PER_RUN).max(1);
        for part in 0..parts {
            let start = part.saturating_mul(RESULTS_PER_RUN);
            let end = start.saturating_add(RESULTS_PER_RUN).min(rows.len());
            let several = (reports.len() > 1 || parts > 1).then(|| category(report, part));
            runs.push(run(report, rows.get(start..end).unwrap_or_default(), several));
        }
    }
    Ok(serde_json::to_string_pretty(&Log::new(runs))? + "\n")
}

/// The document of one report, which holds no findings itself: a run is made while it is written.
pub(crate) fn stream(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let total = tally.total().saturating_add(report.suppressed.len() as u64);
    let batches = Batches { report, findings, several: total > RESULTS_PER_RUN as u64 };
    serde_json::to_writer_pretty(&mut *out, &Log::new(batches)).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

fn entries(report: &Report) -> Vec<Entry<'_>> {
    let packages = Row::open(report).chain(Row::suppressed(report)).map(Entry::Vulnerability);
    let objects = ControlRow::open(report).chain(ControlRow::suppressed(report));
    packages.chain(objects.map(Entry::Control)).collect()
}

/// What becomes a result.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Vulnerability(Row<'a>),
    Control(ControlRow<'a>),
}

fn run<'a>(report: &'a Report, rows: &'a [Entry<'a>], category: Option<String>) -> Run<'a> {
    let (mut vulnerabilities, mut controls) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Entry::Vulnerability(row) => vulnerabilities.push(*row),
            Entry::Control(row) => controls.push(*row),
        }
    }
    let rules::Rules { descriptors, weaknesses, positions } =
        rules::Rules::of(&vulnerabilities, &controls);
    let (name, version) = report.tool.split_once(' ').unwrap_or((&report.tool, ""));
    let driver = Driver {
        name: excerpt(name, text::NAME).into_owned(),
        full_name: excerpt(&report.tool, text::NAME).into_owned(),
        version: (!version.is_empty()).then(|| excerpt(version, text::NAME).into_owned()),
        rules: descriptors,
        notifications: notifications::descriptors(),
        supported_taxonomies: vec![TaxonomyReference { name: "CWE", index: CWE }],
    };
    Run {
        tool: Tool { driver },
        automation_details: category.map(|id| AutomationDetails { id }),
        invocations: vec![invocation(report)],
        original_uri_base_ids: [(ROOT, base(report))].into(),
        taxonomies: vec![Taxonomy {
            name: "CWE",
            organization: "MITRE",
            information_uri: "https://cwe.mitre.org/",
            short_description: Message::plain("The Common Weakness Enumeration"),
            taxa: weaknesses,
        }],
        results: Results { rows, positions },
        column_kind: "unicodeCodePoints",
        properties: properties(report),
    }
}

/// Keeps the runs of one document apart; a service would else take the last for all (SARIF 2.1.0,
/// section 3.17.3: what stands before the last slash is the category).
fn category(report: &Report, part: usize) -> String {
    let platform = report.target.image.as_ref().map(|image| image.platform.as_str());
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let platform: String = platform.unwrap_or_default().chars().filter(safe).take(100).collect();
    match part {
        0 => format!("bulkhead/{platform}/"),
        part => format!("bulkhead/{platform}/{}/", part.saturating_add(1)),
    }
}

fn invocation(report: &Report) -> Invocation {
    let outcome = &report.outcome;
    let gates = outcome.gates.join(", ");
    let description = match outcome.exit_code {
        0 => "clean".to_owned(),
        2 => format!("the gate was hit: {gates}"),
        3 => "something was not assessed".to_owned(),
        code => format!("exit code {code}"),
    };
    Invocation {
        execution_successful: outcome.exit_code != 1,
        exit_code: outcome.exit_code,
        exit_code_description: excerpt(&description, text::DESCRIPTION).into_owned(),
        end_time_utc: is_instant(&report.created).then(|| report.created.clone()),
        tool_execution_notifications: notifications::of(report),
    }
}

/// A time as SARIF writes it (section 3.9): `2026-11-24T08:00:00Z`.
fn is_instant(text: &str) -> bool {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00T00:00:00Z")
}

/// Where the paths of results begin. That of a project has no address: its services know where its
/// sources are.
fn base(report: &Report) -> BaseLocation {
    let target = excerpt(&report.target.name, text::DESCRIPTION);
    BaseLocation {
        uri: (!matches!(report.target.kind.as_str(), "dir" | "manifests")).then_some("file:///"),
        description: Message::plain(format!("The root of {target}")),
    }
}

/// What was scanned, and on which knowledge it rests.
fn properties(report: &Report) -> Value {
    let short = |text: &str| excerpt(text, text::DESCRIPTION).into_owned();
    let image = report.target.image.as_ref().map(|image| {
        json!({
            "tags": image.tags.iter().map(|tag| short(tag)).collect::<Vec<_>>(),
            "manifest": image.manifest,
            "configuration": image.configuration,
            "platform": short(&image.platform),
        })
    });
    let databases = report.databases.iter().map(|database| {
        let feeds = database.feeds.iter().map(|feed| {
            json!({ "id": short(&feed.id), "date": feed.date.as_deref().map(short), "outdated": feed.outdated })
        });
        json!({
            "name": short(&database.name),
            "digest": database.digest,
            "built": database.built.as_deref().map(short),
            "feeds": feeds.collect::<Vec<_>>(),
        })
    });
    let mut properties = json!({
        "target": short(&report.target.name),
        "kind": short(&report.target.kind),
        "image": image,
        "operatingSystem": report.inventory.operating_system.as_ref().map(|it| short(&it.pretty_name)),
        "packages": summary::package_counts(report),
        "findingsFilteredOut": report.filtered,
        "findingsSuppressed": report.suppressed.len(),
        "databases": databases.collect::<Vec<_>>(),
    });
    if let (Some(posture), Some(map)) = (&report.posture, properties.as_object_mut()) {
        map.remove("packages");
        map.insert("objects".to_owned(), summary::object_counts(posture).into());
        map.insert("verdicts".to_owned(), json!(posture.verdicts));
    }
    properties
}
