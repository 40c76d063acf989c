//! The parts of a document as they stand in JSON, whatever else stands in their place.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::lenient::{List, Number, Object, Several, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    #[serde(rename = "document")]
    pub(super) head: Object<Head>,
    pub(super) product_tree: Object<ProductTree>,
    pub(super) vulnerabilities: Several<Vulnerability>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    pub(super) category: Text,
    pub(super) csaf_version: Text,
    pub(super) title: Text,
    pub(super) publisher: Object<Publisher>,
    pub(super) tracking: Object<Tracking>,
    pub(super) aggregate_severity: Object<AggregateSeverity>,
    pub(super) notes: List<Object<Note>>,
    pub(super) references: List<Object<Reference>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Publisher {
    pub(super) name: Text,
    pub(super) namespace: Text,
    pub(super) category: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracking {
    pub(super) id: Text,
    pub(super) aliases: List<Text>,
    pub(super) status: Text,
    pub(super) version: Text,
    pub(super) initial_release_date: Text,
    pub(super) current_release_date: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AggregateSeverity {
    pub(super) text: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub(super) category: Text,
    pub(super) title: Text,
    pub(super) text: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub(super) category: Text,
    pub(super) summary: Text,
    pub(super) url: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductTree {
    pub(super) branches: List<Object<Branch>>,
    pub(super) full_product_names: List<Object<Product>>,
    pub(super) relationships: List<Object<Relationship>>,
    pub(super) product_groups: List<Object<ProductGroup>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Branch {
    pub(super) category: Text,
    pub(super) name: Text,
    pub(super) product: Object<Product>,
    pub(super) branches: List<Object<Branch>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Product {
    #[serde(rename = "product_id")]
    pub(super) id: Text,
    pub(super) name: Text,
    #[serde(rename = "product_identification_helper")]
    pub(super) helper: Object<Identification>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identification {
    pub(super) purl: Text,
    /// In the place of `purl` from CSAF 2.1 on.
    pub(super) purls: List<Text>,
    pub(super) cpe: Text,
    pub(super) hashes: List<Object<Hashes>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hashes {
    pub(super) file_hashes: List<Object<FileHash>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FileHash {
    pub(super) algorithm: Text,
    pub(super) value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Relationship {
    pub(super) category: Text,
    pub(super) full_product_name: Object<Product>,
    pub(super) product_reference: Text,
    pub(super) relates_to_product_reference: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductGroup {
    pub(super) group_id: Text,
    pub(super) product_ids: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Vulnerability {
    pub(super) cve: Text,
    pub(super) ids: List<Object<Identifier>>,
    pub(super) title: Text,
    pub(super) cwe: Object<Weakness>,
    pub(super) cwes: List<Object<Weakness>>,
    pub(super) release_date: Text,
    pub(super) discovery_date: Text,
    pub(super) notes: List<Object<Note>>,
    pub(super) references: List<Object<Reference>>,
    pub(super) product_status: Object<BTreeMap<String, List<Text>>>,
    pub(super) flags: List<Object<Flag>>,
    pub(super) remediations: List<Object<Remediation>>,
    pub(super) scores: List<Object<Score>>,
    pub(super) threats: List<Object<Threat>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier {
    pub(super) system_name: Text,
    pub(super) text: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Weakness {
    pub(super) id: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Flag {
    pub(super) label: Text,
    pub(super) product_ids: List<Text>,
    pub(super) group_ids: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Remediation {
    pub(super) category: Text,
    pub(super) details: Text,
    pub(super) url: Text,
    pub(super) product_ids: List<Text>,
    pub(super) group_ids: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Score {
    pub(super) cvss_v2: Object<Vector>,
    pub(super) cvss_v3: Object<Vector>,
    pub(super) cvss_v4: Object<Vector>,
    pub(super) products: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Vector {
    pub(super) vector_string: Text,
    pub(super) base_score: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Threat {
    pub(super) category: Text,
    pub(super) details: Text,
    /// Where some publishers write the details.
    pub(super) description: Text,
    pub(super) product_ids: List<Text>,
    pub(super) group_ids: List<Text>,
}
