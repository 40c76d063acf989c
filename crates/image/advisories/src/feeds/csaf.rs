//! CSAF 2.0 documents (OASIS standard) of distributions: Red Hat's and SUSE's advisories and VEX,
//! openEuler's bulletins. One JSON file each, alone or in the publisher's tar.

use std::io::BufRead;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{FixState, Severity};
use bulkhead_sbom::csaf::{self, Document, Product, Status, Vulnerability};

use super::entries::{Parsed, Records};
use super::products::{self, Component, Rows, Told};
use super::reading::Reading;
use super::{names, scores, texts};
use crate::{FeedError, FeedSource, Record};

/// One JSON file each.
pub(super) const RECORDS: Records = Records { is_record, parse };

/// A document, or a tar of them.
pub(super) fn read(input: impl BufRead, reading: &mut Reading<'_>) -> Result<(), FeedError> {
    RECORDS.read_one_or_tar(input, b'{', reading)
}

/// Publishers' archives hold lists, digests and signatures, too.
fn is_record(path: &[u8]) -> bool {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    name.ends_with(b".json") && !name.starts_with(b".") && name != b"provider-metadata.json"
}

fn parse(source: &FeedSource, _path: &str, content: &[u8]) -> Result<Parsed, String> {
    let document =
        csaf::read(content, &Budget::new(Limits::DEFAULT)).map_err(|error| error.to_string())?;
    if document.vulnerabilities.is_empty() {
        return Ok(Parsed::Dropped);
    }
    let mut problems: Vec<String> =
        document.problems.iter().map(|problem| problem.message.clone()).collect();
    let bulletin = bulletin(&document)?;
    let mut told = Vec::new();
    for vulnerability in &document.vulnerabilities {
        match of_vulnerability(vulnerability, &document, source, &mut problems) {
            Some(one) => told.push(one),
            None => problems.push("a vulnerability without a name".to_owned()),
        }
    }
    Ok(Parsed::Records(products::records(&bulletin, told, source), problems))
}

fn bulletin(document: &Document) -> Result<Record, String> {
    let id = names::canonical(&document.tracking.id).ok_or_else(|| {
        format!("{} is the name of no bulletin", texts::quote(&document.tracking.id))
    })?;
    let day = |text: &Option<String>| text.as_deref().and_then(texts::day);
    let of_category = |category| document.notes.iter().find(|note| note.category == category);
    let note = of_category("description").or_else(|| of_category("summary"));
    Ok(Record {
        published: day(&document.tracking.initial_release_date),
        modified: day(&document.tracking.current_release_date),
        title: texts::title(&document.title),
        description: note.and_then(|note| texts::description(&note.text)),
        severity: document.aggregate_severity.as_deref().and_then(texts::severity),
        references: texts::references(
            document
                .references
                .iter()
                .filter(|reference| reference.category == "self")
                .map(|reference| &reference.url),
        ),
        id,
        ..Record::default()
    })
}

/// What the document says of a vulnerability; none where it has no name.
fn of_vulnerability(
    vulnerability: &Vulnerability,
    document: &Document,
    source: &FeedSource,
    problems: &mut Vec<String>,
) -> Option<Told> {
    let others = vulnerability.ids.iter().map(|(_, id)| id.as_str());
    let id = vulnerability.cve.as_deref().into_iter().chain(others).find_map(names::canonical)?;
    let impacts = vulnerability.threats.iter().filter(|threat| threat.category == "impact");
    let severity = impacts.filter_map(|threat| texts::severity(&threat.details)).max();
    let mut cvss = Vec::new();
    for (vector, _) in vulnerability.scores.iter().flat_map(|score| &score.vectors) {
        match scores::score(&source.id, vector) {
            Ok(scored) if cvss.contains(&scored) => {}
            Ok(scored) => cvss.push(scored),
            Err(problem) => problems.push(format!("{id}: {problem}")),
        }
    }
    let note = vulnerability.notes.iter().find(|note| note.category == "description");
    let note = note.or_else(|| vulnerability.notes.iter().find(|note| note.category == "general"));
    Some(Told {
        title: vulnerability.title.clone(),
        description: note.map(|note| note.text.clone()),
        published: vulnerability.release_date.as_deref().and_then(texts::day),
        cwes: names::weaknesses(vulnerability.cwes.iter().map(|number| format!("CWE-{number}"))),
        references: vulnerability.references.iter().map(|one| one.url.clone()).collect(),
        affected: rows(vulnerability, document).finish(),
        id,
        severity,
        cvss,
    })
}

/// Red Hat and SUSE name the severity for a product as the impact.
fn impact(id: &str, vulnerability: &Vulnerability, document: &Document) -> Option<Severity> {
    let own = vulnerability.threats.iter().filter(|threat| {
        threat.category == "impact" && document.products.selects(&threat.selection, id)
    });
    own.filter_map(|threat| texts::severity(&threat.details)).max()
}

fn rows(vulnerability: &Vulnerability, document: &Document) -> Rows {
    let mut rows = Rows::default();
    for (status, ids) in &vulnerability.product_status {
        for id in ids {
            let chain = document.products.resolve(id);
            let scope = chain
                .iter()
                .rev()
                .find_map(|product| products::scope(&product.name, product.cpe.as_deref()));
            // A distribution itself is no package of it.
            let (Some(scope), [component, .., _]) = (scope, chain.as_slice()) else { continue };
            // Images, modules of languages, and what else stands beside the packages of a release.
            if component.purl.as_deref().is_some_and(|purl| !products::is_package(purl)) {
                continue;
            }
            let state = state(*status, id, vulnerability, document);
            let mut component = build(component, state);
            if let [_, between @ .., _] = chain.as_slice() {
                let module = between.iter().find_map(|product| products::stream(&product.name));
                component.module = component.module.or(module);
            }
            rows.add(&scope, &component, state, impact(id, vulnerability, document));
        }
    }
    rows
}

/// What a status says of the product, with what the publisher plans for it.
fn state(status: Status, id: &str, vulnerability: &Vulnerability, document: &Document) -> FixState {
    match status {
        Status::Fixed | Status::FirstFixed | Status::Recommended => FixState::Fixed,
        Status::KnownNotAffected => FixState::NotAffected,
        Status::UnderInvestigation => FixState::UnderInvestigation,
        Status::KnownAffected | Status::FirstAffected | Status::LastAffected => {
            let given_up = vulnerability.remediations.iter().any(|remediation| {
                remediation.category == "no_fix_planned"
                    && document.products.selects(&remediation.selection, id)
            });
            if given_up { FixState::WillNotFix } else { FixState::Affected }
        }
    }
}

/// The package of a component. What is fixed is named as its build; others do as their package URL
/// does where they have one, and as builds where an architecture stands behind their name else.
fn build(component: &Product, state: FixState) -> Component {
    let purl = component.purl.as_deref();
    let build = Component::of_build(&component.id).with_purl(purl);
    match purl {
        _ if state == FixState::Fixed => build,
        Some(purl) => Component::of_purl(purl).with_module_of(build),
        None if build.architecture.is_some() => build,
        None => Component::of_package(&component.id),
    }
}
