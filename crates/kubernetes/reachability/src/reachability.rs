//! Who can reach whom.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

use crate::bits::Bits;
use crate::classes::Classes;
use crate::decision::{Ends, Law};
use crate::{Addresses, Cluster, Connections, ContainerPort, Direction, NotAssessed, Workload};

/// What the policies of a cluster let pass, decided for classes of pods that no policy tells apart.
pub struct Reachability<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) classes: Classes,
    networks: Vec<Traffic>,
}

/// What may pass in one network.
#[derive(Default)]
struct Traffic {
    blocks: Vec<Block>,
    /// To addresses outside of the cluster.
    outbound: Vec<Border>,
    /// From addresses outside of the cluster.
    inbound: Vec<Border>,
}

/// From each of these classes to each of those the same may pass.
struct Block {
    sources: Bits,
    destinations: Bits,
    connections: Connections,
}

/// Between each of these classes and these addresses the same may pass.
struct Border {
    classes: Bits,
    addresses: Addresses,
    connections: Connections,
}

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End<'a> {
    /// Addresses outside of the cluster.
    Outside(Addresses),
    /// Pods of a workload.
    Workload(&'a Workload),
    /// An ingress controller or gateway that the input does not show.
    Controller,
}

/// Addresses as ranges, `NAMESPACE/NAME[KIND]`, or `{ingress-controller}`.
impl Display for End<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(addresses) => addresses.fmt(out),
            Self::Workload(workload) => workload.fmt(out),
            Self::Controller => out.write_str("{ingress-controller}"),
        }
    }
}

impl Serialize for End<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What may pass from one end to another in a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Connection<'a> {
    /// The network, by its index.
    #[serde(skip)]
    pub network: usize,
    /// Where it begins.
    pub source: End<'a>,
    /// Where it ends.
    pub destination: End<'a>,
    /// On which ports of the destination.
    pub connections: Connections,
}

/// One end of a connection between groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum GroupedEnd<'a> {
    /// Each workload of these groups.
    Groups(Vec<usize>),
    /// What is in no group.
    One(End<'a>),
}

/// What may pass between all of some groups and all of others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GroupedConnection<'a> {
    /// The network, by its index.
    #[serde(skip)]
    pub network: usize,
    /// Where it begins.
    pub source: GroupedEnd<'a>,
    /// Where it ends.
    pub destination: GroupedEnd<'a>,
    /// On which ports of the destination.
    pub connections: Connections,
}

impl<'a> Reachability<'a> {
    /// Decides everything.
    pub fn new(cluster: &'a Cluster) -> Self {
        let classes = Classes::new(cluster);
        let networks = cluster.networks.iter().enumerate().map(|(index, network)| {
            let law = Law::new(&cluster.policies, &classes, index, network.is_primary());
            traffic(&law)
        });
        let networks = networks.collect();
        Self { cluster, classes, networks }
    }

