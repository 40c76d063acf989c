//! JSON values that are read whatever else stands in their place.
//!
//! A field of another JSON type than its specification says counts as absent, so that one odd part
//! of a document spoils no other. Fields that are not needed are skipped without being held.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, or nothing.
#[derive(Debug, Default)]
pub(crate) struct Text(pub(crate) Option<String>);

/// An object, or nothing.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

/// The elements of an array, or none.
#[derive(Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// A string, an object, or nothing.
#[derive(Debug, Default)]
pub(crate) enum TextOr<T> {
    Text(String),
    Object(T),
    #[default]
    Nothing,
}

/// A number, or nothing.
#[derive(Debug, Default)]
pub(crate) struct Number(pub(crate) Option<f64>);

/// What stands where a list of objects should: the objects at any depth of lists within lists, and
/// how many values were something else. One object alone counts as a list of one.
#[derive(Debug)]
pub(crate) struct Several<T> {
    pub(crate) values: Vec<T>,
    pub(crate) others: u64,
}

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The text, unless it is absent or empty.
    pub(crate) fn filled(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }
}

impl<T> List<Object<T>> {
    /// The objects among the elements.
    pub(crate) fn objects(self) -> impl Iterator<Item = T> {
        self.0.into_iter().filter_map(|element| element.0)
    }
}

impl List<Text> {
    /// The strings among the elements.
    pub(crate) fn texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().filter_map(Text::filled)
    }
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self { values: Vec::new(), others: 0 }
    }
}

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeveralVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// The visits that give nothing, for the JSON types that a visitor does not want.
macro_rules! nothing_from {
    ($lifetime:lifetime: $($kind:ident),+) => {
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("any value")
        }
        $(nothing_from!(@$kind $lifetime);)+
    };
    (@scalar $lifetime:lifetime) => {
        nothing_from!(@word $lifetime);
        nothing_from!(@number $lifetime);
    };
    (@word $lifetime:lifetime) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@number $lifetime:lifetime) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@string $lifetime:lifetime) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@array $lifetime:lifetime) => {
        fn visit_seq<A: SeqAccess<$lifetime>>(self, mut array: A) -> Result<Self::Value, A::Error> {
            while array.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@object $lifetime:lifetime) => {
        fn visit_map<A: MapAccess<$lifetime>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    nothing_from!('de: scalar, array, object);

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(text.to_owned())))
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    nothing_from!('de: word, array, object);

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }

    #[expect(clippy::cast_precision_loss, reason = "scores are small")]
    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    #[expect(clippy::cast_precision_loss, reason = "scores are small")]
    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    /// Some publishers quote their numbers.
    fn visit_str<E>(self, text: &str) -> Result<Number, E> {
        Ok(Number(text.trim().parse().ok().filter(|number: &f64| number.is_finite())))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    nothing_from!('de: scalar, string, array);

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Object(Some(value)))
    }
}

struct TextOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TextOrVisitor<T> {
    type Value = TextOr<T>;

    nothing_from!('de: scalar, array);

    fn visit_str<E>(self, text: &str) -> Result<TextOr<T>, E> {
        Ok(TextOr::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<TextOr<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(TextOr::Object)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    nothing_from!('de: scalar, string, object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<List<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = array.next_element()? {
            elements.push(element);
        }
        Ok(List(elements))
    }
}

struct SeveralVisitor<T>(PhantomData<T>);

impl<T> SeveralVisitor<T> {
    const OTHER: Several<T> = Several { values: Vec::new(), others: 1 };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for SeveralVisitor<T> {
    type Value = Several<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Several<T>, E> {
        Ok(Several::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Several<T>, E> {
        Ok(Self::OTHER)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Several<T>, E> {
        Ok(Self::OTHER)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Several<T>, E> {
        Ok(Self::OTHER)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Several<T>, E> {
        Ok(Self::OTHER)
    }

    fn visit_str<E>(self, _: &str) -> Result<Several<T>, E> {
        Ok(Self::OTHER)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Several<T>, A::Error> {
        let value = T::deserialize(MapAccessDeserializer::new(object))?;
        Ok(Several { values: vec![value], others: 0 })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Several<T>, A::Error> {
        let mut all = Several::default();
        while let Some(inner) = array.next_element::<Several<T>>()? {
            all.values.extend(inner.values);
            all.others = all.others.saturating_add(inner.others);
        }
        Ok(all)
    }
}
