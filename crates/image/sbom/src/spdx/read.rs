//! Reading a document, of any tool.

use std::collections::{BTreeMap, HashSet};

use bulkhead_limits::Budget;
use bulkhead_model::{Problem, ProblemKind, RelationKind};

use super::graph::Graph;
use super::lenient::{Annotation, Document, ExternalReference, File, Package, Relationship};
use super::{DOCUMENT, NO_ASSERTION, foreign, licences, tag_value};
use crate::lenient::{List, Object, Text};
use crate::parts::{CONTAINER, Link, OPERATING_SYSTEM, Part, Property, Statement, names, targets};
use crate::{Bom, SbomError, json, purl};

const EXPECTED: &str = "SPDX";

/// Reads an SPDX document of version 2.2 or 2.3, in JSON or of tags and values, or of 3.0 in JSON. Its own writer's documents give back what they
/// were made of; of others whatever names a package is taken.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    let document = parse(bytes, budget)?;
    let properties = properties(document.annotations);
    let own = targets::is_own(&properties);
    let relationships: Vec<Relationship> = document.relationships.objects().collect();
    let packages: Vec<Package> = document.packages.objects().collect();
    for _ in 0..packages.len().saturating_add(relationships.len()) {
        budget.charge_entry()?;
    }
    let extracted = document.has_extracted_licensing_infos.objects().map(|licence| {
        let name = licence.name.filled().or(licence.extracted_text.filled());
        (licence.license_id.0.unwrap_or_default(), name.unwrap_or_default())
    });
    let extracted: BTreeMap<String, String> = extracted.collect();
    let files: Vec<File> = document.files.objects().collect();
    let mut evidence = foreign::evidence(&files, &relationships);
    let mut parts: Vec<Part> = packages
        .into_iter()
        .map(|package| {
            let mut part = part(package, &extracted);
            part.locations = evidence.remove(&part.reference).unwrap_or_default();
            part
        })
        .collect();
    let subject = subject(&mut parts, &described(&relationships, document.document_describes));
    let target = subject.as_ref().map(targets::from_part);
    // A foreign document may name its subject's own package, such as the project, only there.
    parts.extend(subject.filter(|subject| !own && purl::read(&subject.purl).is_ok()));
    let statement = Statement {
        own,
        target,
        operating_system: None,
        parts,
        links: relationships.into_iter().filter_map(|one| link(one, own)).collect(),
        not_assessed: targets::not_assessed(&properties),
        problems: odd_version(document.spdx_version.as_str()).into_iter().collect(),
    };
    Ok(statement.into_bom())
}

fn parse(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    if let Some(text) = tag_value::text(bytes) {
        budget.check_file(bytes.len() as u64)?;
        budget.charge_bytes(bytes.len() as u64)?;
        return Ok(tag_value::parse(text, budget)?);
    }
    let mut document: Document = json::parse(bytes, budget, EXPECTED)?;
    if let Some(inner) = document.sbom.0.take() {
        document = *inner;
    }
    if is_version_3(document.context.as_str()) {
        let graph: Graph = json::glance(bytes, budget, EXPECTED)?;
        return Ok(graph.into_document());
    }
    let format = |found| SbomError::Format { expected: EXPECTED, found };
    match (document.spdx_version.as_str(), document.bom_format.as_str()) {
        ("", "") => Err(format("a JSON object without spdxVersion")),
        ("", _) => Err(format("a CycloneDX document")),
        _ => Ok(document),
    }
}

/// Whether an address of JSON-LD is that of the specification's third version.
pub(crate) fn is_version_3(context: &str) -> bool {
    context.starts_with("https://spdx.org/rdf/3.")
}

fn odd_version(version: &str) -> Option<Problem> {
    if matches!(version, "SPDX-2.2" | "SPDX-2.3" | "SPDX-3.0") {
        return None;
    }
    let message = format!("SPDX version {version:?} is not known; read as SPDX-2.3");
    Some(Problem::general(ProblemKind::Ambiguous, message))
}

/// The references of what the document describes (SPDX 2.3, 11.1, DESCRIBES).
fn described(relationships: &[Relationship], listed: List<Text>) -> HashSet<String> {
    let stated = relationships.iter().filter_map(|one| {
        let (from, to) = (one.spdx_element_id.as_str(), one.related_spdx_element.as_str());
        match one.relationship_type.as_str() {
            "DESCRIBES" if from == DOCUMENT => Some(to.to_owned()),
            "DESCRIBED_BY" if to == DOCUMENT => Some(from.to_owned()),
            _ => None,
        }
    });
    stated.chain(listed.texts()).collect()
}

