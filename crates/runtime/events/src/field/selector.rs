//! What stands behind the name of a field: `[2]`, `[NAME]`, `.flags`.

use std::fmt;

use crate::{Form, Glob, Kind};

use super::{FieldRow, FieldType, Selection, fields};

/// What of a field is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    Nothing,
    Index(usize),
    Key(Box<str>),
    Glob(Box<str>, Glob),
    /// The argument of a name: for each kind of event its place, counted from 1; 0 where it has none. And whether it is a
    /// number for all of them.
    Argument(Box<str>, Box<[u8]>, bool),
}

/// Why a text names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// There is no such field.
    #[error("no field is called `{name}`{}", near.map_or_else(String::new, |near| format!("; is `{near}` meant?")))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The field whose name is nearest.
        near: Option<&'static str>,
    },
    /// No event has an argument of this name.
    #[error("no event has an argument `{name}`")]
    UnknownArgument {
        /// What was asked for.
        name: String,
    },
    /// Something stands in brackets behind a field that takes nothing.
    #[error("`{name}` takes nothing in brackets, but `{argument}` stands there")]
    Unwanted {
        /// The field.
        name: String,
        /// What stands in its brackets.
        argument: String,
    },
    /// Something must stand in brackets.
    #[error("`{name}` needs something in brackets: {example}")]
    Missing {
        /// The field.
        name: String,
        /// How it could look.
        example: String,
    },
    /// What stands in brackets is no number.
    #[error("`{name}` takes a number in brackets, but `{argument}` is none below 1000")]
    NoNumber {
        /// The field.
        name: String,
        /// What stands in its brackets.
        argument: String,
    },
    /// A bracket is not closed, or something follows it.
    #[error("`{text}` does not end with the bracket that it opens")]
    Brackets {
        /// The whole text.
        text: String,
    },
}

impl Selector {
    pub(super) fn new(
        row: &FieldRow,
        argument: Option<&str>,
        name: &str,
    ) -> Result<Self, FieldError> {
        let missing = |example: &str| FieldError::Missing {
            name: name.to_owned(),
            example: format!("{}[{example}]", row.name),
        };
        match (row.selection, argument) {
            (
                Selection::Nothing
                | Selection::Index
                | Selection::OptionalKey
                | Selection::IndexOrKey,
                None,
            ) => Ok(Self::Nothing),
            (Selection::Nothing, Some(argument)) => {
                Err(FieldError::Unwanted { name: name.to_owned(), argument: argument.to_owned() })
            }
            (Selection::Index, Some(text)) => index(text).map(Self::Index).ok_or_else(|| {
                FieldError::NoNumber { name: name.to_owned(), argument: text.to_owned() }
            }),
            (Selection::Key | Selection::OptionalKey, Some(key)) => Ok(Self::Key(key.into())),
            (Selection::IndexOrKey, Some(text)) => {
                Ok(index(text).map_or_else(|| Self::Key(text.into()), Self::Index))
            }
            (Selection::Glob, Some(pattern)) => Ok(index(pattern).map_or_else(
                || Self::Glob(pattern.into(), Glob::new(pattern.as_bytes())),
                Self::Index,
            )),
            (Selection::Argument, Some(text)) => match index(text) {
                Some(index) => Ok(Self::Index(index)),
                None => Self::argument(text),
            },
            (Selection::Key, None) => Err(missing("name")),
            (Selection::Glob, None) => Err(missing("/path*")),
            (Selection::Argument, None) => Err(missing("flags")),
        }
    }

    fn argument(name: &str) -> Result<Self, FieldError> {
        let mut places = Vec::new();
        let mut is_number = true;
        for kind in Kind::all() {
            let Some((place, parameter)) = kind.parameter(name) else { continue };
            is_number &= is_number_of(parameter.form);
            let number = usize::from(kind.number());
            if places.len() <= number {
                places.resize(number.saturating_add(1), 0);
            }
            if let Some(cell) = places.get_mut(number) {
                *cell = u8::try_from(place.saturating_add(1)).unwrap_or_default();
            }
        }
        if places.is_empty() {
            return Err(FieldError::UnknownArgument { name: name.to_owned() });
        }
        Ok(Self::Argument(name.into(), places.into(), is_number))
    }

