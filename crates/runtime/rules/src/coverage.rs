//! Which rules can be met at all, given what a sensor sees.

use std::collections::BTreeMap;

use bulkhead_events::{Kind, Need, Origin, Value};
use rustc_hash::FxHashMap;

use crate::check::{Leaf, Question};
use crate::engine::{Node, NodeId, Pending, Program, index};
use crate::rule::Rule;
use crate::set::RuleSet;

/// What a sensor sees: everything but what is taken away.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    kinds: BTreeMap<Kind, String>,
    needs: BTreeMap<Need, Lack>,
    origins: Vec<(Origin, String)>,
}

/// What is lacking of a need, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// It is there for some events only.
    Partly(String),
    /// It is never there.
    Wholly(String),
}

/// What a rule is worth with what a sensor sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// All that it asks for is seen.
    Live,
    /// It can be met, but not by all that it is meant for, or by more.
    Degraded(Vec<Gap>),
    /// Nothing that is seen can meet it.
    Blind(Vec<Gap>),
    /// Events are not held against it.
    Off,
}

/// What a rule asks for and does not get.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The field, or `evt.type=` and a kind of event.
    pub what: String,
    /// Why it is not there.
    pub reason: String,
}

impl Sight {
    /// A sensor that sees everything that any sensor of ours can.
    pub fn everything() -> Self {
        let never = Lack::Wholly("it is a field of Falco that never has a value here".to_owned());
        Self::default().without(Need::Elsewhere, never)
    }

    /// It sees no events of a kind.
    #[must_use]
    pub fn without_kind(mut self, kind: Kind, reason: &str) -> Self {
        self.kinds.insert(kind, reason.to_owned());
        self
    }

    /// It sees nothing that comes into the kernel by a way.
    #[must_use]
    pub fn without_origin(mut self, origin: Origin, reason: &str) -> Self {
        self.origins.push((origin, reason.to_owned()));
        self
    }

    /// It lacks something that fields need.
    #[must_use]
    pub fn without(mut self, need: Need, lack: Lack) -> Self {
        self.needs.insert(need, lack);
        self
    }
}

impl RuleSet {
    /// What each rule is worth, in the order of the rules.
    pub fn coverage(&self, sight: &Sight) -> Vec<(&Rule, Coverage)> {
        let gaps = LeafGaps::new(&self.program, sight);
        let mut pending: FxHashMap<u32, Vec<(Kind, Pending)>> = FxHashMap::default();
        for kind in Kind::all() {
            for of_kind in self.types.rules(kind) {
                pending.entry(of_kind.rule).or_default().push((kind, *of_kind));
            }
        }
        let rules = self.rules.iter().enumerate().map(|(number, rule)| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let conditions = pending.get(&number).map_or(&[][..], Vec::as_slice);
            let coverage = if rule.used { gaps.of(conditions, sight) } else { Coverage::Off };
            (rule, coverage)
        });
        rules.collect()
    }
}

/// The leaves that are not answered as they should be.
struct LeafGaps<'set> {
    program: &'set Program,
    /// By leaf: whether it never holds, since null is no answer, and what is missing.
    gaps: FxHashMap<u32, (bool, Vec<Gap>)>,
}

impl<'set> LeafGaps<'set> {
    fn new(program: &'set Program, sight: &Sight) -> Self {
        let mut gaps = FxHashMap::default();
        for (number, leaf) in program.leaves.iter().enumerate() {
            let (never, found) = gap(leaf, program, sight);
            if !found.is_empty() {
                gaps.insert(u32::try_from(number).unwrap_or(u32::MAX), (never, found));
            }
        }
        Self { program, gaps }
    }

    fn of(&self, conditions: &[(Kind, Pending)], sight: &Sight) -> Coverage {
        let mut gaps = Vec::new();
        // The rule's own condition and the steps before it: each must be met by something.
        let mut can_be_met: FxHashMap<Option<u8>, bool> = FxHashMap::from_iter([(None, false)]);
        let mut decided = FxHashMap::default();
        for (kind, Pending { step, root, .. }) in conditions {
            let can_be_met = can_be_met.entry(*step).or_default();
            if let Some(reason) = sight.kinds.get(kind) {
                let what = format!("evt.type={}", kind.name());
                gaps.push(Gap { what, reason: reason.clone() });
                continue;
            }
            self.gaps_below(*root, &mut gaps);
            *can_be_met |= self.decide(*root, &mut decided) != Some(false);
        }
        gaps.sort();
        gaps.dedup();
        match (can_be_met.values().all(|can| *can), gaps.is_empty()) {
            (false, _) => Coverage::Blind(gaps),
            (true, true) => Coverage::Live,
            (true, false) => Coverage::Degraded(gaps),
        }
    }

