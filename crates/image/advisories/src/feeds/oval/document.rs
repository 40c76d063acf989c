//! The document as a stream of XML events.

mod ration;
mod walk;

use std::io::BufRead;
use std::sync::Arc;

use bulkhead_limits::Budget;
use quick_xml::events::Event;
use rustc_hash::FxHashMap;

use super::definition::Definition;
use super::test::{Object, State, Test};
use crate::{FeedError, Format};
use ration::Ration;
use walk::Walk;

/// Definitions, and what they refer to, by identifier.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// When it was generated.
    pub(super) timestamp: Option<String>,
    pub(super) definitions: Vec<Definition>,
    /// Positions of definitions.
    positions: FxHashMap<String, usize>,
    tests: FxHashMap<String, Test>,
    objects: FxHashMap<String, Object>,
    states: FxHashMap<String, State>,
    /// The values of variables that are constants.
    variables: FxHashMap<String, Vec<String>>,
}

impl Document {
    pub(super) fn read(
        input: impl BufRead,
        format: Format,
        budget: &Budget,
    ) -> Result<Self, FeedError> {
        let mut reader = quick_xml::Reader::from_reader(Ration::new(input));
        let mut walk = Walk::new(format, budget);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            reader.get_mut().renew();
            let event = reader.read_event_into(&mut buffer);
            let position = reader.buffer_position();
            match event.map_err(|error| stopped(error, position, format))? {
                Event::Start(element) => walk.start(&element)?,
                Event::Empty(element) => {
                    walk.start(&element)?;
                    walk.end();
                }
                Event::End(_) => walk.end(),
                Event::Text(text) => walk.text(&text.xml10_content()),
                Event::CData(text) => walk.text(&text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(character)) => walk.text(character.encode_utf8(&mut [0; 4])),
                    Ok(None) => walk.text(entity(&reference)),
                    Err(error) => return Err(malformed(&error, position, format)),
                },
                Event::Eof => break,
                _ => {}
            }
        }
        walk.finish()
    }

    pub(super) fn definition(&self, id: &str) -> Option<&Definition> {
        self.definitions.get(*self.positions.get(id)?)
    }

    pub(super) fn test(&self, id: &str) -> Option<&Test> {
        self.tests.get(id)
    }

    pub(super) fn state(&self, id: &str) -> Option<&State> {
        self.states.get(id)
    }

    /// The names of packages that an object stands for; none where they cannot be told from the
    /// document.
    pub(super) fn names(&self, object: &str) -> Result<Option<&[String]>, String> {
        let found = self.objects.get(object).ok_or_else(|| format!("no object {object}"))?;
        Ok(match &found.variable {
            _ if found.is_pattern => None,
            Some(variable) => self.variables.get(variable).map(Vec::as_slice),
            None => Some(std::slice::from_ref(&found.name)),
        })
    }
}

fn stopped(error: quick_xml::Error, position: u64, format: Format) -> FeedError {
    match error {
        // The decoder's own error travels through the XML reader, which counts references to it.
        quick_xml::Error::Io(error) => Arc::try_unwrap(error)
            .map_or_else(|shared| malformed(&shared, position, format), FeedError::from),
        error => malformed(&error, position, format),
    }
}

/// An error of the document at a byte.
fn malformed(cause: &dyn std::fmt::Display, position: u64, format: Format) -> FeedError {
    let cause = format!("{cause}, at byte {position}");
    FeedError::Malformed { format: format.name(), cause }
}

/// The five entities that XML knows without a declaration; others stand for nothing.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
