//! What the policies of a network decide for one direction of a class of pods.

use std::collections::HashMap;

use crate::bits::Bits;
use crate::classes::Classes;
use crate::{Action, Addresses, Connections, ContainerPort, Direction, Peer, Policy, Rule, Tier};

/// The far ends of traffic: classes of pods, and addresses outside of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) classes: Bits,
    pub(crate) addresses: Addresses,
}

impl Ends {
    fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.addresses.is_empty()
    }

    fn intersection(&self, other: &Self) -> Self {
        Self {
            classes: self.classes.intersection(&other.classes),
            addresses: self.addresses.intersection(&other.addresses),
        }
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            classes: self.classes.minus(&other.classes),
            addresses: self.addresses.minus(&other.addresses),
        }
    }

    fn union(&self, other: &Self) -> Self {
        Self {
            classes: self.classes.union(&other.classes),
            addresses: self.addresses.union(&other.addresses),
        }
    }
}

/// The policies of one network, in the order in which they are asked.
pub(crate) struct Law<'a> {
    pub(crate) policies: Vec<Governing<'a>>,
    pub(crate) classes: &'a Classes,
    /// Every end of the network.
    pub(crate) ends: Ends,
    ports: Vec<(&'a [ContainerPort], Bits)>,
}

/// A policy, and whom it governs.
pub(crate) struct Governing<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) subject: Bits,
}

/// What is settled of the traffic with some ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Verdict {
    /// Not settled yet.
    open: Connections,
    /// Left by the first tier to the next.
    passed: Connections,
    allowed: Connections,
}

