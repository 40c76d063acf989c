//! Why an event meets a rule, or which part of the condition it fails.

use bulkhead_events::{Event, Value};

use crate::check::Question;
use crate::output::shown;
use crate::rule::Rule;
use crate::set::RuleSet;
use crate::syntax::{Check, Expression};
use crate::text::Place;

/// How many parts an explanation has at most: macros can multiply.
const MOST_PARTS: usize = 100_000;

/// A part of a condition, held against one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub part: ExplainedPart,
    /// What it is made of, in the order in which it was written.
    pub parts: Vec<Self>,
}

/// What a part of a condition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExplainedPart {
    /// All parts must hold.
    And,
    /// One part must hold.
    Or,
    /// The part must not hold.
    Not,
    /// A macro.
    Macro {
        /// The name.
        name: String,
        /// Where it is used.
        place: Place,
    },
    /// A comparison.
    Check {
        /// As it could be written.
        text: String,
        /// What the event has on the left side, and for a field on the right that one's.
        values: Vec<String>,
        /// Where it stands.
        place: Place,
    },
    /// The explanation was cut here.
    Cut,
}

impl RuleSet {
    /// Holds an event against the whole condition of a rule, part by part.
    pub fn explain(&self, rule: &Rule, event: &Event) -> Explanation {
        Explainer { set: self, event, left: MOST_PARTS }.explain(&rule.condition)
    }
}

impl Explanation {
    /// The smallest parts that must change for the verdict to change: of an `and` that fails those
    /// that fail, of an `or` that holds those that hold.
    pub fn decisive(&self) -> Vec<&Self> {
        let chosen: Vec<&Self> = match self.part {
            ExplainedPart::And | ExplainedPart::Or => {
                self.parts.iter().filter(|part| part.holds == self.holds).collect()
            }
            ExplainedPart::Not | ExplainedPart::Macro { .. } => self.parts.iter().collect(),
            ExplainedPart::Check { .. } | ExplainedPart::Cut => return vec![self],
        };
        chosen.into_iter().flat_map(Self::decisive).collect()
    }
}

struct Explainer<'set, 'event> {
    set: &'set RuleSet,
    event: &'event Event,
    left: usize,
}

impl Explainer<'_, '_> {
    fn explain(&mut self, expression: &Expression) -> Explanation {
        let Some(left) = self.left.checked_sub(1) else {
            return Explanation { holds: false, part: ExplainedPart::Cut, parts: Vec::new() };
        };
        self.left = left;
        match expression {
            Expression::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.explain(part)).collect();
                let holds = parts.iter().all(|part| part.holds);
                Explanation { holds, part: ExplainedPart::And, parts }
            }
            Expression::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.explain(part)).collect();
                let holds = parts.iter().any(|part| part.holds);
                Explanation { holds, part: ExplainedPart::Or, parts }
            }
            Expression::Not(part) => {
                let part = self.explain(part);
                Explanation { holds: !part.holds, part: ExplainedPart::Not, parts: vec![part] }
            }
            Expression::Macro { name, place, body } => {
                let parts: Vec<_> = body.iter().map(|body| self.explain(body)).collect();
                let holds = parts.iter().any(|part| part.holds);
                let part = ExplainedPart::Macro { name: name.clone(), place: place.clone() };
                Explanation { holds, part, parts }
            }
            Expression::Check(check) => self.check(check),
        }
    }

    fn check(&self, check: &Check) -> Explanation {
        let text = check.to_string();
        let program = &self.set.program;
        let leaf = self.set.leaves.get(&text).and_then(|leaf| program.leaf(*leaf));
        let value = |source: usize| program.sources.value(source, self.event);
        let (holds, values) = match leaf {
            None => (false, Vec::new()),
            Some(leaf) => {
                let left = value(leaf.source);
                let right = match leaf.question {
                    Question::Relates(_, _, source) => Some(value(source)),
                    Question::Exists | Question::Matches(..) => None,
                };
                let holds = leaf.holds(&left, right.as_ref());
                let values: Vec<Value<'_>> = std::iter::once(left).chain(right).collect();
                (holds, values.iter().map(shown).collect())
            }
        };
        let part = ExplainedPart::Check { text, values, place: check.place.clone() };
        Explanation { holds, part, parts: Vec::new() }
    }
}
