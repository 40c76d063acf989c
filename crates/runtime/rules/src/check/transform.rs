//! Transformers: values made of values. What is null stays null.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bulkhead_events::{FieldType, Many, Value};

use super::operand::{Part, Typed};
use crate::syntax::Transformer;

/// What a transformer takes, for messages.
const fn usage(transformer: Transformer) -> &'static str {
    match transformer {
        Transformer::ToLower => "write tolower(FIELD)",
        Transformer::ToUpper => "write toupper(FIELD)",
        Transformer::Base64 => "write b64(FIELD)",
        Transformer::BaseName => "write basename(FIELD)",
        Transformer::Length => "write len(FIELD)",
        Transformer::Join => {
            "write join(\"SEPARATOR\", FIELD) or join(\"SEPARATOR\", (FIELD, \"TEXT\"))"
        }
        Transformer::Concat => "write concat(FIELD, \"TEXT\", …)",
        Transformer::GetOpt => "write getopt(FIELD, \"ab:\") or getopt(FIELD, \"ab:\")[b]",
    }
}

/// The type of what a transformer makes, or what is wrong and what helps.
pub(super) fn check<'sources>(
    transformer: Transformer,
    parts: &[Part],
    indexed: bool,
    source: impl Fn(usize) -> Option<&'sources Typed>,
) -> Result<(FieldType, Many), (String, String)> {
    let wrong =
        |what: &str| Err((format!("`{transformer}` {what}"), usage(transformer).to_owned()));
    if indexed && transformer != Transformer::GetOpt {
        return wrong("takes nothing in brackets");
    }
    let text = |number: usize| source(number).is_some_and(|typed| is_text(typed.kind));
    match (transformer, parts) {
        (Transformer::Length, [Part::Source(number)]) => match source(*number) {
            Some(typed)
                if typed.many == Many::List
                    || is_text(typed.kind)
                    || typed.kind == FieldType::Bytes =>
            {
                Ok((FieldType::Number, Many::One))
            }
            _ => wrong("takes a text or a list"),
        },
        (
            Transformer::ToLower
            | Transformer::ToUpper
            | Transformer::Base64
            | Transformer::BaseName,
            [Part::Source(number)],
        ) => match source(*number) {
            Some(typed) if is_text(typed.kind) => Ok((FieldType::Text, typed.many)),
            _ => wrong("takes a text"),
        },
        (Transformer::Join, [Part::Text(_), Part::Source(_) | Part::List(_)])
        | (Transformer::Concat, [_, ..]) => Ok((FieldType::Text, Many::One)),
        (Transformer::GetOpt, [Part::Source(number), Part::Text(_)]) if text(*number) => {
            Ok((FieldType::Text, if indexed { Many::One } else { Many::List }))
        }
        _ => wrong("is not given what it takes"),
    }
}

/// Whether values of a type are texts.
pub(super) const fn is_text(kind: FieldType) -> bool {
    matches!(kind, FieldType::Text | FieldType::Domain)
}

/// What a transformer makes of its parts.
pub(super) fn apply<'event>(
    transformer: Transformer,
    parts: &[Part],
    index: Option<&str>,
    value: &mut dyn FnMut(usize) -> Value<'event>,
) -> Value<'event> {
    let mut part = |position: usize| match parts.get(position) {
        Some(part) => evaluate(part, value),
        None => Value::Null,
    };
    match transformer {
        Transformer::ToLower => each(part(0), &|text| Some(text.to_ascii_lowercase())),
        Transformer::ToUpper => each(part(0), &|text| Some(text.to_ascii_uppercase())),
        Transformer::Base64 => each(part(0), &|text| BASE64.decode(text).ok()),
        Transformer::BaseName => {
            each(part(0), &|text| text.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec))
        }
        Transformer::Length => {
            let length = match part(0) {
                Value::Text(text) => text.len(),
                Value::List(values) => values.len(),
                _ => return Value::Null,
            };
            i64::try_from(length).unwrap_or(i64::MAX).into()
        }
        Transformer::Join => match (part(0), part(1)) {
            (Value::Text(separator), Value::List(values)) => joined(&separator, values),
            (Value::Text(_), value) => value,
            _ => Value::Null,
        },
        Transformer::Concat => {
            joined(b"", parts.iter().map(|part| evaluate(part, value)).collect())
        }
        Transformer::GetOpt => match (part(0), part(1)) {
            (Value::Text(line), Value::Text(options)) => get_opt(&line, &options, index),
            _ => Value::Null,
        },
    }
}

/// Takes text with and without padding, as it is found on command lines.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn evaluate<'event>(part: &Part, value: &mut dyn FnMut(usize) -> Value<'event>) -> Value<'event> {
    match part {
        Part::Source(number) => value(*number),
        Part::Text(text) => text.clone().into(),
        Part::List(parts) => Value::List(parts.iter().map(|part| evaluate(part, value)).collect()),
    }
}

/// A text, or each text of several.
fn each<'event>(value: Value<'event>, change: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Value<'event> {
    match value {
        Value::Text(text) => change(&text).into(),
        Value::List(values) => Value::List(
            values.into_iter().map(|value| each(value, change)).filter(Value::exists).collect(),
        ),
        _ => Value::Null,
    }
}

/// Null where one of the values is.
fn joined<'event>(separator: &[u8], values: Vec<Value<'event>>) -> Value<'event> {
    let mut text = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            text.extend_from_slice(separator);
        }
        match value {
            Value::Null => return Value::Null,
            Value::Text(part) => text.extend_from_slice(&part),
            other => text.extend_from_slice(other.to_string().as_bytes()),
        }
    }
    text.into()
}

/// The options of a command line, as `getopt(3)` reads them: letters that a colon follows take a
/// value. Without `index` the letters that were given, with one its value, which is empty for an
/// option without.
fn get_opt<'event>(line: &[u8], options: &[u8], index: Option<&str>) -> Value<'event> {
    let takes_value = |letter: u8| {
        let place = options.iter().position(|option| *option == letter)?;
        Some(options.get(place.saturating_add(1)) == Some(&b':'))
    };
    let mut found: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix(b"-") else { continue };
        if letters == b"-" {
            break;
        }
        let mut letters = letters.iter();
        while let Some(letter) = letters.next().copied() {
            match takes_value(letter).filter(|_| letter != b':') {
                None => {}
                Some(false) => found.push((letter, Vec::new())),
                Some(true) => {
                    let attached = letters.as_slice();
                    let value =
                        if attached.is_empty() { words.next().unwrap_or(b"") } else { attached };
                    found.push((letter, value.to_vec()));
                    break;
                }
            }
        }
    }
    match index {
        None => Value::List(found.into_iter().map(|(letter, _)| vec![letter].into()).collect()),
        Some(index) => {
            let wanted = found.into_iter().find(|(letter, _)| index.as_bytes() == [*letter]);
            wanted.map(|(_, value)| value).into()
        }
    }
}
