//! Network policies of the cluster's administrators. (`policy.networking.k8s.io`)

use serde::Deserialize;

use super::network::{LabelSelector, SelectorRequirement};
use crate::name::Name;
use crate::values::{Labels, given};

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
    pub namespaces: Option<AdminNamespaces>,
    /// These Pods.
    pub pods: Option<NamespacedPods>,
}

/// Pods of namespaces.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(from = "WrittenPods")]
pub struct NamespacedPods {
    /// The namespaces.
    pub namespaces: AdminNamespaces,
    /// The Pods.
    pub pod_selector: LabelSelector,
}

/// Namespaces.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "WrittenNamespaces")]
pub enum AdminNamespaces {
    /// Those of a label.
    Selected(LabelSelector),
    /// Those whose labels are, or are not, those of the subject's namespace.
    Compared,
}

impl Default for AdminNamespaces {
    fn default() -> Self {
        Self::Selected(LabelSelector::default())
    }
}

/// Pods, in the words of each release of `v1alpha1`: until 0.1.1 their namespaces were told as those of
/// a peer are.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenPods {
    namespaces: Option<AdminNamespaces>,
    namespace_selector: LabelSelector,
    pod_selector: LabelSelector,
}

impl From<WrittenPods> for NamespacedPods {
    fn from(written: WrittenPods) -> Self {
        let selected = AdminNamespaces::Selected(written.namespace_selector);
        let namespaces = written.namespaces.unwrap_or(selected);
        Self { namespaces, pod_selector: written.pod_selector }
    }
}

/// Namespaces, in the words of each release of `v1alpha1`: until 0.1.1 the selector of a peer stood in a
/// field of its own, beside comparisons with the subject.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenNamespaces {
    match_labels: Labels,
    match_expressions: Box<[SelectorRequirement]>,
    namespace_selector: Option<LabelSelector>,
    #[serde(deserialize_with = "given")]
    same_labels: bool,
    #[serde(deserialize_with = "given")]
    not_same_labels: bool,
}

impl From<WrittenNamespaces> for AdminNamespaces {
    fn from(written: WrittenNamespaces) -> Self {
        if written.same_labels || written.not_same_labels {
            return Self::Compared;
        }
        let WrittenNamespaces { match_labels, match_expressions, .. } = written;
        let selector = LabelSelector { match_labels, match_expressions };
        Self::Selected(written.namespace_selector.unwrap_or(selector))
    }
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
    pub namespaces: Option<AdminNamespaces>,
    /// These Pods.
    pub pods: Option<NamespacedPods>,
}

/// Whom the Pods reach.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdminEgressPeer {
    /// All Pods of these.
    pub namespaces: Option<AdminNamespaces>,
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
