//! Writing a document.

use std::collections::BTreeMap;

use bulkhead_model::{
    Digest, Finding, Inventory, NotAssessed, NotAssessedReason, PackageId, RelationKind, Report,
    Suppressed, Target,
};

use super::document::{Component, Composition, Dependency, Document, Metadata, Property, Tools};
use super::references::{OPERATING_SYSTEM, References, TARGET};
use super::{SPECIFICATION, names, packages, targets, vulnerabilities};
use crate::SbomError;

/// What a document is made of.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// What was looked at.
    pub target: &'a Target,
    /// The software of it.
    pub inventory: &'a Inventory,
    /// Its vulnerabilities; empty for a bill of materials alone.
    pub findings: &'a [Finding],
    /// Vulnerabilities that somebody answered.
    pub suppressed: &'a [Suppressed],
    /// What was not assessed of it.
    pub not_assessed: &'a [NotAssessed],
    /// Name and version of the program, `bulkhead 0.1.0`.
    pub tool: &'a str,
    /// When it was made, RFC 3339; empty to leave it out.
    pub created: &'a str,
}

impl<'a> From<&'a Report> for Contents<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            target: &report.target,
            inventory: &report.inventory,
            findings: &report.findings,
            suppressed: &report.suppressed,
            not_assessed: &report.not_assessed,
            tool: &report.tool,
            created: &report.created,
        }
    }
}

/// A CycloneDX 1.6 document as indented JSON with a final line break. Equal contents give equal
/// bytes: the serial number is made of a digest of the document.
pub fn write(contents: Contents<'_>) -> Result<String, SbomError> {
    let references = References::new(contents.inventory);
    let mut document = Document {
        bom_format: "CycloneDX",
        spec_version: SPECIFICATION,
        serial_number: None,
        version: 1,
        metadata: metadata(&contents),
        components: components(contents.inventory, &references),
        dependencies: dependencies(contents.inventory, &references),
        compositions: compositions(contents.not_assessed),
        vulnerabilities: vulnerabilities::of(contents.findings, contents.suppressed, &references),
    };
    let digest = Digest::of(text(&document)?.as_bytes());
    document.serial_number = Some(serial_number(&digest));
    text(&document)
}

fn text(document: &Document) -> Result<String, SbomError> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|error| SbomError::Write { cause: error.to_string() })
}

/// A UUID in the form of version 5, the one for digests that the schema's pattern admits.
fn serial_number(digest: &Digest) -> String {
    let part = |range| digest.hex().get(range).unwrap_or_default();
    let (first, second, third, fourth, fifth) =
        (part(0..8), part(8..12), part(13..16), part(17..20), part(20..32));
    format!("urn:uuid:{first}-{second}-5{third}-a{fourth}-{fifth}")
}

fn metadata(contents: &Contents<'_>) -> Metadata {
    let (name, version) = contents.tool.split_once(' ').unwrap_or((contents.tool, ""));
    let tool = Component {
        kind: "application",
        name: name.to_owned(),
        version: version.to_owned(),
        ..Component::default()
    };
    let mut properties = vec![Property::new(names::FORMAT, names::FORMAT_VERSION)];
    let parts = contents.not_assessed.iter().filter(|part| is_lasting(part));
    properties.extend(
        parts
            .filter_map(|part| serde_json::to_string(part).ok())
            .map(|text| Property::new(names::NOT_ASSESSED, text)),
    );
    Metadata {
        timestamp: contents.created.to_owned(),
        tools: Tools { components: vec![tool] },
        component: targets::to_component(contents.target),
        properties,
    }
}

/// Whether a scan of the document cannot find out by itself that the part was not assessed: what
/// databases lack is another matter with every database.
fn is_lasting(part: &NotAssessed) -> bool {
    matches!(
        part.reason,
        NotAssessedReason::Layer { .. }
            | NotAssessedReason::Folder { .. }
            | NotAssessedReason::Document { .. }
    )
}

fn components(inventory: &Inventory, references: &References) -> Vec<Component> {
    let mut related: BTreeMap<PackageId, Vec<Property>> = BTreeMap::new();
    for relation in &inventory.relations {
        let name = match relation.kind {
            RelationKind::DependsOn => continue,
            RelationKind::OwnedBy => names::OWNED_BY,
            RelationKind::ContainedIn => names::CONTAINED_IN,
        };
        if let Some(reference) = references.get(relation.to) {
            related.entry(relation.from).or_default().push(Property::new(name, reference));
        }
    }
    let system = inventory.operating_system.as_ref().map(targets::system_component);
    let packages = inventory.iter().filter_map(|(id, package)| {
        let mut component = packages::to_component(package, references.get(id)?.to_owned());
        component.properties.extend(related.remove(&id).unwrap_or_default());
        Some(component)
    });
    system.into_iter().chain(packages).collect()
}

/// One entry per package that depends on others.
fn dependencies(inventory: &Inventory, references: &References) -> Vec<Dependency> {
    let mut graph: BTreeMap<PackageId, Vec<String>> = BTreeMap::new();
    for relation in &inventory.relations {
        if relation.kind == RelationKind::DependsOn
            && let Some(reference) = references.get(relation.to)
        {
            let targets = graph.entry(relation.from).or_default();
            // The schema wants the references of an entry to be unique.
            if !targets.iter().any(|known| known == reference) {
                targets.push(reference.to_owned());
            }
        }
    }
    let of_target = inventory.operating_system.as_ref().map(|_| Dependency {
        reference: TARGET.to_owned(),
        depends_on: vec![OPERATING_SYSTEM.to_owned()],
    });
    let of_packages = graph.into_iter().filter_map(|(id, depends_on)| {
        Some(Dependency { reference: references.get(id)?.to_owned(), depends_on })
    });
    of_target.into_iter().chain(of_packages).collect()
}

/// Says that the list of components is not complete, where something could not be looked at.
fn compositions(not_assessed: &[NotAssessed]) -> Vec<Composition> {
    if not_assessed.iter().any(is_lasting) {
        vec![Composition { aggregate: "incomplete", assemblies: vec![TARGET.to_owned()] }]
    } else {
        Vec::new()
    }
}
