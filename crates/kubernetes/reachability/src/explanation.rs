//! Why something may pass, or may not.

use std::fmt::{self, Display};
use std::net::IpAddr;

use serde::Serialize;

use crate::decision::Law;
use crate::{Action, Cluster, Connections, Direction, Network, Policy, Reachability, Tier};

/// One end of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A pod, by its index.
    Pod(usize),
    /// An address outside of the cluster.
    Address(IpAddr),
}

/// What decides about traffic from one party to another in a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The network, by its index.
    #[serde(skip)]
    pub network: usize,
    /// What was asked about.
    pub asked: Connections,
    /// What of it passes.
    pub allowed: Connections,
    /// What the policies of the source say, if it is a pod.
    pub egress: Option<Side>,
    /// What the policies of the destination say, if it is a pod.
    pub ingress: Option<Side>,
}

/// What the policies of one end say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What of the asked it lets pass.
    pub allowed: Connections,
    /// What decides, in the order in which it does.
    pub steps: Vec<Step>,
}

/// What decides about a part of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The policies: one, or all those that isolate where none of them has a rule.
    pub policies: Vec<String>,
    /// Where they stand, as far as that is known.
    pub origins: Vec<String>,
    /// The rule, by its name or its number from 1.
    pub rule: Option<String>,
    /// What is done.
    pub effect: Effect,
    /// With which part of what was asked.
    pub connections: Connections,
}

/// What is done with traffic, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A rule allows it.
    Allowed,
    /// A rule denies it.
    Denied,
    /// A rule leaves it to network policies and the baseline.
    Passed,
    /// Network policies isolate the pod, and none of them has a rule that allows it.
    Missing,
    /// No policy says anything about it: it passes.
    Ungoverned,
}

impl Step {
    /// Whether it is the end of the traffic.
    pub fn stops(&self) -> bool {
        matches!(self.effect, Effect::Denied | Effect::Missing)
    }
}

/// For people: what is done, by whom.
impl Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let policies = self.policies.join(", ");
        let rule = self.rule.as_deref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
        let connections = &self.connections;
        match self.effect {
            Effect::Allowed => write!(out, "{connections}: allowed by {policies}{rule}"),
            Effect::Denied => write!(out, "{connections}: denied by {policies}{rule}"),
            Effect::Passed => {
                write!(out, "{connections}: left to network policies by {policies}{rule}")
            }
            Effect::Missing => write!(
                out,
                "{connections}: stopped, for {policies} isolates the pod and no rule of it allows this"
            ),
            Effect::Ungoverned => {
                write!(out, "{connections}: passes, for no policy says anything about it")
            }
        }
    }
}

/// A question that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// Both ends are addresses.
    #[error("neither end is a pod; name a workload of the input at one end at least")]
    NoPod,
    /// The input has no such pod.
    #[error("there is no such pod in the input")]
    UnknownPod,
    /// No network holds both.
    #[error("the two are in no common network: nothing passes between them, whatever policies say")]
    Apart,
}

