//! The parts of a document that are written (CycloneDX 1.6 JSON schema).

use serde::Serialize;

use crate::parts::Property;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) bom_format: &'static str,
    pub(super) spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) components: Vec<Component>,
    pub(super) dependencies: Vec<Dependency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) compositions: Vec<Composition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) timestamp: String,
    pub(super) tools: Tools,
    pub(super) component: Component,
    pub(super) properties: Vec<Property>,
}

#[derive(Serialize)]
pub(super) struct Tools {
    pub(super) components: Vec<Component>,
}

#[derive(Serialize, Default)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    pub(super) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property>,
}

#[derive(Serialize)]
pub(super) struct LicenseChoice {
    pub(super) license: License,
}

/// By name always: what packages declare is seldom an identifier of the SPDX list, and the schema
/// refuses any other.
#[derive(Serialize)]
pub(super) struct License {
    pub(super) name: String,
    pub(super) acknowledgement: &'static str,
}

#[derive(Serialize)]
pub(super) struct Evidence {
    pub(super) occurrences: Vec<Occurrence>,
}

#[derive(Serialize)]
pub(super) struct Occurrence {
    pub(super) location: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) depends_on: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Composition {
    pub(super) aggregate: &'static str,
    pub(super) assemblies: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vulnerability {
    #[serde(rename = "bom-ref")]
    pub(super) reference: String,
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Alias>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ratings: Vec<Rating>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cwes: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recommendation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) advisories: Vec<Advisory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) analysis: Option<Analysis>,
    pub(super) affects: Vec<Affects>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) properties: Vec<Property>,
}

/// What somebody answered to it.
#[derive(Serialize, PartialEq)]
pub(super) struct Analysis {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) response: Vec<&'static str>,
    pub(super) detail: String,
}

#[derive(Serialize, Clone, PartialEq)]
pub(super) struct Source {
    pub(super) name: String,
}

#[derive(Serialize, PartialEq)]
pub(super) struct Alias {
    pub(super) id: String,
    pub(super) source: Source,
}

#[derive(Serialize, PartialEq)]
pub(super) struct Rating {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    pub(super) severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vector: Option<String>,
}

#[derive(Serialize, PartialEq)]
pub(super) struct Advisory {
    pub(super) url: String,
}

#[derive(Serialize)]
pub(super) struct Affects {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) versions: Vec<AffectedVersion>,
}

#[derive(Serialize)]
pub(super) struct AffectedVersion {
    pub(super) version: String,
    pub(super) status: &'static str,
}