    /// Every connection between two different ends, sorted. Where pods of one workload differ, it is what
    /// any of them may.
    pub fn connections(&self) -> Vec<Connection<'a>> {
        let mut all = Vec::new();
        for (network, traffic) in self.networks.iter().enumerate() {
            self.inside(network, traffic, &mut all);
            self.across(network, traffic, &mut all);
        }
        self.entering(&mut all);
        all.sort_unstable();
        all
    }

    /// How many connections between workloads there are to list, all networks together.
    pub fn pairs(&self) -> usize {
        let members = self.workloads_of_classes();
        let size = |classes: &Bits| {
            let sizes = classes.iter().filter_map(|class| members.get(class)).map(Vec::len);
            sizes.fold(0_usize, usize::saturating_add)
        };
        let blocks = self.networks.iter().flat_map(|traffic| &traffic.blocks);
        let pairs = blocks.map(|it| size(&it.sources).saturating_mul(size(&it.destinations)));
        pairs.fold(0, usize::saturating_add)
    }

    /// The workloads of each class, by its number. A workload whose pods differ is in several.
    pub fn groups(&self) -> Vec<Vec<&'a Workload>> {
        let members = self.workloads_of_classes().into_iter();
        let workload = |index: usize| self.cluster.workloads.get(index);
        members.map(|group| group.into_iter().filter_map(workload).collect()).collect()
    }

    /// The same as [`Self::connections`] for classes, not for workloads: as many as the policies make of
    /// them, however many pods there are. Where a group of one workload is at both ends, it is about several of
    /// its pods.
    pub fn grouped_connections(&self) -> Vec<GroupedConnection<'a>> {
        let mut all = Vec::new();
        let list = |classes: &Bits| {
            let known = classes.iter().filter(|class| Some(*class) != self.classes.controller);
            GroupedEnd::Groups(known.collect())
        };
        for (network, traffic) in self.networks.iter().enumerate() {
            for block in &traffic.blocks {
                let (source, destination) = (list(&block.sources), list(&block.destinations));
                let connections = block.connections.clone();
                all.push(GroupedConnection { network, source, destination, connections });
            }
            for border in &traffic.inbound {
                let source = GroupedEnd::One(End::Outside(border.addresses.clone()));
                let (destination, connections) =
                    (list(&border.classes), border.connections.clone());
                all.push(GroupedConnection { network, source, destination, connections });
            }
            for border in &traffic.outbound {
                let destination = GroupedEnd::One(End::Outside(border.addresses.clone()));
                let (source, connections) = (list(&border.classes), border.connections.clone());
                all.push(GroupedConnection { network, source, destination, connections });
            }
        }
        let mut entering = Vec::new();
        self.entering(&mut entering);
        all.extend(entering.into_iter().map(|it| GroupedConnection {
            network: it.network,
            source: GroupedEnd::One(it.source),
            destination: GroupedEnd::One(it.destination),
            connections: it.connections,
        }));
        let nobody = GroupedEnd::Groups(Vec::new());
        all.retain(|it| it.source != nobody && it.destination != nobody);
        all.sort_unstable();
        all
    }

    /// The entries that policies stop, each as something that is possibly not meant.
    pub fn stopped_entries(&self) -> Vec<NotAssessed> {
        let stopped = self.cluster.entries.iter().filter(|entry| {
            let Some(pod) = self.cluster.pods.get(entry.pod) else { return false };
            self.controller_to(entry.pod, pod.primary).intersection(&entry.ports).is_empty()
        });
        let mut notes: Vec<NotAssessed> = stopped
            .filter_map(|entry| {
                let pod = self.cluster.pods.get(entry.pod)?;
                let workload = self.cluster.workloads.get(pod.workload)?;
                Some(NotAssessed {
                    subject: entry.origin.clone(),
                    reason: format!(
                        "policies let no pod of an unknown namespace reach {workload} on {}; whether they \
                         let the controller depends on its labels, which are not in the input",
                        entry.ports
                    ),
                })
            })
            .collect();
        notes.sort();
        notes.dedup();
        notes
    }

    /// Between workloads.
    fn inside(&self, network: usize, traffic: &Traffic, all: &mut Vec<Connection<'a>>) {
        let members = self.workloads_of_classes();
        let mut pairs: HashMap<(usize, usize), Connections> = HashMap::default();
        for block in &traffic.blocks {
            let of = |classes: &Bits| {
                let lists = classes.iter().filter_map(|class| members.get(class));
                lists.flatten().copied().collect::<Vec<usize>>()
            };
            let (sources, destinations) = (of(&block.sources), of(&block.destinations));
            for source in &sources {
                for destination in destinations.iter().filter(|it| *it != source) {
                    let pair = pairs.entry((*source, *destination)).or_default();
                    if !pair.is_all() {
                        *pair = pair.union(&block.connections);
                    }
                }
            }
        }
        for ((source, destination), connections) in pairs {
            let (Some(source), Some(destination)) = (self.end(source), self.end(destination))
            else {
                continue;
            };
            all.push(Connection { network, source, destination, connections });
        }
    }

    /// Between workloads and addresses.
    fn across(&self, network: usize, traffic: &Traffic, all: &mut Vec<Connection<'a>>) {
        let members = self.workloads_of_classes();
        for (borders, direction) in
            [(&traffic.inbound, Direction::Ingress), (&traffic.outbound, Direction::Egress)]
        {
            let mut parts: BTreeMap<usize, Vec<(Addresses, Connections)>> = BTreeMap::new();
            for border in borders {
                for class in border.classes.iter() {
                    for workload in members.get(class).into_iter().flatten() {
                        let part = (border.addresses.clone(), border.connections.clone());
                        parts.entry(*workload).or_default().push(part);
                    }
                }
            }
            for (workload, parts) in parts {
                for (addresses, connections) in apart(parts) {
                    let Some(workload) = self.end(workload) else { continue };
                    let outside = End::Outside(addresses);
                    let (source, destination) = match direction {
                        Direction::Ingress => (outside, workload),
                        Direction::Egress => (workload, outside),
                    };
                    all.push(Connection { network, source, destination, connections });
                }
            }
        }
    }

    /// From ingress controllers.
    fn entering(&self, all: &mut Vec<Connection<'a>>) {
        let mut entering: BTreeMap<(usize, usize), Connections> = BTreeMap::new();
        for entry in &self.cluster.entries {
            let Some(pod) = self.cluster.pods.get(entry.pod) else { continue };
            let passing = self.controller_to(entry.pod, pod.primary).intersection(&entry.ports);
            if !passing.is_empty() {
                let before = entering.entry((pod.primary, pod.workload)).or_default();
                *before = before.union(&passing);
            }
        }
        for ((network, workload), connections) in entering {
            let Some(destination) = self.end(workload) else { continue };
            all.push(Connection { network, source: End::Controller, destination, connections });
        }
    }

    fn controller_to(&self, pod: usize, network: usize) -> Connections {
        let (Some(controller), Some(class), Some(traffic)) =
            (self.classes.controller, self.classes.of_pod.get(pod), self.networks.get(network))
        else {
            return Connections::none();
        };
        let blocks = traffic.blocks.iter().filter(|block| {
            block.sources.contains(controller) && block.destinations.contains(*class)
        });
        blocks.fold(Connections::none(), |all, block| all.union(&block.connections))
    }

    fn end(&self, workload: usize) -> Option<End<'a>> {
        self.cluster.workloads.get(workload).map(End::Workload)
    }

    /// The workloads that have pods in each class.
    fn workloads_of_classes(&self) -> Vec<Vec<usize>> {
        let mut workloads = vec![Vec::new(); self.classes.len()];
        for (pod, class) in self.cluster.pods.iter().zip(&self.classes.of_pod) {
            if let Some(list) = workloads.get_mut(*class) {
                list.push(pod.workload);
            }
        }
        for list in &mut workloads {
            list.sort_unstable();
            list.dedup();
        }
        workloads
    }
}