    /// Whether an argument is meant that is a number, whatever the kind of event.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Argument(_, _, true))
    }

    /// The place of the argument that is meant, among those of a kind of event.
    pub(crate) fn place(&self, kind: Kind) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Argument(_, places, _) => {
                let place = places.get(usize::from(kind.number())).copied().unwrap_or_default();
                usize::from(place).checked_sub(1)
            }
            _ => None,
        }
    }
}

/// As it stands behind the name of a field.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Index(index) => write!(formatter, "[{index}]"),
            Self::Argument(key, ..) => write!(formatter, ".{key}"),
            Self::Key(key) | Self::Glob(key, _) => write!(formatter, "[{key}]"),
        }
    }
}

/// Whether the values of a form are numbers.
fn is_number_of(form: Form) -> bool {
    match form {
        Form::Field(name) => fields().any(|row| row.name == name && row.kind == FieldType::Number),
        form => form.has_names(),
    }
}

/// A number in brackets.
fn index(text: &str) -> Option<usize> {
    text.parse().ok().filter(|index| *index < 1000)
}

/// The name of a field and what stands in its brackets.
pub(super) fn split(text: &str) -> Result<(&str, Option<&str>), FieldError> {
    let Some((name, rest)) = text.split_once('[') else { return Ok((text, None)) };
    let inside = rest.strip_suffix(']');
    let inside = inside.ok_or_else(|| FieldError::Brackets { text: text.to_owned() })?;
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| inside.strip_prefix(quote).and_then(|inside| inside.strip_suffix(quote)));
    Ok((name, Some(quoted.unwrap_or(inside))))
}

/// The lengths of what could be a field at the beginning of a text, the longest first.
pub(super) fn prefixes(text: &str) -> impl Iterator<Item = usize> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let bytes = text.as_bytes();
    let name = bytes.iter().position(|byte| !word(*byte)).unwrap_or(bytes.len());
    let brackets = bytes
        .get(name..)
        .filter(|rest| rest.first() == Some(&b'['))
        .and_then(|rest| rest.iter().position(|byte| *byte == b']'))
        .map(|end| name.saturating_add(end).saturating_add(1));
    // `%proc.name.` may end a sentence, and `%proc.namesays` may be meant: as libsinsp does, a name ends where it can.
    brackets.into_iter().chain((1..=name.min(LONGEST_NAME)).rev())
}

/// No name of a field is longer, with what follows its last dot.
const LONGEST_NAME: usize = 128;

/// Names that rules give to fields of other names, and what is meant: ends of a connection are called by who called whom.
const MEANT: &[(&str, &str)] = &[
    ("fd.dip", "fd.sip"),
    ("fd.dport", "fd.sport"),
    ("fd.daddr", "fd.sip"),
    ("fd.dstip", "fd.sip"),
    ("fd.dstport", "fd.sport"),
    ("fd.saddr", "fd.cip"),
    ("fd.srcip", "fd.cip"),
    ("fd.srcport", "fd.cport"),
    ("fd.fd", "fd.num"),
    ("pod.name", "k8s.pod.name"),
    ("ns.name", "k8s.ns.name"),
];

/// What is meant by a name that others use, else the field whose name has the fewest other letters, where these are few.
pub(super) fn near(name: &str) -> Option<&'static str> {
    if let Some((_, field)) = MEANT.iter().find(|(used, _)| *used == name) {
        return Some(field);
    }
    let distances = fields().map(|row| (distance(row.name, name), row.name));
    distances.min().filter(|(distance, _)| *distance <= 3).map(|(_, name)| name)
}

/// How many letters must be put in, left out or changed to make one text of another.
fn distance(one: &str, other: &str) -> usize {
    // Names of fields are short; what is much longer than any is near to none.
    if other.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, byte) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        for (cell, other) in
            row.iter_mut().zip(std::iter::once(None).chain(other.bytes().map(Some)))
        {
            let Some(other) = other else {
                *cell = left;
                continue;
            };
            let change = diagonal.saturating_add(usize::from(byte != other));
            diagonal = *cell;
            left = change.min(cell.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_near() {
        assert_eq!(near("fd.dport"), Some("fd.sport"));
        assert_eq!(near("proc.nmae"), Some("proc.name"));
        for (used, field) in MEANT {
            assert!(fields().any(|row| row.name == *field), "{field}");
            assert!(fields().all(|row| row.name != *used), "{used}");
        }
    }

    #[test]
    fn distances() {
        for (one, other, expected) in [
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
