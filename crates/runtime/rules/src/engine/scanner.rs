//! Holds events against rules.

use bulkhead_events::{Event, FileDescriptor, Value};

use super::conditions::Conditions;
use super::plan::Plan;
use super::program::{Node, NodeId, Program, index};
use super::screen::{KnownName, KnownProcess, Screen};
use super::types::{Class, Pending, Stage};
use crate::check::{Leaf, Question};
use crate::correlation::{Correlation, Memory};
use crate::rule::Rule;
use crate::set::RuleSet;

/// Which of the rules that an event meets are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matching {
    /// The first in their order.
    #[default]
    First,
    /// Every one.
    All,
}

/// Holds events against a rule set, one after the other. Cheap to make: each thread has its own.
#[derive(Debug)]
pub struct Scanner<'set> {
    set: &'set RuleSet,
    matching: Matching,
    /// What is known of nodes for the event of this turn: twice the turn, and one more where it holds.
    verdicts: Vec<u32>,
    /// Where the values of sources lie: the turn, and their place.
    places: Vec<(u32, u32)>,
    turn: u32,
    /// The room of the values, which are of one event.
    room: Vec<Value<'static>>,
    /// The conditions that the process and the names of the file leave open.
    open: Conditions,
    /// The conditions that hold for the event.
    holding: Conditions,
    processes: Screen<KnownProcess>,
    names: Screen<KnownName>,
    met: Vec<u32>,
    memory: Memory,
}

impl<'set> Scanner<'set> {
    /// A scanner for a rule set.
    pub fn new(set: &'set RuleSet, matching: Matching) -> Self {
        Self {
            set,
            matching,
            verdicts: vec![0; set.program.nodes.len()],
            places: vec![(0, 0); set.program.sources.len()],
            turn: 0,
            room: Vec::new(),
            open: Conditions::default(),
            holding: Conditions::default(),
            processes: Screen::new(set.types.width()),
            names: Screen::new(set.types.width()),
            met: Vec::new(),
            memory: Memory::default(),
        }
    }

    /// The rules that an event meets, in their order.
    pub fn scan(&mut self, event: &Event) -> impl Iterator<Item = &'set Rule> {
        self.begin();
        let mut run = Run {
            program: &self.set.program,
            event,
            turn: self.turn,
            verdicts: &mut self.verdicts,
            places: &mut self.places,
            values: recycled(std::mem::take(&mut self.room)),
        };
        self.met.clear();
        self.holding.clear(0);
        if let Some(class) = self.set.types.class(event.kind) {
            self.open.copy(&class.all);
            run.screen_process(class, &mut self.open, &mut self.processes);
            run.screen_names(class, &mut self.open, &mut self.names);
            if !self.open.is_empty() {
                run.follow(&class.rest, &self.open, &mut self.holding);
            }
        }
        for number in self.holding.iter() {
            let pending = self.set.types.rules(event.kind).get(index(number));
            let Some(pending) = pending else { continue };
            // Steps of later rules are taken whether an earlier rule was met or not.
            if pending.step.is_none() && self.matching == Matching::First && !self.met.is_empty() {
                continue;
            }
            let correlation = self.set.correlations.get(&pending.rule);
            if correlation.is_none_or(|asked| run.correlate(*pending, asked, &mut self.memory)) {
                self.met.push(pending.rule);
            }
        }
        self.room = recycled(run.values);
        let set = self.set;
        self.met.iter().filter_map(|rule| set.rules.get(index(*rule)))
    }

    /// How many unfinished sequences and counts were given up for want of room, since the scanner was made.
    pub fn forgotten(&self) -> u64 {
        self.memory.forgotten()
    }

    fn begin(&mut self) {
        // Half of the numbers, since the lowest bit is the verdict.
        if self.turn >= u32::MAX >> 1 {
            self.turn = 0;
            self.verdicts.fill(0);
            self.places.fill((0, 0));
        }
        self.turn = self.turn.saturating_add(1);
    }
}

/// The same memory for values of another event.
fn recycled<'other>(mut values: Vec<Value<'_>>) -> Vec<Value<'other>> {
    values.clear();
    values.into_iter().map_while(|_| None).collect()
}

/// One event while it is looked at.
struct Run<'run, 'event> {
    program: &'run Program,
    event: &'event Event,
    turn: u32,
    verdicts: &'run mut [u32],
    places: &'run mut [(u32, u32)],
    values: Vec<Value<'event>>,
}

