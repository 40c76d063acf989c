//! The parts of a document that are written (SPDX 2.3, clauses 6 to 12, and its JSON schema).

#![expect(clippy::struct_field_names, reason = "they are the names of the specification")]

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) spdx_version: &'static str,
    pub(super) data_license: &'static str,
    #[serde(rename = "SPDXID")]
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) document_namespace: String,
    pub(super) creation_info: CreationInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<&'static str>,
    pub(super) annotations: Vec<Annotation>,
    pub(super) packages: Vec<Package>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) has_extracted_licensing_infos: Vec<ExtractedLicence>,
    pub(super) relationships: Vec<Relationship>,
}

#[derive(Serialize)]
pub(super) struct CreationInfo {
    pub(super) created: String,
    pub(super) creators: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    pub(super) name: String,
    #[serde(rename = "SPDXID")]
    pub(super) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) version_info: String,
    pub(super) primary_package_purpose: &'static str,
    pub(super) supplier: &'static str,
    pub(super) download_location: &'static str,
    pub(super) files_analyzed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_info: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) checksums: Vec<Checksum>,
    pub(super) license_concluded: &'static str,
    pub(super) license_declared: String,
    pub(super) copyright_text: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_refs: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) annotations: Vec<Annotation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checksum {
    pub(super) algorithm: &'static str,
    pub(super) checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExternalReference {
    pub(super) reference_category: &'static str,
    pub(super) reference_type: &'static str,
    pub(super) reference_locator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Annotation {
    pub(super) annotation_date: String,
    pub(super) annotation_type: &'static str,
    pub(super) annotator: String,
    pub(super) comment: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtractedLicence {
    pub(super) license_id: String,
    pub(super) extracted_text: String,
    pub(super) name: String,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub(super) struct Relationship {
    pub(super) spdx_element_id: String,
    pub(super) relationship_type: &'static str,
    pub(super) related_spdx_element: String,
}
