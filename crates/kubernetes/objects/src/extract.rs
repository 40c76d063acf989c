//! A tree to typed bodies.
//!
//! A `serde` reader over [`Node`] that never fails: what is of another type than its field is a
//! [`Mistake`] with its path, and the field is empty. The API server refuses such objects whole.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::Error as _;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::node::{Entry, Node, Value};
use crate::object::Mistake;
use crate::path::{FieldPath, Step};

/// Past this many mistakes of one object the rest says nothing new.
const MISTAKES: usize = 20;

/// Mistakes of one object, as they are met.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    met: RefCell<Vec<Mistake>>,
    /// A type refused its value; the mistake of the innermost one is recorded.
    refused: Cell<bool>,
}

impl Mistakes {
    /// Records one that no type refused.
    pub(crate) fn note(&self, path: FieldPath, message: String) {
        self.met.borrow_mut().push(Mistake { path, message });
    }

    pub(crate) fn into_inner(self) -> Box<[Mistake]> {
        self.met.into_inner().into()
    }
}

/// What an object holds, as far as it is of the type.
pub(crate) fn extract<'de, T>(root: &'de Node<'de>, mistakes: &Mistakes) -> T
where
    T: Deserialize<'de> + Default,
{
    let trail = Trail { above: None, step: TrailStep::Root };
    let here = Here { node: root, trail: &trail, mistakes };
    let read = here.read(PhantomData::<T>).unwrap_or_default();
    mistakes.refused.set(false);
    read
}

/// A node and the way to it.
#[derive(Clone, Copy)]
struct Here<'n, 'de> {
    node: &'de Node<'de>,
    trail: &'n Trail<'n>,
    mistakes: &'n Mistakes,
}

/// The way to a node, as a list on the stack.
struct Trail<'n> {
    above: Option<&'n Trail<'n>>,
    step: TrailStep<'n>,
}

enum TrailStep<'n> {
    Root,
    Key(&'n str),
    Index(usize),
}

impl Trail<'_> {
    fn path(&self) -> FieldPath {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(trail) = here {
            match trail.step {
                TrailStep::Root => {}
                TrailStep::Key(key) => steps.push(Step::Key(key.into())),
                TrailStep::Index(index) => steps.push(Step::Index(index)),
            }
            here = trail.above;
        }
        FieldPath::reversed(steps)
    }
}

impl<'de> Here<'_, 'de> {
    /// The value that `seed` makes of this.
    fn read<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self).inspect_err(|error| {
            if !self.mistakes.refused.replace(true) {
                self.mistake(error);
            }
        })
    }

    fn expected(&self, what: &str) {
        self.mistake(&format_args!("{} where {what} is expected", self.node.what()));
    }

    fn mistake(&self, message: &dyn fmt::Display) {
        let mut mistakes = self.mistakes.met.borrow_mut();
        if mistakes.len() < MISTAKES {
            mistakes.push(Mistake { path: self.trail.path(), message: message.to_string() });
        }
    }

    /// A whole number, however it was written: JSON knows one kind of number.
    fn integer(&self) -> Option<i64> {
        match self.node.value {
            Value::Integer(number) => Some(number),
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(number as i64)
            }
            _ => None,
        }
    }
}

/// Readers of whole numbers; one out of range is a mistake.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let number = self.integer().and_then(|number| <$type>::try_from(number).ok());
            if number.is_none() && !self.node.is_null() {
                self.expected("a whole number of its range");
            }
            visitor.$visit(number.unwrap_or_default())
        }
    )*};
}

impl<'de> Deserializer<'de> for Here<'_, 'de> {
    type Error = Error;

    integers! {
        deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Null => visitor.visit_str(""),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => match self.integer() {
                Some(number) => visitor.visit_i64(number),
                None => visitor.visit_f64(*number),
            },
            Value::Text(text) => visitor.visit_str(text),
            Value::List(elements) => visitor.visit_seq(self.sequence(elements)),
            Value::Map(entries) => visitor.visit_map(self.map(entries)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.value {
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Null => visitor.visit_bool(false),
            _ => {
                self.expected("true or false");
                visitor.visit_bool(false)
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Text(text) => return visitor.visit_str(text),
            Value::Null => return visitor.visit_str(""),
            _ => self.expected("a text"),
        }
        match &self.node.value {
            Value::Bool(truth) => visitor.visit_str(if *truth { "true" } else { "false" }),
            Value::Integer(number) => visitor.visit_str(&number.to_string()),
            Value::Float(number) => visitor.visit_str(&number.to_string()),
            _ => visitor.visit_str(""),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    /// `null` is a field that is not there.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !matches!(self.node.value, Value::List(_) | Value::Null) {
            self.expected("a list");
        }
        visitor.visit_seq(self.sequence(self.node.elements()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !matches!(self.node.value, Value::Map(_) | Value::Null) {
            self.expected("a map");
        }
        visitor.visit_map(self.map(self.node.entries()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i128 u8 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

impl<'n, 'de> Here<'n, 'de> {
    fn sequence(&self, elements: &'de [Node<'de>]) -> Elements<'n, 'de> {
        Elements { left: elements.iter().enumerate(), above: self.trail, mistakes: self.mistakes }
    }

    fn map(&self, entries: &'de [Entry<'de>]) -> Entries<'n, 'de> {
        Entries { left: entries.iter(), next: None, above: self.trail, mistakes: self.mistakes }
    }
}

struct Elements<'n, 'de> {
    left: std::iter::Enumerate<std::slice::Iter<'de, Node<'de>>>,
    above: &'n Trail<'n>,
    mistakes: &'n Mistakes,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some((index, node)) = self.left.next() else { return Ok(None) };
        let trail = Trail { above: Some(self.above), step: TrailStep::Index(index) };
        Here { node, trail: &trail, mistakes: self.mistakes }.read(seed).map(Some)
    }
}

struct Entries<'n, 'de> {
    left: std::slice::Iter<'de, Entry<'de>>,
    next: Option<&'de Entry<'de>>,
    above: &'n Trail<'n>,
    mistakes: &'n Mistakes,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.next = self.left.next();
        let Some(entry) = self.next else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let entry = self.next.take().ok_or_else(|| Error::custom("a value without a key"))?;
        let trail = Trail { above: Some(self.above), step: TrailStep::Key(&entry.key) };
        Here { node: &entry.node, trail: &trail, mistakes: self.mistakes }.read(seed)
    }
}
