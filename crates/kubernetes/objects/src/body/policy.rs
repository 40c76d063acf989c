//! Limits that the server holds.

use serde::Deserialize;

use super::container::ResourceList;
use super::network::LabelSelector;
use crate::name::Name;
use crate::values::IntOrString;

/// `PodDisruptionBudget`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDisruptionBudget {
    /// Its Pods. Absent selects none; an empty one all, but none in `v1beta1`.
    pub selector: Option<LabelSelector>,
    /// How many must stay.
    pub min_available: Option<IntOrString>,
    /// How many may go.
    pub max_unavailable: Option<IntOrString>,
}

/// `LimitRange`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRange {
    /// Limits by kind.
    pub limits: Box<[LimitRangeItem]>,
}

/// Limits of one kind.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRangeItem {
    /// `Container`, `Pod` or `PersistentVolumeClaim`.
    #[serde(rename = "type")]
    pub type_: Name,
    /// At most.
    pub max: ResourceList,
    /// At least.
    pub min: ResourceList,
    /// Limits where a container gives none.
    pub default: ResourceList,
    /// Requests where a container gives none.
    pub default_request: ResourceList,
}

/// `ResourceQuota`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuota {
    /// What the namespace may use together.
    pub hard: ResourceList,
    /// Only Pods of these.
    pub scopes: Box<[Name]>,
}

/// `PodSecurityPolicy`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the API")]
pub struct PodSecurityPolicy {
    /// Privileged containers are allowed.
    pub privileged: bool,
    /// Whether processes may gain more; true where it is absent.
    pub allow_privilege_escalation: Option<bool>,
    /// The default for that.
    pub default_allow_privilege_escalation: Option<bool>,
    /// The node's network is allowed.
    pub host_network: bool,
    /// The node's processes are allowed.
    #[serde(rename = "hostPID")]
    pub host_pid: bool,
    /// The node's memory segments are allowed.
    #[serde(rename = "hostIPC")]
    pub host_ipc: bool,
    /// Root file systems must be read-only.
    pub read_only_root_filesystem: bool,
    /// Capabilities that must be dropped.
    pub required_drop_capabilities: Box<[Name]>,
    /// Capabilities that may be added.
    pub allowed_capabilities: Box<[Name]>,
    /// Capabilities that are added.
    pub default_add_capabilities: Box<[Name]>,
    /// Kinds of volumes; none where it is empty.
    pub volumes: Box<[Name]>,
    /// Paths of the node; every one where it is empty.
    pub allowed_host_paths: Box<[AllowedHostPath]>,
    /// Users.
    pub run_as_user: PolicyRule,
    /// Groups.
    pub run_as_group: Option<PolicyRule>,
    /// More groups.
    pub supplemental_groups: PolicyRule,
    /// Groups of volumes.
    pub fs_group: PolicyRule,
    /// SELinux labels.
    pub se_linux: PolicyRule,
    /// Kernel parameters beyond the safe ones.
    pub allowed_unsafe_sysctls: Box<[Name]>,
}

/// A path of the node that Pods may use.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AllowedHostPath {
    /// What it begins with.
    pub path_prefix: Box<str>,
    /// Only to read.
    pub read_only: bool,
}

/// A rule of a PodSecurityPolicy.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// `RunAsAny`, `MustRunAs`, `MustRunAsNonRoot`, `MayRunAs`.
    pub rule: Name,
    /// Numbers.
    pub ranges: Box<[IdRange]>,
}

/// Numbers of users or groups.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IdRange {
    /// The first.
    pub min: i64,
    /// The last.
    pub max: i64,
}
