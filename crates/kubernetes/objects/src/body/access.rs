//! Who may do what.

use serde::Deserialize;

use super::network::LabelSelector;
use crate::name::Name;
use crate::values::names;

/// An account for processes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceAccount {
    /// Whether Pods find its token; true where it is absent.
    pub automount_service_account_token: Option<bool>,
    /// Secrets with tokens of the old kind.
    #[serde(deserialize_with = "names")]
    pub secrets: Box<[Name]>,
    /// Secrets with credentials of registries.
    #[serde(deserialize_with = "names")]
    pub image_pull_secrets: Box<[Name]>,
}

/// `Role` or `ClusterRole`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    /// What it allows.
    pub rules: Box<[Rule]>,
    /// Roles of the cluster whose rules are put in its place.
    pub aggregation_rule: Option<AggregationRule>,
}

/// What a role allows: each verb on each resource of each group.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// Verbs; `*` for every one.
    pub verbs: Box<[Name]>,
    /// Groups; empty text for the core group, `*` for every one.
    pub api_groups: Box<[Name]>,
    /// Resources and subresources: `pods/exec`, `*/scale`.
    pub resources: Box<[Name]>,
    /// Only objects of these names; every one where it is empty.
    pub resource_names: Box<[Name]>,
    /// Paths of the server that are no resources.
    #[serde(rename = "nonResourceURLs")]
    pub non_resource_urls: Box<[Name]>,
}

/// Which roles are put together.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// Those that any of these selects.
    pub cluster_role_selectors: Box<[LabelSelector]>,
}

/// `RoleBinding` or `ClusterRoleBinding`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// The role.
    pub role_ref: RoleReference,
    /// Whom it is given to.
    pub subjects: Box<[Subject]>,
}

/// The role of a binding.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleReference {
    /// Its group.
    pub api_group: Name,
    /// `Role` or `ClusterRole`.
    pub kind: Name,
    /// Its name.
    pub name: Name,
}

/// Whom a role is given to.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: Name,
    /// The group of the kind; empty for service accounts.
    pub api_group: Name,
    /// The name.
    pub name: Name,
    /// The namespace of a service account.
    pub namespace: Option<Name>,
}
