//! Who may talk to whom.

use serde::Deserialize;

use crate::name::Name;
use crate::values::{IntOrString, Labels};

/// Which objects are meant: those that fulfil everything. An empty one selects all.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels with their values.
    pub match_labels: Labels,
    /// More requirements.
    pub match_expressions: Box<[SelectorRequirement]>,
}

/// A requirement on one label.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectorRequirement {
    /// The label.
    pub key: Name,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: Name,
    /// Values, for the first two.
    pub values: Box<[Name]>,
}

/// `NetworkPolicy`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicy {
    /// The Pods of its namespace that it is about.
    pub pod_selector: LabelSelector,
    /// Directions. Where it is absent: `Ingress`, and `Egress` if there are rules for it.
    pub policy_types: Option<Box<[Name]>>,
    /// Whom they may be reached from.
    pub ingress: Box<[IngressRule]>,
    /// Whom they may reach.
    pub egress: Box<[EgressRule]>,
}

/// Who may reach the Pods, on which ports.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressRule {
    /// Peers; everybody where it is empty.
    pub from: Box<[Peer]>,
    /// Ports; every one where it is empty.
    pub ports: Box<[PolicyPort]>,
}

/// Whom the Pods may reach, on which ports.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EgressRule {
    /// Peers; everybody where it is empty.
    pub to: Box<[Peer]>,
    /// Ports; every one where it is empty.
    pub ports: Box<[PolicyPort]>,
}

/// Pods or addresses.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Peer {
    /// Pods, of the policy's namespace or of the selected ones.
    pub pod_selector: Option<LabelSelector>,
    /// Namespaces.
    pub namespace_selector: Option<LabelSelector>,
    /// Addresses.
    pub ip_block: Option<IpBlock>,
}

/// A range of addresses.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IpBlock {
    /// The range.
    pub cidr: Box<str>,
    /// Ranges within it that are left out.
    pub except: Box<[Box<str>]>,
}

/// A port, a range of ports or a port's name.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// `TCP` where it is absent.
    pub protocol: Option<Name>,
    /// The first port or a name; every port where it is absent.
    pub port: Option<IntOrString>,
    /// The last port.
    pub end_port: Option<i32>,
}
