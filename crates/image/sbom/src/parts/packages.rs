//! Packages as parts, and back.

use std::collections::BTreeMap;

use bulkhead_model::{
    Ecosystem, EntryPath, LayerReference, Location, Package, PackageType, SourcePackage,
};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as TextError, StrDeserializer};

use super::{Part, Property, foreign, names};
use crate::purl::{Purl, name_separator};

/// The part of a package.
pub(crate) fn to_part(package: &Package, reference: &str) -> Part {
    let (group, name) = split_name(package.package_type, &package.name);
    Part {
        kind: "library".to_owned(),
        reference: reference.to_owned(),
        group: group.unwrap_or_default().to_owned(),
        name: name.to_owned(),
        version: package.version.clone(),
        licences: package.licences.clone(),
        purl: package.purl.clone(),
        occurrences: package.locations.iter().map(ToString::to_string).collect(),
        properties: properties(package),
        ..Part::default()
    }
}

/// The package of a part; the class of what is missing where it is none.
pub(super) fn from_part(part: &Part) -> Result<Package, Unusable> {
    let text = part.purl.as_str();
    let purl = Purl::parse(text).ok();
    let stated = part.property(names::TYPE).and_then(PackageType::named);
    let package_type = match (stated, &purl) {
        (Some(stated), _) => stated,
        (None, Some(purl)) => {
            purl.package_type().ok_or_else(|| Unusable::UnknownType(purl.kind.clone()))?
        }
        (None, None) => return Err(Unusable::NoPackageUrl),
    };
    let name = match part.property(names::NAME) {
        Some(name) => name.to_owned(),
        None => derived_name(
            package_type,
            text,
            Some(part.group.as_str()).filter(|group| !group.is_empty()),
            part.name.as_str(),
        ),
    };
    let version = match (part.version.as_str(), &purl) {
        ("", Some(purl)) => purl.whole_version(),
        (version, Some(purl)) if stated.is_none() => purl.with_epoch(version),
        (version, _) => version.to_owned(),
    };
    let source = own_source(part)
        .or_else(|| part.source.clone())
        .or_else(|| foreign::source(part))
        .or_else(|| purl.as_ref()?.source());
    let stated = part.property(names::ARCHITECTURE).map(str::to_owned);
    let qualifier = || purl.as_ref()?.qualifiers.get("arch").cloned();
    Ok(Package {
        package_type,
        name,
        version,
        purl: text.to_owned(),
        architecture: stated.or_else(qualifier),
        source,
        licences: part.licences.clone(),
        locations: locations(part),
        properties: package_properties(part, purl.as_ref()),
    })
}

/// Why a part is no package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    /// It has no package URL, or one that cannot be read.
    NoPackageUrl,
    /// The type of its package URL is not known here.
    UnknownType(String),
}

fn package_properties(part: &Part, purl: Option<&Purl>) -> BTreeMap<String, String> {
    let own = part.properties().filter_map(|(name, value)| {
        Some((name.strip_prefix(names::PROPERTY)?.to_owned(), value.to_owned()))
    });
    let module = foreign::module(part, purl).map(|label| (names::MODULE.to_owned(), label));
    module.into_iter().chain(own).collect()
}

