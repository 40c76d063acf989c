//! The parts of a document that are read, whatever else stands in their place.
//!
//! A field of another JSON type than the specification says counts as absent, so that one odd
//! component spoils no other. Fields that are not needed are skipped without being held.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) bom_format: Text,
    pub(super) spec_version: Text,
    pub(super) metadata: Object<Metadata>,
    pub(super) components: List<Object<Component>>,
    pub(super) dependencies: List<Object<Dependency>>,
    /// What tells an SPDX document apart, for the error message.
    #[serde(rename = "spdxVersion")]
    pub(super) spdx_version: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) component: Object<Component>,
    pub(super) properties: List<Object<Property>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    #[serde(rename = "bom-ref")]
    pub(super) reference: Text,
    pub(super) group: Text,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) description: Text,
    pub(super) purl: Text,
    pub(super) licenses: List<Object<LicenseChoice>>,
    pub(super) evidence: Object<Evidence>,
    pub(super) properties: List<Object<Property>>,
    pub(super) components: List<Object<Component>>,
}

impl Component {
    /// The first property of that name.
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        self.properties().find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// All properties by name, for those who look up as many as there may be.
    pub(super) fn property_map(&self) -> BTreeMap<&str, &str> {
        self.properties().collect()
    }

    pub(super) fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.properties)
    }
}

/// Properties as names and values; those without either are left out.
pub(super) fn pairs(properties: &List<Object<Property>>) -> impl Iterator<Item = (&str, &str)> {
    properties
        .0
        .iter()
        .filter_map(|property| property.0.as_ref())
        .filter_map(|property| Some((property.name.0.as_deref()?, property.value.0.as_deref()?)))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct LicenseChoice {
    pub(super) license: Object<License>,
    pub(super) expression: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct License {
    pub(super) id: Text,
    pub(super) name: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Evidence {
    pub(super) occurrences: List<Object<Occurrence>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Occurrence {
    pub(super) location: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Property {
    pub(super) name: Text,
    pub(super) value: Text,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: Text,
    pub(super) depends_on: List<Text>,
}

/// A string, or nothing.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

/// An object, or nothing.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

/// The elements of an array, or none.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
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
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
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

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    nothing_from!('de: scalar, string, array);

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Object(Some(value)))
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
