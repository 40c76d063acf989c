//! What a report says of Kubernetes objects as a whole, beside its findings.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Finding;

/// Which objects were judged, what came of it, and what the controls are about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Posture {
    /// How many objects there are of each kind.
    pub objects: BTreeMap<String, u64>,
    /// How often each verdict was given.
    pub verdicts: VerdictCounts,
    /// The same by namespace; under the empty name that of objects which lie in none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub namespaces: BTreeMap<String, VerdictCounts>,
    /// What people read about the controls of the findings, each once, by their ids.
    pub controls: Vec<ControlStatement>,
    /// What controls could not judge, in the form of findings: what is missing is their text. It is no
    /// list of failures, and hits no gate.
    pub not_checkable: Vec<Finding>,
}

impl Posture {
    /// All objects.
    pub fn count(&self) -> u64 {
        self.objects.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What people read about a control.
    pub fn control(&self, id: &str) -> Option<&ControlStatement> {
        let at = self.controls.binary_search_by(|control| control.id.as_str().cmp(id)).ok()?;
        self.controls.get(at)
    }
}

/// How often each verdict was given; one control about one object is one verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct VerdictCounts {
    /// Something is not as it should be.
    pub fail: u64,
    /// What would decide it was not given.
    pub not_checkable: u64,
    /// All is as it should be.
    pub pass: u64,
    /// The object has nothing that the control is about.
    pub not_applicable: u64,
}

impl VerdictCounts {
    /// Takes in others.
    pub fn merge(&mut self, other: Self) {
        self.fail = self.fail.saturating_add(other.fail);
        self.not_checkable = self.not_checkable.saturating_add(other.not_checkable);
        self.pass = self.pass.saturating_add(other.pass);
        self.not_applicable = self.not_applicable.saturating_add(other.not_applicable);
    }
}

/// What people read about a control.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ControlStatement {
    /// The id.
    pub id: String,
    /// What is wrong, in one line, as it is said of an object that fails.
    pub title: String,
    /// Why that is wrong.
    pub why: String,
    /// What may come of it.
    pub risk: String,
    /// What to do.
    pub fix: String,
    /// The clauses of published documents that ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clauses>,
}

/// Clauses of one document in one version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clauses {
    /// The document's title.
    pub document: String,
    /// Its version.
    pub version: String,
    /// The clauses, as the document names them.
    pub clauses: Vec<String>,
}
