//! What a rule says when it is met: text with fields of the event in it.

use std::fmt::Write as _;

use bulkhead_events::{Event, Field, FieldError, Many, Value};
use rustc_hash::FxHashSet;

use crate::check::{OperandError, Sources, UnknownField, plugin_hint};
use crate::problem::{Problem, nearest};
use crate::set::RuleSet;
use crate::syntax::{Operand, Transformer, parse_operand};
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
    /// What is told by name: each source once, behind the fields that it is made of.
    named: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Value { source: usize, width: Option<usize> },
}

impl Format {
    /// Reads an output. An asterisk at its front, which asks that lines with values that are not
    /// there be kept, changes nothing: they always are.
    pub(crate) fn read(
        text: &Text,
        sources: &mut Sources,
        doubts: &mut Vec<Problem>,
    ) -> Result<Self, OperandError> {
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
            let (operand, end) = operand(text, start)?;
            doubts.extend(cut_short(text, start, end));
            let source = sources.add(&operand)?;
            let width = after.get(..digits).and_then(|digits| digits.parse().ok());
            let width = width.filter(|width| *width > 0);
            format.parts.push(Part::Value { source, width });
            position = end;
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
            let Ok(Some((operand, _))) = parse_operand(&field, 0) else { continue };
            let blank = if label == SUGGESTED[0].0 { "" } else { " " };
            self.parts.push(Part::Text(format!("{blank}{label}=")));
            self.parts.push(Part::Value { source: sources.add(&operand)?, width: None });
        }
        Ok(())
    }

    /// Adds the fields that every alert should have.
    pub(crate) fn suggest(&mut self, sources: &mut Sources) {
        for (label, field) in SUGGESTED {
            let field = Text::at(field, crate::text::nowhere());
            let Ok(Some((operand, _))) = parse_operand(&field, 0) else { continue };
            let Ok(source) = sources.add(&operand) else { continue };
            let has =
                |part: &Part| matches!(part, Part::Value { source: found, .. } if *found == source);
            if !self.parts.iter().any(has) {
                self.parts.push(Part::Text(format!(" {label}=")));
                self.parts.push(Part::Value { source, width: None });
            }
        }
        let mut known = FxHashSet::default();
        let all = self.sources().flat_map(|source| {
            let leaves = sources.leaves(source).into_iter().map(|(leaf, _)| leaf);
            leaves.chain([source])
        });
        self.named = all.filter(|source| known.insert(*source)).collect();
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
                    let shown = shown(&told(&set.program.sources, *source, event));
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

    /// The fields of the output with their values, in their order, each once. Beside what transformers made stand the
    /// fields that it was made of, which are all that Falco tells.
    pub fn fields<'set, 'event>(
        &self,
        set: &'set RuleSet,
        event: &'event Event,
    ) -> Vec<(&'set str, Value<'event>)> {
        let sources = &set.program.sources;
        let named = self.named.iter().filter_map(|source| {
            let typed = sources.get(*source)?;
            Some((typed.name.as_str(), told(sources, *source, event)))
        });
        named.collect()
    }
}

/// The value of a source as outputs tell it. Ancestors that nobody counted stand behind each other in one text, but for
/// `proc.apid`, which is the process itself then. (libs, `sinsp_formatter.ut.cpp`, `ancestor_*_no_arg`)
fn told<'event>(sources: &Sources, source: usize, event: &'event Event) -> Value<'event> {
    let value = sources.told(source, event);
    match (sources.get(source).map(|typed| typed.many), value) {
        (Some(Many::Any), Value::List(values)) => match values.first() {
            Some(Value::Text(_)) => {
                let texts: Vec<&[u8]> = values.iter().filter_map(Value::as_text).collect();
                texts.join(&b' ').into()
            }
            Some(Value::Number(_)) => event.process.pid.into(),
            _ => Value::Null,
        },
        (_, value) => value,
    }
}

