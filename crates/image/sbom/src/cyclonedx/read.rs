//! Reading a document, of any tool.

use bulkhead_limits::Budget;
use bulkhead_model::{Problem, ProblemKind, RelationKind};

use super::components;
use super::lenient::{self, Component, Dependency, Document};
use crate::lenient::Object;
use crate::parts::{Link, Part, Statement, names, targets};
use crate::{Bom, SbomError, json};

const EXPECTED: &str = "CycloneDX";

/// Reads a CycloneDX JSON document of version 1.2 to 1.7. Its own writer's documents give back what
/// they were made of; of others whatever names a package is taken.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    let document = parse(bytes, budget)?;
    let metadata = document.metadata.0.unwrap_or_default();
    let properties = lenient::properties(metadata.properties);
    let own = targets::is_own(&properties);
    let mut parts = to_parts(flatten(document.components.0, budget)?);
    let mut subject = to_parts(flatten(vec![metadata.component], budget)?);
    let target = subject.first().map(targets::from_part);
    // A foreign document may name its subject's own package, such as the project, only there.
    if !own {
        parts.append(&mut subject);
    }
    let mut links = declared(&parts);
    links.extend(document.dependencies.objects().flat_map(depends_on));
    let statement = Statement {
        own,
        target,
        operating_system: None,
        parts,
        links,
        not_assessed: targets::not_assessed(&properties),
        problems: odd_version(document.spec_version.as_str()).into_iter().collect(),
    };
    Ok(statement.into_bom())
}

fn parse(bytes: &[u8], budget: &Budget) -> Result<Document, SbomError> {
    let document: Document = json::parse(bytes, budget, EXPECTED)?;
    let format = |found| SbomError::Format { expected: EXPECTED, found };
    match (document.bom_format.as_str(), document.spdx_version.as_str()) {
        ("CycloneDX", _) => Ok(document),
        (_, "") => Err(format("a JSON object without bomFormat")),
        _ => Err(format("an SPDX document")),
    }
}

fn odd_version(version: &str) -> Option<Problem> {
    if matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") {
        return None;
    }
    let message = format!("CycloneDX version {version:?} is not known; read as 1.7");
    Some(Problem::general(ProblemKind::Ambiguous, message))
}

/// All components at any depth, outer ones before those inside them. Nesting says how a product is
/// assembled, which is no relation between installed packages.
pub(super) fn flatten(
    components: Vec<Object<Component>>,
    budget: &Budget,
) -> Result<Vec<Component>, SbomError> {
    let mut flat = Vec::new();
    let mut stack: Vec<Component> =
        components.into_iter().rev().filter_map(|part| part.0).collect();
    while let Some(mut component) = stack.pop() {
        budget.charge_entry()?;
        let inner = std::mem::take(&mut component.components.0);
        stack.extend(inner.into_iter().rev().filter_map(|part| part.0));
        flat.push(component);
    }
    Ok(flat)
}

fn to_parts(components: Vec<Component>) -> Vec<Part> {
    components.into_iter().map(components::to_part).collect()
}

/// The relations that components carry as properties.
fn declared(parts: &[Part]) -> Vec<Link> {
    let of_part = |part: &Part| {
        let link = |(name, value): (&str, &str)| {
            let kind = match name {
                names::OWNED_BY => RelationKind::OwnedBy,
                names::CONTAINED_IN => RelationKind::ContainedIn,
                _ => return None,
            };
            Some(Link { from: part.reference.clone(), kind, to: value.to_owned() })
        };
        part.properties().filter_map(link).collect::<Vec<Link>>()
    };
    parts.iter().flat_map(of_part).collect()
}

fn depends_on(dependency: Dependency) -> impl Iterator<Item = Link> {
    let from = dependency.reference.0.unwrap_or_default();
    let kind = RelationKind::DependsOn;
    dependency.depends_on.texts().map(move |to| Link { from: from.clone(), kind, to })
}
