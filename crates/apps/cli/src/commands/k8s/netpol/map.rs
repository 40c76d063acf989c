//! What a reachability map shows.

use std::collections::BTreeMap;

use bulkhead_reachability::{Cluster, Connections, End, Protocol, Reachability};
use bulkhead_report::map::{Edge, Group, Map, Node, Place};

use super::network_name;

/// The picture of a cluster's connections.
pub(super) fn of(cluster: &Cluster, reachability: &Reachability<'_>) -> Map {
    let several = cluster.networks.len() > 1;
    let mut drawing = Drawing::default();
    for workload in &cluster.workloads {
        drawing.node(&End::Workload(workload), Place::Between);
    }
    for connection in reachability.connections() {
        let from = drawing.node(&connection.source, Place::First);
        let to = drawing.node(&connection.destination, Place::Last);
        for ports in labels(&connection.connections) {
            let label = match cluster.networks.get(connection.network) {
                Some(network) if several && connection.network > 0 => {
                    format!("{ports} in {}", network_name(network))
                }
                _ => ports,
            };
            drawing.map.edges.push(Edge { from, to, label });
        }
    }
    let left_out = cluster.not_assessed.len();
    if left_out > 0 {
        drawing
            .map
            .remarks
            .push(format!("not assessed: {left_out} objects or fields, listed by -o table"));
    }
    drawing.map.title = "Who can reach whom".into();
    drawing.map
}

/// Every range of ports by itself, so that what many have in common is drawn once.
fn labels(connections: &Connections) -> Vec<String> {
    if connections.is_all() {
        return vec!["any port".into()];
    }
    let label = |(protocol, first, last): (Protocol, u16, u16)| match (first, last) {
        (1, u16::MAX) => format!("any {} port", protocol.name()),
        (first, last) if first == last => format!("{} {first}", protocol.name()),
        (first, last) => format!("{} {first}-{last}", protocol.name()),
    };
    connections.ranges().map(label).collect()
}

#[derive(Default)]
struct Drawing {
    map: Map,
    groups: BTreeMap<String, usize>,
    nodes: BTreeMap<(usize, String), usize>,
}

impl Drawing {
    /// The node of an end. What is outside stands on the side where it is met.
    fn node(&mut self, end: &End<'_>, place: Place) -> usize {
        let (group, name, place) = match end {
            End::Workload(it) => {
                (it.namespace.to_string(), format!("{}[{}]", it.name, it.kind), Place::Between)
            }
            End::Outside(_) if place == Place::First => {
                ("from outside".into(), end.to_string(), place)
            }
            End::Outside(_) => ("to outside".into(), end.to_string(), place),
            End::Controller => ("from outside".into(), end.to_string(), Place::First),
        };
        let groups = &mut self.map.groups;
        let group = *self.groups.entry(group.clone()).or_insert_with(|| {
            groups.push(Group { name: group, place });
            groups.len() - 1
        });
        let nodes = &mut self.map.nodes;
        *self.nodes.entry((group, name.clone())).or_insert_with(|| {
            nodes.push(Node { group, name });
            nodes.len() - 1
        })
    }
}