impl Reachability<'_> {
    /// What decides about the traffic, in each network that holds both parties.
    pub fn explain(
        &self,
        source: Party,
        destination: Party,
        asked: &Connections,
    ) -> Result<Vec<Explanation>, Unanswerable> {
        let networks = self.common_networks(source, destination)?;
        if networks.is_empty() {
            return Err(Unanswerable::Apart);
        }
        let explain = |network: usize| {
            let primary = self.cluster.networks.get(network).is_none_or(Network::is_primary);
            let law = Law::new(&self.cluster.policies, &self.classes, network, primary);
            let side = |of: Party, other: Party, direction: Direction| match of {
                Party::Pod(pod) => Some(self.side(&law, pod, other, direction, asked)),
                Party::Address(_) => None,
            };
            let egress = side(source, destination, Direction::Egress);
            let ingress = side(destination, source, Direction::Ingress);
            let allowed = [&egress, &ingress]
                .into_iter()
                .flatten()
                .fold(asked.clone(), |all, side| all.intersection(&side.allowed));
            Explanation { network, asked: asked.clone(), allowed, egress, ingress }
        };
        Ok(networks.into_iter().map(explain).collect())
    }

    fn common_networks(
        &self,
        source: Party,
        destination: Party,
    ) -> Result<Vec<usize>, Unanswerable> {
        let of = |pod: usize| {
            let pod = self.cluster.pods.get(pod).ok_or(Unanswerable::UnknownPod)?;
            let mut networks = vec![pod.primary];
            networks.extend(&pod.secondary);
            Ok(networks)
        };
        match (source, destination) {
            (Party::Pod(source), Party::Pod(destination)) => {
                let others = of(destination)?;
                Ok(of(source)?.into_iter().filter(|network| others.contains(network)).collect())
            }
            (Party::Pod(pod), Party::Address(_)) | (Party::Address(_), Party::Pod(pod)) => {
                Ok(of(pod)?.into_iter().take(1).collect())
            }
            (Party::Address(_), Party::Address(_)) => Err(Unanswerable::NoPod),
        }
    }

    /// Asks one policy after the other, as [`Law::decide`] does for all ends at once.
    fn side(
        &self,
        law: &Law<'_>,
        pod: usize,
        other: Party,
        direction: Direction,
        asked: &Connections,
    ) -> Side {
        let mut tally = Tally {
            direction,
            open: asked.clone(),
            passed: Connections::none(),
            side: Side { allowed: Connections::none(), steps: Vec::new() },
        };
        let class = self.classes.of_pod.get(pod).copied().unwrap_or_default();
        let governing: Vec<&Policy> = law
            .governing(class, direction)
            .into_iter()
            .filter_map(|index| law.policies.get(index).map(|it| it.policy))
            .collect();
        let isolating: Vec<&Policy> = governing
            .iter()
            .filter(|it| matches!(it.tier, Tier::Network | Tier::Multi { .. }))
            .copied()
            .collect();
        let destination = match direction {
            Direction::Ingress => Party::Pod(pod),
            Direction::Egress => other,
        };
        for policy in governing {
            match policy.tier {
                Tier::Admin { .. } => {}
                Tier::Baseline if !isolating.is_empty() => continue,
                _ => tally.reopen(),
            }
            for (index, rule) in policy.rules(direction).into_iter().flatten().enumerate() {
                let peers = law.peers(rule);
                let meets = match other {
                    Party::Pod(pod) => {
                        self.classes.of_pod.get(pod).is_some_and(|it| peers.classes.contains(*it))
                    }
                    Party::Address(address) => peers.addresses.contains(address),
                };
                if meets {
                    let ports = named_ports(self.cluster, destination);
                    tally.apply(policy, index, rule.action, &rule.connections(ports));
                }
            }
        }
        tally.reopen();
        tally.rest(&isolating)
    }
}

fn named_ports(cluster: &Cluster, destination: Party) -> &[crate::ContainerPort] {
    match destination {
        Party::Pod(pod) => cluster.pods.get(pod).map_or(&[], |pod| &pod.ports),
        Party::Address(_) => &[],
    }
}

/// What is settled so far.
struct Tally {
    direction: Direction,
    open: Connections,
    passed: Connections,
    side: Side,
}

impl Tally {
    /// Takes up again what the first tier left to the others.
    fn reopen(&mut self) {
        self.open = self.open.union(&self.passed);
        self.passed = Connections::none();
    }

    fn apply(&mut self, policy: &Policy, index: usize, action: Action, about: &Connections) {
        let met = self.open.intersection(about);
        if met.is_empty() {
            return;
        }
        self.open = self.open.minus(&met);
        let effect = match action {
            Action::Allow => Effect::Allowed,
            Action::Deny => Effect::Denied,
            Action::Pass => Effect::Passed,
        };
        match action {
            Action::Allow => self.side.allowed = self.side.allowed.union(&met),
            Action::Pass => self.passed = self.passed.union(&met),
            Action::Deny => {}
        }
        let rule = policy.rules(self.direction).and_then(|rules| rules.get(index));
        let name = rule.and_then(|rule| rule.name.as_ref()).filter(|name| !name.is_empty());
        let number = index.saturating_add(1);
        self.side.steps.push(Step {
            policies: vec![policy.to_string()],
            origins: policy.origin.iter().map(ToString::to_string).collect(),
            rule: Some(name.map_or_else(|| number.to_string(), |name| format!("{name:?}"))),
            effect,
            connections: met,
        });
    }

    fn rest(mut self, isolating: &[&Policy]) -> Side {
        if self.open.is_empty() {
            return self.side;
        }
        let effect = if isolating.is_empty() { Effect::Ungoverned } else { Effect::Missing };
        if effect == Effect::Ungoverned {
            self.side.allowed = self.side.allowed.union(&self.open);
        }
        self.side.steps.push(Step {
            policies: isolating.iter().map(ToString::to_string).collect(),
            origins: isolating
                .iter()
                .filter_map(|it| it.origin.as_deref())
                .map(str::to_owned)
                .collect(),
            rule: None,
            effect,
            connections: self.open,
        });
        self.side
    }
}
