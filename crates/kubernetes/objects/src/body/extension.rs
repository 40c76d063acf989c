//! Objects that extend the API, judge what enters it, or keep others in number.

use serde::Deserialize;

use super::webhook::WebhookService;
use crate::name::Name;
use crate::values::{Table, given};

/// `HorizontalPodAutoscaler`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Autoscaler {
    /// The workload whose Pods it counts.
    pub scale_target_ref: ScaleTarget,
    /// How many there are at least; 1 where it is absent.
    pub min_replicas: Option<i32>,
}

/// The workload of an autoscaler.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleTarget {
    /// Group and version.
    pub api_version: Name,
    /// Kind.
    pub kind: Name,
    /// Name.
    pub name: Name,
}

/// `StorageClass`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageClass {
    /// The driver.
    pub provisioner: Name,
    /// What the driver is told.
    pub parameters: Table<Box<str>>,
}

/// `ReferenceGrant` of `gateway.networking.k8s.io`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReferenceGrant {
    /// Who may refer.
    pub from: Box<[GrantedFrom]>,
    /// To what.
    pub to: Box<[GrantedTo]>,
}

/// Who may refer to objects of a namespace.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GrantedFrom {
    /// Group.
    pub group: Name,
    /// Kind.
    pub kind: Name,
    /// Namespace.
    pub namespace: Name,
}

/// What may be referred to.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GrantedTo {
    /// Group.
    pub group: Name,
    /// Kind.
    pub kind: Name,
    /// Name; every one where it is absent.
    pub name: Option<Name>,
}

/// `ValidatingAdmissionPolicy` or `MutatingAdmissionPolicy`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionPolicy {
    /// `Fail` or `Ignore`; the first where it is absent.
    pub failure_policy: Option<Name>,
}

/// `ValidatingAdmissionPolicyBinding` or `MutatingAdmissionPolicyBinding`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdmissionPolicyBinding {
    /// The policy.
    pub policy_name: Name,
    /// `Deny`, `Warn` and `Audit`.
    pub validation_actions: Box<[Name]>,
}

/// `APIService`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiService {
    /// Who answers; the API server itself where it is absent.
    pub service: Option<WebhookService>,
    /// Whoever answers is believed.
    #[serde(rename = "insecureSkipTLSVerify")]
    pub insecure_skip_tls_verify: bool,
    /// It names its certificate authorities.
    #[serde(deserialize_with = "given")]
    pub ca_bundle: bool,
}
