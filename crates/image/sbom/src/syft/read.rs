//! Reading a document.

use bulkhead_limits::Budget;
use bulkhead_model::{
    ImageStatement, LayerStatement, OperatingSystem, Problem, ProblemKind, RelationKind,
    SourcePackage, Target,
};

use super::configuration::commands;
use super::lenient::{
    Artifact, Distribution, Document, Image, Licence, Location, Metadata, Relationship, Source,
};
use crate::parts::{Link, Part, Property, Statement, foreign, names};
use crate::{Bom, SbomError, distribution, json, purl};

const EXPECTED: &str = "Syft";

/// The first number of the newest schema that is known here.
const NEWEST: u32 = 16;

/// Reads what `syft -o json` writes.
pub fn read(bytes: &[u8], budget: &Budget) -> Result<Bom, SbomError> {
    let document: Document = json::parse(bytes, budget, EXPECTED)?;
    let schema = document.schema.0.unwrap_or_default();
    let descriptor = document.descriptor.0.unwrap_or_default();
    if descriptor.name.as_str() != "syft" && !schema.url.as_str().contains("syft") {
        let found = "a JSON object without Syft's schema";
        return Err(SbomError::Format { expected: EXPECTED, found });
    }
    let mut parts = Vec::with_capacity(document.artifacts.0.len());
    for artifact in document.artifacts.objects() {
        budget.charge_entry()?;
        parts.push(part(artifact));
    }
    let statement = Statement {
        own: false,
        target: document.source.0.map(target),
        operating_system: document.distro.0.and_then(system),
        parts,
        links: document.artifact_relationships.objects().filter_map(link).collect(),
        not_assessed: Vec::new(),
        problems: odd_version(schema.version.as_str()).into_iter().collect(),
    };
    Ok(statement.into_bom())
}

fn odd_version(version: &str) -> Option<Problem> {
    let first = version.split('.').next().unwrap_or_default();
    if first.parse().is_ok_and(|first: u32| first <= NEWEST) {
        return None;
    }
    let message = format!("Syft's schema {version:?} is not known; read as {NEWEST}");
    Some(Problem::general(ProblemKind::Ambiguous, message))
}

fn part(artifact: Artifact) -> Part {
    let metadata = artifact.metadata.0.unwrap_or_default();
    let version = artifact.version.filled().unwrap_or_default();
    Part {
        kind: "library".to_owned(),
        reference: artifact.id.filled().unwrap_or_default(),
        name: artifact.name.filled().unwrap_or_default(),
        purl: artifact.purl.filled().unwrap_or_default(),
        licences: artifact.licenses.0.into_iter().filter_map(licence).collect(),
        locations: artifact.locations.objects().filter_map(location).collect(),
        source: source(&metadata, &version),
        properties: properties(metadata),
        version,
        ..Part::default()
    }
}

/// A file that proves the package; others only tell more of it, such as its licence.
fn location(location: Location) -> Option<bulkhead_model::Location> {
    let evidence = location.annotations.0.unwrap_or_default().evidence;
    let is_proof = evidence.as_str() != "supporting";
    is_proof.then(|| foreign::location(location.path.as_str(), Some(location.layer.as_str())))
}

fn licence(licence: Licence) -> Option<String> {
    match licence {
        Licence::Text(text) => Some(text),
        Licence::Stated(stated) => {
            let stated = stated.0?;
            stated.spdx_expression.filled().or(stated.value.filled())
        }
    }
}

/// The source package. A binary package of dpkg and apk without one was built from the one of its own
/// name, and needs none.
fn source(metadata: &Metadata, version: &str) -> Option<SourcePackage> {
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    if let Some((name, stem)) = purl::source_file(metadata.source_rpm.as_str()) {
        let epoch = metadata.epoch.0.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        return Some(SourcePackage { name, version: format!("{epoch}{stem}") });
    }
    let name =
        filled(metadata.source.as_str()).or_else(|| filled(metadata.origin_package.as_str()))?;
    let version = filled(metadata.source_version.as_str()).unwrap_or_else(|| version.to_owned());
    Some(SourcePackage { name, version })
}

fn properties(metadata: Metadata) -> Vec<Property> {
    let module = metadata.modularity_label.filled();
    let module =
        module.map(|label| Property::new(format!("{}{}", names::PROPERTY, names::MODULE), label));
    let architecture = metadata.architecture.filled().or(metadata.arch.filled());
    let architecture = architecture.map(|name| Property::new(names::ARCHITECTURE, name));
    module.into_iter().chain(architecture).collect()
}

fn target(source: Source) -> Target {
    let image = source.metadata.0.or(source.target.0);
    let is_image = source.kind.as_str() == "image";
    let named = image.as_ref().and_then(|image| image.user_input.0.clone());
    Target {
        name: named.or(source.name.filled()).unwrap_or_default(),
        kind: "sbom".to_owned(),
        image: image.filter(|_| is_image).map(statement),
    }
}

fn statement(image: Image) -> ImageStatement {
    let mut commands = commands(image.config.as_str()).into_iter();
    let layers = image.layers.objects().map(|layer| LayerStatement {
        digest: None,
        diff_id: layer.digest.as_str().parse().ok(),
        size: layer.size.0.map_or(0, bytes),
        created_by: commands.next().flatten(),
    });
    let layers = layers.collect();
    let platform = [image.os.filled(), image.architecture.filled()];
    ImageStatement {
        tags: image.tags.texts().collect(),
        manifest: image.manifest_digest.as_str().parse().ok(),
        configuration: image.configuration_digest.as_str().parse().ok(),
        platform: platform.into_iter().flatten().collect::<Vec<String>>().join("/"),
        layers,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size that is out of bounds is cut to them"
)]
fn bytes(number: f64) -> u64 {
    number as u64
}

fn system(stated: Distribution) -> Option<OperatingSystem> {
    let id = stated.id.filled().or(stated.name.filled())?;
    let version = stated.version_id.filled().or(stated.version.filled()).unwrap_or_default();
    let guessed = distribution::named(&id, &version);
    Some(OperatingSystem {
        pretty_name: stated.pretty_name.filled().unwrap_or(guessed.pretty_name),
        codename: stated.version_codename.filled(),
        like: stated.id_like.texts().collect(),
        ..guessed
    })
}

/// Syft names the package that is needed or that owns first.
fn link(relationship: Relationship) -> Option<Link> {
    let kind = match relationship.kind.as_str() {
        "dependency-of" => RelationKind::DependsOn,
        "ownership-by-file-overlap" => RelationKind::OwnedBy,
        _ => return None,
    };
    Some(Link { from: relationship.child.filled()?, kind, to: relationship.parent.filled()? })
}
