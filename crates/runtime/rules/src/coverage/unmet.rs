//! Why no kind of event can meet a condition: it asks something of a call that such calls never have.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_events::{Event, Field, Kind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Gap;
use crate::check::Leaf;
use crate::engine::{Node, NodeId, Program, index, known};

/// No more conditions than these are explained, so that no file takes minutes.
const MOST_EXPLAINED: usize = 100;

/// Of conditions that no kind of event can meet: what each asks for, of the kinds that it names, that these do not have.
pub(super) fn why(conditions: BTreeSet<NodeId>, program: &Program) -> FxHashMap<NodeId, Vec<Gap>> {
    if conditions.is_empty() {
        return FxHashMap::default();
    }
    let mut found: BTreeMap<NodeId, Lacks<'_>> = conditions
        .into_iter()
        .take(MOST_EXPLAINED)
        .map(|condition| (condition, Lacks::default()))
        .collect();
    let names_kind: Vec<bool> =
        program.leaves.iter().map(|leaf| names_kind(leaf, program)).collect();
    for kind in Kind::all() {
        let mut of_kind = OfKind {
            program,
            answers: known(kind, program),
            names_kind: &names_kind,
            by_name: FxHashMap::default(),
            by_all: FxHashMap::default(),
        };
        let event = Event::new(kind);
        for (condition, lacks) in &mut found {
            if of_kind.by_name(*condition) == Some(false) {
                continue;
            }
            lacks.kinds = lacks.kinds.saturating_add(1);
            for source in of_kind.decisive(*condition) {
                lacks.add(source, program, &event);
            }
        }
    }
    found.into_iter().map(|(condition, lacks)| (condition, lacks.gaps())).collect()
}

/// Whether a leaf asks for nothing but the kind of event.
fn names_kind(leaf: &Leaf, program: &Program) -> bool {
    let mut fields = leaf.sources().flat_map(|source| program.sources.fields(source));
    fields.all(Field::names_kind)
}

/// What is known of conditions for events of a kind.
struct OfKind<'set> {
    program: &'set Program,
    /// By leaf: whether it holds for them all.
    answers: Vec<Option<bool>>,
    names_kind: &'set [bool],
    by_name: FxHashMap<NodeId, Option<bool>>,
    by_all: FxHashMap<NodeId, Option<bool>>,
}

impl OfKind<'_> {
    /// What the name of the kind alone makes of a node.
    fn by_name(&mut self, node: NodeId) -> Option<bool> {
        let Self { program, answers, names_kind, by_name, .. } = self;
        let answer = |leaf: u32| {
            let names_kind = names_kind.get(index(leaf)).copied().unwrap_or_default();
            answers.get(index(leaf)).copied().flatten().filter(|_| names_kind)
        };
        program.decide(node, &answer, by_name)
    }

    /// What all that is known makes of a node.
    fn by_all(&mut self, node: NodeId) -> Option<bool> {
        let Self { program, answers, by_all, .. } = self;
        let answer = |leaf: u32| answers.get(index(leaf)).copied().flatten();
        program.decide(node, &answer, by_all)
    }

    /// What must be otherwise for a node to be so: of an `and` that fails what those parts ask that fail. Parts that the name
    /// of the kind alone decides are about other kinds.
    fn decisive(&mut self, root: NodeId) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = FxHashSet::default();
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            let Some(holds) = self.by_all(node) else { continue };
            match self.program.node(node) {
                Node::Leaf(leaf) => {
                    found.extend(self.program.leaf(*leaf).map(|leaf| leaf.source));
                }
                Node::Not(part) => open.push(*part),
                Node::And(parts) | Node::Or(parts) => {
                    for part in parts {
                        if self.by_name(*part).is_none() && self.by_all(*part) == Some(holds) {
                            open.push(*part);
                        }
                    }
                }
                Node::Never | Node::Always => {}
            }
        }
        found
    }
}

/// What a condition asks for and does not get.
#[derive(Debug, Default)]
struct Lacks<'set> {
    /// How many kinds of events it names.
    kinds: usize,
    /// By what is asked for.
    lacks: BTreeMap<&'set str, Lack>,
}

/// Of which kinds of events something is always the same.
#[derive(Debug, Default)]
struct Lack {
    kinds: BTreeSet<Kind>,
    /// None where there is none.
    values: BTreeSet<Option<String>>,
    /// It is so of all others, too.
    is_fixed: bool,
}

impl<'set> Lacks<'set> {
    fn add(&mut self, source: usize, program: &'set Program, event: &Event) {
        let Some(typed) = program.sources.get(source) else { return };
        let lack = self.lacks.entry(&typed.name).or_default();
        let fields = program.sources.fields(source);
        lack.is_fixed = fields.iter().all(|field| field.constant().is_some());
        lack.kinds.insert(event.kind);
        let value = program.sources.value(source, event);
        lack.values.insert(value.exists().then(|| value.to_string()));
    }

    /// Where something is lacking of all kinds, that alone.
    fn gaps(mut self) -> Vec<Gap> {
        if self.lacks.values().any(|lack| lack.kinds.len() == self.kinds) {
            self.lacks.retain(|_, lack| lack.kinds.len() == self.kinds);
        }
        let lacks = self.lacks.into_iter();
        lacks.map(|(what, lack)| Gap { what: what.to_owned(), reason: lack.reason() }).collect()
    }
}

impl Lack {
    fn reason(&self) -> String {
        let values: Vec<_> = self.values.iter().collect();
        match *values {
            [None] => format!("has no value for {}", self.named()),
            [Some(value)] if self.is_fixed => format!("is always `{value}`"),
            [Some(value)] => format!("is always `{value}` of {}", self.named()),
            _ => format!("is never what is asked for, of {}", self.named()),
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
