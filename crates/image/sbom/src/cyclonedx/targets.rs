//! The target and its operating system as components, and back.

use bulkhead_model::{ImageStatement, LayerStatement, NotAssessed, OperatingSystem, Target};

use super::document::{Component, Evidence, Occurrence, Property};
use super::{foreign, lenient, names, packages, references};
use crate::distribution;

/// The component of `metadata.component`.
pub(super) fn to_component(target: &Target) -> Component {
    let mut properties = vec![Property::new(names::TARGET_KIND, &target.kind)];
    if let Some(image) = &target.image {
        image_properties(image, &mut properties);
    }
    let digest = target
        .image
        .as_ref()
        .and_then(|image| image.manifest.as_ref().or(image.configuration.as_ref()));
    Component {
        kind: if target.image.is_some() { "container" } else { "application" },
        reference: Some(references::TARGET.to_owned()),
        name: target.name.clone(),
        version: digest.map(ToString::to_string).unwrap_or_default(),
        properties,
        ..Component::default()
    }
}

/// What `metadata.component` says of the target.
pub(super) fn from_component(component: &lenient::Component) -> Target {
    let kind = component.property(names::TARGET_KIND);
    let is_image = match kind {
        Some(_) => component.property(names::PLATFORM).is_some(),
        None => component.kind.as_str() == "container",
    };
    Target {
        name: component.name.as_str().to_owned(),
        kind: kind.unwrap_or("sbom").to_owned(),
        image: is_image.then(|| image(component)),
    }
}

/// The component of an operating system.
pub(super) fn system_component(system: &OperatingSystem) -> Component {
    let mut properties = Vec::new();
    if let Some(codename) = &system.codename {
        properties.push(Property::new(names::CODENAME, codename));
    }
    properties.extend(system.like.iter().map(|like| Property::new(names::LIKE, like)));
    // Written even where there is none: a reader must not guess one from name and version.
    let scope = system.scope.as_ref().map(ToString::to_string).unwrap_or_default();
    properties.push(Property::new(names::SCOPE, scope));
    if let Some(layer) = &system.location.layer {
        let layer = format!("{} {}", layer.index, layer.diff_id);
        properties.push(Property::new(format!("{}0:layer", names::LOCATION), layer));
    }
    let occurrences = vec![Occurrence { location: system.location.path.to_string() }];
    Component {
        kind: "operating-system",
        reference: Some(references::OPERATING_SYSTEM.to_owned()),
        name: system.id.clone(),
        version: system.version.clone(),
        description: Some(system.pretty_name.clone()),
        evidence: Some(Evidence { occurrences }),
        properties,
        ..Component::default()
    }
}

/// The operating system of a component of that type.
pub(super) fn system(component: &lenient::Component) -> OperatingSystem {
    let guessed = distribution::named(component.name.as_str(), component.version.as_str());
    let Some(scope) = component.property(names::SCOPE) else { return guessed };
    OperatingSystem {
        scope: scope.parse().ok(),
        pretty_name: component.description.as_str().to_owned(),
        codename: component.property(names::CODENAME).map(str::to_owned),
        like: component
            .properties()
            .filter(|(name, _)| *name == names::LIKE)
            .map(|(_, value)| value.to_owned())
            .collect(),
        location: packages::locations(component).into_iter().next().unwrap_or_default(),
        ..guessed
    }
}

/// The parts that had not been assessed when the document was made: those that no later scan of the
/// document can find out.
pub(super) fn not_assessed(metadata: &lenient::Metadata) -> Vec<NotAssessed> {
    lenient::pairs(&metadata.properties)
        .filter(|(name, _)| *name == names::NOT_ASSESSED)
        .filter_map(|(_, value)| serde_json::from_str(value).ok())
        .collect()
}

fn image_properties(image: &ImageStatement, properties: &mut Vec<Property>) {
    let mut add = |name: &str, value: &str| properties.push(Property::new(name, value));
    image.tags.iter().for_each(|tag| add(names::TAG, tag));
    if let Some(digest) = &image.manifest {
        add(names::MANIFEST, digest.as_str());
    }
    if let Some(digest) = &image.configuration {
        add(names::CONFIGURATION, digest.as_str());
    }
    add(names::PLATFORM, &image.platform);
    for (index, layer) in image.layers.iter().enumerate() {
        let prefix = format!("{}{index}", names::LAYER);
        add(&format!("{prefix}:size"), &layer.size.to_string());
        if let Some(digest) = &layer.digest {
            add(&format!("{prefix}:digest"), digest.as_str());
        }
        if let Some(digest) = &layer.diff_id {
            add(&format!("{prefix}:diff_id"), digest.as_str());
        }
        if let Some(command) = &layer.created_by {
            add(&format!("{prefix}:created_by"), command);
        }
    }
}

fn image(component: &lenient::Component) -> ImageStatement {
    let digest = |name: &str| component.property(name).and_then(|text| text.parse().ok());
    ImageStatement {
        tags: component
            .properties()
            .filter(|(name, _)| *name == names::TAG)
            .map(|(_, value)| value.to_owned())
            .collect(),
        manifest: digest(names::MANIFEST),
        configuration: digest(names::CONFIGURATION),
        platform: component.property(names::PLATFORM).unwrap_or_default().to_owned(),
        layers: layers(component),
    }
}

fn layers(component: &lenient::Component) -> Vec<LayerStatement> {
    let properties = component.property_map();
    let own: Vec<LayerStatement> = (0_u32..)
        .map_while(|index| {
            let property = |name: &str| {
                properties.get(format!("{}{index}:{name}", names::LAYER).as_str()).copied()
            };
            Some(LayerStatement {
                size: property("size")?.parse().unwrap_or_default(),
                digest: property("digest").and_then(|text| text.parse().ok()),
                diff_id: property("diff_id").and_then(|text| text.parse().ok()),
                created_by: property("created_by").map(str::to_owned),
            })
        })
        .collect();
    if own.is_empty() { foreign::layers(component) } else { own }
}
