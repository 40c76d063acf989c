//! Pods that no policy tells apart, as one.
//!
//! Pods are in one class where each set of pods that any policy names holds all of them or none,
//! where their ports of the names that policies use are the same, and where they are in the same
//! networks. Ten thousand pods are then as many classes as the policies make of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use bulkhead_objects::{Labels, Name};

use crate::bits::Bits;
use crate::{Cluster, ContainerPort, Namespaces, Peer};

/// The namespace of the pod that stands for an ingress controller: no namespace can be called so.
const CONTROLLER: &str = "{ingress-controller}";

/// The classes of a cluster's pods.
#[derive(Debug)]
pub(crate) struct Classes {
    /// The class of each pod.
    pub(crate) of_pod: Vec<usize>,
    /// What is the same of all pods of each class.
    pub(crate) all: Vec<Class>,
    /// The class of an ingress controller: a pod without labels in a namespace that nobody named. None
    /// where nothing asks for one.
    pub(crate) controller: Option<usize>,
    /// For each set of pods that a policy names, the classes in it.
    selections: HashMap<Peer, Bits>,
}

/// What is the same of all pods of a class.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    /// Ports with a name that a policy uses.
    pub(crate) ports: Vec<ContainerPort>,
    pub(crate) primary: usize,
    pub(crate) secondary: Vec<usize>,
    controller: bool,
}

/// What policies can tell a pod by.
#[derive(PartialEq, Eq, Hash)]
struct Profile<'a> {
    namespace: &'a str,
    labels: &'a Labels,
    addresses: &'a [(usize, IpAddr)],
    class: Class,
}

impl Classes {
    pub(crate) fn new(cluster: &Cluster) -> Self {
        let no_labels = Labels::default();
        let (profiles, profile_of_pod) = profiles(cluster, &no_labels);
        let selections = selections(cluster);
        let mut by_namespace: HashMap<&str, Vec<usize>> = HashMap::default();
        for (index, profile) in profiles.iter().enumerate() {
            by_namespace.entry(profile.namespace).or_default().push(index);
        }
        let controller_labels = Labels::new([(NAME_LABEL.into(), CONTROLLER.into())]);
        let mut signatures = vec![Vec::new(); profiles.len()];
        for (index, selection) in selections.iter().enumerate() {
            let selection = match selection {
                Peer::Pods(pods) => pods,
                Peer::Attached { network, addresses } => {
                    for (profile, signature) in profiles.iter().zip(&mut signatures) {
                        let mut attached = profile.addresses.iter();
                        if attached.any(|(at, it)| at == network && addresses.contains(*it)) {
                            signature.push(index);
                        }
                    }
                    continue;
                }
                Peer::Addresses(_) => continue,
            };
            let mut select = |namespace: &str| {
                for profile in by_namespace.get(namespace).into_iter().flatten() {
                    if let (Some(it), Some(signature)) =
                        (profiles.get(*profile), signatures.get_mut(*profile))
                        && selection.pods.selects(it.labels)
                    {
                        signature.push(index);
                    }
                }
            };
            match &selection.namespaces {
                Namespaces::Named(name) => select(name),
                Namespaces::Matching(selector) => {
                    for namespace in by_namespace.keys() {
                        let labels = match cluster.namespaces.get(*namespace) {
                            Some(labels) => labels,
                            None if *namespace == CONTROLLER => &controller_labels,
                            None => &no_labels,
                        };
                        if selector.selects(labels) {
                            select(namespace);
                        }
                    }
                }
            }
        }
        Self::group(&profiles, &profile_of_pod, &selections, signatures)
    }

