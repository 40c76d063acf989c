//! Arguments of system calls, as rules see them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Field;
use crate::kind::words::{self, Words};
use crate::{Argument, Event, Form, Value};

/// An argument by its place: the name of what it stands for, where it stands for something.
pub(super) fn shown(event: &Event, place: usize) -> Value<'_> {
    let Some(parameter) = event.kind.parameters().get(place) else { return Value::Null };
    let number = |number: i64| number.to_string().into();
    match (parameter.form, argument(event, place)) {
        (Form::Result, _) => event.result.map(result).into(),
        (Form::ResultFile, _) => event.result.map_or(Value::Null, |result| opened(event, result)),
        (Form::Field(name), _) => same_as(event, name),
        (_, Argument::Absent) => Value::Null,
        (_, Argument::Text(text)) => text.into(),
        (_, Argument::Path { given, resolved }) => resolved.as_ref().unwrap_or(given).into(),
        (_, Argument::Address(address)) => address.written().into(),
        (_, Argument::Named(_, name)) => name.into(),
        (Form::File, Argument::Number(file)) => file_name(event, *file),
        (Form::Flags(words) | Form::OpenFlags(words), Argument::Number(bits)) => {
            flags(words, *bits)
        }
        (Form::Mode, Argument::Number(bits)) => flags(&words::MODE, *bits),
        (Form::User | Form::Group, Argument::Number(number)) => nameless(*number).into(),
        (Form::Choice(words) | Form::LongChoice(words), Argument::Number(choice)) => {
            words.names(choice.cast_unsigned()).next().map_or_else(|| number(*choice), Value::from)
        }
        (form, Argument::Number(value)) => digits(form, *value).into(),
    }
}

/// An argument by its place, as it is in the call: a number or what it is written with.
pub(super) fn raw(event: &Event, place: usize, as_number: bool) -> Value<'_> {
    let Some(parameter) = event.kind.parameters().get(place) else { return Value::Null };
    match (parameter.form, argument(event, place)) {
        (Form::Result | Form::ResultFile, _) if as_number => event.result.into(),
        (Form::Result | Form::ResultFile, _) => {
            event.result.map(|result| result.to_string()).into()
        }
        (Form::Field(name), _) if as_number => other(event, name),
        (Form::Field(name), _) => same_as(event, name),
        (form, Argument::Number(number) | Argument::Named(number, _)) if as_number => {
            if form.has_sign() { (*number).into() } else { Value::unsigned(number.cast_unsigned()) }
        }
        (_, Argument::Absent) => Value::Null,
        (_, Argument::Text(text)) => text.into(),
        (_, Argument::Path { given, .. }) => given.into(),
        (_, Argument::Address(address)) => address.written().into(),
        (form, Argument::Number(number) | Argument::Named(number, _)) => {
            digits(form, *number).into()
        }
    }
}

/// An argument by its place, as it is in the call and by the base in which outputs tell it: flags and addresses by
/// base 16, rights by base 8. (libs, `sinsp_filtercheck.cpp`, `rawval_to_string`; `parsers/parse_open.ut.cpp`)
pub(super) fn told(event: &Event, place: usize, as_number: bool) -> Value<'_> {
    let form = event.kind.parameters().get(place).map(|parameter| parameter.form);
    match (form, argument(event, place)) {
        (
            Some(Form::Flags(_) | Form::OpenFlags(_) | Form::Hexadecimal | Form::ShortHexadecimal),
            Argument::Number(number),
        ) => format!("{number:X}").into(),
        (Some(Form::Mode | Form::Octal), Argument::Number(number)) => format!("{number:o}").into(),
        _ => raw(event, place, as_number),
    }
}

/// All arguments: `name=value`, and in parentheses what the value stands for.
pub(super) fn all(event: &Event) -> String {
    let mut line = String::new();
    for (place, parameter) in event.kind.parameters().iter().enumerate() {
        let shown = shown(event, place);
        if shown == Value::Null {
            continue;
        }
        let raw = match parameter.form {
            Form::Path => shown.clone(),
            _ => raw(event, place, false),
        };
        let gap = if line.is_empty() { "" } else { " " };
        // Writing to a text cannot fail.
        let _ = write!(line, "{gap}{}={raw}", parameter.name);
        if raw != shown && parameter.form.has_names() {
            let _ = write!(line, "({shown})");
        }
    }
    line
}

/// What a call returned, in a word.
pub(super) fn outcome(result: i64) -> Value<'static> {
    if result >= 0 { "SUCCESS".into() } else { error(result) }
}

/// A number that was returned: itself, or the name of the error that it is.
fn result(result: i64) -> Value<'static> {
    if result >= 0 { result.to_string().into() } else { error(result) }
}

fn error(result: i64) -> Value<'static> {
    let name = words::ERROR.names(result.unsigned_abs()).next();
    name.map_or_else(|| result.to_string().into(), Value::from)
}

/// A file that was opened, or why it was not.
fn opened(event: &Event, number: i64) -> Value<'_> {
    if number < 0 { error(number) } else { file_name(event, number) }
}

/// An open file by its number, where the event is about it: `<f>/etc/passwd`.
fn file_name(event: &Event, number: i64) -> Value<'_> {
    match &event.file {
        Some(file) if file.number == number => Value::Text(Cow::Owned(file.shown().to_vec())),
        _ if number == words::CURRENT_DIRECTORY => "AT_FDCWD".into(),
        _ => number.to_string().into(),
    }
}

fn flags(words: &Words, bits: i64) -> Value<'static> {
    let names = words.joined(bits.cast_unsigned(), "|");
    if names.is_empty() { bits.to_string().into() } else { names.into() }
}

/// What stands for a user or a group whom no file names, and for none. (libs, `event.cpp`, `PT_UID`)
fn nameless(number: i64) -> &'static str {
    if number == -1 || number == i64::from(u32::MAX) { "<NONE>" } else { "<NA>" }
}

/// A number as libs writes it (`event.cpp`, `SET_NUMERIC_FORMAT`).
fn digits(form: Form, number: i64) -> String {
    match form {
        Form::Hexadecimal | Form::ShortHexadecimal => format!("{number:X}"),
        Form::Unsigned | Form::Flags(_) | Form::OpenFlags(_) => number.cast_unsigned().to_string(),
        Form::Mode | Form::Octal if number != 0 => format!("0{number:o}"),
        _ => number.to_string(),
    }
}

fn argument(event: &Event, place: usize) -> &Argument {
    event.arguments.get(place).unwrap_or(&Argument::Absent)
}

/// What another field says, as a text.
fn same_as<'e>(event: &'e Event, name: &str) -> Value<'e> {
    match other(event, name) {
        said @ (Value::Text(_) | Value::Null) => said,
        said => said.to_string().into(),
    }
}

/// What another field says.
fn other<'e>(event: &'e Event, name: &str) -> Value<'e> {
    Field::resolve(name, None).map_or(Value::Null, |field| field.extract(event))
}
