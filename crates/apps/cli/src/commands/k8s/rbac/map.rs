//! What a map of ways to more rights shows.

use std::collections::BTreeMap;

use bulkhead_rbac::{Graph, Path, Place, Subject, Where};
use bulkhead_report::map::{self, Edge, Group, Map, Node};

/// The picture of ways to a goal.
pub(super) fn of(paths: &[Path<'_>], goal: &Place, graph: &Graph, not_assessed: usize) -> Map {
    let mut drawing = Drawing::default();
    for path in paths {
        let mut from = drawing.node(path.start, goal, graph);
        for step in &path.steps {
            let to = drawing.node(step.to, goal, graph);
            let label = step.escalation.map_or("is or has", |escalation| escalation.title.as_str());
            drawing.map.edges.push(Edge { from, to, label: label.to_owned() });
            from = to;
        }
    }
    if not_assessed > 0 {
        let remark = format!("not assessed: {not_assessed} objects or fields, listed by -o table");
        drawing.map.remarks.push(remark);
    }
    if paths.is_empty() {
        drawing.map.remarks.push("nobody has a way".to_owned());
    }
    drawing.map.title = format!("Who comes to {}", goal.describe(graph));
    drawing.map
}

#[derive(Default)]
struct Drawing {
    map: Map,
    groups: BTreeMap<String, usize>,
    nodes: BTreeMap<String, usize>,
}

impl Drawing {
    fn node(&mut self, place: &Place, goal: &Place, graph: &Graph) -> usize {
        let name = place.describe(graph);
        if let Some(node) = self.nodes.get(&name) {
            return *node;
        }
        let (group, side) =
            if place == goal { ("goal".to_owned(), map::Place::Last) } else { group(place) };
        let groups = &mut self.map.groups;
        let group = *self.groups.entry(group.clone()).or_insert_with(|| {
            groups.push(Group { name: group, place: side });
            groups.len() - 1
        });
        self.map.nodes.push(Node { group, name: name.clone() });
        let node = self.map.nodes.len() - 1;
        self.nodes.insert(name, node);
        node
    }
}

/// The namespace of a place, or what stands for it.
fn group(place: &Place) -> (String, map::Place) {
    let at = match place {
        Place::Subject(Subject::ServiceAccount { namespace, .. }) => {
            return (format!("namespace {namespace}"), map::Place::Between);
        }
        Place::Subject(_) => return ("users and groups".to_owned(), map::Place::First),
        Place::Everything(at)
        | Place::Role(_, at)
        | Place::AnyClusterRole(at)
        | Place::AnyRole(at)
        | Place::Accounts(at)
        | Place::Pods(at)
        | Place::Tokens(at) => at,
        Place::Node(_) | Place::Users | Place::Anybody => &Where::Cluster,
    };
    match at {
        Where::Namespace(name) => (format!("namespace {name}"), map::Place::Between),
        Where::EachNamespace => ("in each namespace".to_owned(), map::Place::Between),
        Where::Cluster => ("in the whole cluster".to_owned(), map::Place::Between),
    }
}
