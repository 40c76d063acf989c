//! A comparison that is ready to be asked.

use bulkhead_events::{Field, Many, Value};

use super::matcher::{self, Matcher, allows, called, is_number};
use super::operand::{OperandError, Source, Sources};
use super::transform::is_text;
use crate::problem::Problem;
use crate::syntax::{Check, Operator, Right, Test};

/// A comparison.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// The source on the left.
    pub(crate) source: usize,
    pub(crate) question: Question,
    pub(crate) cost: u32,
}

/// What is asked of the source.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    Exists,
    Matches(Combine, Box<Matcher>),
    /// A relation to another source.
    Relates(Combine, Operator, usize),
}

/// What it means to ask several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combine {
    Any,
    All,
}

impl Leaf {
    pub(crate) fn new(check: &Check, sources: &mut Sources) -> Result<Self, OperandError> {
        let source = sources.add(&check.left)?;
        let Some(typed) = sources.get(source) else {
            return Err(Problem::error(check.place.clone(), "the field is lost").into());
        };
        let (kind, many, name) = (typed.kind, typed.many, typed.name.clone());
        let effort = match &typed.source {
            // What is looked up costs less than what is put together.
            Source::Field(_) if is_number(kind) => 1,
            Source::Field(_) => 2,
            Source::Transform { .. } => 30,
        };
        let effort = if many == Many::One { effort } else { 40 };
        let (operator, quantifier, right) = match &check.test {
            Test::Exists => {
                return Ok(Self { source, question: Question::Exists, cost: effort });
            }
            Test::Compare { operator, quantifier, right } => (*operator, *quantifier, right),
        };
        if many == Many::List && !matches!(operator, Operator::In | Operator::Intersects) {
            return Err(Problem::error(
                check.place.clone(),
                format!("`{operator}` cannot be asked of `{name}`, which is a list"),
            )
            .hint("a list takes exists, in and intersects")
            .into());
        }
        let combine = match (many, operator) {
            (Many::List, Operator::In) | (Many::Either, Operator::NotEqual) => Combine::All,
            _ => Combine::Any,
        };
        let question = match (quantifier, right) {
            (None, Right::Word(word)) => {
                Question::Matches(combine, Box::new(Matcher::single(kind, operator, word)?))
            }
            (None, Right::List(words)) => {
                Question::Matches(combine, Box::new(Matcher::list(kind, operator, words)?))
            }
            (Some(quantifier), Right::List(words)) => {
                let matcher = Matcher::quantified(kind, operator, quantifier, words)?;
                Question::Matches(combine, Box::new(matcher))
            }
            (Some(quantifier), Right::Word(_)) => {
                return Err(Problem::error(
                    check.place.clone(),
                    format!("`{quantifier}` needs a list"),
                )
                .into());
            }
            (quantifier, Right::Operand(operand)) => {
                let error = |message: String| {
                    Err(OperandError::Wrong(Problem::error(operand.place(), message)))
                };
                if let Some(quantifier) = quantifier {
                    return error(format!("`{quantifier}` needs a list in parentheses"));
                }
                let number = sources.add(operand)?;
                let Some(other) = sources.get(number) else {
                    return error("the field is lost".to_owned());
                };
                let alike = other.kind == kind
                    || (is_text(other.kind) && is_text(kind))
                    || (is_number(other.kind) && is_number(kind));
                if !alike {
                    return error(format!(
                        "`{name}` is {}, but `{}` is {}",
                        called(kind),
                        other.name,
                        called(other.kind)
                    ));
                }
                let related = matches!(
                    operator,
                    Operator::PathMatch
                        | Operator::Regex
                        | Operator::ContainsBytes
                        | Operator::StartsWithBytes
                );
                if related || !allows(kind, operator) {
                    return error(format!(
                        "`{operator}` cannot be asked with a field on the right"
                    ));
                }
                if other.many != Many::One
                    && !matches!(operator, Operator::In | Operator::Intersects)
                {
                    return error(format!("`{}` can have several values: use `in`", other.name));
                }
                Question::Relates(combine, operator, number)
            }
        };
        let asked = match &question {
            Question::Matches(_, matcher) => matcher.cost(),
            Question::Exists | Question::Relates(..) => 8,
        };
        Ok(Self { source, question, cost: effort.saturating_add(asked) })
    }

    /// Whether it holds; `value` gives the values of sources.
    pub(crate) fn holds(&self, left: &Value<'_>, right: Option<&Value<'_>>) -> bool {
        match &self.question {
            Question::Exists => left.exists(),
            Question::Matches(combine, matcher) => combine.over(left, |value| matcher.holds(value)),
            Question::Relates(combine, operator, _) => right.is_some_and(|right| {
                combine.over(left, |value| matcher::compare(*operator, value, right))
            }),
        }
    }

    /// What its values are taken from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = usize> {
        let right = match self.question {
            Question::Relates(_, _, source) => Some(source),
            Question::Exists | Question::Matches(..) => None,
        };
        std::iter::once(self.source).chain(right)
    }

    /// The field on the left, where it stands there as it is.
    pub(crate) fn field<'sources>(&self, sources: &'sources Sources) -> Option<&'sources Field> {
        match &sources.get(self.source)?.source {
            Source::Field(field) => Some(field),
            Source::Transform { .. } => None,
        }
    }
}

impl Combine {
    /// Of no values nothing holds.
    fn over(self, value: &Value<'_>, holds: impl Fn(&Value<'_>) -> bool) -> bool {
        match (value, self) {
            (Value::List(values), Self::Any) => values.iter().any(holds),
            (Value::List(values), Self::All) => !values.is_empty() && values.iter().all(holds),
            (value, _) => holds(value),
        }
    }
}
