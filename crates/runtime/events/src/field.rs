//! The table of fields: what rules can ask of an event.

mod arguments;
mod category;
mod container;
mod elsewhere;
mod event;
mod file;
mod need;
mod pod;
mod process;
mod row;
mod selector;
mod settled;
mod syslog;
mod user;

use std::fmt;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::{Event, FileDescriptor, Kind, Value};

pub use need::Need;
pub use row::{Basis, FieldRow, FieldType, Many, Selection};
pub use selector::FieldError;

pub(crate) use row::Change;
use row::Extract;
pub(crate) use selector::Selector;

/// Every field, by area.
const AREAS: [&[FieldRow]; 10] = [
    event::ROWS,
    category::ROWS,
    process::ROWS,
    process::ANCESTORS,
    user::ROWS,
    file::ROWS,
    container::ROWS,
    pod::ROWS,
    syslog::ROWS,
    elsewhere::ROWS,
];

/// Every field, in the order in which people should read them.
pub fn fields() -> impl Iterator<Item = &'static FieldRow> {
    AREAS.iter().copied().flatten()
}

/// A field as a rule names it, with what stands behind its name: `proc.name`, `proc.aname[2]`,
/// `evt.arg.flags`, `container.mount.dest[/proc*]`.
#[derive(Clone)]
pub struct Field {
    row: &'static FieldRow,
    selector: Selector,
}

impl Field {
    /// The field of a text, which is all of it.
    ///
    /// ```
    /// use bulkhead_events::Field;
    ///
    /// assert!(Field::parse("proc.aname[2]").is_ok());
    /// assert!(Field::parse("proc.nmae").unwrap_err().to_string().contains("proc.name"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let (name, argument) = selector::split(text)?;
        Self::resolve(name, argument)
    }

    /// The field of a name and of what stood in brackets behind it, without quotes.
    pub fn resolve(name: &str, argument: Option<&str>) -> Result<Self, FieldError> {
        Self::find(name, argument).unwrap_or_else(|| {
            Err(FieldError::Unknown { name: name.to_owned(), near: selector::near(name) })
        })
    }

    /// Whether a text is a field, all of it.
    pub fn is_named(text: &str) -> bool {
        selector::split(text).is_ok_and(|(name, argument)| {
            Self::find(name, argument).is_some_and(|field| field.is_ok())
        })
    }

    /// None where no field has the name.
    fn find(name: &str, argument: Option<&str>) -> Option<Result<Self, FieldError>> {
        let of = |row: &'static FieldRow, argument: Option<&str>| {
            Some(Selector::new(row, argument, name).map(|selector| Self { row, selector }))
        };
        if let Some(row) = TABLE.get(name) {
            return of(row, argument);
        }
        // `evt.arg.flags` is `evt.arg[flags]`.
        let (row, key) = name.rmatch_indices('.').find_map(|(place, _)| {
            let row = *TABLE.get(name.get(..place)?)?;
            row.selection.takes_dots().then_some((row, name.get(place.saturating_add(1)..)?))
        })?;
        if argument.is_none() { of(row, Some(key)) } else { None }
    }

    /// The longest field that a text begins with, and how many bytes of the text it is: for outputs,
    /// where `%proc.name, ` is followed by anything.
    pub fn prefix(text: &str) -> Option<(Self, usize)> {
        selector::prefixes(text).find_map(|length| {
            let (name, argument) = selector::split(text.get(..length)?).ok()?;
            Some((Self::find(name, argument)?.ok()?, length))
        })
    }

    /// Its row in the table.
    pub fn row(&self) -> &'static FieldRow {
        self.row
    }

    /// What its values are.
    pub fn kind(&self) -> FieldType {
        if self.is_bare_number() { FieldType::Number } else { self.row.kind }
    }

    /// Whether it is an argument as it is, and the argument is a number wherever there is one of its name.
    fn is_bare_number(&self) -> bool {
        self.row.name == event::BARE_ARGUMENT && self.selector.is_number()
    }

    /// Its value, where it is the same for every event.
    pub fn constant(&self) -> Option<Value<'static>> {
        static ANY: LazyLock<Event> = LazyLock::new(|| Event::new(Kind::EXIT));
        matches!(self.row.change, Change::Fixed).then(|| self.extract(&ANY))
    }

    /// Whether it has the same value for all events of a kind, which is what it has for an [`Event::new`]: events of
    /// `execve` have no `fd.name`, and those of `unlink` are not `evt.is_open_write`.
    pub fn is_settled_by(&self, kind: Kind) -> bool {
        settled::is_settled(self, kind)
    }

    /// Whether it asks for nothing but the kind of event: `evt.type`, `evt.is_io_read`.
    pub fn names_kind(&self) -> bool {
        settled::names_kind(self.row)
    }

    /// Whether it has one value or several for the way it is named here.
    pub fn many(&self) -> Many {
        if self.selector == Selector::Nothing { self.row.many } else { Many::One }
    }

    /// What a sensor must see for the field to have values.
    pub fn needs(&self) -> &'static [Need] {
        self.row.needs
    }

    /// What of an event its values depend on.
    pub fn basis(&self) -> Basis {
        match self.row.extract {
            Extract::Event(_) => Basis::Event,
            Extract::Process(_) => Basis::Process,
            Extract::Called(_) => Basis::Called,
        }
    }

    /// What of the field is meant, for setting it.
    pub(crate) fn selector(&self) -> &Selector {
        &self.selector
    }

    /// Its value as outputs tell it, which for an argument as it is may be another text than what comparisons see.
    pub fn told<'e>(&self, event: &'e Event) -> Value<'e> {
        if self.row.name != event::BARE_ARGUMENT {
            return self.extract(event);
        }
        let place = self.selector.place(event.kind);
        place.map_or(Value::Null, |place| arguments::told(event, place, self.selector.is_number()))
    }

    /// Its value for an event.
    pub fn extract<'e>(&self, event: &'e Event) -> Value<'e> {
        match self.row.extract {
            Extract::Event(extract) => extract(event, &self.selector),
            Extract::Process(extract) => extract(&event.process, &self.selector),
            Extract::Called(extract) => {
                let called = event.file.as_deref().map(FileDescriptor::called);
                called.map_or(Value::Null, |called| extract(called, &self.selector))
            }
        }
    }
}

/// The field as a rule would name it.
impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.row.name, self.selector)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Field({self})")
    }
}

/// Two are the same where they have the same value for every event.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name && self.selector == other.selector
    }
}

impl Eq for Field {}

static TABLE: LazyLock<FxHashMap<&'static str, &'static FieldRow>> =
    LazyLock::new(|| fields().map(|row| (row.name, row)).collect());
