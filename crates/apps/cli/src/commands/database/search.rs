//! `bulkhead db search`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bulkhead_advisories::{AffectedRow, Database, Knowledge};
use bulkhead_model::{PackageKey, Scope};
use bulkhead_report::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::SCHEMA_VERSION;
use crate::arguments::{Databases, Form, Search};
use crate::commands::{databases, explain, survey};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// Characters of a set of versions that the table shows.
const VERSIONS: usize = 40;

/// What a database has about something.
#[derive(Serialize, JsonSchema)]
pub(super) struct Answer {
    schema_version: &'static str,
    query: String,
    database: String,
    digest: String,
    vulnerability: Option<Vulnerability>,
    /// What is said of packages, in the order of their scopes and names.
    statements: Vec<Statement>,
}

#[derive(Serialize, JsonSchema)]
struct Vulnerability {
    /// What the id stands for: CVEs where there are any.
    ids: Vec<String>,
    /// Its other names.
    names: Vec<String>,
    exploited: bool,
    /// How likely it is to be exploited.
    epss: Option<f64>,
    records: Vec<Record>,
}

#[derive(Serialize, JsonSchema)]
struct Record {
    id: String,
    feed: String,
    title: Option<String>,
    severity: Option<String>,
    published: Option<String>,
    modified: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Statement {
    scope: String,
    package: String,
    /// The vulnerabilities that it is about.
    vulnerabilities: Vec<String>,
    record: String,
    feed: String,
    state: String,
    versions: String,
    fixed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    architectures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
}

pub(crate) fn run(arguments: &Search, terminal: Terminal) -> Result<u8, Failure> {
    let wanted = Databases { db: arguments.db.clone(), advisories: Vec::new() };
    let opened = databases::open(&wanted)?;
    opened.warn(terminal, survey::now());
    let [database, ..] = opened.databases.as_slice() else { return Ok(0) };
    let answer = answer(arguments, database)?;
    match arguments.output {
        Form::Json => output::json(&answer)?,
        Form::Table => output::standard(&answer.table())?,
    }
    Ok(0)
}

/// A package URL says what it is; everything else may be the name of a vulnerability or of packages.
fn answer(arguments: &Search, database: &Database) -> Result<Answer, Failure> {
    let query = arguments.query.trim();
    let mut scopes = database.scopes()?;
    if let Some(only) = &arguments.scope {
        scopes.retain(|scope| scope == only);
    }
    let (rows, vulnerability) = if is_package_url(query) {
        let inventory = bulkhead_sbom::purl::inventory(query).map_err(|error| {
            Failure::new(error.to_string(), "write it as pkg:TYPE/NAME or pkg:TYPE/NAME@VERSION")
        })?;
        (database.rows_about(&inventory, &scopes)?, None)
    } else {
        let knowledge = known(query, database)?;
        let mut rows = database.rows_named(query, &scopes)?;
        rows.extend(knowledge.affected.iter().cloned());
        (rows, Vulnerability::of(&knowledge))
    };
    let wanted = |scope: &Scope| arguments.scope.as_ref().is_none_or(|only| only == scope);
    let rows = rows.iter().filter(|(key, _)| wanted(key.scope()));
    Ok(Answer {
        schema_version: SCHEMA_VERSION,
        query: query.to_owned(),
        database: database.name().to_owned(),
        digest: database.digest().to_string(),
        vulnerability,
        statements: rows.map(Statement::of).collect(),
    })
}

fn is_package_url(query: &str) -> bool {
    query.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("pkg:"))
}

/// As it is written, else as publishers write ids.
fn known(query: &str, database: &Database) -> Result<Knowledge, Failure> {
    let as_written = database.search(query)?;
    if as_written.vulnerabilities.is_empty() {
        return Ok(database.search(&explain::canonical(query))?);
    }
    Ok(as_written)
}

impl Vulnerability {
    fn of(knowledge: &Knowledge) -> Option<Self> {
        let records = knowledge.advisories.iter().map(|advisory| Record {
            id: advisory.id.clone(),
            feed: advisory.feed.clone(),
            title: advisory.title.clone(),
            severity: advisory.severity.map(|severity| severity.to_string()),
            published: advisory.published.clone(),
            modified: advisory.modified.clone(),
        });
        (!knowledge.vulnerabilities.is_empty()).then(|| Self {
            ids: knowledge.vulnerabilities.clone(),
            names: knowledge.names.clone(),
            exploited: !knowledge.exploited.is_empty(),
            epss: knowledge.epss.as_ref().map(|prediction| prediction.score),
            records: records.collect(),
        })
    }
}

impl Statement {
    fn of((key, row): &(PackageKey, AffectedRow)) -> Self {
        Self {
            scope: key.scope().to_string(),
            package: key.name().to_owned(),
            vulnerabilities: row.vulnerabilities.clone(),
            record: row.record.clone(),
            feed: row.feed.clone(),
            state: row.state.name().to_owned(),
            versions: row.versions.to_string(),
            fixed: row.fixed.clone(),
            architectures: row.architectures.clone(),
            module: row.module.clone(),
            severity: row.severity.map(|severity| severity.to_string()),
        }
    }

    /// The columns of the table.
    fn cells(&self) -> [String; 6] {
        let versions = match self.versions.char_indices().nth(VERSIONS) {
            Some((end, _)) => format!("{}…", self.versions.get(..end).unwrap_or_default()),
            None => self.versions.clone(),
        };
        [
            self.scope.clone(),
            self.package.clone(),
            self.vulnerabilities.join(" "),
            self.state.replace('_', " "),
            versions,
            self.feed.clone(),
        ]
        .map(|cell| printable(&cell).into_owned())
    }
}

impl Answer {
    fn table(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        if let Some(vulnerability) = &self.vulnerability {
            let _ = writeln!(text, "{}", printable(&vulnerability.ids.join(" ")));
            if !vulnerability.names.is_empty() {
                let names = vulnerability.names.join(", ");
                let _ = writeln!(text, "  also known as {}", printable(&names));
            }
            if vulnerability.exploited {
                let _ = writeln!(text, "  known to be exploited");
            }
            for record in &vulnerability.records {
                let severity = record.severity.as_deref().unwrap_or("-");
                let title = record.title.as_deref().unwrap_or_default();
                let line = format!("  {}  {}  {severity}  {title}", record.feed, record.id);
                let _ = writeln!(text, "{}", printable(line.trim_end()));
            }
            text.push('\n');
        }
        if self.statements.is_empty() {
            let what = if self.vulnerability.is_some() { "of packages " } else { "" };
            let _ = writeln!(
                text,
                "{} says nothing {what}about {}",
                printable(&self.database),
                printable(&self.query)
            );
            return text;
        }
        let head = ["SCOPE", "PACKAGE", "ID", "STATE", "VERSIONS", "FEED"].map(str::to_owned);
        let lines: Vec<[String; 6]> =
            std::iter::once(head).chain(self.statements.iter().map(Statement::cells)).collect();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; 6] = std::array::from_fn(width);
        for line in &lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        let packages: BTreeSet<_> =
            self.statements.iter().map(|it| (&it.scope, &it.package)).collect();
        let (statements, packages) = (self.statements.len(), packages.len());
        let _ = writeln!(
            text,
            "\n{statements} statement{} about {packages} package{}",
            plural(statements),
            plural(packages)
        );
        text
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
