//! JSON documents of many records, of which one is held at a time.

use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::{FeedError, Format};

/// A value of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'e> {
    /// The member of the document that it is, or that the list is which it stands in; empty where the
    /// document is a list.
    pub(super) member: &'e str,
    /// Its position in the list.
    pub(super) position: usize,
    pub(super) value: &'e RawValue,
}

/// Takes a value, or stops.
pub(super) type Take<'t> = dyn FnMut(Element<'_>) -> Result<(), FeedError> + 't;

/// Hands over the elements of a document that is a list, or the members of one that is an object.
/// Members called as in `lists` are handed over by their elements.
pub(super) fn read(
    input: impl Read,
    format: Format,
    lists: &[&str],
    take: &mut Take<'_>,
) -> Result<(), FeedError> {
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let walk = Walk { lists, take, stopped: &mut stopped };
    let walked = deserializer.deserialize_any(walk).and_then(|()| deserializer.end());
    match (stopped, walked) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(refused(error, format)),
    }
}

/// What is wrong with a document that is no JSON, or not of this shape.
pub(super) fn refused(error: serde_json::Error, format: Format) -> FeedError {
    match error.classify() {
        Category::Io => io::Error::from(error).into(),
        Category::Eof => FeedError::Truncated,
        _ => FeedError::Malformed { format: format.name(), cause: error.to_string() },
    }
}

/// The outermost value.
struct Walk<'w, 't> {
    lists: &'w [&'w str],
    take: &'w mut Take<'t>,
    stopped: &'w mut Option<FeedError>,
}

impl Walk<'_, '_> {
    fn hand_over<E: serde::de::Error>(&mut self, element: Element<'_>) -> Result<(), E> {
        (self.take)(element).map_err(|error| {
            *self.stopped = Some(error);
            E::custom("stopped")
        })
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        Members { walk: self, member: "" }.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_key::<String>()? {
            if self.lists.contains(&member.as_str()) {
                let walk = Walk { lists: &[], take: self.take, stopped: self.stopped };
                map.next_value_seed(Members { walk, member: &member })?;
            } else {
                let value: Box<RawValue> = map.next_value()?;
                self.hand_over::<A::Error>(Element {
                    member: &member,
                    position: 0,
                    value: &value,
                })?;
            }
        }
        Ok(())
    }
}

/// A list of records.
struct Members<'w, 't, 'm> {
    walk: Walk<'w, 't>,
    member: &'m str,
}

impl<'de> DeserializeSeed<'de> for Members<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of records")
    }

    /// Nothing instead of an empty list.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut position: usize = 0;
        while let Some(value) = list.next_element::<Box<RawValue>>()? {
            self.walk.hand_over::<A::Error>(Element {
                member: self.member,
                position,
                value: &value,
            })?;
            position = position.saturating_add(1);
        }
        Ok(())
    }
}
