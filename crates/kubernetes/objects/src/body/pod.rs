//! Pods.

use serde::Deserialize;

use super::container::{Container, Resources};
use super::security::PodSecurityContext;
use super::volume::Volume;
use crate::name::Name;
use crate::values::{Labels, given, names};

/// What Pods are made of: the template of a workload, or the Pod itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTemplate {
    /// Labels and annotations of the Pods.
    pub metadata: TemplateMetadata,
    /// What they run.
    pub spec: PodSpec,
}

/// Labels and annotations of Pods.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateMetadata {
    /// A name, which only a Pod itself has.
    pub name: Option<Name>,
    /// Labels.
    pub labels: Labels,
    /// Annotations.
    pub annotations: Labels,
}

/// What Pods run.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the API")]
pub struct PodSpec {
    /// Ordinary containers.
    pub containers: Box<[Container]>,
    /// Containers that run before these, and sidecars.
    pub init_containers: Box<[Container]>,
    /// Containers that were added to a running Pod.
    pub ephemeral_containers: Box<[Container]>,
    /// Volumes.
    pub volumes: Box<[Volume]>,
    /// What its containers may do.
    pub security_context: Option<Box<PodSecurityContext>>,
    /// The service account; `default` where it is absent.
    pub service_account_name: Option<Name>,
    /// The old name of the same field; the server copies it when the new one is absent.
    pub service_account: Option<Name>,
    /// Whether containers find the account's token; the account's own word where it is absent.
    pub automount_service_account_token: Option<bool>,
    /// It shares the node's network.
    pub host_network: bool,
    /// It sees the node's processes.
    #[serde(rename = "hostPID")]
    pub host_pid: bool,
    /// It shares the node's memory segments.
    #[serde(rename = "hostIPC")]
    pub host_ipc: bool,
    /// `false` gives it a user namespace of its own.
    pub host_users: Option<bool>,
    /// Its containers see each other's processes.
    pub share_process_namespace: Option<bool>,
    /// Names that it resolves by itself.
    pub host_aliases: Box<[HostAlias]>,
    /// Its host name.
    pub hostname: Option<Box<str>>,
    /// The part of its host name that a Service gives.
    pub subdomain: Option<Name>,
    /// The node that it is bound to.
    pub node_name: Option<Name>,
    /// Labels that its node must have.
    pub node_selector: Labels,
    /// Taints that it accepts.
    pub tolerations: Box<[Toleration]>,
    /// Where it is placed.
    pub affinity: Affinity,
    /// It is spread over nodes or zones.
    #[serde(deserialize_with = "given")]
    pub topology_spread_constraints: bool,
    /// Its priority.
    pub priority_class_name: Option<Name>,
    /// The runtime; a sandboxed one, perhaps.
    pub runtime_class_name: Option<Name>,
    /// `Always`, `OnFailure` or `Never`.
    pub restart_policy: Option<Name>,
    /// How long it may take to end.
    pub termination_grace_period_seconds: Option<i64>,
    /// Whose resolver it asks.
    pub dns_policy: Option<Name>,
    /// Secrets with credentials of registries.
    #[serde(deserialize_with = "names")]
    pub image_pull_secrets: Box<[Name]>,
    /// The system that it needs.
    pub os: OperatingSystem,
    /// Requests and limits of the whole Pod.
    pub resources: Option<Box<Resources>>,
}

/// The system that a Pod needs.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OperatingSystem {
    /// `linux` or `windows`; unknown where it is absent.
    pub name: Option<Name>,
}

/// Names for an address.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HostAlias {
    /// The address.
    pub ip: Box<str>,
    /// Its names.
    pub hostnames: Box<[Box<str>]>,
}

/// A taint that a Pod accepts.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Toleration {
    /// The taint's key; every one where it is absent.
    pub key: Option<Name>,
    /// `Exists` or `Equal`.
    pub operator: Option<Name>,
    /// The taint's value.
    pub value: Option<Name>,
    /// The taint's effect; every one where it is absent.
    pub effect: Option<Name>,
}

/// Where a Pod is placed.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    /// It prefers or needs some nodes.
    #[serde(deserialize_with = "given")]
    pub node_affinity: bool,
    /// It prefers or needs to be near others.
    #[serde(deserialize_with = "given")]
    pub pod_affinity: bool,
    /// It prefers or needs to be away from others.
    #[serde(deserialize_with = "given")]
    pub pod_anti_affinity: bool,
}

impl PodSpec {
    /// The service account that its processes act as.
    pub fn account(&self) -> &str {
        let given = |name: &'_ Option<Name>| name.as_deref().is_some_and(|name| !name.is_empty());
        let name = if given(&self.service_account_name) {
            &self.service_account_name
        } else {
            &self.service_account
        };
        name.as_deref().filter(|name| !name.is_empty()).unwrap_or("default")
    }

    /// Every container with the field it stands in and its place there, in the order in which they
    /// start; ephemeral ones last.
    pub fn all_containers(&self) -> impl Iterator<Item = (&'static str, usize, &Container)> {
        [
            ("initContainers", &self.init_containers),
            ("containers", &self.containers),
            ("ephemeralContainers", &self.ephemeral_containers),
        ]
        .into_iter()
        .flat_map(|(field, list)| {
            list.iter().enumerate().map(move |(index, container)| (field, index, container))
        })
    }
}
