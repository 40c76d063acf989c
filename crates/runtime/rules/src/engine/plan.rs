//! In which order the conditions of a kind of event are asked: what many of them need is asked once,
//! and where it does not hold, all of them are done.

use rustc_hash::{FxHashMap, FxHashSet};

use super::program::{Builder, Node, NodeId};

/// Conditions by what they have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Conditions, by their number among those of the kind, and what is left to ask for each.
    pub(crate) alone: Vec<(u32, Vec<NodeId>)>,
    /// What must hold, the cheapest first, and what to ask then.
    pub(crate) groups: Vec<(Vec<NodeId>, Self)>,
}

/// Plans are no deeper.
const MOST_DEPTH: u32 = 24;

impl Plan {
    /// A plan for conditions, each by its number.
    pub(crate) fn new(roots: impl Iterator<Item = NodeId>, builder: &Builder) -> Self {
        let conditions = (0..).zip(roots.map(|root| conjuncts(root, builder))).collect();
        Self::of(conditions, builder, 0)
    }

    fn of(mut conditions: Vec<(u32, FxHashSet<NodeId>)>, builder: &Builder, depth: u32) -> Self {
        let mut plan = Self::default();
        let common = |conditions: &[_]| {
            if depth < MOST_DEPTH { most_common(conditions, builder) } else { None }
        };
        while let Some(most) = common(&conditions) {
            let (mut with, without): (Vec<_>, Vec<_>) =
                conditions.into_iter().partition(|(_, parts)| parts.contains(&most));
            conditions = without;
            let mut shared = with.first().map(|(_, parts)| parts.clone()).unwrap_or_default();
            shared.retain(|part| with.iter().all(|(_, parts)| parts.contains(part)));
            for (_, parts) in &mut with {
                parts.retain(|part| !shared.contains(part));
            }
            plan.groups
                .push((sorted(shared, builder), Self::of(with, builder, depth.saturating_add(1))));
        }
        let alone = conditions.into_iter().map(|(number, parts)| (number, sorted(parts, builder)));
        plan.alone = alone.collect();
        plan
    }
}

/// The parts all of which must hold.
fn conjuncts(root: NodeId, builder: &Builder) -> FxHashSet<NodeId> {
    let mut parts = FxHashSet::default();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match builder.program().node(node) {
            Node::And(inner) => open.extend(inner.iter()),
            Node::Always => {}
            _ => {
                parts.insert(node);
            }
        }
    }
    parts
}

/// The part that most conditions need, at least two; of several the cheapest.
fn most_common(conditions: &[(u32, FxHashSet<NodeId>)], builder: &Builder) -> Option<NodeId> {
    let mut counts: FxHashMap<NodeId, u32> = FxHashMap::default();
    for part in conditions.iter().flat_map(|(_, parts)| parts) {
        let count = counts.entry(*part).or_default();
        *count = count.saturating_add(1);
    }
    let program = builder.program();
    let common = counts.into_iter().filter(|(_, count)| *count > 1);
    let most = common
        .max_by_key(|(part, count)| (*count, std::cmp::Reverse((program.cost(*part), *part))));
    most.map(|(part, _)| part)
}

fn sorted(parts: FxHashSet<NodeId>, builder: &Builder) -> Vec<NodeId> {
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|part| (builder.program().cost(*part), *part));
    parts
}
