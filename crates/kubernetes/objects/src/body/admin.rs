//! Network policies of the cluster's administrators. (`policy.networking.k8s.io`)

use serde::Deserialize;

use super::network::LabelSelector;
use crate::name::Name;

/// `AdminNetworkPolicy` or `BaselineAdminNetworkPolicy`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminNetworkPolicy {
    /// Lower ones come first; a baseline has none.
    pub priority: i32,
    /// The Pods that it is about.
    pub subject: AdminSubject,
    /// Rules in their order for what reaches them.
    pub ingress: Box<[AdminIngressRule]>,
    /// Rules in their order for what they reach.
    pub egress: Box<[AdminEgressRule]>,
}

/// Pods: of namespaces, or those of a label in namespaces.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminSubject {
    /// All Pods of these.
    pub namespaces: Option<LabelSelector>,
    /// These Pods.
    pub pods: Option<NamespacedPods>,
}

/// Pods of namespaces.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NamespacedPods {
    /// The namespaces.
    pub namespace_selector: LabelSelector,
    /// The Pods.
    pub pod_selector: LabelSelector,
}

/// A rule for what reaches the Pods.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminIngressRule {
    /// Its name.
    pub name: Name,
    /// `Allow`, `Deny` or `Pass`.
    pub action: Name,
    /// Peers, at least one.
    pub from: Box<[AdminIngressPeer]>,
    /// Ports; every one where it is absent.
    pub ports: Option<Box<[AdminPort]>>,
}

/// A rule for what the Pods reach.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminEgressRule {
    /// Its name.
    pub name: Name,
    /// `Allow`, `Deny` or `Pass`.
    pub action: Name,
    /// Peers, at least one.
    pub to: Box<[AdminEgressPeer]>,
    /// Ports; every one where it is absent.
    pub ports: Option<Box<[AdminPort]>>,
}

/// Who reaches the Pods.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminIngressPeer {
    /// All Pods of these.
    pub namespaces: Option<LabelSelector>,
    /// These Pods.
    pub pods: Option<NamespacedPods>,
}

/// Whom the Pods reach.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminEgressPeer {
    /// All Pods of these.
    pub namespaces: Option<LabelSelector>,
    /// These Pods.
    pub pods: Option<NamespacedPods>,
    /// Nodes.
    pub nodes: Option<LabelSelector>,
    /// Ranges of addresses.
    pub networks: Box<[Box<str>]>,
    /// Names of domains.
    pub domain_names: Box<[Box<str>]>,
}

/// A port, a range of ports or a port's name; one of them is given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminPort {
    /// A port.
    pub port_number: Option<AdminPortNumber>,
    /// A range.
    pub port_range: Option<AdminPortRange>,
    /// A name of the Pod's own.
    pub named_port: Option<Name>,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminPortNumber {
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: Name,
    /// The port.
    pub port: i32,
}

/// A range of ports.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminPortRange {
    /// `TCP` where it is absent.
    pub protocol: Option<Name>,
    /// The first.
    pub start: i32,
    /// The last.
    pub end: i32,
}
