//! What other tools say in properties of their own: sources, files and layers.
//!
//! Names as Syft 1.x (`syft:`) and Trivy 0.4x and later (`aquasecurity:trivy:`) write them.

use std::collections::BTreeMap;

use bulkhead_model::{Digest, LayerReference, LayerStatement, Location, SourcePackage};

use super::Part;
use super::packages::path;
use crate::purl::Purl;

/// The source package that the part was built from.
pub(crate) fn source(part: &Part) -> Option<SourcePackage> {
    let trivy = |name: &str| {
        part.property(&format!("aquasecurity:trivy:{name}")).filter(|value| !value.is_empty())
    };
    if let Some(name) = trivy("SrcName") {
        let epoch = trivy("SrcEpoch").map(|epoch| format!("{epoch}:")).unwrap_or_default();
        let release = trivy("SrcRelease").map(|release| format!("-{release}")).unwrap_or_default();
        let version = format!("{epoch}{}{release}", trivy("SrcVersion").unwrap_or_default());
        return Some(SourcePackage { name: name.to_owned(), version });
    }
    let syft = |name: &str| {
        part.property(&format!("syft:metadata:{name}")).filter(|value| !value.is_empty())
    };
    let name = syft("source").or_else(|| syft("originPackage"))?;
    let version = syft("sourceVersion").unwrap_or(part.version.as_str());
    Some(SourcePackage { name: name.to_owned(), version: version.to_owned() })
}

/// The files that the part was found in. Layers have no index yet: see [`set_layers`].
pub(crate) fn locations(part: &Part) -> Vec<Location> {
    let properties = part.property_map();
    let property = |name: &str| properties.get(name).copied();
    let mut locations: Vec<Location> = (0_u32..)
        .map_while(|index| {
            let file = property(&format!("syft:location:{index}:path"))?;
            Some(location(file, property(&format!("syft:location:{index}:layerID"))))
        })
        .collect();
    if let Some(file) = property("aquasecurity:trivy:FilePath") {
        locations.push(location(file, property("aquasecurity:trivy:LayerDiffID")));
    }
    locations
}

/// Whether the part stands for a list of packages, as a lock file is one: Trivy names its class.
pub(crate) fn is_list(part: &Part) -> bool {
    part.property("aquasecurity:trivy:Class").is_some()
}

/// The label of the module that a package of rpm was built in.
pub(crate) fn module(part: &Part, purl: Option<&Purl>) -> Option<String> {
    let stated = ["syft:metadata:modularityLabel", "aquasecurity:trivy:Modularitylabel"]
        .into_iter()
        .find_map(|name| part.property(name));
    let qualifier = |name: &str| purl?.qualifiers.get(name).map(String::as_str);
    let label = stated.or_else(|| qualifier("rpmmod")).or_else(|| qualifier("modularitylabel"))?;
    Some(label.to_owned()).filter(|label| !label.is_empty())
}

/// The layers of the image, where the document names them, bottom first.
pub(crate) fn layers(image: &Part) -> Vec<LayerStatement> {
    image
        .properties()
        .filter(|(name, _)| *name == "aquasecurity:trivy:DiffID")
        .filter_map(|(_, value)| value.parse().ok())
        .map(layer)
        .collect()
}

/// A layer of which nothing is known but the digest of its content.
pub(crate) fn layer(diff_id: Digest) -> LayerStatement {
    LayerStatement { digest: None, diff_id: Some(diff_id), size: 0, created_by: None }
}

/// Points locations to the layers of the image; one whose layer is unknown loses it, because an
/// index into nothing says nothing.
pub(crate) fn set_layers(locations: &mut [Location], layers: &BTreeMap<Digest, u32>) {
    for location in locations {
        let Some(layer) = &mut location.layer else { continue };
        match layers.get(&layer.diff_id) {
            Some(index) => layer.index = *index,
            None => location.layer = None,
        }
    }
}

/// A file, and the digest of the layer that it lies in.
pub(crate) fn location(file: &str, layer: Option<&str>) -> Location {
    let diff_id = layer.and_then(|layer| layer.parse::<Digest>().ok());
    Location {
        path: path(file),
        inside: Vec::new(),
        layer: diff_id.map(|diff_id| LayerReference { index: u32::MAX, diff_id }),
    }
}
