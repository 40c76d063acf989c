//! SPDX 3.0 in its JSON-LD form, as far as packages and their relations go: brought to what version 2
//! says of them.

use std::collections::HashMap;

use super::lenient::{Document, ExternalReference, Package, Relationship};
use crate::lenient::{List, Object, Several, Text};

/// The document as a list of its elements.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Graph {
    #[serde(rename = "@graph")]
    elements: List<Object<Element>>,
}

/// Any element: those that are read have different fields of these.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Element {
    #[serde(rename = "type")]
    kind: Text,
    spdx_id: Text,
    name: Text,
    description: Text,
    #[serde(rename = "rootElement")]
    roots: List<Text>,
    #[serde(rename = "software_packageVersion")]
    version: Text,
    #[serde(rename = "software_packageUrl")]
    purl: Text,
    #[serde(rename = "software_primaryPurpose")]
    purpose: Text,
    #[serde(rename = "software_sourceInfo")]
    source: Text,
    external_identifier: Several<Identifier>,
    from: Text,
    relationship_type: Text,
    to: List<Text>,
    #[serde(rename = "simplelicensing_licenseExpression")]
    licence: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Identifier {
    external_identifier_type: Text,
    identifier: Text,
}

impl Graph {
    /// The same as a document of version 2.
    pub(super) fn into_document(self) -> Document {
        let mut document =
            Document { spdx_version: text("SPDX-3.0".to_owned()), ..Document::default() };
        let mut expressions: HashMap<String, String> = HashMap::new();
        let mut declared: Vec<(String, String)> = Vec::new();
        for element in self.elements.objects() {
            match element.kind.as_str() {
                "SpdxDocument" | "software_Sbom" => {
                    document.document_describes.0.extend(element.roots.0);
                }
                "software_Package" => {
                    document.packages.0.push(Object(Some(package(element))));
                }
                "simplelicensing_LicenseExpression" => {
                    expressions.extend(element.spdx_id.0.zip(element.licence.0));
                }
                _ if element.relationship_type.as_str() == "hasDeclaredLicense" => {
                    let from = element.from.0.unwrap_or_default();
                    declared.extend(element.to.texts().map(|to| (from.clone(), to)));
                }
                _ => document.relationships.0.extend(relationships(element)),
            }
        }
        let mut licences: HashMap<String, String> = declared
            .into_iter()
            .filter_map(|(package, licence)| Some((package, expressions.get(&licence)?.clone())))
            .collect();
        for package in document.packages.0.iter_mut().filter_map(|package| package.0.as_mut()) {
            package.license_declared = Text(licences.remove(package.id.as_str()));
        }
        document
    }
}

fn package(element: Element) -> Package {
    let purls = element
        .external_identifier
        .values
        .into_iter()
        .filter(|one| matches!(one.external_identifier_type.as_str(), "packageUrl" | "purl"));
    let purls = std::iter::once(element.purl).chain(purls.map(|one| one.identifier));
    let references = purls.filter(|purl| !purl.as_str().is_empty()).map(|purl| {
        let reference_type = text("purl".to_owned());
        Object(Some(ExternalReference { reference_type, reference_locator: purl }))
    });
    let purpose = match element.purpose.as_str() {
        "operatingSystem" => "OPERATING-SYSTEM".to_owned(),
        purpose => purpose.to_uppercase(),
    };
    Package {
        id: element.spdx_id,
        name: element.name,
        version_info: element.version,
        primary_package_purpose: text(purpose),
        description: element.description,
        source_info: element.source,
        external_refs: List(references.collect()),
        ..Package::default()
    }
}

/// One relationship of version 2 for each end. Names of theirs are in capitals.
fn relationships(element: Element) -> Vec<Object<Relationship>> {
    let kind = match element.relationship_type.as_str() {
        "dependsOn" | "hasOptionalDependency" | "hasProvidedDependency" => "DEPENDS_ON",
        "contains" => "CONTAINS",
        _ => return Vec::new(),
    };
    let from = element.from.0.unwrap_or_default();
    let relationship = |to| {
        Object(Some(Relationship {
            spdx_element_id: text(from.clone()),
            relationship_type: text(kind.to_owned()),
            related_spdx_element: text(to),
            comment: Text::default(),
        }))
    };
    element.to.texts().map(relationship).collect()
}

fn text(text: String) -> Text {
    Text(Some(text))
}
