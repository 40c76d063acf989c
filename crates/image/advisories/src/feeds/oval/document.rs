//! The document as a stream of XML events.

mod walk;

use std::io::BufRead;
use std::sync::Arc;

use bulkhead_limits::{Budget, Exceeded};
use quick_xml::events::Event;
use rustc_hash::FxHashMap;

use super::definition::Definition;
use crate::{FeedError, Format};
use walk::Walk;

/// Definitions, and what they refer to.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// When it was generated.
    pub(super) timestamp: Option<String>,
    pub(super) definitions: Vec<Definition>,
    /// By test.
    tests: FxHashMap<String, Test>,
    /// Names of packages, by object.
    objects: FxHashMap<String, String>,
    /// By state.
    states: FxHashMap<String, State>,
}

/// What a test compares. Tests of the release and of the architecture are of other kinds.
#[derive(Debug, Default)]
struct Test {
    is_package: bool,
    object: String,
    state: String,
}

/// What a package is compared with.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) operation: Operation,
    pub(super) version: String,
}

/// How it is compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Operation {
    /// The package is older.
    LessThan,
    /// Anything else.
    #[default]
    Other,
}

impl Document {
    pub(super) fn read(input: impl BufRead, budget: &Budget) -> Result<Self, FeedError> {
        let limit = budget.limits().file_bytes;
        // A single event is held whole, so the document may not be larger than a held file.
        let mut reader = quick_xml::Reader::from_reader(input.take(limit.saturating_add(1)));
        let mut walk = Walk::new(budget);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer);
            let position = reader.buffer_position();
            if position > limit {
                return Err(Exceeded::FileBytes { size: position, limit }.into());
            }
            match event.map_err(|error| stopped(error, position))? {
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
                    Err(error) => return Err(malformed(&error, position)),
                },
                Event::Eof => break,
                _ => {}
            }
        }
        walk.finish()
    }

    /// The package's name and state that a test compares; none for tests of something else.
    pub(super) fn package_test(&self, id: &str) -> Result<Option<(&str, &State)>, String> {
        let test = self.tests.get(id).ok_or_else(|| format!("no test {id}"))?;
        if !test.is_package {
            return Ok(None);
        }
        let object =
            self.objects.get(&test.object).ok_or_else(|| format!("no object {}", test.object))?;
        let state =
            self.states.get(&test.state).ok_or_else(|| format!("no state {}", test.state))?;
        Ok(Some((object, state)))
    }
}

fn stopped(error: quick_xml::Error, position: u64) -> FeedError {
    match error {
        // The decoder's own error travels through the XML reader, which counts references to it.
        quick_xml::Error::Io(error) => Arc::try_unwrap(error)
            .map_or_else(|shared| malformed(&shared, position), FeedError::from),
        error => malformed(&error, position),
    }
}

/// An error of the document at a byte.
fn malformed(cause: &dyn std::fmt::Display, position: u64) -> FeedError {
    let cause = format!("{cause}, at byte {position}");
    FeedError::Malformed { format: Format::DebianOval.name(), cause }
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
