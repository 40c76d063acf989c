//! Which rules an event of a kind can meet, and what is left of their conditions once the kind is
//! known. An `and` of kinds is their intersection, an `or` their union, a `not` their complement: all
//! that follows from putting the kind in place.

use std::collections::HashMap;

use bulkhead_events::{Basis, Event, Kind};
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::conditions::Conditions;
use super::plan::Plan;
use super::program::{Builder, Node, NodeId, Program};

/// A condition that events are held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    /// The rule, by its number.
    pub(crate) rule: u32,
    /// The step before the rule's own condition that it is, from 0; none for the rule's own.
    pub(crate) step: Option<u8>,
    /// What is left of the condition.
    pub(crate) root: NodeId,
}

/// For each kind of event, the rules that it can meet, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Types {
    by_number: Vec<u16>,
    /// For kinds that have no name. Always there.
    unnamed: u16,
    classes: Vec<Class>,
}

/// What is left of the conditions for kinds of which the same is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Class {
    pub(crate) number: u16,
    pub(crate) pending: Vec<Pending>,
    pub(crate) all: Conditions,
    /// What is asked of the process alone.
    pub(crate) process: Stage,
    /// What is asked of the names of the file alone.
    pub(crate) called: Stage,
    /// All else.
    pub(crate) rest: Plan,
}

/// What conditions ask of a part of the event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage {
    /// Conditions that ask something.
    pub(crate) asking: Conditions,
    /// Conditions that ask nothing.
    pub(crate) silent: Conditions,
    pub(crate) plan: Plan,
}

impl Class {
    fn new(number: u16, pending: Vec<Pending>, builder: &mut Builder) -> Self {
        let parts: Vec<_> = pending.iter().map(|pending| builder.conjuncts(pending.root)).collect();
        let program = builder.program();
        let of = |basis: Basis| {
            let parts = parts.iter().map(|parts| {
                parts.iter().copied().filter(|part| program.basis(*part) == basis).collect()
            });
            (0_u32..).zip(parts).collect::<Vec<(u32, FxHashSet<NodeId>)>>()
        };
        let stage = |basis: Basis| {
            let (silent, asking): (Vec<_>, Vec<_>) =
                of(basis).into_iter().partition(|(_, parts)| parts.is_empty());
            Stage {
                silent: silent.into_iter().map(|(number, _)| number).collect(),
                asking: asking.iter().map(|(number, _)| *number).collect(),
                plan: Plan::new(asking, program),
            }
        };
        Self {
            number,
            all: (0..).zip(&pending).map(|(number, _)| number).collect(),
            process: stage(Basis::Process),
            called: stage(Basis::Called),
            rest: Plan::new(of(Basis::Event), program),
            pending,
        }
    }
}

/// The number of a system call that has no name.
const UNNAMED: u16 = 1023;

impl Types {
    pub(crate) fn new(builder: &mut Builder, roots: &[Pending]) -> Self {
        let mut types = Self::default();
        let mut classes = HashMap::<Vec<Option<bool>>, u16, FxBuildHasher>::default();
        types.unnamed = types.class_of(Kind::by_number(UNNAMED), builder, roots, &mut classes);
        for kind in Kind::all() {
            let class = types.class_of(kind, builder, roots, &mut classes);
            let number = usize::from(kind.number());
            if types.by_number.len() <= number {
                types.by_number.resize(number.saturating_add(1), types.unnamed);
            }
            if let Some(slot) = types.by_number.get_mut(number) {
                *slot = class;
            }
        }
        types
    }

    /// The rules that an event of a kind can meet.
    pub(crate) fn rules(&self, kind: Kind) -> &[Pending] {
        self.class(kind).map_or(&[], |class| &class.pending)
    }

    /// How many words a set of conditions takes at most.
    pub(crate) fn width(&self) -> usize {
        let most = self.classes.iter().map(|class| class.pending.len()).max();
        Conditions::width(most.unwrap_or(0))
    }

    /// What is left of the conditions for a kind of event.
    pub(crate) fn class(&self, kind: Kind) -> Option<&Class> {
        let class = self.by_number.get(usize::from(kind.number())).copied();
        self.classes.get(usize::from(class.unwrap_or(self.unnamed)))
    }

    /// Kinds of which the same is known are one class.
    fn class_of(
        &mut self,
        kind: Kind,
        builder: &mut Builder,
        roots: &[Pending],
        classes: &mut HashMap<Vec<Option<bool>>, u16, FxBuildHasher>,
    ) -> u16 {
        let known = known(kind, builder.program());
        if let Some(class) = classes.get(&known) {
            return *class;
        }
        let mut done = HashMap::default();
        let leaf = |leaf: u32| known.get(super::program::index(leaf)).copied().flatten();
        let rules = roots
            .iter()
            .map(|pending| Pending {
                root: builder.simplify(pending.root, &leaf, &mut done),
                ..*pending
            })
            .collect::<Vec<_>>();
        let pending: Vec<_> = rules
            .into_iter()
            .filter(|pending| *builder.program().node(pending.root) != Node::Never)
            .collect();
        let class = u16::try_from(self.classes.len()).unwrap_or(u16::MAX);
        self.classes.push(Class::new(class, pending, builder));
        classes.insert(known, class);
        class
    }
}

/// What the leaves answer for whatever is of a kind: those that ask for the kind itself, and for what such events never
/// have.
pub(crate) fn known(kind: Kind, program: &Program) -> Vec<Option<bool>> {
    let event = Event::new(kind);
    let sources = 0..program.sources.len();
    let settled: Vec<bool> =
        sources.map(|source| program.sources.is_settled_by(source, kind)).collect();
    let is_settled = |source: usize| settled.get(source).copied().unwrap_or_default();
    let leaves = program.leaves.iter();
    // The leaves that are put together while conditions are made simple are not known.
    leaves
        .map(|leaf| leaf.sources().all(is_settled).then(|| program.answer(leaf, &event)))
        .collect()
}
