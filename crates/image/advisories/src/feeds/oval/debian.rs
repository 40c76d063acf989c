//! Debian's definitions: of one vulnerability and one **source** package each.
//!
//! Versions earlier than one are vulnerable; "earlier than 0" means that there is no fix.
//!
//! Definitions of class `patch` are bulletins (DSA). Those that name CVEs are left out: each of the
//! CVEs that concern the release has a definition of class `vulnerability`, which tells more (a later
//! fix where the first was incomplete), while bulletins also list CVEs of the same upload that do
//! not concern the package. A bulletin without CVEs is a record of its own.

use bulkhead_versions::{Bound, Interval};

use super::criteria::Demand;
use super::definition::Definition;
use super::document::Document;
use super::{row, scheme};
use crate::feeds::reading::Reading;
use crate::feeds::{names, texts};
use crate::{Affected, Record};

/// The version that stands for "no fix".
const NO_FIX: &str = "0";

pub(super) fn deliver(document: &Document, reading: &mut Reading<'_>) {
    for definition in &document.definitions {
        let cves = definition.cves();
        if definition.is_patch() && !cves.is_empty() {
            continue;
        }
        match affected(definition, document) {
            Ok(affected) => reading.record(record(definition, cves, affected)),
            Err(cause) => reading.problem(definition.name(), cause),
        }
    }
}

fn record(definition: &Definition, cves: Vec<String>, affected: Vec<Affected>) -> Record {
    let mut cves = cves.into_iter();
    let day = definition.published.as_deref().and_then(texts::day);
    Record {
        id: cves.next().unwrap_or_else(|| definition.title_word().to_owned()),
        aliases: cves.collect(),
        published: day.clone(),
        modified: day,
        description: texts::description(text(definition)),
        references: texts::references(
            definition
                .bulletins
                .iter()
                .map(|bulletin| format!("https://security-tracker.debian.org/tracker/{bulletin}")),
        ),
        affected,
        ..Record::default()
    }
}

/// The text that says most: the tracker writes "security update" where it has none of its own.
fn text(definition: &Definition) -> &str {
    let own = definition.description.trim();
    if own.is_empty() || own == "security update" { &definition.more } else { own }
}

/// The rows of a definition, or what in it is not of the shape that Debian writes.
fn affected(definition: &Definition, document: &Document) -> Result<Vec<Affected>, String> {
    let scopes = definition.scopes(document)?;
    let scheme = scheme(&scopes)?;
    if names::canonical(definition.title_word()).is_none() && definition.cves().is_empty() {
        return Err("without the name of a vulnerability".to_owned());
    }
    let mut rows = Vec::new();
    let (conjunctions, problems) = document.conjunctions(definition, scheme)?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    for conjunction in conjunctions {
        for demand in conjunction.demands {
            let demand = earlier_than(named(demand, definition)?)?;
            rows.extend(scopes.iter().map(|scope| row(scope, &demand, scheme)));
        }
    }
    if rows.is_empty() { Err("no criterion is about a package".to_owned()) } else { Ok(rows) }
}

/// Where the tracker did not know the package of a bulletin the object is empty; the product is not.
fn named(demand: Demand, definition: &Definition) -> Result<Demand, String> {
    match (demand.package.as_str(), definition.products.as_slice()) {
        ("", [product]) => Ok(Demand { package: product.clone(), ..demand }),
        ("", _) => Err("a criterion without a package".to_owned()),
        _ => Ok(demand),
    }
}

fn earlier_than(demand: Demand) -> Result<Demand, String> {
    match &demand.versions {
        Interval { low: Bound::Unbounded, high: Bound::Exclusive(version) } => {
            Ok(if version == NO_FIX {
                Demand { versions: Interval::EVERYTHING, ..demand }
            } else {
                demand
            })
        }
        _ => Err("a criterion that is not \"earlier than\"".to_owned()),
    }
}
