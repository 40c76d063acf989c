//! Events that people write down, for tests of rules.

mod argument;
mod complete;
mod draft;
mod setting;

use std::collections::BTreeMap;

use bulkhead_limits::{Budget, Exceeded};
use serde::Deserialize;

use crate::field::{Change, Field, FieldError, fields};
use crate::{Event, Kind};

pub use setting::{Setting, SettingError};

pub(crate) use argument::result;
pub(crate) use draft::Draft;

/// Events written down in YAML or JSON: for each the fields that matter, by the names that rules use.
///
/// What is not said is filled in so that a kernel could have told it: `evt.arg.name` follows from
/// `fd.name` and the other way round, ancestors come into being where they are named, the user is root,
/// the call went well. Fields that follow from others, such as `evt.is_open_read`, cannot be set: the
/// error names those that can.
///
/// ```
/// use bulkhead_events::EventScript;
/// use bulkhead_limits::{Budget, Limits};
///
/// let script = b"
/// defaults:
///   container.id: 3ad7b26ded6d
///   proc.name: cat
/// events:
///   - evt.type: openat
///     evt.arg.flags: O_RDONLY
///     fd.name: /etc/shadow
///   - evt.type: connect
///     fd.sip: 10.96.0.1
///     fd.sport: 443
///     proc.aname[2]: sshd
/// ";
/// let script = EventScript::read(script, &Budget::new(Limits::DEFAULT)).unwrap();
/// let events = script.events().unwrap();
/// assert_eq!(events[0].file.as_ref().unwrap().name, "/etc/shadow");
/// assert_eq!(events[1].process.ancestors().nth(1).unwrap().name, "sshd");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventScript {
    /// Fields of all events that do not say otherwise.
    #[serde(default)]
    pub defaults: Fields,
    /// The fields of each event.
    pub events: Vec<Fields>,
}

/// What was written for fields, by their names.
pub type Fields = BTreeMap<String, Setting>;

/// Why what was written is no event.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// It is no YAML, or does not have the keys `defaults` and `events`.
    #[error("{0}")]
    Syntax(String),
    /// It is too large.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// One of several events is none.
    #[error("event {number}: {cause}")]
    Event {
        /// Which one, from 1.
        number: usize,
        /// Why.
        cause: Box<ScriptError>,
    },
    /// What happens is not said.
    #[error("`evt.type` is missing, which says what happens")]
    NoType,
    /// What happens is not known.
    #[error("`evt.type` is `{name}`, which is the name of no system call and of nothing else")]
    UnknownType {
        /// What was written.
        name: String,
    },
    /// There is no such field.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A field cannot be what was written.
    #[error("`{field}`: {cause}")]
    Setting {
        /// The field, as it was written.
        field: String,
        /// Why.
        cause: SettingError,
    },
}

impl EventScript {
    /// Reads what somebody wrote.
    pub fn read(text: &[u8], budget: &Budget) -> Result<Self, ScriptError> {
        budget.check_file(text.len() as u64)?;
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_slice_with_options(text, options)
            .map_err(|error| ScriptError::Syntax(error.to_string()))
    }

    /// The events, a millisecond after each other.
    pub fn events(&self) -> Result<Vec<Event>, ScriptError> {
        let events = self.events.iter().zip(1_usize..).map(|(fields, number)| {
            let defaults = self.defaults.iter().filter(|(name, _)| !fields.contains_key(*name));
            let event = write(fields.iter().chain(defaults), number as u64);
            event.map_err(|cause| ScriptError::Event { number, cause: Box::new(cause) })
        });
        events.collect()
    }
}

impl Event {
    /// The event of which somebody wrote down some fields: see [`EventScript`].
    pub fn write(fields: &Fields) -> Result<Self, ScriptError> {
        write(fields.iter(), 1)
    }
}

/// When the first event of a script is over: the first second of 2026.
const START: u64 = 1_767_225_600_000_000_000;

fn write<'f>(
    written: impl Iterator<Item = (&'f String, &'f Setting)>,
    number: u64,
) -> Result<Event, ScriptError> {
    let mut kind = None;
    let mut settings = Vec::new();
    for (name, setting) in written {
        if name == "evt.type" {
            kind = Some(setting.text().lossy().into_owned());
            continue;
        }
        let field = Field::parse(name)?;
        let place = fields().position(|row| std::ptr::eq(row.name, field.row().name));
        settings.push((place, name, field, setting));
    }
    let kind = kind.ok_or(ScriptError::NoType)?;
    let kind = Kind::by_name(&kind).ok_or(ScriptError::UnknownType { name: kind })?;
    let mut draft = Draft::new(kind);
    draft.event().sequence = number;
    draft.event().time = START.saturating_add(number.saturating_mul(1_000_000));
    // Some fields build on others, which stand before them in the table.
    settings.sort_by_key(|(place, ..)| *place);
    for (_, name, field, setting) in settings {
        let done = match field.row().change {
            // Of an argument more can be said.
            Change::By(_) if field.row().name != "evt.arg" && field.is_settled_by(kind) => {
                Err(SettingError::NoField { kind: kind.name() })
            }
            Change::By(change) => change(&mut draft, field.selector(), setting),
            Change::Follows(others) => Err(SettingError::Follows { others }),
            Change::Fixed => Err(SettingError::Follows { others: "nothing" }),
        };
        done.map_err(|cause| ScriptError::Setting { field: name.clone(), cause })?;
    }
    draft
        .finish()
        .map_err(|(name, cause)| ScriptError::Setting { field: format!("evt.arg.{name}"), cause })
}
