//! Which rules can be met at all, given what a sensor sees.

use std::collections::BTreeMap;

use bulkhead_events::{Kind, Need, Origin, Value};
use rustc_hash::FxHashMap;

use crate::check::{Leaf, Question};
use crate::engine::{Node, NodeId, Pending, Program, index};
use crate::rule::Rule;
use crate::selection::Off;
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
    Off(Off),
}

/// What a rule asks for and does not get.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The field, or `evt.type=` and a kind of event.
    pub what: String,
    /// Why it is not there.
    pub reason: String,
}

/// Why a field of Falco that nothing fills is not there.
pub(crate) const NEVER: &str = "it is a field of Falco that never has a value here";

impl Sight {
    /// A sensor that sees everything that any sensor of ours can.
    pub fn everything() -> Self {
        Self::default().without(Need::Elsewhere, Lack::Wholly(NEVER.to_owned()))
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
            let coverage = match &rule.off {
                None => gaps.of(conditions, sight),
                Some(off) => Coverage::Off(off.clone()),
            };
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
    /// Leaves that ask a field which has the same value for every event: whether they hold, and what to say of a rule
    /// that cannot be met for it.
    fixed: FxHashMap<u32, (bool, Gap)>,
}

impl<'set> LeafGaps<'set> {
    fn new(program: &'set Program, sight: &Sight) -> Self {
        let mut gaps = FxHashMap::default();
        let mut fixed = FxHashMap::default();
        for (number, leaf) in (0_u32..).zip(&program.leaves) {
            let (never, found) = gap(leaf, program, sight);
            if !found.is_empty() {
                gaps.insert(number, (never, found));
            } else if let Some(settled) = settled(leaf, program) {
                fixed.insert(number, settled);
            }
        }
        Self { program, gaps, fixed }
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
            if !self.gaps.is_empty() {
                self.leaves_below(*root, |leaf| {
                    let found = self.gaps.get(&leaf).into_iter();
                    gaps.extend(found.flat_map(|(_, gaps)| gaps.iter().cloned()));
                });
            }
            *can_be_met |= self.decide(*root, &mut decided) != Some(false);
        }
        let can_be_met = can_be_met.values().all(|can| *can);
        if !can_be_met && !self.fixed.is_empty() {
            let (mut unmet, mut met) = (Vec::new(), Vec::new());
            for (_, Pending { root, .. }) in conditions {
                self.leaves_below(*root, |leaf| match self.fixed.get(&leaf) {
                    Some((false, gap)) => unmet.push(gap.clone()),
                    Some((true, gap)) => met.push(gap.clone()),
                    None => {}
                });
            }
            // What holds always is a reason where nothing else is: it stands behind a `not`.
            gaps.extend(unmet);
            if gaps.is_empty() {
                gaps = met;
            }
        }
        gaps.sort();
        gaps.dedup();
        match (can_be_met, gaps.is_empty()) {
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
            Node::Leaf(leaf) => match self.fixed.get(leaf) {
                Some((holds, _)) => Some(*holds),
                None => self.gaps.get(leaf).and_then(|(never, _)| never.then_some(false)),
            },
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

    fn leaves_below(&self, root: NodeId, mut visit: impl FnMut(u32)) {
        let mut seen = vec![false; self.program.nodes.len()];
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            match seen.get_mut(index(node)) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match self.program.node(node) {
                Node::Leaf(leaf) => visit(*leaf),
                Node::Not(part) => open.push(*part),
                Node::And(parts) | Node::Or(parts) => open.extend(parts.iter()),
                Node::Never | Node::Always => {}
            }
        }
    }
}

/// What a leaf answers for every event, if its field has one value only.
fn settled(leaf: &Leaf, program: &Program) -> Option<(bool, Gap)> {
    let field = leaf.field(&program.sources)?;
    let value = field.constant()?;
    if matches!(leaf.question, Question::Relates(..)) {
        return None;
    }
    let reason = format!("is always `{value}`");
    Some((leaf.holds(&value, None), Gap { what: field.to_string(), reason }))
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
