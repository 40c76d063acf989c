//! What is reasoned about: the pods of a cluster, its networks, its policies, and the ways in.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::net::IpAddr;

use bulkhead_objects::{Labels, Name};
use serde::Serialize;

use crate::{Connections, Policy, Protocol};

/// A cluster, as far as connectivity is concerned. Any part may be missing: what is not there is
/// not reasoned about, and what could not be taken in is in `not_assessed`.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    /// Labels of the namespaces by their names. A namespace that only its pods tell of has its name
    /// as `kubernetes.io/metadata.name`.
    pub namespaces: BTreeMap<Name, Labels>,
    /// What people know by name; pods point into it.
    pub workloads: Vec<Workload>,
    /// The pods, or one for each template of pods.
    pub pods: Vec<Pod>,
    /// The policies of every kind.
    pub policies: Vec<Policy>,
    /// The networks; the first is the pod network of the cluster.
    pub networks: Vec<Network>,
    /// Ways for traffic from outside to pods through an ingress controller or gateway.
    pub entries: Vec<Entry>,
    /// What could have changed the answer and was left out, with the reason.
    pub not_assessed: Vec<NotAssessed>,
}

/// A controller of pods, or a pod that has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workload {
    /// Its namespace.
    pub namespace: Name,
    /// Its name.
    pub name: Name,
    /// Its kind, `Deployment` for example.
    pub kind: Name,
}

/// `NAMESPACE/NAME[KIND]`.
impl Display for Workload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}[{}]", self.namespace, self.name, self.kind)
    }
}

/// A pod, or what a template makes pods of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// The index of its workload.
    pub workload: usize,
    /// Its own labels.
    pub labels: Labels,
    /// What its containers say that they listen on.
    pub ports: Vec<ContainerPort>,
    /// The network of its first interface, by its index.
    pub primary: usize,
    /// Networks of further interfaces, by their indices, ascending.
    pub secondary: Vec<usize>,
    /// Its addresses in these, with the index of the network, as far as the input tells them.
    pub addresses: Vec<(usize, IpAddr)>,
}

impl Pod {
    /// Whether it is in a secondary network at an address that the input does not tell.
    pub(crate) fn has_unknown_address(&self, network: usize) -> bool {
        self.secondary.contains(&network) && self.addresses.iter().all(|(at, _)| *at != network)
    }
}

/// A port that a container names or lists (core/v1 `ContainerPort`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerPort {
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
}

/// A network that pods are attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: NetworkKind,
}

/// What a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkKind {
    /// The one that every pod is in unless told otherwise.
    Pod,
    /// `k8s.ovn.org UserDefinedNetwork` with the role Primary: in place of the pod network.
    UserDefined,
    /// `k8s.ovn.org ClusterUserDefinedNetwork` with the role Primary.
    ClusterUserDefined,
    /// `k8s.cni.cncf.io NetworkAttachmentDefinition`: beside the first.
    Attachment,
}

impl Network {
    /// The pod network of a cluster.
    pub fn pods() -> Self {
        Self { name: "pod-network".into(), kind: NetworkKind::Pod }
    }

    /// Whether pods have it as their first interface, where network policies apply and the world is
    /// reached.
    pub fn is_primary(&self) -> bool {
        self.kind != NetworkKind::Attachment
    }
}

/// A way in: what an ingress controller or gateway sends to a workload's pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The object that opens it, `Ingress shop/front` for example.
    pub origin: String,
    /// The pod that is sent to, by its index.
    pub pod: usize,
    /// On which of its ports.
    pub ports: Connections,
}

/// Something that could have changed the answer and was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotAssessed {
    /// The object, `AdminNetworkPolicy peers` for example.
    pub subject: String,
    /// Why, and what it means for the answer.
    pub reason: String,
}