impl<'event> Run<'_, 'event> {
    /// Leaves what the process leaves open.
    fn screen_process(
        &mut self,
        class: &Class,
        open: &mut Conditions,
        known: &mut Screen<KnownProcess>,
    ) {
        if !class.process.asking.meets(open) {
            return;
        }
        let (number, process) = (class.number, &self.event.process);
        let place = Screen::<KnownProcess>::place(KnownProcess::hash(number, process));
        if let Some(left) = known.known(place, |known| known.is(number, process)) {
            return open.keep(left);
        }
        let left = self.stage(&class.process, &class.all);
        open.keep(left.words());
        known.put(place, KnownProcess::new(number, process), left.words());
    }

    /// Leaves what the names of the file leave open.
    fn screen_names(
        &mut self,
        class: &Class,
        open: &mut Conditions,
        known: &mut Screen<KnownName>,
    ) {
        if !class.called.asking.meets(open) {
            return;
        }
        let number = class.number;
        let Some(called) = self.event.file.as_deref().map(FileDescriptor::called) else {
            return open.keep(self.stage(&class.called, open).words());
        };
        let place = Screen::<KnownName>::place(KnownName::hash(number, called));
        if let Some(left) = known.known(place, |known| known.is(number, called)) {
            return open.keep(left);
        }
        let left = self.stage(&class.called, &class.all);
        open.keep(left.words());
        if let Some(key) = KnownName::new(number, called) {
            known.put(place, key, left.words());
        }
    }

    /// Of some conditions those that a stage leaves open.
    fn stage(&mut self, stage: &Stage, of: &Conditions) -> Conditions {
        let mut left = stage.silent.clone();
        self.follow(&stage.plan, of, &mut left);
        left
    }

    /// Adds those of some conditions that hold as far as a plan asks.
    fn follow(&mut self, plan: &Plan, of: &Conditions, holding: &mut Conditions) {
        for (number, parts) in &plan.alone {
            if of.contains(*number) && parts.iter().all(|part| self.holds(*part)) {
                holding.insert(*number);
            }
        }
        for group in &plan.groups {
            if group.members.meets(of) && group.parts.iter().all(|part| self.holds(*part)) {
                self.follow(&group.plan, of, holding);
            }
        }
    }

    fn holds(&mut self, node: NodeId) -> bool {
        let known = self.verdicts.get(index(node)).copied().unwrap_or(0);
        if known >> 1 == self.turn {
            return known & 1 == 1;
        }
        let program = self.program;
        let verdict = match program.node(node) {
            Node::Never => false,
            Node::Always => true,
            Node::Leaf(leaf) => program.leaf(*leaf).is_some_and(|leaf| self.leaf(leaf)),
            Node::Not(part) => !self.holds(*part),
            Node::And(parts) => parts.iter().all(|part| self.holds(*part)),
            Node::Or(parts) => parts.iter().any(|part| self.holds(*part)),
        };
        if let Some(slot) = self.verdicts.get_mut(index(node)) {
            *slot = self.turn << 1 | u32::from(verdict);
        }
        verdict
    }

    /// Whether a condition that is met completes what the rule asks of several events.
    fn correlate(&mut self, pending: Pending, asked: &Correlation, memory: &mut Memory) -> bool {
        if let Some(sequence) = &asked.sequence {
            let values = self.shared(&sequence.by);
            let complete = match pending.step {
                Some(step) => {
                    memory.step(pending.rule, sequence, step, &values, self.event);
                    false
                }
                None => memory.complete(pending.rule, sequence, &values, self.event),
            };
            if !complete {
                return false;
            }
        }
        let Some(threshold) = &asked.threshold else { return true };
        let values = self.shared(&threshold.by);
        let distinct = threshold.distinct.map(|source| self.shared(&[source]));
        let distinct = distinct.as_ref().and_then(|values| values.first());
        memory.count(pending.rule, threshold, &values, distinct, self.event)
    }

    fn shared(&mut self, sources: &[usize]) -> Vec<Value<'event>> {
        let value = |source: &usize| {
            let place = self.place(*source);
            self.values.get(place).cloned().unwrap_or(Value::Null)
        };
        sources.iter().map(value).collect()
    }

    fn leaf(&mut self, leaf: &Leaf) -> bool {
        let left = self.place(leaf.source);
        let right = match &leaf.question {
            Question::Relates(_, _, right) => Some(self.place(*right)),
            Question::Exists | Question::Matches(..) => None,
        };
        let right = right.and_then(|right| self.values.get(right));
        self.values.get(left).is_some_and(|left| leaf.holds(left, right))
    }

    /// Where the value of a source lies, which is taken from the event at most once.
    fn place(&mut self, source: usize) -> usize {
        if let Some((turn, place)) = self.places.get(source)
            && *turn == self.turn
        {
            return index(*place);
        }
        let program = self.program;
        let value = program.sources.extract(source, self.event, &mut |inner| {
            let place = self.place(inner);
            self.values.get(place).cloned().unwrap_or(Value::Null)
        });
        let place = self.values.len();
        self.values.push(value);
        if let Some(slot) = self.places.get_mut(source) {
            *slot = (self.turn, u32::try_from(place).unwrap_or(u32::MAX));
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_kept_from_event_to_event() {
        let values = vec![Value::Null; 100];
        assert!(recycled(values).capacity() >= 100);
    }
}