    fn group(
        profiles: &[Profile<'_>],
        profile_of_pod: &[usize],
        selections: &[Peer],
        signatures: Vec<Vec<usize>>,
    ) -> Self {
        let mut index = Index::default();
        let of_profile: Vec<usize> = profiles
            .iter()
            .zip(signatures)
            .map(|(profile, signature)| index.of((profile.class.clone(), signature)))
            .collect();
        let classes = index.into_values();
        let mut chosen = vec![Bits::none(classes.len()); selections.len()];
        for (class, (_, signature)) in classes.iter().enumerate() {
            for selection in signature {
                if let Some(bits) = chosen.get_mut(*selection) {
                    bits.insert(class);
                }
            }
        }
        Self {
            of_pod: profile_of_pod
                .iter()
                .map(|profile| of_profile.get(*profile).copied().unwrap_or_default())
                .collect(),
            controller: classes.iter().position(|(class, _)| class.controller),
            all: classes.into_iter().map(|(class, _)| class).collect(),
            selections: selections.iter().cloned().zip(chosen).collect(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The classes of a set of pods that a policy names.
    pub(crate) fn selected(&self, pods: &Peer) -> Bits {
        self.selections.get(pods).cloned().unwrap_or_else(|| Bits::none(self.len()))
    }

    /// The classes in a network. An ingress controller is in each that pods have as their first.
    pub(crate) fn in_network(&self, index: usize, primary: bool) -> Bits {
        let members = self.all.iter().enumerate().filter(|(_, class)| {
            if primary {
                class.primary == index || class.controller
            } else {
                class.secondary.contains(&index)
            }
        });
        Bits::of(self.len(), members.map(|(class, _)| class))
    }

    /// Ports with names, and the classes that have just these.
    pub(crate) fn by_ports(&self) -> Vec<(&[ContainerPort], Bits)> {
        let mut groups: HashMap<&[ContainerPort], Bits> = HashMap::default();
        for (index, class) in self.all.iter().enumerate() {
            groups.entry(&class.ports).or_insert_with(|| Bits::none(self.len())).insert(index);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable();
        groups
    }
}

/// The label that the API server gives to each namespace: its name.
pub(crate) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The distinct profiles, and which each pod has; one more for an ingress controller.
fn profiles<'a>(cluster: &'a Cluster, no_labels: &'a Labels) -> (Vec<Profile<'a>>, Vec<usize>) {
    let rules =
        cluster.policies.iter().flat_map(|it| [&it.ingress, &it.egress]).flatten().flatten();
    let names: std::collections::BTreeSet<&Name> =
        rules.flat_map(crate::Rule::port_names).collect();
    let mut index = Index::default();
    let of_pod = cluster.pods.iter().map(|pod| {
        let namespace = cluster.workloads.get(pod.workload).map_or("", |it| &*it.namespace);
        let named = |port: &&ContainerPort| port.name.as_ref().is_some_and(|it| names.contains(it));
        let mut ports: Vec<ContainerPort> = pod.ports.iter().filter(named).cloned().collect();
        ports.sort_unstable();
        let secondary = pod.secondary.clone();
        let class = Class { ports, primary: pod.primary, secondary, controller: false };
        index.of(Profile { namespace, labels: &pod.labels, addresses: &pod.addresses, class })
    });
    let of_pod = of_pod.collect();
    if !cluster.entries.is_empty() {
        let class =
            Class { ports: Vec::new(), primary: 0, secondary: Vec::new(), controller: true };
        index.of(Profile { namespace: CONTROLLER, labels: no_labels, addresses: &[], class });
    }
    (index.into_values(), of_pod)
}

/// The distinct sets of pods that policies name.
fn selections(cluster: &Cluster) -> Vec<Peer> {
    let mut index = Index::default();
    for policy in &cluster.policies {
        index.of(Peer::Pods(policy.subject.clone()));
        for rule in [&policy.ingress, &policy.egress].into_iter().flatten().flatten() {
            for peer in rule.peers.iter().flatten() {
                index.of(peer.clone());
            }
        }
    }
    index.into_values()
}

/// Numbers distinct values in the order in which they come.
struct Index<T> {
    known: HashMap<T, usize>,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { known: HashMap::default() }
    }
}

impl<T: Eq + Hash> Index<T> {
    fn of(&mut self, value: T) -> usize {
        let next = self.known.len();
        *self.known.entry(value).or_insert(next)
    }

    fn into_values(self) -> Vec<T> {
        let mut values: Vec<(T, usize)> = self.known.into_iter().collect();
        values.sort_unstable_by_key(|(_, index)| *index);
        values.into_iter().map(|(value, _)| value).collect()
    }
}
