//! What people read about controls: `content/controls`, built into the program.

use std::collections::BTreeMap;

use bulkhead_model::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Repair;

/// A file of the catalogue that does not follow its schema.
#[derive(Debug, thiserror::Error)]
#[error("content/controls/{file}.yaml: {cause}")]
pub struct CatalogueError {
    /// The file, without its ending.
    pub file: &'static str,
    /// What is wrong.
    pub cause: String,
}

/// All controls with their texts, by family.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The documents that controls are mapped to.
    pub frameworks: BTreeMap<String, Framework>,
    /// The families, in their order.
    pub families: Vec<Family>,
}

/// Controls that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The name: that of the file.
    pub family: String,
    /// What its controls are about, in a few words.
    pub title: String,
    /// The controls.
    pub controls: Vec<ControlText>,
}

/// What people read about a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlText {
    /// The id of the control.
    pub id: String,
    /// How bad a failure is where nothing else is known.
    pub severity: Severity,
    /// What is wrong, in one line, as it is said of an object that fails.
    pub title: String,
    /// Why that is wrong.
    pub why: String,
    /// What may come of it.
    pub risk: String,
    /// What to do.
    pub fix: String,
    /// The clauses of published documents that ask for it. A clause that is not known for certain is
    /// left out.
    #[serde(default)]
    pub map: Mapping,
    /// How a failure is mended.
    pub repair: Repair,
    /// The settings of the organisation that its verdicts hang on, by the names of their flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
}

/// Clauses by document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Kubernetes Pod Security Standards: profile and control, `Baseline/Host Ports`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pss: Vec<String>,
    /// CIS Kubernetes Benchmark: numbers of recommendations, `5.2.2`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cis: Vec<String>,
    /// NSA/CISA Kubernetes Hardening Guide: headings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nsa: Vec<String>,
    /// MITRE ATT&CK: ids of techniques, `T1611`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attack: Vec<String>,
}

impl Mapping {
    /// Each document's key in [`Catalogue::frameworks`] with its clauses.
    pub fn by_framework(&self) -> [(&'static str, &[String]); 4] {
        [("pss", &self.pss), ("cis", &self.cis), ("nsa", &self.nsa), ("attack", &self.attack)]
    }
}

/// A published document in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its title.
    pub title: String,
    /// The version whose clauses are named.
    pub version: String,
    /// What a clause looks like.
    pub clauses: String,
}

macro_rules! files {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../../../content/controls/", $name, ".yaml")))),*]
    };
}

const FRAMEWORKS: &str = include_str!("../../../../content/controls/frameworks.yaml");

const FAMILIES: [(&str, &str); 16] = files![
    "pod_security",
    "security_context",
    "volumes",
    "resources",
    "workloads",
    "images",
    "service_accounts",
    "secrets",
    "rbac",
    "network",
    "ingress",
    "admission",
    "namespaces",
    "control_plane",
    "kubelet",
    "audit"
];

#[derive(Deserialize)]
struct Frameworks {
    frameworks: BTreeMap<String, Framework>,
}

impl Catalogue {
    /// The catalogue that is built in.
    pub fn built_in() -> Result<Self, CatalogueError> {
        let Frameworks { frameworks } = read("frameworks", FRAMEWORKS)?;
        let families = FAMILIES.iter().map(|(name, text)| read(name, text));
        Ok(Self { frameworks, families: families.collect::<Result<_, _>>()? })
    }

    /// Every control's text, in the order of the families.
    pub fn controls(&self) -> impl Iterator<Item = &ControlText> {
        self.families.iter().flat_map(|family| &family.controls)
    }

    /// The text of a control.
    pub fn get(&self, id: &str) -> Option<&ControlText> {
        self.controls().find(|text| text.id == id)
    }
}

fn read<T: serde::de::DeserializeOwned>(
    file: &'static str,
    text: &str,
) -> Result<T, CatalogueError> {
    serde_saphyr::from_str(text).map_err(|error| CatalogueError { file, cause: error.to_string() })
}
