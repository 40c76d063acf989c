//! In which order the parts of conditions are asked: what many of them need is asked once, and where it
//! does not hold, all of them are done.

use rustc_hash::{FxHashMap, FxHashSet};

use super::conditions::Conditions;
use super::program::{NodeId, Program};

/// Conditions by what they have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Conditions, by their number among those of the kind, and what is left to ask for each.
    pub(crate) alone: Vec<(u32, Vec<NodeId>)>,
    pub(crate) groups: Vec<Group>,
}

/// Conditions that need the same.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The conditions.
    pub(crate) members: Conditions,
    /// What must hold, the cheapest first.
    pub(crate) parts: Vec<NodeId>,
    /// What to ask then.
    pub(crate) plan: Plan,
}

/// Plans are no deeper.
const MOST_DEPTH: u32 = 24;

impl Plan {
    /// A plan for conditions, each by its number and the parts all of which must hold.
    pub(crate) fn new(conditions: Vec<(u32, FxHashSet<NodeId>)>, program: &Program) -> Self {
        Self::of(conditions, program, 0)
    }

    fn of(mut conditions: Vec<(u32, FxHashSet<NodeId>)>, program: &Program, depth: u32) -> Self {
        let mut plan = Self::default();
        let common = |conditions: &[_]| {
            if depth < MOST_DEPTH { most_common(conditions, program) } else { None }
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
            plan.groups.push(Group {
                members: with.iter().map(|(number, _)| *number).collect(),
                parts: sorted(shared, program),
                plan: Self::of(with, program, depth.saturating_add(1)),
            });
        }
        let alone = conditions.into_iter().map(|(number, parts)| (number, sorted(parts, program)));
        plan.alone = alone.collect();
        plan
    }
}

/// The part that most conditions need, at least two; of several the cheapest.
fn most_common(conditions: &[(u32, FxHashSet<NodeId>)], program: &Program) -> Option<NodeId> {
    let mut counts: FxHashMap<NodeId, u32> = FxHashMap::default();
    for part in conditions.iter().flat_map(|(_, parts)| parts) {
        let count = counts.entry(*part).or_default();
        *count = count.saturating_add(1);
    }
    let common = counts.into_iter().filter(|(_, count)| *count > 1);
    let most = common
        .max_by_key(|(part, count)| (*count, std::cmp::Reverse((program.cost(*part), *part))));
    most.map(|(part, _)| part)
}

fn sorted(parts: FxHashSet<NodeId>, program: &Program) -> Vec<NodeId> {
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|part| (program.cost(*part), *part));
    parts
}
