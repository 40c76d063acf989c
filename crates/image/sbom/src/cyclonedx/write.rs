//! Writing a document.

use std::collections::BTreeMap;

use bulkhead_model::{Digest, Inventory, NotAssessed, PackageId, RelationKind};

use super::document::{Component, Composition, Dependency, Document, Metadata, Tools};
use super::references::{OPERATING_SYSTEM, References, TARGET};
use super::{SPECIFICATION, components, vulnerabilities};
use crate::parts::{Property, names, packages, targets};
use crate::{Contents, SbomError, json};

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
        components: listed(contents.inventory, &references),
        dependencies: dependencies(contents.inventory, &references),
        compositions: compositions(contents.not_assessed),
        vulnerabilities: vulnerabilities::of(contents.findings, contents.suppressed, &references),
    };
    let digest = Digest::of(json::write(&document)?.as_bytes());
    document.serial_number = Some(format!("urn:uuid:{}", json::uuid(&digest)));
    json::write(&document)
}

fn metadata(contents: &Contents<'_>) -> Metadata {
    let (name, version) = contents.tool.split_once(' ').unwrap_or((contents.tool, ""));
    let tool = Component {
        kind: "application",
        name: name.to_owned(),
        version: version.to_owned(),
        ..Component::default()
    };
    Metadata {
        timestamp: contents.created.to_owned(),
        tools: Tools { components: vec![tool] },
        component: components::from_part(targets::to_part(contents.target, TARGET)),
        properties: targets::of_document(contents.not_assessed),
    }
}

fn listed(inventory: &Inventory, references: &References) -> Vec<Component> {
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
    let system = inventory.operating_system.as_ref();
    let system = system.map(|system| targets::system_part(system, OPERATING_SYSTEM));
    let packages = inventory.iter().filter_map(|(id, package)| {
        let mut part = packages::to_part(package, references.get(id)?);
        part.properties.extend(related.remove(&id).unwrap_or_default());
        Some(part)
    });
    system.into_iter().chain(packages).map(components::from_part).collect()
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
    if not_assessed.iter().any(targets::is_lasting) {
        vec![Composition { aggregate: "incomplete", assemblies: vec![TARGET.to_owned()] }]
    } else {
        Vec::new()
    }
}
