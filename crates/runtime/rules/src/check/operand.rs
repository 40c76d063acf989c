//! What values are taken from: fields, and what is made of them. Each once, however many rules ask.

use std::collections::HashMap;

use bulkhead_events::{Basis, Event, Field, FieldError, FieldType, Kind, Many, Value};
use rustc_hash::FxBuildHasher;

use super::transform;
use crate::problem::Problem;
use crate::syntax::{Argument, FieldName, Operand, Transformer, parse_operand};
use crate::text::Text;

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Field(Field),
    Transform { transformer: Transformer, parts: Vec<Part>, index: Option<String> },
}

/// What a transformer is given.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// The value of a source, by its number.
    Source(usize),
    Text(Vec<u8>),
    List(Vec<Self>),
}

/// A source with the type of its values.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) source: Source,
    pub(crate) kind: FieldType,
    pub(crate) many: Many,
    /// What of an event decides the values.
    pub(crate) basis: Basis,
    /// As a rule would write it.
    pub(crate) name: String,
}

/// A field that is not in the table: a rule may say that it is to be left out then.
#[derive(Debug, Clone)]
pub(crate) struct UnknownField(pub(crate) Problem);

/// All sources that rules name, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    sources: Vec<Typed>,
    by_name: HashMap<String, usize, FxBuildHasher>,
}

/// Why an operand cannot be used.
#[derive(Debug, Clone)]
pub(crate) enum OperandError {
    Unknown(UnknownField),
    Wrong(Problem),
}

impl From<Problem> for OperandError {
    fn from(problem: Problem) -> Self {
        Self::Wrong(problem)
    }
}

impl Sources {
    /// The number of what an operand names.
    pub(crate) fn add(&mut self, operand: &Operand) -> Result<usize, OperandError> {
        let name = operand.to_string();
        if let Some(number) = self.by_name.get(&name) {
            return Ok(*number);
        }
        let typed = match operand {
            Operand::Field(field) => typed_field(field, name.clone())?,
            Operand::Transform { transformer, arguments, index, .. } => {
                let parts: Vec<_> = arguments
                    .iter()
                    .map(|argument| self.part(argument))
                    .collect::<Result<_, _>>()?;
                let place = operand.place();
                let (kind, many) =
                    transform::check(*transformer, &parts, index.is_some(), |number| {
                        self.get(number)
                    })
                    .map_err(|(message, hint)| Problem::error(place.clone(), message).hint(hint))?;
                let mut inner = Vec::new();
                Part::sources(&parts, &mut inner);
                let basis = common(
                    inner.iter().filter_map(|number| self.get(*number)).map(|typed| typed.basis),
                );
                let source =
                    Source::Transform { transformer: *transformer, parts, index: index.clone() };
                Typed { source, kind, many, basis, name: name.clone() }
            }
        };
        let number = self.sources.len();
        self.sources.push(typed);
        self.by_name.insert(name, number);
        Ok(number)
    }