/// What no form has fields for.
fn properties(package: &Package) -> Vec<Property> {
    let mut properties = Vec::new();
    let mut add = |name: &str, value: &str| properties.push(Property::new(name, value));
    let purl = Purl::parse(&package.purl).ok();
    if purl.as_ref().and_then(Purl::package_type) != Some(package.package_type) {
        add(names::TYPE, package.package_type.name());
    }
    let (group, name) = split_name(package.package_type, &package.name);
    if derived_name(package.package_type, &package.purl, group, name) != package.name {
        add(names::NAME, &package.name);
    }
    if let Some(architecture) = &package.architecture {
        add(names::ARCHITECTURE, architecture);
    }
    if let Some(source) = &package.source {
        add(names::SOURCE_NAME, &source.name);
        add(names::SOURCE_VERSION, &source.version);
    }
    for (index, location) in package.locations.iter().enumerate() {
        let prefix = format!("{}{index}", names::LOCATION);
        if !location.inside.is_empty() {
            add(&format!("{prefix}:path"), &location.path.to_string());
        }
        for (depth, inside) in location.inside.iter().enumerate() {
            add(&format!("{prefix}:inside:{depth}"), &inside.to_string());
        }
        if let Some(layer) = &location.layer {
            add(&format!("{prefix}:layer"), &format!("{} {}", layer.index, layer.diff_id));
        }
    }
    for (name, value) in &package.properties {
        add(&format!("{}{name}", names::PROPERTY), value);
    }
    properties
}

/// Group and name as the ecosystem's own tools write them into components.
fn split_name(package_type: PackageType, name: &str) -> (Option<&str>, &str) {
    let split = match package_type {
        PackageType::Language(Ecosystem::Maven) => name.split_once(':'),
        PackageType::Language(Ecosystem::Npm) if !name.starts_with('@') => None,
        PackageType::Language(Ecosystem::Npm | Ecosystem::Composer) => name.split_once('/'),
        _ => None,
    };
    match split {
        Some((group, name)) if !group.is_empty() && !name.is_empty() => (Some(group), name),
        _ => (None, name),
    }
}

/// The name of a package whose component has this package URL, group and name. Tools disagree about
/// what belongs to the group, so the package URL decides; where it has lost the letters' case, the
/// component's spelling of the same name is taken.
fn derived_name(package_type: PackageType, purl: &str, group: Option<&str>, name: &str) -> String {
    let joined = match group {
        Some(group) if !package_type.is_system() => {
            format!("{group}{}{name}", name_separator(package_type))
        }
        _ => name.to_owned(),
    };
    let Ok(purl) = Purl::parse(purl) else { return joined };
    let canonical = purl.package_name(package_type);
    let same = |candidate: &str| match package_type {
        PackageType::Language(ecosystem) => {
            ecosystem.normalise(candidate).to_lowercase()
                == ecosystem.normalise(&canonical).to_lowercase()
        }
        _ => candidate == canonical,
    };
    if same(&joined) {
        joined
    } else if same(name) {
        name.to_owned()
    } else {
        canonical
    }
}

fn own_source(part: &Part) -> Option<SourcePackage> {
    Some(SourcePackage {
        name: part.property(names::SOURCE_NAME)?.to_owned(),
        version: part.property(names::SOURCE_VERSION)?.to_owned(),
    })
}

pub(super) fn locations(part: &Part) -> Vec<Location> {
    if part.occurrences.is_empty() {
        let stated = part.locations.clone();
        return if stated.is_empty() { foreign::locations(part) } else { stated };
    }
    let properties = part.property_map();
    let occurrences = part.occurrences.iter().enumerate();
    occurrences
        .map(|(index, occurrence)| {
            let prefix = format!("{}{index}", names::LOCATION);
            let property = |name: &str| properties.get(format!("{prefix}:{name}").as_str());
            Location {
                path: path(property("path").copied().unwrap_or(occurrence)),
                inside: (0_u32..)
                    .map_while(|depth| property(&format!("inside:{depth}")))
                    .map(|text| path(text))
                    .collect(),
                layer: property("layer").and_then(|text| layer(text)),
            }
        })
        .collect()
}

/// A path in the readable form of the model, with its escapes.
pub(super) fn path(text: &str) -> EntryPath {
    let text: StrDeserializer<'_, TextError> = text.into_deserializer();
    EntryPath::deserialize(text).unwrap_or_default()
}

fn layer(text: &str) -> Option<LayerReference> {
    let (index, diff_id) = text.split_once(' ')?;
    Some(LayerReference { index: index.parse().ok()?, diff_id: diff_id.parse().ok()? })
}
