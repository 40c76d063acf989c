//! The target and its operating system as parts, and back.

use bulkhead_model::{
    ImageStatement, LayerStatement, NotAssessed, NotAssessedReason, OperatingSystem, Target,
};

use super::{CONTAINER, OPERATING_SYSTEM, Part, Property, foreign, names, packages};
use crate::distribution;

/// The part of a target.
pub(crate) fn to_part(target: &Target, reference: &str) -> Part {
    let mut properties = vec![Property::new(names::TARGET_KIND, &target.kind)];
    if let Some(image) = &target.image {
        image_properties(image, &mut properties);
    }
    let digest = target
        .image
        .as_ref()
        .and_then(|image| image.manifest.as_ref().or(image.configuration.as_ref()));
    Part {
        kind: if target.image.is_some() { CONTAINER } else { "application" }.to_owned(),
        reference: reference.to_owned(),
        name: target.name.clone(),
        version: digest.map(ToString::to_string).unwrap_or_default(),
        properties,
        ..Part::default()
    }
}

/// The target that a part describes.
pub(crate) fn from_part(part: &Part) -> Target {
    let kind = part.property(names::TARGET_KIND);
    let is_image = match kind {
        Some(_) => part.property(names::PLATFORM).is_some(),
        None => part.kind == CONTAINER,
    };
    Target {
        name: part.name.clone(),
        kind: kind.unwrap_or("sbom").to_owned(),
        image: is_image.then(|| image(part)),
    }
}

/// The part of an operating system.
pub(crate) fn system_part(system: &OperatingSystem, reference: &str) -> Part {
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
    Part {
        kind: OPERATING_SYSTEM.to_owned(),
        reference: reference.to_owned(),
        name: system.id.clone(),
        version: system.version.clone(),
        description: system.pretty_name.clone(),
        occurrences: vec![system.location.path.to_string()],
        properties,
        ..Part::default()
    }
}

/// The operating system of a part of that kind.
pub(crate) fn system(part: &Part) -> OperatingSystem {
    let guessed = distribution::named(&part.name, &part.version);
    let Some(scope) = part.property(names::SCOPE) else { return guessed };
    OperatingSystem {
        scope: scope.parse().ok(),
        pretty_name: part.description.clone(),
        codename: part.property(names::CODENAME).map(str::to_owned),
        like: part
            .properties()
            .filter(|(name, _)| *name == names::LIKE)
            .map(|(_, value)| value.to_owned())
            .collect(),
        location: packages::locations(part).into_iter().next().unwrap_or_default(),
        ..guessed
    }
}

/// What a document of our own says of itself, as properties: that it is one, and what had not been
/// assessed when it was made.
pub(crate) fn of_document(not_assessed: &[NotAssessed]) -> Vec<Property> {
    let lost = not_assessed.iter().filter(|part| is_lasting(part));
    let lost = lost
        .filter_map(|part| serde_json::to_string(part).ok())
        .map(|text| Property::new(names::NOT_ASSESSED, text));
    std::iter::once(Property::new(names::FORMAT, names::FORMAT_VERSION)).chain(lost).collect()
}

/// Whether a scan of the document cannot find out by itself that the part was not assessed: what
/// databases lack is another matter with every database.
pub(crate) fn is_lasting(part: &NotAssessed) -> bool {
    matches!(
        part.reason,
        NotAssessedReason::Layer { .. }
            | NotAssessedReason::Folder { .. }
            | NotAssessedReason::Document { .. }
    )
}

/// Whether the properties of a document are those of one of our own.
pub(crate) fn is_own(properties: &[Property]) -> bool {
    properties.iter().any(|property| property.name == names::FORMAT)
}

/// What had not been assessed when the document was made.
pub(crate) fn not_assessed(properties: &[Property]) -> Vec<NotAssessed> {
    properties
        .iter()
        .map(|property| (&*property.name, &*property.value))
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

fn image(part: &Part) -> ImageStatement {
    let digest = |name: &str| part.property(name).and_then(|text| text.parse().ok());
    ImageStatement {
        tags: part
            .properties()
            .filter(|(name, _)| *name == names::TAG)
            .map(|(_, value)| value.to_owned())
            .collect(),
        manifest: digest(names::MANIFEST),
        configuration: digest(names::CONFIGURATION),
        platform: part.property(names::PLATFORM).unwrap_or_default().to_owned(),
        layers: layers(part),
    }
}

fn layers(part: &Part) -> Vec<LayerStatement> {
    let properties = part.property_map();
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
    if own.is_empty() { foreign::layers(part) } else { own }
}
