//! The least network policies under which observed traffic goes on, and the proof that they are.

mod manifest;
mod parties;

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Name, Objects};

use crate::{Addresses, Cluster, Connections, End, Flow, Reachability, Tier};
use manifest::{Direction, Manifest};
use parties::{Parties, Partner};

/// Policies for the namespaces that observed traffic is about.
#[derive(Debug, Clone, Default)]
pub struct Suggestion {
    /// The namespaces that the policies are for: each that has a workload of the input in a flow.
    pub namespaces: Vec<Name>,
    /// The policies as manifests, in place of the network policies that these namespaces have.
    pub manifests: String,
    /// Observed traffic that would be stopped nevertheless, or that nothing could be suggested for: the line, and
    /// why.
    pub unsettled: Vec<(usize, String)>,
    /// What would pass to or from these namespaces beside the observed traffic.
    pub surplus: Vec<String>,
}

/// Suggests policies, and evaluates them: what it does not achieve is told.
pub fn suggest(cluster: &Cluster, flows: &[Flow]) -> Suggestion {
    let mut parties = Parties::new(cluster);
    let mut suggestion = Suggestion::default();
    let mut observed: Vec<(usize, Partner, Partner, Connections)> = Vec::new();
    for flow in flows {
        let connections = Connections::port(flow.protocol, flow.port);
        match (parties.find(&flow.source), parties.find(&flow.destination)) {
            (Ok(source), Ok(destination)) => {
                observed.push((flow.line, source, destination, connections));
            }
            (Err(reason), _) | (_, Err(reason)) => suggestion.unsettled.push((flow.line, reason)),
        }
    }
    let namespaces = parties.namespaces(&observed);
    suggestion.manifests = write(&parties, &observed, &namespaces);
    suggestion.namespaces = namespaces.iter().cloned().collect();
    prove(&parties, &observed, &namespaces, &mut suggestion);
    suggestion.unsettled.sort();
    suggestion
}

/// One policy that stops everything for each namespace, one that opens what was observed for each workload.
fn write(
    parties: &Parties,
    observed: &[(usize, Partner, Partner, Connections)],
    namespaces: &BTreeSet<Name>,
) -> String {
    let mut manifests: Vec<Manifest> = namespaces.iter().map(Manifest::isolating).collect();
    let mut rules: BTreeMap<usize, [BTreeMap<Partner, Connections>; 2]> = BTreeMap::new();
    for (_, source, destination, connections) in observed {
        let ends =
            [(source, destination, Direction::Egress), (destination, source, Direction::Ingress)];
        for (own, other, direction) in ends {
            let Partner::Workload(workload) = own else { continue };
            if !namespaces.contains(parties.namespace(*workload)) {
                continue;
            }
            let [ingress, egress] = rules.entry(*workload).or_default();
            let of = match direction {
                Direction::Ingress => ingress,
                Direction::Egress => egress,
            };
            let known = of.entry(*other).or_default();
            *known = known.union(connections);
        }
    }
    for (workload, [ingress, egress]) in &rules {
        let grouped = |partners: &BTreeMap<Partner, Connections>| {
            let mut by_ports: BTreeMap<Connections, Vec<manifest::Peer>> = BTreeMap::new();
            for (partner, connections) in partners {
                by_ports.entry(connections.clone()).or_default().push(parties.peer(*partner));
            }
            by_ports
        };
        manifests.push(Manifest {
            namespace: parties.namespace(*workload).clone(),
            name: parties.policy_name(*workload),
            labels: Some(parties.labels(*workload)),
            ingress: grouped(ingress),
            egress: grouped(egress),
        });
    }
    manifests.iter().map(ToString::to_string).collect::<Vec<String>>().join("---\n")
}

/// Reads the manifests as anybody would, puts them in place of what is there, and compares what passes with what
/// was observed.
fn prove(
    parties: &Parties,
    observed: &[(usize, Partner, Partner, Connections)],
    namespaces: &BTreeSet<Name>,
    suggestion: &mut Suggestion,
) {
    let mut objects = Objects::new();
    objects.add("suggested", suggestion.manifests.as_bytes(), &Budget::new(Limits::DEFAULT));
    let mut cluster = parties.cluster.clone();
    cluster.policies.retain(|policy| {
        policy.tier != Tier::Network
            || policy.namespace.as_ref().is_none_or(|it| !namespaces.contains(it))
    });
    cluster.policies.extend(Cluster::of(&objects).policies);
    let reachability = Reachability::new(&cluster);
    for (line, source, destination, connections) in observed {
        let (source, destination) = (parties.party(*source), parties.party(*destination));
        match reachability.explain(source, destination, connections) {
            Err(error) => suggestion.unsettled.push((*line, error.to_string())),
            Ok(explained) => {
                let passes = explained.iter().any(|it| it.allowed.covers(connections));
                let steps = explained.iter().flat_map(|it| [&it.egress, &it.ingress]).flatten();
                let stops = steps
                    .flat_map(|side| &side.steps)
                    .find(|step| step.stops())
                    .map_or_else(String::new, ToString::to_string);
                if !passes {
                    suggestion.unsettled.push((*line, format!("it would be stopped: {stops}")));
                }
            }
        }
    }
    suggestion.surplus = surplus(parties, observed, namespaces, &reachability);
}

/// What passes and was not observed, where an end is in one of the namespaces.
fn surplus(
    parties: &Parties,
    observed: &[(usize, Partner, Partner, Connections)],
    namespaces: &BTreeSet<Name>,
    reachability: &Reachability<'_>,
) -> Vec<String> {
    let mut surplus = Vec::new();
    for connection in reachability.connections() {
        let ours = |end: &End<'_>| match end {
            End::Workload(workload) => namespaces.contains(&workload.namespace),
            _ => false,
        };
        if !ours(&connection.source) && !ours(&connection.destination) {
            continue;
        }
        let mut left = vec![(Addresses::all(), connection.connections.clone())];
        for (_, source, destination, connections) in observed {
            let ends = parties
                .is(*source, &connection.source)
                .zip(parties.is(*destination, &connection.destination));
            let Some((from, to)) = ends else { continue };
            let at = from.intersection(&to);
            left = left
                .into_iter()
                .flat_map(|(addresses, rest)| {
                    let there = (addresses.intersection(&at), rest.minus(connections));
                    [(addresses.minus(&at), rest), there]
                })
                .filter(|(addresses, rest)| !addresses.is_empty() && !rest.is_empty())
                .collect();
        }
        let outside = |end: &End<'_>, addresses: &Addresses| match end {
            End::Outside(all) => End::Outside(all.intersection(addresses)).to_string(),
            end => end.to_string(),
        };
        for (addresses, rest) in left {
            let ends = [&connection.source, &connection.destination];
            let empty = ends.iter().any(
                |end| matches!(end, End::Outside(all) if all.intersection(&addresses).is_empty()),
            );
            if !empty {
                let [source, destination] = ends.map(|end| outside(end, &addresses));
                surplus.push(format!("{source} => {destination} : {rest}"));
            }
        }
    }
    surplus
}
