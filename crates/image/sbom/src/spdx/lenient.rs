//! The parts of a document that are read, whatever else stands in their place.

#![expect(clippy::struct_field_names, reason = "they are the names of the specification")]

use crate::lenient::{List, Object, Text};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) spdx_version: Text,
    pub(super) packages: List<Object<Package>>,
    pub(super) files: List<Object<File>>,
    pub(super) relationships: List<Object<Relationship>>,
    pub(super) document_describes: List<Text>,
    pub(super) annotations: List<Object<Annotation>>,
    pub(super) has_extracted_licensing_infos: List<Object<ExtractedLicence>>,
    /// Where version 3 says which one it is.
    #[serde(rename = "@context")]
    pub(super) context: Text,
    /// The document itself, in answers of GitHub's dependency graph.
    pub(super) sbom: Object<Box<Document>>,
    /// What tells a CycloneDX document apart, for the error message.
    pub(super) bom_format: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package {
    #[serde(rename = "SPDXID")]
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) version_info: Text,
    pub(super) primary_package_purpose: Text,
    pub(super) description: Text,
    pub(super) source_info: Text,
    pub(super) license_concluded: Text,
    pub(super) license_declared: Text,
    pub(super) external_refs: List<Object<ExternalReference>>,
    pub(super) annotations: List<Object<Annotation>>,
    pub(super) attribution_texts: List<Text>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ExternalReference {
    pub(super) reference_type: Text,
    pub(super) reference_locator: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct File {
    #[serde(rename = "SPDXID")]
    pub(super) id: Text,
    pub(super) file_name: Text,
    pub(super) comment: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Annotation {
    pub(super) comment: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ExtractedLicence {
    pub(super) license_id: Text,
    pub(super) name: Text,
    pub(super) extracted_text: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Relationship {
    pub(super) spdx_element_id: Text,
    pub(super) relationship_type: Text,
    pub(super) related_spdx_element: Text,
    pub(super) comment: Text,
}
