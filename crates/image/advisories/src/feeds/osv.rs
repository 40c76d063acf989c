//! Open Source Vulnerability records (OSV schema 1.7): a zip of JSON files, one per record.
//!
//! `aliases` are other names of the same vulnerability. `upstream`, and `related` of a
//! distribution's bulletin, are what the record is about without being another name of it; `related`
//! elsewhere only points to something similar and is left out. Bulletins of a distribution that name
//! no vulnerability and are bug fixes or enhancements by their id are not about any. Ranges over commits say nothing
//! about versions and are left out, too.

mod ecosystem;
mod events;

use std::borrow::Cow;

use bulkhead_model::{Cvss, FixState, PackageKey, Scope, Severity};
use bulkhead_versions::{RangeSet, Scheme};
use serde::Deserialize;

use super::entries::{Parsed, Records};
use super::{names, scores, texts};
use crate::scope::scheme_of;
use crate::{Affected, FeedSource, Record, modules};
use events::{Event, intervals};

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    modified: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    published: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    withdrawn: Option<Cow<'a, str>>,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    related: Option<Vec<String>>,
    #[serde(default)]
    upstream: Option<Vec<String>>,
    #[serde(borrow, default)]
    summary: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    details: Option<Cow<'a, str>>,
    #[serde(default)]
    severity: Option<Vec<Vector>>,
    #[serde(borrow, default)]
    affected: Option<Vec<Statement<'a>>>,
    #[serde(borrow, default)]
    references: Option<Vec<Reference<'a>>>,
    #[serde(default)]
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Vector {
    score: String,
}

#[derive(Deserialize)]
struct Statement<'a> {
    #[serde(default)]
    package: Option<Name>,
    #[serde(default)]
    severity: Option<Vec<Vector>>,
    #[serde(borrow, default)]
    ranges: Option<Vec<Range<'a>>>,
    #[serde(default)]
    versions: Option<Vec<String>>,
    #[serde(default)]
    ecosystem_specific: Option<Specific>,
    #[serde(default)]
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Name {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    events: Vec<Event<'a>>,
}

/// What the publisher adds in a form of its own.
#[derive(Deserialize, Default)]
struct Specific {
    /// A word, where it is one: some publishers have other things under this name.
    #[serde(default)]
    severity: Option<serde_json::Value>,
    #[serde(default)]
    cwe_ids: Option<serde_json::Value>,
}

impl Specific {
    fn severity(&self) -> Option<Severity> {
        self.severity.as_ref()?.as_str()?.parse().ok()
    }

    fn weaknesses(&self) -> Vec<u32> {
        let listed = self.cwe_ids.as_ref().and_then(serde_json::Value::as_array);
        names::weaknesses(listed.into_iter().flatten().filter_map(serde_json::Value::as_str))
    }
}

/// One JSON file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// Whether an entry of the zip is a record.
fn is_record(path: &[u8]) -> bool {
    path.ends_with(b".json")
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document: Document<'_> =
        serde_json::from_slice(content).map_err(|error| error.to_string())?;
    if document.withdrawn.as_deref().is_some_and(|withdrawn| !withdrawn.is_empty()) {
        return Ok(Parsed::Dropped);
    }
    let id = names::canonical(&document.id)
        .ok_or_else(|| format!("{} is the name of no vulnerability", texts::quote(&document.id)))?;
    let mut problems = Vec::new();
    let packages = document.affected.unwrap_or_default();
    let named = modules::named(document.summary.as_deref().unwrap_or_default());
    let affected = affected(source, &packages, &named, &mut problems);
    let vectors =
        document.severity.iter().chain(packages.iter().filter_map(|p| p.severity.as_ref()));
    let cvss = vectors_scored(&source.id, vectors.flatten(), &mut problems);
    let specific = document.database_specific.unwrap_or_default();
    let is_bulletin =
        affected.iter().any(|row| matches!(row.key.scope(), Scope::Distribution { .. }));
    let related = document.related.filter(|_| is_bulletin).unwrap_or_default();
    let covered = document.upstream.unwrap_or_default().into_iter().chain(related);
    let covers = names::aliases(&id, covered);
    if is_bulletin && covers.is_empty() && !names::is_security_bulletin(&id) {
        return Ok(Parsed::Dropped);
    }
    let record = Record {
        aliases: names::aliases(&id, document.aliases.unwrap_or_default()),
        covers,
        published: document.published.as_deref().and_then(texts::day),
        modified: document.modified.as_deref().and_then(texts::day),
        title: document.summary.as_deref().and_then(texts::title),
        description: document.details.as_deref().and_then(texts::description),
        severity: specific.severity(),
        cvss,
        cwes: specific.weaknesses(),
        references: texts::references(
            document.references.unwrap_or_default().iter().map(|reference| &reference.url),
        ),
        affected,
        id,
    };
    Ok(Parsed::record(record, problems))
}

