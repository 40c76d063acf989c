//! Reading a document, of any tool.

use std::collections::{BTreeMap, HashMap};

use bulkhead_limits::Budget;
use bulkhead_model::{
    Digest, Inventory, NotAssessed, NotAssessedReason, PackageId, Problem, ProblemKind, Relation,
    RelationKind, Target,
};

use super::gathered::Gathered;
use super::lenient::{Component, Dependency, Document, Metadata, pairs};
use super::{foreign, names, targets};
use crate::lenient::Object;
use crate::purl::Purl;
use crate::{SbomError, json};

const EXPECTED: &str = "CycloneDX";

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bom {
    /// What it describes, where it says so. Its kind is the one that it was made of.
    pub target: Option<Target>,
    /// The packages in it.
    pub inventory: Inventory,
    /// What it cannot say, and what had not been assessed when it was made.
    pub not_assessed: Vec<NotAssessed>,
    /// What in it is broken or doubtful.
    pub problems: Vec<Problem>,
}

/// Reads a CycloneDX JSON document of version 1.2 to 1.7. Its own writer's documents give back what
/// they were made of; of others whatever names a package is taken.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    let document = parse(bytes, budget)?;
    let mut problems = Vec::new();
    let version = document.spec_version.as_str();
    if !matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7") {
        let message = format!("CycloneDX version {version:?} is not known; read as 1.7");
        problems.push(Problem::general(ProblemKind::Ambiguous, message));
    }
    let mut metadata = document.metadata.0.unwrap_or_default();
    let own = pairs(&metadata.properties).any(|(name, _)| name == names::FORMAT);
    let target = metadata.component.0.as_ref().map(targets::from_component);

    let mut components = flatten(document.components.0, budget)?;
    // A foreign document may name its subject's own package, such as the project, only there.
    if !own {
        components.extend(flatten(vec![std::mem::take(&mut metadata.component)], budget)?);
    }
    let system = components.iter().find(|part| part.kind.as_str() == "operating-system");
    let operating_system = system.map(targets::system).or_else(|| distribution(&components));

    let mut gathered = Gathered::default();
    for component in &components {
        gathered.add(component);
    }
    let layers: BTreeMap<Digest, u32> = target
        .iter()
        .filter_map(|target| target.image.as_ref())
        .flat_map(|image| (0_u32..).zip(&image.layers))
        .filter_map(|(index, layer)| Some((layer.diff_id.clone()?, index)))
        .collect();
    if !own {
        for (package, _) in &mut gathered.packages {
            foreign::set_layers(&mut package.locations, &layers);
        }
    }
    let mut not_assessed = not_assessed(&metadata, &gathered, own);
    not_assessed.sort();
    problems.extend(gathered.doubts(own));
    let (packages, by_reference) = gathered.sorted();
    let mut relations: Vec<Relation> = declared(&components, &by_reference).collect();
    relations.extend(depends_on(document.dependencies.0, &by_reference));
    relations.sort();
    relations.dedup();
    Ok(Bom {
        target,
        inventory: Inventory { operating_system, packages, relations },
        not_assessed,
        problems,
    })
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

/// The distribution that the packages' own URLs name, where no component does.
fn distribution(components: &[Component]) -> Option<bulkhead_model::OperatingSystem> {
    components.iter().find_map(|part| Purl::parse(part.purl.as_str()).ok()?.operating_system())
}

fn not_assessed(metadata: &Metadata, gathered: &Gathered, own: bool) -> Vec<NotAssessed> {
    let mut parts = targets::not_assessed(metadata);
    let mut add = |count: u64, cause: String, hint: &str| {
        if count > 0 {
            let reason = NotAssessedReason::Document { cause };
            parts.push(NotAssessed { reason, count, hint: Some(hint.to_owned()) });
        }
    };
    add(
        gathered.without_url,
        "components without a package URL".to_owned(),
        "let the tool that makes the document write a purl for each component",
    );
    for (kind, count) in &gathered.unknown_types {
        add(
            *count,
            format!("package URLs of type {kind:?}, which this version does not know"),
            "no advisories for them are known here; use another source for these packages",
        );
    }
    if !own {
        add(
            gathered.without_version,
            "packages without a version".to_owned(),
            "let the tool that makes the document write the installed versions",
        );
    }
    parts
}

/// The relations that components carry as properties.
fn declared<'a>(
    components: &'a [Component],
    by_reference: &'a HashMap<String, PackageId>,
) -> impl Iterator<Item = Relation> + use<'a> {
    components.iter().flat_map(move |component| {
        component.properties().filter_map(move |(name, value)| {
            let kind = match name {
                names::OWNED_BY => RelationKind::OwnedBy,
                names::CONTAINED_IN => RelationKind::ContainedIn,
                _ => return None,
            };
            let from = *by_reference.get(component.reference.as_str())?;
            Some(Relation { from, kind, to: *by_reference.get(value)? })
        })
    })
}

fn depends_on(
    dependencies: Vec<Object<Dependency>>,
    by_reference: &HashMap<String, PackageId>,
) -> impl Iterator<Item = Relation> {
    dependencies.into_iter().filter_map(|dependency| dependency.0).flat_map(move |dependency| {
        let from = by_reference.get(dependency.reference.as_str()).copied();
        dependency.depends_on.0.into_iter().filter_map(move |reference| {
            let to = *by_reference.get(reference.as_str())?;
            Some(Relation { from: from?, kind: RelationKind::DependsOn, to })
        })
    })
}
