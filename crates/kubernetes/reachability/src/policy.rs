//! Policies of every kind in one normal form.
//!
//! `NetworkPolicy` (networking.k8s.io/v1), `AdminNetworkPolicy` and `BaselineAdminNetworkPolicy`
//! (policy.networking.k8s.io/v1alpha1) and `MultiNetworkPolicy` (k8s.cni.cncf.io/v1beta1) differ in who
//! is selected, in precedence and in what holds where no rule matches; what a rule says is the same.

use std::fmt::{self, Display};

use bulkhead_objects::Name;
use serde::Serialize;

use crate::{Addresses, Connections, ContainerPort, Protocol, Selector};

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Which precedence it has.
    pub tier: Tier,
    /// Its namespace, if it is in one.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: Name,
    /// The file that it stands in, and the line, for people.
    pub origin: Option<Name>,
    /// The pods that it governs.
    pub subject: Pods,
    /// Rules for traffic to them; none where it does not govern that direction.
    pub ingress: Option<Vec<Rule>>,
    /// Rules for traffic from them; none where it does not govern that direction.
    pub egress: Option<Vec<Rule>>,
}

/// The precedence of a policy, from the first that is asked to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// `AdminNetworkPolicy`: first by number, the first rule that matches decides.
    Admin {
        /// 0 to 1000, the lower the earlier.
        priority: i64,
    },
    /// `NetworkPolicy`: a pod that one selects is isolated in its direction, and what any allows is
    /// allowed.
    Network,
    /// `BaselineAdminNetworkPolicy`: for pods that no network policy isolates.
    Baseline,
    /// `MultiNetworkPolicy`: as network policies, on one secondary network.
    Multi {
        /// The network's index.
        network: usize,
    },
}

impl Tier {
    /// The kind of object.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Admin { .. } => "AdminNetworkPolicy",
            Self::Network => "NetworkPolicy",
            Self::Baseline => "BaselineAdminNetworkPolicy",
            Self::Multi { .. } => "MultiNetworkPolicy",
        }
    }
}

/// `KIND [NAMESPACE/]NAME`.
impl Display for Policy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(out, "{} {namespace}/{}", self.tier.kind(), self.name),
            None => write!(out, "{} {}", self.tier.kind(), self.name),
        }
    }
}

/// Which way traffic goes, seen from the pod that a policy governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Away from it.
    Egress,
    /// To it.
    Ingress,
}

impl Policy {
    /// The rules of a direction; none where it does not govern it.
    pub fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }
}

/// A rule: what is done with traffic of these ports between the subject and these peers.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, where it has one.
    pub name: Option<Name>,
    /// What is done.
    pub action: Action,
    /// With whom; none means with everybody.
    pub peers: Option<Vec<Peer>>,
    /// On which ports of the destination; none means on all.
    pub ports: Option<Vec<Ports>>,
}

/// What a rule does with traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Lets it pass.
    Allow,
    /// Stops it.
    Deny,
    /// Leaves it to network policies and the baseline.
    Pass,
}

/// The other end of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Peer {
    /// Pods of the cluster.
    Pods(Pods),
    /// Addresses outside of it.
    Addresses(Addresses),
    /// Pods by their addresses in a secondary network, which has no outside that is known here.
    Attached {
        /// The network's index.
        network: usize,
        /// The addresses.
        addresses: Addresses,
    },
}

/// Pods by their namespaces and labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pods {
    /// In which namespaces.
    pub namespaces: Namespaces,
    /// Which of their pods.
    pub pods: Selector,
}

/// Namespaces by name or labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Namespaces {
    /// The one of that name.
    Named(Name),
    /// Those with such labels.
    Matching(Selector),
}

/// Ports of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// Protocols and numbers.
    Numbers(Connections),
    /// The port that the destination's containers call so.
    Named {
        /// Of which protocol it must be; none means of any.
        protocol: Option<Protocol>,
        /// Its name.
        name: Name,
    },
}

impl Rule {
    /// What it is about at a destination whose containers have these ports. A name that no container
    /// uses matches nothing there, as it matches nothing outside of the cluster.
    pub fn connections(&self, destination: &[ContainerPort]) -> Connections {
        let Some(ports) = &self.ports else { return Connections::all() };
        ports.iter().fold(Connections::none(), |all, ports| match ports {
            Ports::Numbers(numbers) => all.union(numbers),
            Ports::Named { protocol, name } => destination
                .iter()
                .filter(|port| port.name.as_ref() == Some(name))
                .filter(|port| protocol.is_none_or(|protocol| protocol == port.protocol))
                .fold(all, |all, port| all.union(&Connections::port(port.protocol, port.port))),
        })
    }

    /// The names of ports that it asks for.
    pub fn port_names(&self) -> impl Iterator<Item = &Name> {
        self.ports.iter().flatten().filter_map(|ports| match ports {
            Ports::Named { name, .. } => Some(name),
            Ports::Numbers(_) => None,
        })
    }
}
