//! `bulkhead db diff`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bulkhead_advisories::{AdvisoryChange, AdvisoryId, Change, Database, Difference};
use bulkhead_report::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::SCHEMA_VERSION;
use crate::arguments::{Diff, Form};
use crate::failure::Failure;
use crate::output;

/// Advisories that the table lists of one scope; JSON has them all.
const SHOWN: usize = 20;

/// Packages that a line of the table names.
const PACKAGES: usize = 4;

/// What differs, as programs read it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Document<'d> {
    schema_version: &'static str,
    older: Side,
    newer: Side,
    scopes: Vec<ScopeChange<'d>>,
    /// Records that say the same of packages and something else in general.
    records: Vec<Record<'d>>,
    /// Vulnerabilities about whose exploitation something else is said.
    scores: BTreeMap<&'d str, &'static str>,
}

#[derive(Serialize, JsonSchema)]
struct Side {
    name: String,
    digest: String,
    sequence: u64,
}

#[derive(Serialize, JsonSchema)]
struct ScopeChange<'d> {
    scope: &'d str,
    added: usize,
    removed: usize,
    changed: usize,
    advisories: Vec<Record<'d>>,
}

#[derive(Serialize, JsonSchema)]
struct Record<'d> {
    id: &'d str,
    feed: &'d str,
    change: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    packages: BTreeMap<&'d str, &'static str>,
}

pub(crate) fn run(arguments: &Diff) -> Result<u8, Failure> {
    let older = Database::open(&arguments.older)?;
    let newer = Database::open(&arguments.newer)?;
    let mut difference = older.difference(&newer)?;
    if let Some(scope) = &arguments.scope {
        let scope = scope.to_string();
        difference.scopes.retain(|known, _| *known == scope);
        difference.records.clear();
        difference.scores.clear();
    }
    let document = Document::of(&difference, &older, &newer);
    match arguments.output {
        Form::Json => output::json(&document)?,
        Form::Table => output::standard(&document.table())?,
    }
    Ok(0)
}

impl<'d> Document<'d> {
    fn of(difference: &'d Difference, older: &Database, newer: &Database) -> Self {
        let side = |database: &Database| Side {
            name: database.name().to_owned(),
            digest: database.digest().to_string(),
            sequence: database.sequence(),
        };
        let record = |(id, change): (&'d AdvisoryId, &Change)| Record {
            id: &id.record,
            feed: &id.feed,
            change: name(*change),
            packages: BTreeMap::new(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            older: side(older),
            newer: side(newer),
            scopes: difference.scopes.iter().map(ScopeChange::of).collect(),
            records: difference.records.iter().map(record).collect(),
            scores: difference
                .scores
                .iter()
                .map(|(id, change)| (id.as_str(), name(*change)))
                .collect(),
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (mark, side) in [("-", &self.older), ("+", &self.newer)] {
            let _ = writeln!(text, "{mark} {}  {}", printable(&side.name), side.digest);
        }
        if self.scopes.is_empty() && self.records.is_empty() && self.scores.is_empty() {
            text.push_str("\nno difference in advisories\n");
            return text;
        }
        let width = self.scopes.iter().map(|scope| scope.scope.len()).max().unwrap_or(0).max(15);
        let _ = writeln!(
            text,
            "\n{:width$}  {:>7}  {:>7}  {:>7}",
            "SCOPE", "ADDED", "REMOVED", "CHANGED"
        );
        let mut line = |name: &str, added: usize, removed: usize, changed: usize| {
            let _ = writeln!(
                text,
                "{:width$}  {added:>7}  {removed:>7}  {changed:>7}",
                printable(name)
            );
        };
        for scope in &self.scopes {
            line(scope.scope, scope.added, scope.removed, scope.changed);
        }
        let count = |wanted| self.records.iter().filter(|it| it.change == wanted).count();
        line("in general", count("added"), count("removed"), count("changed"));
        let count = |wanted| self.scores.values().filter(|change| **change == wanted).count();
        line("exploitation", count("added"), count("removed"), count("changed"));
        for scope in &self.scopes {
            let _ = writeln!(text, "\n{}", printable(scope.scope));
            for advisory in scope.advisories.iter().take(SHOWN) {
                let _ = writeln!(text, "{}", advisory.line());
            }
            let rest = scope.advisories.len().saturating_sub(SHOWN);
            if rest > 0 {
                let _ = writeln!(text, "  and {rest} more (-o json has them)");
            }
        }
        text
    }
}

impl<'d> ScopeChange<'d> {
    fn of((scope, advisories): (&'d String, &'d BTreeMap<AdvisoryId, AdvisoryChange>)) -> Self {
        let count =
            |wanted| advisories.values().filter(|advisory| advisory.change == wanted).count();
        Self {
            scope,
            added: count(Change::Added),
            removed: count(Change::Removed),
            changed: count(Change::Changed),
            advisories: advisories
                .iter()
                .map(|(id, advisory)| Record {
                    id: &id.record,
                    feed: &id.feed,
                    change: name(advisory.change),
                    packages: advisory
                        .packages
                        .iter()
                        .map(|(package, change)| (package.as_str(), name(*change)))
                        .collect(),
                })
                .collect(),
        }
    }
}

impl Record<'_> {
    /// `+ CVE-2024-1  alpine-secdb  openssl, ~curl and 3 more`.
    fn line(&self) -> String {
        let packages: Vec<String> = self
            .packages
            .iter()
            .take(PACKAGES)
            .map(|(package, change)| {
                let mark = if *change == self.change { "" } else { mark(change) };
                format!("{mark}{}", printable(package))
            })
            .collect();
        let rest = self.packages.len().saturating_sub(PACKAGES);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let (id, feed) = (printable(self.id), printable(self.feed));
        format!("  {} {id}  {feed}  {}{more}", mark(self.change), packages.join(", "))
    }
}

const fn name(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
    }
}

fn mark(change: &str) -> &'static str {
    match change {
        "added" => "+",
        "removed" => "-",
        _ => "~",
    }
}