/// What both sides let pass, class by class. Classes that the same policies govern are decided once.
fn traffic(law: &Law<'_>) -> Traffic {
    let mut traffic = Traffic::default();
    let egress = decisions(law, Direction::Egress);
    let ingress = decisions(law, Direction::Ingress);
    let mut blocks: HashMap<(Bits, Connections), Bits> = HashMap::default();
    for (senders, out) in &egress {
        for (to, sent) in out {
            for (receivers, into) in &ingress {
                let destinations = receivers.intersection(&to.classes);
                if destinations.is_empty() || sent.is_empty() {
                    continue;
                }
                for (from, received) in into {
                    let sources = senders.intersection(&from.classes);
                    let connections = sent.intersection(received);
                    if sources.is_empty() || connections.is_empty() {
                        continue;
                    }
                    let known = blocks
                        .entry((sources, connections))
                        .or_insert_with(|| Bits::none(law.classes.len()));
                    *known = known.union(&destinations);
                }
            }
        }
    }
    traffic.blocks = blocks
        .into_iter()
        .map(|((sources, connections), destinations)| Block { sources, destinations, connections })
        .collect();
    traffic.outbound = borders(egress, law);
    traffic.inbound = borders(ingress, law);
    traffic
}

/// For each group of classes that the same policies govern: what may pass, by the other end.
fn decisions(law: &Law<'_>, direction: Direction) -> Vec<(Bits, Vec<(Ends, Connections)>)> {
    let mut groups: HashMap<(Vec<usize>, &[ContainerPort]), Bits> = HashMap::default();
    for class in law.ends.classes.iter() {
        let governing = law.governing(class, direction);
        let ports = law.classes.all.get(class).map_or(&[] as &[_], |class| &class.ports);
        groups
            .entry((governing, ports))
            .or_insert_with(|| Bits::none(law.classes.len()))
            .insert(class);
    }
    let decided = groups
        .into_iter()
        .map(|((governing, ports), classes)| (classes, law.decide(&governing, direction, ports)));
    decided.collect()
}

fn borders(decisions: Vec<(Bits, Vec<(Ends, Connections)>)>, law: &Law<'_>) -> Vec<Border> {
    let mut borders = Vec::new();
    for (mut classes, cells) in decisions {
        if let Some(controller) = law.classes.controller {
            classes = classes.minus(&Bits::of(law.classes.len(), [controller]));
        }
        for (ends, connections) in cells {
            if !ends.addresses.is_empty() && !connections.is_empty() && !classes.is_empty() {
                let (classes, addresses) = (classes.clone(), ends.addresses);
                borders.push(Border { classes, addresses, connections });
            }
        }
    }
    borders
}

/// The same as parts that do not overlap, each with all connections to its addresses, equal ones as
/// one.
fn apart(parts: Vec<(Addresses, Connections)>) -> Vec<(Addresses, Connections)> {
    let mut cells: Vec<(Addresses, Connections)> = vec![(Addresses::all(), Connections::none())];
    for (addresses, connections) in parts {
        let mut next: BTreeMap<Connections, Addresses> = BTreeMap::new();
        for (cell, before) in cells {
            let inside = cell.intersection(&addresses);
            let outside = cell.minus(&addresses);
            for (part, value) in [(inside, before.union(&connections)), (outside, before)] {
                if !part.is_empty() {
                    let known = next.entry(value).or_default();
                    *known = known.union(&part);
                }
            }
        }
        cells = next.into_iter().map(|(connections, addresses)| (addresses, connections)).collect();
    }
    cells.retain(|(_, connections)| !connections.is_empty());
    cells
}