/// Takes the one part that the document describes from the others. Where it describes several they
/// are its content.
fn subject(parts: &mut Vec<Part>, described: &HashSet<String>) -> Option<Part> {
    let mut subjects = (0..).zip(&*parts).filter(|(_, part)| described.contains(&part.reference));
    let (index, _) = subjects.next()?;
    let is_only = subjects.next().is_none();
    is_only.then(|| parts.remove(index))
}

fn part(package: Package, extracted: &BTreeMap<String, String>) -> Part {
    let text = |text: Text| text.filled().filter(|text| text != NO_ASSERTION).unwrap_or_default();
    let mut properties = properties(package.annotations);
    let attributed = package.attribution_texts.texts();
    properties.extend(attributed.filter_map(|text| foreign::property(&text)));
    let values = |name: &str| -> Vec<String> {
        let named = properties.iter().filter(|property| property.name == name);
        named.map(|property| property.value.clone()).collect()
    };
    let (several, group) = (values(names::LICENCE), values(names::GROUP).pop());
    let licences = if several.is_empty() {
        let stated = licences::declared(package.license_declared.as_str(), extracted);
        if stated.is_empty() {
            licences::declared(package.license_concluded.as_str(), extracted)
        } else {
            stated
        }
    } else {
        several
    };
    let purl = values(names::PURL).pop().or_else(|| url(package.external_refs));
    let occurrences = values(names::OCCURRENCE);
    Part {
        kind: kind(package.primary_package_purpose.as_str()).to_owned(),
        reference: text(package.id),
        group: group.unwrap_or_default(),
        name: text(package.name),
        version: text(package.version_info),
        description: text(package.description),
        purl: purl.unwrap_or_default(),
        licences,
        occurrences,
        locations: Vec::new(),
        source: foreign::source(package.source_info.as_str()),
        properties,
    }
}

/// The kind in the words of CycloneDX. What states no purpose is software.
fn kind(purpose: &str) -> &'static str {
    match purpose {
        "CONTAINER" => CONTAINER,
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" => OPERATING_SYSTEM,
        "APPLICATION" => "application",
        "" | "FRAMEWORK" | "LIBRARY" | "SOURCE" | "INSTALL" => "library",
        _ => "file",
    }
}

/// The first package URL of a known type, else the first.
fn url(references: List<Object<ExternalReference>>) -> Option<String> {
    let urls = references.objects().filter(|reference| {
        // The long form is a reference type by its address (SPDX 2.3, 7.21).
        let kind = reference.reference_type.as_str();
        kind == "purl" || kind.ends_with("/purl")
    });
    let urls: Vec<String> = urls.filter_map(|one| one.reference_locator.filled()).collect();
    let known = urls.iter().position(|url| purl::read(url).is_ok());
    urls.into_iter().nth(known.unwrap_or(0))
}

/// The properties that annotations carry: all of ours in one, one of Trivy's in each.
fn properties(annotations: List<Object<Annotation>>) -> Vec<Property> {
    let comments = annotations.objects().filter_map(|annotation| annotation.comment.filled());
    comments
        .flat_map(|comment| match serde_json::from_str::<Vec<Property>>(&comment) {
            Ok(properties) => properties,
            Err(_) => foreign::property(&comment).into_iter().collect(),
        })
        .collect()
}

fn link(relationship: Relationship, own: bool) -> Option<Link> {
    let kind = relationship.relationship_type.as_str();
    let is_dependency = kind == "DEPENDENCY_OF" || kind.ends_with("_DEPENDENCY_OF");
    let (kind, is_reversed) = match kind {
        "DEPENDS_ON" => (RelationKind::DependsOn, false),
        _ if is_dependency => (RelationKind::DependsOn, true),
        "CONTAINED_BY" => (RelationKind::ContainedIn, false),
        "CONTAINS" => (RelationKind::ContainedIn, true),
        "PACKAGE_OF" if own => (RelationKind::OwnedBy, false),
        _ if foreign::is_ownership(&relationship) => (RelationKind::OwnedBy, true),
        _ => return None,
    };
    let from = relationship.spdx_element_id.filled()?;
    let to = relationship.related_spdx_element.filled()?;
    let (from, to) = if is_reversed { (to, from) } else { (from, to) };
    Some(Link { from, kind, to })
}
