//! Definitions of bulletins: Ubuntu's notices (USN), Red Hat's advisories (RHSA) and those of the
//! distributions that write them as Red Hat does.
//!
//! A bulletin is about several vulnerabilities: a record of its own id covers them and has the rows.
//! What it tells of each (severity, vector, weaknesses) becomes a record of the vulnerability, once
//! for the file, without rows. Both publishers name **binary** packages.
//!
//! Rocky's bulletins name their vulnerabilities in the description alone. A bulletin that names none
//! and whose publisher sees no severity in it, or that is a bug fix or an enhancement by its id, is
//! no statement about a vulnerability.

use std::collections::BTreeMap;

use bulkhead_model::{PackageKey, Scope};
use bulkhead_versions::Bound;

use super::criteria::{Conjunction, Demand};
use super::definition::{Definition, Vulnerability};
use super::document::Document;
use super::{row, scheme};
use crate::feeds::reading::Reading;
use crate::feeds::{names, scores, texts};
use crate::{Affected, Record, modules};

pub(super) fn deliver(document: &Document, reading: &mut Reading<'_>) {
    let mut vulnerabilities: BTreeMap<String, Record> = BTreeMap::new();
    for definition in document.definitions.iter().filter(|one| one.class != "inventory") {
        for vulnerability in &definition.vulnerabilities {
            note(vulnerability, definition, &mut vulnerabilities, reading);
        }
        match record(definition, document, reading) {
            Ok(Some(record)) => reading.record(record),
            Ok(None) => reading.dropped(),
            Err(cause) => reading.problem(definition.name(), cause),
        }
    }
    for record in vulnerabilities.into_values() {
        reading.record(record);
    }
}

/// The record of a bulletin; none where it is about no vulnerability.
fn record(
    definition: &Definition,
    document: &Document,
    reading: &mut Reading<'_>,
) -> Result<Option<Record>, String> {
    let bulletin = bulletin(definition).ok_or("without the name of a bulletin")?;
    let mut covers = definition.cves();
    if covers.is_empty() {
        covers = names::cves_in(&definition.description);
    }
    covers.retain(|id| *id != bulletin);
    let is_security = names::is_security_bulletin(&bulletin) && definition.severity != "None";
    if covers.is_empty() && !is_security && !names::is_cve(&bulletin) {
        return Ok(None);
    }
    let mut scopes = definition.scopes(document)?;
    scopes.retain(|scope| reading.source.speaks_about(scope));
    if scopes.is_empty() {
        return Err("about no release of the feed's scopes".to_owned());
    }
    let (affected, problems) = affected(definition, document, &scopes, &bulletin)?;
    for problem in problems {
        reading.problem(definition.name(), problem);
    }
    let day = |text: &Option<String>| text.as_deref().and_then(texts::day);
    Ok(Some(Record {
        covers,
        published: day(&definition.published),
        modified: day(&definition.modified).or_else(|| day(&definition.published)),
        title: texts::title(title(definition, &bulletin)),
        description: texts::description(&definition.description),
        severity: texts::severity(&definition.severity),
        references: texts::references(
            definition
                .references
                .iter()
                .filter(|reference| reference.source != "CVE")
                .map(|reference| &reference.address),
        ),
        affected,
        id: bulletin,
        ..Record::default()
    }))
}

/// The bulletin's id: the first reference that is no CVE, else the title's first word.
fn bulletin(definition: &Definition) -> Option<String> {
    let others = definition.references.iter().filter(|reference| reference.source != "CVE");
    let mut candidates = others.map(|reference| reference.id.as_str());
    candidates.find_map(names::canonical).or_else(|| names::canonical(definition.title_word()))
}

/// The title without the id before it: `USN-5371-2 -- nginx vulnerability`.
fn title<'a>(definition: &'a Definition, bulletin: &str) -> &'a str {
    let title = definition.title.trim();
    title.strip_prefix(bulletin).unwrap_or(title).trim_start_matches([':', '-', ' '])
}