impl<'a> Law<'a> {
    /// The law of a network: its own policies for a secondary one, those of the cluster else.
    pub(crate) fn new(
        policies: &'a [Policy],
        classes: &'a Classes,
        network: usize,
        primary: bool,
    ) -> Self {
        let mut policies: Vec<Governing<'a>> = policies
            .iter()
            .filter(|policy| match policy.tier {
                Tier::Multi { network: own } => !primary && own == network,
                _ => primary,
            })
            .map(|policy| Governing {
                policy,
                subject: classes.selected(&Peer::Pods(policy.subject.clone())),
            })
            .collect();
        policies.sort_by(|a, b| {
            let key = |it: &Governing<'a>| {
                (it.policy.tier, it.policy.namespace.clone(), it.policy.name.clone())
            };
            key(a).cmp(&key(b))
        });
        let addresses = if primary { Addresses::all() } else { Addresses::none() };
        let ends = Ends { classes: classes.in_network(network, primary), addresses };
        Self { policies, classes, ends, ports: classes.by_ports() }
    }

    /// The policies that govern a direction of a class, by their indices.
    pub(crate) fn governing(&self, class: usize, direction: Direction) -> Vec<usize> {
        let governs =
            |it: &Governing<'_>| it.subject.contains(class) && it.policy.rules(direction).is_some();
        let policies = self.policies.iter().enumerate();
        policies.filter(|(_, it)| governs(it)).map(|(index, _)| index).collect()
    }

    /// What may pass between pods that these policies govern and each end: ends that differ in
    /// nothing are together. `own` are the named ports of the pods.
    pub(crate) fn decide(
        &self,
        governing: &[usize],
        direction: Direction,
        own: &[ContainerPort],
    ) -> Vec<(Ends, Connections)> {
        let fresh = Verdict {
            open: Connections::all(),
            passed: Connections::none(),
            allowed: Connections::none(),
        };
        let mut cells = vec![(self.ends.clone(), fresh)];
        let governing = governing.iter().filter_map(|index| self.policies.get(*index));
        let governing: Vec<&Policy> = governing.map(|it| it.policy).collect();
        let tier = |wanted: fn(Tier) -> bool| {
            governing.iter().filter(move |policy| wanted(policy.tier)).copied()
        };
        for policy in tier(|tier| matches!(tier, Tier::Admin { .. })) {
            cells = self.apply(cells, policy, direction, own);
        }
        for (_, verdict) in &mut cells {
            verdict.open = verdict.open.union(&verdict.passed);
            verdict.passed = Connections::none();
        }
        let isolating = |tier| matches!(tier, Tier::Network | Tier::Multi { .. });
        let isolated = tier(isolating).next().is_some();
        for policy in tier(if isolated { isolating } else { |tier| tier == Tier::Baseline }) {
            cells = self.apply(cells, policy, direction, own);
        }
        let settled = cells.into_iter().map(|(ends, verdict)| {
            let rest = if isolated { Connections::none() } else { verdict.open };
            (ends, verdict.allowed.union(&rest))
        });
        together(settled)
    }

    fn apply(
        &self,
        mut cells: Vec<(Ends, Verdict)>,
        policy: &Policy,
        direction: Direction,
        own: &[ContainerPort],
    ) -> Vec<(Ends, Verdict)> {
        for rule in policy.rules(direction).into_iter().flatten() {
            let peers = self.peers(rule);
            for (part, ports) in self.destinations(rule, peers, direction, own) {
                let connections = rule.connections(ports);
                if part.is_empty() || connections.is_empty() {
                    continue;
                }
                let mut next = Vec::with_capacity(cells.len().saturating_add(1));
                for (ends, verdict) in cells {
                    let inside = ends.intersection(&part);
                    if inside.is_empty() {
                        next.push((ends, verdict));
                        continue;
                    }
                    let outside = ends.minus(&part);
                    next.push((inside, verdict.after(rule.action, &connections)));
                    if !outside.is_empty() {
                        next.push((outside, verdict));
                    }
                }
                cells = together(next);
            }
        }
        cells
    }

    /// The ends that a rule speaks of.
    pub(crate) fn peers(&self, rule: &Rule) -> Ends {
        let Some(peers) = &rule.peers else { return self.ends.clone() };
        let nobody = Ends { classes: Bits::none(self.classes.len()), addresses: Addresses::none() };
        let peers = peers.iter().fold(nobody, |mut ends, peer| {
            match peer {
                Peer::Addresses(it) => ends.addresses = ends.addresses.union(it),
                pods => ends.classes = ends.classes.union(&self.classes.selected(pods)),
            }
            ends
        });
        peers.intersection(&self.ends)
    }

    /// The peers of a rule, apart where names of ports mean different numbers, with the named ports of the
    /// traffic's destination.
    fn destinations<'b>(
        &'b self,
        rule: &Rule,
        peers: Ends,
        direction: Direction,
        own: &'b [ContainerPort],
    ) -> Vec<(Ends, &'b [ContainerPort])> {
        if direction == Direction::Ingress {
            return vec![(peers, own)];
        }
        if rule.port_names().next().is_none() {
            return vec![(peers, &[])];
        }
        let nobody = Bits::none(self.classes.len());
        let outside = Ends { classes: nobody, addresses: peers.addresses.clone() };
        let inside = self.ports.iter().map(|(ports, classes)| {
            let classes = peers.classes.intersection(classes);
            (Ends { classes, addresses: Addresses::none() }, *ports)
        });
        inside.chain([(outside, &[] as &[ContainerPort])]).collect()
    }
}

impl Verdict {
    fn after(&self, action: Action, connections: &Connections) -> Self {
        let met = self.open.intersection(connections);
        let mut after = self.clone();
        after.open = self.open.minus(&met);
        match action {
            Action::Allow => after.allowed = self.allowed.union(&met),
            Action::Pass => after.passed = self.passed.union(&met),
            Action::Deny => {}
        }
        after
    }
}

/// Ends with equal values as one.
fn together<T: Clone + Eq + std::hash::Hash>(
    cells: impl IntoIterator<Item = (Ends, T)>,
) -> Vec<(Ends, T)> {
    let mut known: HashMap<T, usize> = HashMap::default();
    let mut merged: Vec<(Ends, T)> = Vec::new();
    for (ends, value) in cells {
        if let Some((before, _)) = known.get(&value).and_then(|index| merged.get_mut(*index)) {
            *before = before.union(&ends);
        } else {
            known.insert(value.clone(), merged.len());
            merged.push((ends, value));
        }
    }
    merged
}
