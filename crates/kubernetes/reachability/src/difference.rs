//! What changes between two clusters.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Addresses, Connection, Connections, End, Reachability};

/// A connection that is not the same before and after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// The name of the network.
    pub network: String,
    /// Where it begins.
    pub source: String,
    /// Where it ends.
    pub destination: String,
    /// What changed.
    pub kind: ChangeKind,
    /// What passed before.
    pub before: Connections,
    /// What passes after.
    pub after: Connections,
    /// Whether an end is a workload that only one of the two has.
    pub of_new_or_gone_workload: bool,
}

/// What changed about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Nothing passed before.
    Added,
    /// Nothing passes any more.
    Removed,
    /// Something else passes.
    Changed,
}

/// Who talks to whom, but for addresses: network, and the other ends.
type Pair = (String, Option<String>, Option<String>);

/// By addresses; for pairs within the cluster there is one part with every address.
type Parts = Vec<(Addresses, Connections)>;

/// Every connection that differs, sorted. Ends are the same where their names are.
pub fn difference(before: &Reachability<'_>, after: &Reachability<'_>) -> Vec<Change> {
    let (old, new) = (pairs(before), pairs(after));
    let (old_workloads, new_workloads) = (workloads(before), workloads(after));
    let pairs: BTreeSet<&Pair> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for pair in pairs {
        let of = |map: &BTreeMap<Pair, Parts>| map.get(pair).cloned().unwrap_or_default();
        let alone = [&pair.1, &pair.2]
            .into_iter()
            .flatten()
            .any(|name| old_workloads.contains(name) != new_workloads.contains(name));
        for (addresses, before, after) in refined(&of(&old), &of(&new)) {
            let end = |name: &Option<String>| name.clone().unwrap_or_else(|| addresses.to_string());
            let kind = match (before.is_empty(), after.is_empty()) {
                (true, _) => ChangeKind::Added,
                (_, true) => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            };
            changes.push(Change {
                network: pair.0.clone(),
                source: end(&pair.1),
                destination: end(&pair.2),
                kind,
                before,
                after,
                of_new_or_gone_workload: alone,
            });
        }
    }
    changes.sort();
    changes
}

fn pairs(reachability: &Reachability<'_>) -> BTreeMap<Pair, Parts> {
    let mut pairs: BTreeMap<Pair, Parts> = BTreeMap::new();
    for Connection { network, source, destination, connections } in reachability.connections() {
        let network = reachability.cluster.networks.get(network);
        let network = network.map(|it| it.name.to_string()).unwrap_or_default();
        let mut addresses = Addresses::all();
        let mut name = |end: End<'_>| match end {
            End::Outside(outside) => {
                addresses = outside;
                None
            }
            end => Some(end.to_string()),
        };
        let pair = (network, name(source), name(destination));
        pairs.entry(pair).or_default().push((addresses, connections));
    }
    pairs
}

fn workloads(reachability: &Reachability<'_>) -> BTreeSet<String> {
    reachability.cluster.workloads.iter().map(ToString::to_string).collect()
}

/// The addresses where the two differ, by what passes before and after.
fn refined(old: &Parts, new: &Parts) -> Vec<(Addresses, Connections, Connections)> {
    let mut cells: BTreeMap<(Connections, Connections), Addresses> = BTreeMap::new();
    let rest = |parts: &Parts| {
        let covered = parts.iter().fold(Addresses::none(), |all, (part, _)| all.union(part));
        (Addresses::all().minus(&covered), Connections::none())
    };
    for (before_at, before) in old.iter().chain([&rest(old)]) {
        for (after_at, after) in new.iter().chain([&rest(new)]) {
            let both = before_at.intersection(after_at);
            if before != after && !both.is_empty() {
                let known = cells.entry((before.clone(), after.clone())).or_default();
                *known = known.union(&both);
            }
        }
    }
    cells.into_iter().map(|((before, after), addresses)| (addresses, before, after)).collect()
}