    /// The number of a field or transformer that stands alone.
    pub(crate) fn add_named(&mut self, name: &Text) -> Result<usize, OperandError> {
        match parse_operand(name, 0) {
            Ok(Some((operand, end))) if end == name.as_str().len() => self.add(&operand),
            _ => {
                let message = format!("`{}` is no field", name.as_str());
                Err(Problem::error(name.start(), message).into())
            }
        }
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Typed> {
        self.sources.get(number)
    }

    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    /// The fields that a source is made of.
    pub(crate) fn fields(&self, number: usize) -> Vec<&Field> {
        self.leaves(number).into_iter().map(|(_, field)| field).collect()
    }

    /// The fields that a source is made of, with their own numbers.
    pub(crate) fn leaves(&self, number: usize) -> Vec<(usize, &Field)> {
        let mut found = Vec::new();
        let mut open = vec![number];
        while let Some(number) = open.pop() {
            match self.get(number).map(|typed| &typed.source) {
                Some(Source::Field(field)) => found.push((number, field)),
                Some(Source::Transform { parts, .. }) => Part::sources(parts, &mut open),
                None => {}
            }
        }
        found
    }

    /// The value of a source; `inner` gives those of the sources that it is made of.
    pub(crate) fn extract<'event>(
        &self,
        number: usize,
        event: &'event Event,
        inner: &mut dyn FnMut(usize) -> Value<'event>,
    ) -> Value<'event> {
        match self.get(number).map(|typed| &typed.source) {
            Some(Source::Field(field)) => field.extract(event),
            Some(Source::Transform { transformer, parts, index }) => {
                transform::apply(*transformer, parts, index.as_deref(), inner)
            }
            None => Value::Null,
        }
    }

    /// The value of a source, and nothing kept.
    pub(crate) fn value<'event>(&self, number: usize, event: &'event Event) -> Value<'event> {
        self.extract(number, event, &mut |inner| self.value(inner, event))
    }

    /// Whether its value is the same for all events of a kind.
    pub(crate) fn is_settled_by(&self, number: usize, kind: Kind) -> bool {
        self.leaves(number).into_iter().all(|(_, field)| field.is_settled_by(kind))
    }

    /// The value of a source as outputs tell it.
    pub(crate) fn told<'event>(&self, number: usize, event: &'event Event) -> Value<'event> {
        match self.get(number).map(|typed| &typed.source) {
            Some(Source::Field(field)) => field.told(event),
            _ => self.value(number, event),
        }
    }

    fn part(&mut self, argument: &Argument) -> Result<Part, OperandError> {
        Ok(match argument {
            Argument::Operand(operand) => Part::Source(self.add(operand)?),
            Argument::Text(text) => Part::Text(text.clone().into_bytes()),
            Argument::List(arguments) => Part::List(
                arguments.iter().map(|argument| self.part(argument)).collect::<Result<_, _>>()?,
            ),
        })
    }
}

impl Part {
    fn sources(parts: &[Self], found: &mut Vec<usize>) {
        for part in parts {
            match part {
                Self::Source(number) => found.push(*number),
                Self::Text(_) => {}
                Self::List(parts) => Self::sources(parts, found),
            }
        }
    }
}

/// What decides several values together: what each of them depends on, or the whole event.
pub(crate) fn common(mut bases: impl Iterator<Item = Basis>) -> Basis {
    let first = bases.next().unwrap_or(Basis::Event);
    if bases.all(|basis| basis == first) { first } else { Basis::Event }
}

/// What to say of a field that a plugin of Falco fills.
pub(crate) fn plugin_hint(name: &str) -> Option<String> {
    let (class, _) = name.split_once('.')?;
    let source = match class {
        "ka" | "jevt" => "k8s_audit",
        "ct" => "aws_cloudtrail",
        "gcp" => "gcp_auditlog",
        "github" | "okta" => class,
        "krsi" => {
            let hint = "what comes by io_uring is told as other calls are, with `evt.origin`";
            return Some(format!("it is a field of a plugin that is not here; {hint}"));
        }
        "json" => return Some("it is a field of a plugin that is not here".to_owned()),
        _ => return None,
    };
    Some(format!("it is a field of a plugin; such rules have `source: {source}`"))
}

fn typed_field(name: &FieldName, shown: String) -> Result<Typed, OperandError> {
    let field = Field::resolve(&name.name, name.argument.as_deref()).map_err(|error| {
        let problem = |message: String| Problem::error(name.place.clone(), message);
        match &error {
            FieldError::Unknown { near, .. } => {
                let problem = problem(format!("there is no field `{}`", name.name));
                if let Some(hint) = plugin_hint(&name.name) {
                    return OperandError::Unknown(UnknownField(problem.hint(hint)));
                }
                OperandError::Unknown(UnknownField(match near {
                    Some(near) => problem.hint(format!("did you mean `{near}`")),
                    None => problem.hint("`bulkhead rules list --fields` names them all"),
                }))
            }
            FieldError::UnknownArgument { .. } => {
                OperandError::Unknown(UnknownField(problem(error.to_string())))
            }
            _ => OperandError::Wrong(problem(error.to_string())),
        }
    })?;
    let (kind, many, basis) = (field.kind(), field.many(), field.basis());
    Ok(Typed { source: Source::Field(field), kind, many, basis, name: shown })
}
