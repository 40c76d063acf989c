//! CVRF documents (ICASI 1.1, OASIS 1.2): SUSE's advisories and openEuler's bulletins. One XML file
//! each, alone or in the publisher's tar.
//!
//! SUSE's statements name a product as it comes with a platform, whose relationship is declared;
//! openEuler's name the platform, and the tree lists the builds that the bulletin brings, each with the
//! platform that it is for in its platform name (CPE).

mod document;

use std::borrow::Cow;
use std::io::BufRead;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{FixState, Scope, Severity};

use super::entries::{Parsed, Records};
use super::products::{self, Component, Rows, Told};
use super::reading::Reading;
use super::{markup, names, scores, texts};
use crate::{FeedError, FeedSource, Format, Record};
use document::{Document, Product, Vulnerability};

/// One XML file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// A document, or a tar of them.
pub(super) fn read(input: impl BufRead, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    RECORDS.read_one_or_tar(input, b'<', reading)
}

fn is_record(path: &[u8]) -> bool {
    path.ends_with(b".xml")
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let budget = Budget::new(Limits::DEFAULT);
    let mut document = Document::new(&budget);
    markup::read(content, Format::Cvrf, "cvrfdoc", &budget, &mut document)
        .map_err(|error| error.to_string())?;
    if document.vulnerabilities.is_empty() {
        return Ok(Parsed::Dropped);
    }
    // `SUSE CVE-2022-38150` is SUSE's page about the vulnerability.
    let name = document.id.split_whitespace().last();
    let id = name
        .and_then(names::canonical)
        .ok_or_else(|| format!("{} is the name of no bulletin", texts::quote(&document.id)))?;
    let bulletin = Record {
        published: texts::day(&document.published),
        modified: texts::day(&document.modified),
        title: texts::title(&document.title),
        description: texts::description(&document.description),
        severity: texts::severity(&document.severity),
        references: texts::references(&document.references),
        id,
        ..Record::default()
    };
    let mut problems = Vec::new();
    let mut told = Vec::new();
    for vulnerability in &document.vulnerabilities {
        let Some(id) = names::canonical(&vulnerability.id) else {
            let quoted = texts::quote(&vulnerability.id);
            problems.push(format!("{quoted} is the name of no vulnerability"));
            continue;
        };
        told.push(of_vulnerability(id, vulnerability, &document, source, &mut problems));
    }
    Ok(Parsed::Records(products::records(&bulletin, told, source), problems))
}

fn of_vulnerability(
    id: String,
    vulnerability: &Vulnerability,
    document: &Document<'_>,
    source: &FeedSource,
    problems: &mut Vec<String>,
) -> Told {
    let mut cvss = Vec::new();
    for vector in &vulnerability.vectors {
        match scores::score(&source.id, &with_version(vector)) {
            Ok(scored) if cvss.contains(&scored) => {}
            Ok(scored) => cvss.push(scored),
            Err(problem) => problems.push(format!("{id}: {problem}")),
        }
    }
    let severity = texts::severity(&vulnerability.severity);
    Told {
        description: Some(vulnerability.description.clone()),
        published: texts::day(&vulnerability.published),
        affected: rows(vulnerability, document, severity).finish(),
        id,
        severity,
        cvss,
        ..Told::default()
    }
}

/// CVRF 1.1 has a place for version 2 alone, in which openEuler writes vectors of 3.1 without saying so.
fn with_version(vector: &str) -> Cow<'_, str> {
    let is_third = vector.contains("/PR:") && !vector.contains("CVSS:");
    if is_third { Cow::Owned(format!("CVSS:3.1/{vector}")) } else { Cow::Borrowed(vector) }
}

fn rows(
    vulnerability: &Vulnerability,
    document: &Document<'_>,
    severity: Option<Severity>,
) -> Rows {
    let mut rows = Rows::default();
    for (status, id) in &vulnerability.statuses {
        let Some(state) = state(status) else { continue };
        if let Some(relation) = document.relations.get(id) {
            if let Some(scope) = document.scope(&relation.platform) {
                rows.add(&scope, &component(&relation.component, state), state, severity);
            }
        } else if let Some(scope) = document.scope(id) {
            for build in document.builds.iter().filter(|build| build.is_for(id, &scope)) {
                let mut component = Component::of_build(&build.name);
                component.architecture =
                    component.architecture.or_else(|| build.architecture.clone());
                rows.add(&scope, &component, state, severity);
            }
        } else if let Some((platform, name)) = id.split_once(':')
            && let Some(scope) = products::scope(platform, None)
        {
            // SUSE's pages about vulnerabilities name both without declaring the relationship.
            rows.add(&scope, &component(name, state), state, severity);
        }
    }
    rows
}

fn component(name: &str, state: FixState) -> Component {
    let build = Component::of_build(name);
    let is_build = state == FixState::Fixed || build.architecture.is_some();
    if is_build { build } else { Component::of_package(name) }
}

/// The type of a product status, in either version's writing.
fn state(status: &str) -> Option<FixState> {
    Some(match status.trim().to_ascii_lowercase().replace(' ', "_").as_str() {
        "fixed" | "first_fixed" | "recommended" => FixState::Fixed,
        "known_affected" | "first_affected" | "last_affected" => FixState::Affected,
        "known_not_affected" => FixState::NotAffected,
        "under_investigation" => FixState::UnderInvestigation,
        _ => return None,
    })
}

impl Document<'_> {
    fn scope(&self, id: &str) -> Option<Scope> {
        let product: Option<&Product> = self.products.get(id);
        let name = product.map_or(id, |product| product.name.as_str());
        products::scope(name, product.and_then(|product| product.cpe.as_deref()))
    }
}

impl document::Build {
    /// Whether it is for this platform. Builds without a platform name are for the only one.
    fn is_for(&self, platform: &str, scope: &Scope) -> bool {
        let Some(release) = self.cpe.as_deref().and_then(|cpe| cpe.rsplit(':').next()) else {
            return true;
        };
        let named = platform.split_once('-').map_or(platform, |(_, release)| release);
        let of_scope = matches!(scope, Scope::Distribution { release: own, .. } if release.eq_ignore_ascii_case(own));
        of_scope || release == named
    }
}
