//! The parts of a document that are read, whatever else stands in their place.

use crate::lenient::{List, Object, Text};
use crate::parts;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) bom_format: Text,
    pub(super) spec_version: Text,
    pub(super) metadata: Object<Metadata>,
    pub(super) components: List<Object<Component>>,
    pub(super) dependencies: List<Object<Dependency>>,
    /// What tells an SPDX document apart, for the error message.
    #[serde(rename = "spdxVersion")]
    pub(super) spdx_version: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) component: Object<Component>,
    pub(super) properties: List<Object<Property>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    #[serde(rename = "bom-ref")]
    pub(super) reference: Text,
    pub(super) group: Text,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) description: Text,
    pub(super) purl: Text,
    pub(super) licenses: List<Object<LicenseChoice>>,
    pub(super) evidence: Object<Evidence>,
    pub(super) properties: List<Object<Property>>,
    pub(super) components: List<Object<Component>>,
}

/// The properties that have both a name and a value.
pub(super) fn properties(properties: List<Object<Property>>) -> Vec<parts::Property> {
    let property = |property: Property| {
        Some(parts::Property { name: property.name.0?, value: property.value.0? })
    };
    properties.objects().filter_map(property).collect()
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct LicenseChoice {
    pub(super) license: Object<License>,
    pub(super) expression: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct License {
    pub(super) id: Text,
    pub(super) name: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Evidence {
    pub(super) occurrences: List<Object<Occurrence>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Occurrence {
    pub(super) location: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Property {
    pub(super) name: Text,
    pub(super) value: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: Text,
    pub(super) depends_on: List<Text>,
}
