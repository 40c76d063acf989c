//! Holds events against rules.

use bulkhead_events::{Event, FileDescriptor, Value};

use super::conditions::Conditions;
use super::plan::Plan;
use super::program::{Node, NodeId, Program, index};
use super::screen::{KnownName, KnownProcess, Screen, Sight, Subject};
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
            run.screen(class, &mut self.open, &mut self.processes, &mut self.names);
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
    /// Leaves those conditions open that the process and the names of the file do. What is known of one of them
    /// comes first, so that little is left to be asked of the other.
    fn screen(
        &mut self,
        class: &Class,
        open: &mut Conditions,
        processes: &mut Screen<KnownProcess>,
        names: &mut Screen<KnownName>,
    ) {
        let process = &self.event.process;
        let called = self.event.file.as_deref().map(FileDescriptor::called);
        let of_process = recall(class, &class.process, processes, process, open);
        let of_names = match called {
            Some(called) => recall(class, &class.called, names, called, open),
            None => Unknown::Once,
        };
        self.find_out(class, &class.process, of_process, open, |left| {
            processes.keep(class.number, process, left);
        });
        self.find_out(class, &class.called, of_names, open, |left| {
            if let Some(called) = called {
                names.keep(class.number, called, left);
            }
        });
    }

    /// Leaves those conditions open that a stage does, where that was not known.
    fn find_out(
        &mut self,
        class: &Class,
        stage: &Stage,
        unknown: Unknown,
        open: &mut Conditions,
        keep: impl FnOnce(&[u64]),
    ) {
        if !stage.asking.meets(open) {
            return;
        }
        match unknown {
            Unknown::Nothing => {}
            Unknown::Once => open.keep(self.stage(stage, open).words()),
            Unknown::Again => {
                let left = self.stage(stage, &class.all);
                open.keep(left.words());
                keep(left.words());
            }
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

/// What a screen does not know of something.
#[derive(Debug, Clone, Copy)]
enum Unknown {
    /// It knows what conditions ask.
    Nothing,
    /// All, and it need not know.
    Once,
    /// All, and it comes again.
    Again,
}

/// Leaves those conditions open that are known to be.
fn recall<S: Subject>(
    class: &Class,
    stage: &Stage,
    screen: &mut Screen<S::Key>,
    subject: S,
    open: &mut Conditions,
) -> Unknown {
    if !stage.asking.meets(open) {
        return Unknown::Nothing;
    }
    match screen.look(class.number, subject) {
        Sight::Known(left) => {
            open.keep(left);
            Unknown::Nothing
        }
        Sight::Again => Unknown::Again,
        Sight::New => Unknown::Once,
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