/// Each vector once. A publisher that repeats the vector of the record for each package means one.
fn vectors_scored<'a>(
    source: &str,
    vectors: impl Iterator<Item = &'a Vector>,
    problems: &mut Vec<String>,
) -> Vec<Cvss> {
    let mut scored: Vec<Cvss> = Vec::new();
    for vector in vectors {
        match scores::score(source, &vector.score) {
            Ok(cvss) if scored.contains(&cvss) => {}
            Ok(cvss) => scored.push(cvss),
            // Ubuntu's type of severity has a word in the place of a vector.
            Err(_) if vector.score.parse::<Severity>().is_ok() => {}
            Err(problem) => problems.push(problem),
        }
    }
    scored
}

/// The rows about packages in the feed's scopes.
fn affected(
    source: &FeedSource,
    packages: &[Statement<'_>],
    modules: &[String],
    problems: &mut Vec<String>,
) -> Vec<Affected> {
    let mut rows: Vec<Affected> = Vec::new();
    for package in packages {
        let Some(name) = &package.package else { continue };
        let Some(scope) = ecosystem::scope(&name.ecosystem) else { continue };
        let Some(scheme) = scheme_of(&scope).filter(|_| source.speaks_about(&scope)) else {
            continue;
        };
        match row(package, PackageKey::new(scope, &name.name), scheme) {
            Ok(Some(row)) => {
                for row in of_modules(&row, modules) {
                    if !rows.contains(&row) {
                        rows.push(row);
                    }
                }
            }
            Ok(None) => {}
            Err(problem) => problems.push(format!("{}: {problem}", name.name)),
        }
    }
    rows
}

/// The row for each module whose packages it is about. The schema has no field for modules: bulletins
/// of `AlmaLinux` name them in the summary, and mark the versions.
fn of_modules(row: &Affected, named: &[String]) -> Vec<Affected> {
    let modules = match row.key.scope() {
        Scope::Language(_) => vec![None],
        Scope::Distribution { .. } => modules::of_versions(row.versions.upper_bounds(), named),
    };
    modules.into_iter().map(|module| Affected { module, ..row.clone() }).collect()
}

/// The row of one package; none where all it names are commits.
fn row(
    package: &Statement<'_>,
    key: PackageKey,
    scheme: Scheme,
) -> Result<Option<Affected>, String> {
    if key.name().is_empty() {
        return Err("a package without a name".to_owned());
    }
    let mut all = Vec::new();
    let mut is_fixed = false;
    for range in package.ranges.iter().flatten().filter(|range| range.kind != "GIT") {
        is_fixed |= range.events.iter().any(|event| event.fixed.is_some());
        all.extend(intervals(scheme, &range.events)?);
    }
    let by_range = RangeSet::new(all.clone(), Vec::new());
    // Publishers list all versions beside the range that they follow from: those say nothing more.
    let exact: Vec<String> = package
        .versions
        .iter()
        .flatten()
        .filter(|version| !version.is_empty() && !by_range.contains(scheme, version.as_bytes()))
        .cloned()
        .collect();
    if all.is_empty() && exact.is_empty() {
        return Ok(None);
    }
    let own = [&package.database_specific, &package.ecosystem_specific];
    Ok(Some(Affected {
        key,
        scheme,
        state: if is_fixed { FixState::Fixed } else { FixState::Affected },
        versions: RangeSet::new(all, exact),
        fixed: Vec::new(),
        architectures: Vec::new(),
        module: None,
        severity: own.into_iter().flatten().find_map(Specific::severity),
    }))
}