/// The rows, and alternatives that cannot be read.
fn affected(
    definition: &Definition,
    document: &Document,
    scopes: &[Scope],
    bulletin: &str,
) -> Result<(Vec<Affected>, Vec<String>), String> {
    let scheme = scheme(scopes)?;
    let named = modules::named(title(definition, bulletin));
    let mut rows: Vec<Affected> = Vec::new();
    let (conjunctions, problems) = document.conjunctions(definition, scheme)?;
    for conjunction in conjunctions {
        for demand in updates(&conjunction) {
            if demand.package.is_empty() {
                return Err("a criterion without a package".to_owned());
            }
            for module in of_modules(&conjunction, demand, &named) {
                for scope in scopes {
                    let row = Affected { module: module.clone(), ..row(scope, demand, scheme) };
                    if rows.last() != Some(&row) {
                        rows.push(row);
                    }
                }
            }
        }
    }
    Ok((on_all_architectures(rows), problems))
}

/// One row of those that differ in their architectures alone, where the first of them stood.
fn on_all_architectures(rows: Vec<Affected>) -> Vec<Affected> {
    let mut positions: BTreeMap<(PackageKey, Option<String>, String), usize> = BTreeMap::new();
    let mut merged: Vec<Affected> = Vec::with_capacity(rows.len());
    for row in rows {
        let same = (row.key.clone(), row.module.clone(), row.versions.to_string());
        let known = positions.get(&same).and_then(|&position| merged.get_mut(position));
        let Some(known) = known else {
            positions.insert(same, merged.len());
            merged.push(row);
            continue;
        };
        if known.architectures.is_empty() || row.architectures.is_empty() {
            known.architectures.clear();
        } else {
            known.architectures.extend(row.architectures);
            known.architectures.sort_unstable();
            known.architectures.dedup();
        }
    }
    merged
}

/// The packages of an alternative that are to be updated. Where it is about several, those with a
/// fix: the others say beside what they are vulnerable (a kernel, its live patch).
fn updates(conjunction: &Conjunction) -> Vec<&Demand> {
    let demands = || conjunction.demands.iter();
    let is_fixed = |demand: &&Demand| matches!(demand.versions.high, Bound::Exclusive(_));
    let fixed: Vec<&Demand> = demands().filter(is_fixed).collect();
    if fixed.is_empty() { demands().collect() } else { fixed }
}

/// The modules whose packages are meant: those that must be enabled; where the version alone tells
/// that the package is of one, those of the title, else any.
fn of_modules(conjunction: &Conjunction, demand: &Demand, named: &[String]) -> Vec<Option<String>> {
    if !conjunction.modules.is_empty() {
        return conjunction.modules.iter().cloned().map(Some).collect();
    }
    let ends = [&demand.versions.low, &demand.versions.high];
    modules::of_versions(ends.into_iter().filter_map(Bound::version), named)
}

/// Adds what a bulletin says of one vulnerability to what others have said.
fn note(
    vulnerability: &Vulnerability,
    definition: &Definition,
    known: &mut BTreeMap<String, Record>,
    reading: &mut Reading<'_>,
) {
    let Some(id) = names::canonical(&vulnerability.id) else { return };
    let record = known.entry(id.clone()).or_insert_with(|| Record { id, ..Record::default() });
    record.severity = record.severity.max(texts::severity(&vulnerability.severity));
    record.published =
        record.published.take().or_else(|| texts::compact_day(&vulnerability.public));
    for vector in &vulnerability.vectors {
        match scores::score(&reading.source.id, without_score(vector)) {
            Ok(scored) if record.cvss.contains(&scored) => {}
            Ok(scored) => record.cvss.push(scored),
            Err(problem) => reading.problem(definition.name(), problem),
        }
    }
    let weaknesses = vulnerability.weaknesses.split(['-', '>', '(', ')', '|', ' ']);
    let numbers = weaknesses.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    record.cwes.extend(
        numbers.map(|number| format!("CWE-{number}")).filter_map(|name| names::weakness(&name)),
    );
    record.cwes.sort_unstable();
    record.cwes.dedup();
    record.references = texts::references(record.references.iter().chain([&vulnerability.address]));
}

/// `9.3/CVSS:3.1/AV:N…` without its score.
fn without_score(vector: &str) -> &str {
    match vector.split_once('/') {
        Some((score, vector)) if score.parse::<f64>().is_ok() => vector,
        _ => vector,
    }
}
