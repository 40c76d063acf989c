//! What a rule says when it is met: text with fields of the event in it.

use std::fmt::Write as _;

use bulkhead_events::{Event, Field, Value};

use crate::check::{OperandError, Sources, UnknownField};
use crate::problem::{Problem, nearest};
use crate::set::RuleSet;
use crate::syntax::{Transformer, parse_operand};
use crate::text::Text;

/// What is added to every output that does not have it, so that an alert says where it was.
const SUGGESTED: [(&str, &str); 6] = [
    ("container_id", "container.id"),
    ("container_name", "container.name"),
    ("container_image_repository", "container.image.repository"),
    ("container_image_tag", "container.image.tag"),
    ("k8s_pod_name", "k8s.pod.name"),
    ("k8s_ns_name", "k8s.ns.name"),
];

/// What older rules name for which container it was; no field. (Falco, `rule_loader_compiler.cpp`)
const CONTAINER: &str = "container.info";

/// How many bytes of one value a line shows.
const MOST_BYTES: usize = 4096;

/// The output of a rule, ready to be filled in.
#[derive(Debug, Clone, Default)]
pub struct Format {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Value { source: usize, width: Option<usize> },
}

impl Format {
    /// Reads an output. An asterisk at its front, which asks that lines with values that are not
    /// there be kept, changes nothing: they always are.
    pub(crate) fn read(text: &Text, sources: &mut Sources) -> Result<Self, OperandError> {
        let mut format = Self::default();
        let whole = text.as_str();
        let mut position = usize::from(whole.starts_with('*'));
        while let Some(rest) = whole.get(position..).filter(|rest| !rest.is_empty()) {
            let Some(after) = rest.strip_prefix('%') else {
                let end = rest.find('%').unwrap_or(rest.len());
                format.parts.push(Part::Text(rest.get(..end).unwrap_or("").to_owned()));
                position = position.saturating_add(end);
                continue;
            };
            let name = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
            let digits = after.len().saturating_sub(name.len());
            let start = position.saturating_add(1).saturating_add(digits);
            if ends_name(name, CONTAINER) {
                format.add_container(text, start, sources)?;
                position = start.saturating_add(CONTAINER.len());
                continue;
            }
            let length = operand_length(name);
            let mut part = Text::empty();
            part.push_part(text, start, start.saturating_add(length));
            let Some((operand, _)) = parse_operand(&part) else {
                return Err(unknown(text, start, name));
            };
            let source = sources.add(&operand)?;
            let width = after.get(..digits).and_then(|digits| digits.parse().ok());
            format.parts.push(Part::Value { source, width });
            position = start.saturating_add(length);
        }
        Ok(format)
    }

    /// `%container.info` of older rules: in which container it was.
    fn add_container(
        &mut self,
        text: &Text,
        start: usize,
        sources: &mut Sources,
    ) -> Result<(), OperandError> {
        for (label, field) in SUGGESTED.into_iter().take(2) {
            let field = Text::at(field, text.place(start));
            let Some((operand, _)) = parse_operand(&field) else { continue };
            let blank = if label == SUGGESTED[0].0 { "" } else { " " };
            self.parts.push(Part::Text(format!("{blank}{label}=")));
            self.parts.push(Part::Value { source: sources.add(&operand)?, width: None });
        }
        Ok(())
    }

    /// Adds the fields that every alert should have.
    pub(crate) fn suggest(&mut self, sources: &mut Sources) {
        for (label, field) in SUGGESTED {
            let Some((operand, _)) = parse_operand(&Text::at(field, crate::text::nowhere())) else {
                continue;
            };
            let Ok(source) = sources.add(&operand) else { continue };
            let has =
                |part: &Part| matches!(part, Part::Value { source: found, .. } if *found == source);
            if !self.parts.iter().any(has) {
                self.parts.push(Part::Text(format!(" {label}=")));
                self.parts.push(Part::Value { source, width: None });
            }
        }
    }

    /// What its values are taken from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { source, .. } => Some(*source),
            Part::Text(_) => None,
        })
    }

    /// The line for an event. A value that is not there is `<NA>`, control characters are escaped,
    /// and of very long values the end is left out.
    pub fn line(&self, set: &RuleSet, event: &Event) -> String {
        let mut line = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Value { source, width } => {
                    let shown = shown(&set.program.sources.value(*source, event));
                    match width {
                        // As wide as was asked for, longer or shorter.
                        Some(width) => {
                            line.extend(shown.chars().chain(std::iter::repeat(' ')).take(*width));
                        }
                        None => line.push_str(&shown),
                    }
                }
            }
        }
        line
    }

    /// The fields of the output with their values, in their order, each once.
    pub fn fields<'set, 'event>(
        &self,
        set: &'set RuleSet,
        event: &'event Event,
    ) -> Vec<(&'set str, Value<'event>)> {
        let mut fields: Vec<(&str, Value<'_>)> = Vec::new();
        for part in &self.parts {
            let Part::Value { source, .. } = part else { continue };
            let Some(typed) = set.program.sources.get(*source) else { continue };
            if !fields.iter().any(|(name, _)| *name == typed.name) {
                fields.push((&typed.name, set.program.sources.value(*source, event)));
            }
        }
        fields
    }
}

/// Whether a text begins with a name that does not go on.
fn ends_name(text: &str, name: &str) -> bool {
    let goes_on = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '[');
    text.strip_prefix(name)
        .is_some_and(|rest| !rest.strip_prefix('.').unwrap_or(rest).starts_with(goes_on))
}

/// The bytes of the longest operand that a text begins with.
fn operand_length(text: &str) -> usize {
    let transforms = Transformer::ALL
        .iter()
        .any(|known| text.strip_prefix(known.name()).is_some_and(|after| after.starts_with('(')));
    if transforms {
        parse_operand(&Text::at(text, crate::text::nowhere())).map_or(0, |(_, length)| length)
    } else {
        Field::prefix(text).map_or(0, |(_, length)| length)
    }
}

fn unknown(text: &Text, start: usize, rest: &str) -> OperandError {
    let name: String = rest
        .chars()
        .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_'))
        .collect();
    let message = if name.is_empty() {
        "no field follows `%`".to_owned()
    } else {
        format!("`%{name}` of the output is no field")
    };
    let mut problem = Problem::error(text.place(start.saturating_sub(1)), message);
    let known = bulkhead_events::fields().map(|row| row.name);
    problem.hint = nearest(&name, known).map(|near| format!("did you mean `%{near}`"));
    OperandError::Unknown(UnknownField(problem))
}

/// A value in a line of text, which stays one line whatever the value is. (Falco, `formats.cpp`, `escape_text_output`)
pub(crate) fn shown(value: &Value<'_>) -> String {
    let whole = value.to_string();
    let mut shown = String::with_capacity(whole.len().min(MOST_BYTES));
    for (position, character) in whole.char_indices() {
        if position >= MOST_BYTES {
            let left = whole.len().saturating_sub(position);
            let _infallible = write!(shown, "…({left} bytes more)");
            break;
        }
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if hidden.is_control() || turns(hidden) => {
                let _infallible = write!(shown, "\\u{:04x}", u32::from(hidden));
            }
            other => shown.push(other),
        }
    }
    shown
}

/// What breaks lines or turns them around elsewhere.
const fn turns(character: char) -> bool {
    matches!(
        character,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