    /// What a node is whatever the event, if that is known.
    fn decide(&self, node: NodeId, decided: &mut FxHashMap<NodeId, Option<bool>>) -> Option<bool> {
        if let Some(known) = decided.get(&node) {
            return *known;
        }
        let known = match self.program.node(node) {
            Node::Never => Some(false),
            Node::Always => Some(true),
            Node::Leaf(leaf) => self.gaps.get(leaf).and_then(|(never, _)| never.then_some(false)),
            Node::Not(part) => self.decide(*part, decided).map(|known| !known),
            Node::And(parts) => self.settle(parts, false, decided),
            Node::Or(parts) => self.settle(parts, true, decided),
        };
        decided.insert(node, known);
        known
    }

    /// One part that is `settles` settles the whole; parts that are all the other settle it, too.
    fn settle(
        &self,
        parts: &[NodeId],
        settles: bool,
        decided: &mut FxHashMap<NodeId, Option<bool>>,
    ) -> Option<bool> {
        let mut open = false;
        for part in parts {
            match self.decide(*part, decided) {
                Some(known) if known == settles => return Some(settles),
                Some(_) => {}
                None => open = true,
            }
        }
        (!open).then_some(!settles)
    }

    fn gaps_below(&self, root: NodeId, found: &mut Vec<Gap>) {
        if self.gaps.is_empty() {
            return;
        }
        let mut seen = vec![false; self.program.nodes.len()];
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            match seen.get_mut(index(node)) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match self.program.node(node) {
                Node::Leaf(leaf) => {
                    found
                        .extend(self.gaps.get(leaf).into_iter().flat_map(|(_, gaps)| gaps.clone()));
                }
                Node::Not(part) => open.push(*part),
                Node::And(parts) | Node::Or(parts) => open.extend(parts.iter()),
                Node::Never | Node::Always => {}
            }
        }
    }
}

/// What a leaf lacks, and whether it can never hold without.
fn gap(leaf: &Leaf, program: &Program, sight: &Sight) -> (bool, Vec<Gap>) {
    let right = match leaf.question {
        Question::Relates(_, _, source) => Some(source),
        Question::Exists | Question::Matches(..) => None,
    };
    let mut never = false;
    let mut gaps = Vec::new();
    let sources = std::iter::once(leaf.source).chain(right);
    for field in sources.flat_map(|source| program.sources.fields(source)) {
        for need in field.needs() {
            let reason = match sight.needs.get(need) {
                None => continue,
                Some(Lack::Partly(reason)) => reason,
                Some(Lack::Wholly(reason)) => {
                    never = true;
                    reason
                }
            };
            gaps.push(Gap { what: field.to_string(), reason: reason.clone() });
        }
    }
    for (reason, asked_for_nothing_else) in unseen_origins(leaf, program, sight) {
        never |= asked_for_nothing_else;
        gaps.push(Gap { what: ORIGIN.to_owned(), reason: reason.to_owned() });
    }
    (never, gaps)
}

/// The field that says by which way something came.
const ORIGIN: &str = "evt.origin";

/// The ways that a leaf asks for and that are not seen, by their reasons, and whether it holds for no other.
fn unseen_origins<'sight>(
    leaf: &Leaf,
    program: &Program,
    sight: &'sight Sight,
) -> Vec<(&'sight str, bool)> {
    let is_origin = || {
        let fields = program.sources.fields(leaf.source);
        fields.iter().any(|field| field.row().name == ORIGIN)
    };
    if sight.origins.is_empty() || !is_origin() {
        return Vec::new();
    }
    let holds = |origin: Origin| leaf.holds(&Value::from(origin.name()), None);
    let is_seen = |origin: &Origin| !sight.origins.iter().any(|(unseen, _)| unseen == origin);
    let other = Origin::ALL.into_iter().filter(is_seen).any(holds);
    let asked = sight.origins.iter().filter(|(origin, _)| holds(*origin));
    asked.map(|(_, reason)| (reason.as_str(), !other)).collect()
}
