//! Which rules can be met at all, given what a sensor sees.

mod unmet;

use std::collections::BTreeMap;

use bulkhead_events::{Kind, Need, Origin, Value};
use rustc_hash::FxHashMap;

use crate::check::{Leaf, Question};
use crate::engine::{NodeId, Pending, Program};
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
        let mut conditions: FxHashMap<u32, Conditions<'_>> = FxHashMap::default();
        for root in &self.roots {
            let of_rule = conditions.entry(root.rule).or_default();
            of_rule.push((root, Vec::new()));
        }
        for kind in Kind::all() {
            for of_kind in self.types.rules(kind) {
                let mut of_rule = conditions.get_mut(&of_kind.rule).into_iter().flatten();
                if let Some((_, left)) = of_rule.find(|(root, _)| root.step == of_kind.step) {
                    left.push((kind, of_kind.root));
                }
            }
        }
        let of_none = conditions.values().flatten().filter(|(_, left)| left.is_empty());
        let of_none = of_none.map(|(condition, _)| condition.root).collect();
        let unmet = unmet::why(of_none, &self.program);
        let rules = self.rules.iter().enumerate().map(|(number, rule)| {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let conditions = conditions.get(&number).map_or(&[][..], Vec::as_slice);
            let coverage = match &rule.off {
                None => gaps.of(conditions, &unmet, sight),
                Some(off) => Coverage::Off(off.clone()),
            };
            (rule, coverage)
        });
        rules.collect()
    }
}

/// The rule's own condition and the steps before it, each with what is left of it for the kinds that can meet it.
type Conditions<'set> = Vec<(&'set Pending, Vec<(Kind, NodeId)>)>;

/// The leaves that are not answered as they should be.
struct LeafGaps<'set> {
    program: &'set Program,
    /// By leaf: whether it never holds, since null is no answer, and what is missing.
    gaps: FxHashMap<u32, (bool, Vec<Gap>)>,
}

impl<'set> LeafGaps<'set> {
    fn new(program: &'set Program, sight: &Sight) -> Self {
        let leaves = (0_u32..).zip(&program.leaves);
        let gaps = leaves.map(|(number, leaf)| (number, gap(leaf, program, sight)));
        Self { program, gaps: gaps.filter(|(_, (_, found))| !found.is_empty()).collect() }
    }

    /// `unmet` says of conditions that nothing can meet what they ask for in vain.
    fn of(
        &self,
        conditions: &[(&Pending, Vec<(Kind, NodeId)>)],
        unmet: &FxHashMap<NodeId, Vec<Gap>>,
        sight: &Sight,
    ) -> Coverage {
        let mut gaps = Vec::new();
        // Each must be met by something.
        let mut can_be_met = true;
        let mut decided = FxHashMap::default();
        let known = |leaf: u32| self.gaps.get(&leaf).and_then(|(never, _)| never.then_some(false));
        for (condition, left) in conditions {
            if left.is_empty() {
                gaps.extend(unmet.get(&condition.root).into_iter().flatten().cloned());
            }
            let mut is_met = false;
            for (kind, root) in left {
                if let Some(reason) = sight.kinds.get(kind) {
                    let what = format!("evt.type={}", kind.name());
                    gaps.push(Gap { what, reason: reason.clone() });
                    continue;
                }
                if !self.gaps.is_empty() {
                    let leaves = self.program.leaves_below(*root);
                    let found = leaves.filter_map(|(leaf, _)| self.gaps.get(&leaf));
                    gaps.extend(found.flat_map(|(_, gaps)| gaps.iter().cloned()));
                }
                is_met |= self.program.decide(*root, &known, &mut decided) != Some(false);
            }
            can_be_met &= is_met;
        }
        gaps.sort();
        gaps.dedup();
        match (can_be_met, gaps.is_empty()) {
            (false, _) => Coverage::Blind(gaps),
            (true, true) => Coverage::Live,
            (true, false) => Coverage::Degraded(gaps),
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
