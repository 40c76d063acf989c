//! One row of the table of fields.

use crate::script::{Draft, Setting, SettingError};
use crate::{Called, Event, Process, Value};

use super::Need;
use super::selector::Selector;

/// A field: what it is called, what it holds and what it needs.
#[derive(Debug, Clone, Copy)]
pub struct FieldRow {
    /// The name, without what may stand in brackets behind it.
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldType,
    /// Whether it has several values when nothing stands in brackets.
    pub many: Many,
    /// What may stand in brackets.
    pub selection: Selection,
    /// What a sensor must see for it.
    pub needs: &'static [Need],
    /// What it holds, in a line.
    pub description: &'static str,
    pub(super) extract: Extract,
    pub(crate) change: Change,
}

impl FieldRow {
    /// Whether it is only known, so that rules which ask for it are read.
    pub fn is_empty(&self) -> bool {
        self.needs.contains(&Need::Elsewhere)
    }
}

/// How a field is taken from an event, or from the only part of it that it depends on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extract {
    Event(for<'e> fn(&'e Event, &Selector) -> Value<'e>),
    Process(for<'e> fn(&'e Process, &Selector) -> Value<'e>),
    Called(for<'e> fn(Called<'e>, &Selector) -> Value<'e>),
}

/// What of an event decides the value of a field: two events that have the same of it have the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// The whole event.
    Event,
    /// The process that did it, with its ancestors and its container.
    Process,
    /// What the file that it was about is called: [`FileDescriptor::called`](crate::FileDescriptor::called).
    Called,
}

/// How a field of an event that somebody writes down is set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// It is, by this.
    By(fn(&mut Draft, &Selector, &Setting) -> Result<(), SettingError>),
    /// It follows from others, which are named.
    Follows(&'static str),
    /// It is the same for every event.
    Fixed,
}

/// What the values of a field are, which decides how they can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// The number of a port.
    Port,
    /// A length of time, in nanoseconds.
    Duration,
    /// A point in time, in nanoseconds since 1970.
    Time,
    /// True or false.
    Boolean,
    /// An address of IPv4 or IPv6.
    Address,
    /// An address, which is compared with networks.
    Network,
    /// Names that lead to an address.
    Domain,
    /// Bytes that are no text.
    Bytes,
}

impl FieldType {
    /// What it is called where fields are listed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number | Self::Port => "number",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Boolean => "boolean",
            Self::Address => "address",
            Self::Network => "network",
            Self::Domain => "domain",
            Self::Bytes => "bytes",
        }
    }
}

/// What it means to compare a field that can have several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Many {
    /// It has one value.
    One,
    /// The comparison holds where it holds for one of the values: any ancestor. This is so also for `!=`.
    Any,
    /// The comparison holds where it holds for one of the values, and `!=` where it holds for all of
    /// them: either end of a connection.
    Either,
    /// A list: `in` asks for all of its values, `intersects` for one.
    List,
}

/// What may stand in brackets behind the name of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Selection {
    /// Nothing.
    Nothing,
    /// A number, or nothing.
    Index,
    /// The name of an argument, which may also follow a dot, or its number.
    Argument,
    /// A name, or nothing.
    OptionalKey,
    /// A number, a name, or nothing.
    IndexOrKey,
    /// A name, which may also follow a dot.
    Key,
    /// A pattern of a path, or a number.
    Glob,
}

impl Selection {
    /// What stands behind the name of a field, for people: `[NUMBER]`; nothing where nothing may.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Index => "[NUMBER]",
            Self::Argument | Self::Key => "[NAME]",
            Self::OptionalKey => "[NAME]?",
            Self::IndexOrKey => "[NUMBER|NAME]",
            Self::Glob => "[NUMBER|PATTERN]",
        }
    }

    /// Whether it may follow a dot.
    pub(super) fn takes_dots(self) -> bool {
        matches!(self, Self::Argument | Self::Key)
    }
}

/// Rows of the table: a name, what its values are, what it needs, `several of selection` where something
/// may stand in brackets; then a description, how it is taken from an event, or from the `@Part` of it, and how it is set:
/// `put(place)`, `by(function)`, `from("others")` where it follows from others, or `fixed` where it is always the same.
macro_rules! rows {
    ($($name:literal $kind:ident $needs:ident $($many:ident of $selection:ident)?:
        $description:literal, $(@$basis:ident)? $extract:expr, $change:ident $(($($how:tt)*))?;)*) => {
        &[$($crate::field::row::FieldRow {
            name: $name,
            kind: $crate::FieldType::$kind,
            many: $crate::field::row::rows!(@many $($many)?),
            selection: $crate::field::row::rows!(@selection $($selection)?),
            needs: $needs,
            description: $description,
            extract: $crate::field::row::rows!(@extract $($basis)? $extract),
            change: $crate::field::row::rows!(@change $change $($($how)*)?),
        }),*]
    };
    (@extract $basis:ident $extract:expr) => { $crate::field::row::Extract::$basis($extract) };
    (@extract $extract:expr) => { $crate::field::row::Extract::Event($extract) };
    (@many) => { $crate::Many::One };
    (@many $many:ident) => { $crate::Many::$many };
    (@selection) => { $crate::Selection::Nothing };
    (@selection $selection:ident) => { $crate::Selection::$selection };
    (@change put $of:ident $(. $place:ident)+) => {
        $crate::field::row::Change::By(|draft, _, setting| {
            draft.$of()$(.$place)+ = setting.read()?;
            Ok(())
        })
    };
    (@change by $by:expr) => { $crate::field::row::Change::By($by) };
    (@change from $others:literal) => { $crate::field::row::Change::Follows($others) };
    (@change fixed) => { $crate::field::row::Change::Fixed };
}

pub(super) use rows;
