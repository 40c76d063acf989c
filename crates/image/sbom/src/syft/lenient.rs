//! The parts of a document that are read, whatever else stands in their place.
//!
//! Names as in Syft's schema 16; where older ones differ it is said.

use crate::lenient::{List, Number, Object, Several, Text};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) artifacts: List<Object<Artifact>>,
    pub(super) artifact_relationships: List<Object<Relationship>>,
    pub(super) source: Object<Source>,
    pub(super) distro: Object<Distribution>,
    pub(super) descriptor: Object<Descriptor>,
    pub(super) schema: Object<Schema>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Descriptor {
    pub(super) name: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Schema {
    pub(super) version: Text,
    pub(super) url: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Artifact {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) purl: Text,
    pub(super) locations: List<Object<Location>>,
    pub(super) licenses: List<Licence>,
    pub(super) metadata: Object<Metadata>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub(super) path: Text,
    #[serde(rename = "layerID")]
    pub(super) layer: Text,
    pub(super) annotations: Object<Evidence>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Evidence {
    /// `primary` or `supporting`; nothing before schema 8.
    pub(super) evidence: Text,
}

/// A licence: an object, a text before schema 8.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Licence {
    Text(String),
    Stated(Object<StatedLicence>),
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct StatedLicence {
    pub(super) value: Text,
    pub(super) spdx_expression: Text,
}

/// What the package database says: the fields of dpkg, apk and rpm.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) source: Text,
    pub(super) source_version: Text,
    pub(super) origin_package: Text,
    pub(super) source_rpm: Text,
    pub(super) epoch: Number,
    pub(super) modularity_label: Text,
    pub(super) architecture: Text,
    pub(super) arch: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Relationship {
    pub(super) parent: Text,
    pub(super) child: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Source {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) name: Text,
    pub(super) metadata: Object<Image>,
    /// The same before schema 9.
    pub(super) target: Object<Image>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Image {
    pub(super) user_input: Text,
    #[serde(rename = "imageID")]
    pub(super) configuration_digest: Text,
    pub(super) manifest_digest: Text,
    pub(super) tags: List<Text>,
    pub(super) layers: List<Object<Layer>>,
    pub(super) architecture: Text,
    pub(super) os: Text,
    /// The image's configuration as it is, in Base64.
    pub(super) config: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Layer {
    /// Of the uncompressed content.
    pub(super) digest: Text,
    pub(super) size: Number,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Distribution {
    pub(super) pretty_name: Text,
    /// `ID`; the name alone before schema 3.
    pub(super) id: Text,
    pub(super) name: Text,
    #[serde(rename = "versionID")]
    pub(super) version_id: Text,
    pub(super) version: Text,
    pub(super) version_codename: Text,
    /// A list, a text before schema 3.
    pub(super) id_like: List<Text>,
}

/// The part of an image's configuration that tells what made its layers (image-spec, config.md).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    pub(super) history: Several<History>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct History {
    pub(super) created_by: Text,
    pub(super) empty_layer: bool,
}