/// Whether a text begins with a name that does not go on.
fn ends_name(text: &str, name: &str) -> bool {
    let goes_on = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '[');
    text.strip_prefix(name)
        .is_some_and(|rest| !rest.strip_prefix('.').unwrap_or(rest).starts_with(goes_on))
}

/// The longest operand that begins at an offset, and where it ends.
fn operand(text: &Text, start: usize) -> Result<(Operand, usize), OperandError> {
    let rest = text.as_str().get(start..).unwrap_or("");
    let is_transformer = |known: &&Transformer| {
        rest.strip_prefix(known.name()).is_some_and(|after| after.starts_with('('))
    };
    let operand = if Transformer::ALL.iter().any(|known| is_transformer(&known)) {
        parse_operand(text, start)
            .map_err(|error| Problem::error(text.place(error.offset), error.cause))?
    } else {
        let length = Field::prefix(rest).map_or(0, |(_, length)| length);
        let end = start.saturating_add(length);
        let mut name = Text::empty();
        name.push_part(text, start, end);
        parse_operand(&name, 0).ok().flatten().map(|(operand, _)| (operand, end))
    };
    operand.ok_or_else(|| unknown(text, start, rest))
}

/// Tells of a name that goes on behind the field that it was read as: Falco takes it, and it is hardly meant.
fn cut_short(text: &Text, start: usize, end: usize) -> Option<Problem> {
    let whole = text.as_str();
    let after = whole.get(end..)?;
    let name = whole.get(start..end).filter(|name| !name.ends_with([']', ')']))?;
    let is_word = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '[');
    let goes_on = after.strip_prefix('.').unwrap_or(after).starts_with(is_word);
    goes_on.then(|| {
        let message = format!("`%{name}` is read, and what follows it as a text");
        Problem::warning(text.place(start.saturating_sub(1)), message)
            .hint("put a blank between them, or mend the name")
    })
}

fn unknown(text: &Text, start: usize, rest: &str) -> OperandError {
    let name: String = rest
        .chars()
        .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_'))
        .take(LONGEST_NAME)
        .collect();
    let place = text.place(start.saturating_sub(1));
    if name.is_empty() {
        return Problem::error(place, "no field follows `%`").into();
    }
    match Field::resolve(&name, None) {
        Err(error) if !matches!(error, FieldError::Unknown { .. }) => {
            return OperandError::Unknown(UnknownField(Problem::error(place, error.to_string())));
        }
        _ => {}
    }
    let mut problem = Problem::error(place, format!("`%{name}` of the output is no field"));
    let known = bulkhead_events::fields().map(|row| row.name);
    let near = || nearest(&name, known).map(|near| format!("did you mean `%{near}`"));
    problem.hint = plugin_hint(&name).or_else(near);
    OperandError::Unknown(UnknownField(problem))
}

/// How many characters of a name that is none are shown.
const LONGEST_NAME: usize = 100;

/// A value in a line of text, which stays one line whatever the value is. (Falco, `formats.cpp`, `escape_text_output`) A
/// backslash of the value is doubled where it would be read as the beginning of what stands for another character.
pub(crate) fn shown(value: &Value<'_>) -> String {
    let whole = value.to_string();
    let mut shown = String::with_capacity(whole.len().min(MOST_BYTES));
    let mut characters = whole.char_indices().peekable();
    while let Some((position, character)) = characters.next() {
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
            '\\' if characters.peek().is_none_or(|(_, next)| escapes(*next)) => {
                shown.push_str("\\\\");
            }
            other => shown.push(other),
        }
    }
    shown
}

/// Whether a backslash before a character would look as if both stood for another one. What lies beyond ASCII may be
/// escaped by whoever writes the line.
const fn escapes(next: char) -> bool {
    matches!(next, 'n' | 'r' | 't' | 'u' | '\\') || next.is_ascii_control() || !next.is_ascii()
}

/// What breaks lines or turns them around elsewhere.
const fn turns(character: char) -> bool {
    matches!(
        character,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
