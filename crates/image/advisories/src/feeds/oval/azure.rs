//! Microsoft's definitions of Azure Linux and CBL-Mariner: of one vulnerability and one **source**
//! package each.
//!
//! The platform is named without its release, which the distribution tag of the versions tells:
//! `3.4.0-1.azl3`, `1.20.7-1.cm2`. A definition that is not patchable ends at the version that was the
//! newest when it was written; one that is not applicable names versions that were found not to have
//! the vulnerability.

use std::collections::BTreeSet;

use bulkhead_model::{FixState, Scope};
use bulkhead_versions::{Bound, Scheme};

use super::criteria::Demand;
use super::definition::Definition;
use super::document::Document;
use super::row;
use crate::feeds::reading::Reading;
use crate::feeds::texts;
use crate::{Affected, Record};

/// Distribution tags before the number of the release, with the `ID` of os-release.
const TAGS: [(&str, &str); 2] = [(".azl", "azurelinux"), (".cm", "mariner")];

pub(super) fn deliver(document: &Document, reading: &mut Reading<'_>) {
    let releases: BTreeSet<Scope> = document.versions().filter_map(release).collect();
    let mut releases = releases.into_iter();
    // Versions without a tag are those of the document's one release.
    let usual = releases.next().filter(|_| releases.next().is_none());
    for definition in &document.definitions {
        match record(definition, document, usual.as_ref()) {
            Ok(record) => reading.record(record),
            Err(cause) => reading.problem(definition.name(), cause),
        }
    }
}

fn record(
    definition: &Definition,
    document: &Document,
    usual: Option<&Scope>,
) -> Result<Record, String> {
    let mut cves = definition.cves().into_iter();
    let id = cves.next().ok_or("without the name of a vulnerability")?;
    let (conjunctions, problems) = document.conjunctions(definition, Scheme::Rpm)?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let mut affected = Vec::new();
    for demand in conjunctions.iter().flat_map(|conjunction| &conjunction.demands) {
        affected.push(statement(demand, definition, usual)?);
    }
    if affected.is_empty() {
        return Err("no criterion is about a package".to_owned());
    }
    // Titles and descriptions tell of the package what the row tells.
    let addresses = definition.references.iter().map(|reference| &reference.address);
    Ok(Record {
        id,
        aliases: cves.collect(),
        modified: definition.published.as_deref().and_then(texts::day),
        references: texts::references(addresses),
        affected,
        ..Record::default()
    })
}

fn statement(
    demand: &Demand,
    definition: &Definition,
    usual: Option<&Scope>,
) -> Result<Affected, String> {
    if demand.package.is_empty() {
        return Err("a criterion without a package".to_owned());
    }
    let ends = [&demand.versions.high, &demand.versions.low];
    let named = ends.into_iter().filter_map(Bound::version).find_map(release);
    let scope = named.or_else(|| usual.cloned()).ok_or("a version that names no release")?;
    let row = row(&scope, demand, Scheme::Rpm);
    let is_free = definition.patchable.trim().eq_ignore_ascii_case("not applicable");
    let state = if is_free { FixState::NotAffected } else { row.state };
    Ok(Affected { state, severity: texts::severity(&definition.severity), ..row })
}

/// `azurelinux:3.0` of `3.4.0-1.azl3`.
fn release(version: &str) -> Option<Scope> {
    let (tag, id) = TAGS.iter().find_map(|(tag, id)| Some((version.rsplit_once(tag)?.1, *id)))?;
    let plain = (1..=2).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| Scope::distribution(id, &format!("{tag}.0")))
}
