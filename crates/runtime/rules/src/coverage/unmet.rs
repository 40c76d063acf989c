//! Why no kind of event can meet a condition: it asks something of a call that such calls never have.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_events::{Event, Kind};
use rustc_hash::FxHashMap;

use super::Gap;
use crate::check::Leaf;
use crate::engine::{Node, NodeId, Program};

/// Of which kinds of events something is always the same.
#[derive(Debug, Default)]
struct Same {
    kinds: BTreeSet<Kind>,
    /// None where there is none.
    values: BTreeSet<Option<String>>,
    /// It is so of all others, too.
    is_fixed: bool,
}

/// What a condition asks for, of the kinds of events that it names, that these do not have. Where something is lacking of
/// all of them, that alone.
pub(super) fn why(condition: NodeId, program: &Program) -> Vec<Gap> {
    let leaves: Vec<_> = program.leaves_below(condition).collect();
    let mut culprits: BTreeMap<&str, Same> = BTreeMap::new();
    let mut named = 0_usize;
    for kind in Kind::all() {
        let event = Event::new(kind);
        let is_settled =
            |leaf: &Leaf| leaf.sources().all(|source| program.sources.is_settled_by(source, kind));
        let settled = leaves.iter().filter(|(_, leaf)| is_settled(leaf));
        let known: FxHashMap<u32, bool> =
            settled.map(|(number, leaf)| (*number, program.answer(leaf, &event))).collect();
        let of_kind = |number: u32| {
            let names_kind = program.leaf(number).is_some_and(|leaf| names_kind(leaf, program));
            known.get(&number).copied().filter(|_| names_kind)
        };
        if program.decide(condition, &of_kind, &mut FxHashMap::default()) == Some(false) {
            continue;
        }
        named = named.saturating_add(1);
        for leaf in decisive(condition, program, &known) {
            let Some(leaf) = program.leaf(leaf) else { continue };
            let Some(typed) = program.sources.get(leaf.source) else { continue };
            let same = culprits.entry(&typed.name).or_default();
            same.is_fixed = leaf.field(&program.sources).is_some_and(|it| it.constant().is_some());
            same.kinds.insert(kind);
            let value = program.sources.value(leaf.source, &event);
            same.values.insert(value.exists().then(|| value.to_string()));
        }
    }
    if culprits.values().any(|same| same.kinds.len() == named) {
        culprits.retain(|_, same| same.kinds.len() == named);
    }
    let gaps = culprits.into_iter();
    gaps.map(|(what, same)| Gap { what: what.to_owned(), reason: same.reason() }).collect()
}

/// The leaves that must be otherwise for a node to be so: of an `and` that fails those that fail.
fn decisive(root: NodeId, program: &Program, known: &FxHashMap<u32, bool>) -> Vec<u32> {
    let answer = |leaf: u32| known.get(&leaf).copied();
    let mut decided = FxHashMap::default();
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let Some(holds) = program.decide(node, &answer, &mut decided) else { continue };
        match program.node(node) {
            Node::Leaf(leaf) => found.push(*leaf),
            Node::Not(part) => open.push(*part),
            Node::And(parts) | Node::Or(parts) => {
                let parts = parts.iter().copied();
                open.extend(
                    parts
                        .filter(|part| program.decide(*part, &answer, &mut decided) == Some(holds)),
                );
            }
            Node::Never | Node::Always => {}
        }
    }
    found
}

/// The fields by which rules say what kind of event they are about.
const NAMES_OF_KINDS: [&str; 3] = ["evt.type", "evt.type.is", "syscall.type"];

fn names_kind(leaf: &Leaf, program: &Program) -> bool {
    let mut fields = leaf.sources().flat_map(|source| program.sources.fields(source));
    fields.all(|field| NAMES_OF_KINDS.contains(&field.row().name))
}

impl Same {
    fn reason(&self) -> String {
        match self.values.first() {
            Some(Some(value)) if self.values.len() == 1 => {
                let of =
                    if self.is_fixed { String::new() } else { format!(" of {}", self.named()) };
                format!("is always `{value}`{of}")
            }
            _ => format!("has no value for {}", self.named()),
        }
    }

    fn named(&self) -> String {
        let names = self.kinds.iter().take(MOST_NAMED).map(|kind| format!("`{}`", kind.name()));
        let names = names.collect::<Vec<_>>().join(", ");
        match self.kinds.len().saturating_sub(MOST_NAMED) {
            0 => names,
            more => format!("{names} and {more} other kinds of events"),
        }
    }
}

/// At most so many kinds are named.
const MOST_NAMED: usize = 3;
