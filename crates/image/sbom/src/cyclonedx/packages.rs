//! Packages as components, and back.

use bulkhead_model::{
    Ecosystem, EntryPath, LayerReference, Location, Package, PackageType, SourcePackage,
};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as TextError, StrDeserializer};

use super::document::{Component, Evidence, License, LicenseChoice, Occurrence, Property};
use super::{foreign, lenient, names};
use crate::purl::{Purl, name_separator};

/// The component of a package. Its relations are added by the caller.
pub(super) fn to_component(package: &Package, reference: String) -> Component {
    let (group, name) = split_name(package.package_type, &package.name);
    let licence = |text: &String| LicenseChoice {
        license: License { name: text.clone(), acknowledgement: "declared" },
    };
    let occurrences: Vec<Occurrence> = package
        .locations
        .iter()
        .map(|location| Occurrence { location: location.to_string() })
        .collect();
    Component {
        kind: "library",
        reference: Some(reference),
        group: group.map(str::to_owned),
        name: name.to_owned(),
        version: package.version.clone(),
        licenses: package.licences.iter().map(licence).collect(),
        purl: Some(package.purl.clone()).filter(|purl| !purl.is_empty()),
        evidence: (!occurrences.is_empty()).then_some(Evidence { occurrences }),
        properties: properties(package),
        ..Component::default()
    }
}

/// The package of a component; the class of what is missing where it is none.
pub(super) fn from_component(component: &lenient::Component) -> Result<Package, Unusable> {
    let text = component.purl.as_str();
    let purl = Purl::parse(text).ok();
    let stated = component.property(names::TYPE).and_then(PackageType::named);
    let package_type = match (stated, &purl) {
        (Some(stated), _) => stated,
        (None, Some(purl)) => {
            purl.package_type().ok_or_else(|| Unusable::UnknownType(purl.kind.clone()))?
        }
        (None, None) => return Err(Unusable::NoPackageUrl),
    };
    let name = match component.property(names::NAME) {
        Some(name) => name.to_owned(),
        None => derived_name(
            package_type,
            text,
            Some(component.group.as_str()).filter(|group| !group.is_empty()),
            component.name.as_str(),
        ),
    };
    let version = match component.version.as_str() {
        "" => purl.as_ref().and_then(|purl| purl.version.clone()).unwrap_or_default(),
        version => version.to_owned(),
    };
    let source = source(component).or_else(|| {
        let read = crate::purl::read(text).ok()?;
        foreign::source(component).or(read.source)
    });
    let architecture = component.property(names::ARCHITECTURE).map(str::to_owned);
    Ok(Package {
        package_type,
        name,
        version,
        purl: text.to_owned(),
        architecture: architecture
            .or_else(|| purl.and_then(|purl| purl.qualifiers.get("arch").cloned())),
        source,
        licences: licences(component),
        locations: locations(component),
        properties: component
            .properties()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix(names::PROPERTY)?.to_owned(), value.to_owned()))
            })
            .collect(),
    })
}

/// Why a component is no package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    /// It has no package URL, or one that cannot be read.
    NoPackageUrl,
    /// The type of its package URL is not known here.
    UnknownType(String),
}

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

fn source(component: &lenient::Component) -> Option<SourcePackage> {
    Some(SourcePackage {
        name: component.property(names::SOURCE_NAME)?.to_owned(),
        version: component.property(names::SOURCE_VERSION)?.to_owned(),
    })
}

fn licences(component: &lenient::Component) -> Vec<String> {
    let choices = component.licenses.0.iter().filter_map(|choice| choice.0.as_ref());
    choices
        .filter_map(|choice| {
            let named = choice.license.0.as_ref();
            let texts = [
                named.and_then(|licence| licence.id.0.as_ref()),
                named.and_then(|licence| licence.name.0.as_ref()),
                choice.expression.0.as_ref(),
            ];
            texts.into_iter().flatten().next().cloned()
        })
        .collect()
}

pub(super) fn locations(component: &lenient::Component) -> Vec<Location> {
    let Some(evidence) = &component.evidence.0 else { return foreign::locations(component) };
    let properties = component.property_map();
    let occurrences = evidence.occurrences.0.iter().filter_map(|occurrence| occurrence.0.as_ref());
    occurrences
        .enumerate()
        .map(|(index, occurrence)| {
            let prefix = format!("{}{index}", names::LOCATION);
            let property = |name: &str| properties.get(format!("{prefix}:{name}").as_str());
            Location {
                path: property("path")
                    .map_or_else(|| path(occurrence.location.as_str()), |text| path(text)),
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
