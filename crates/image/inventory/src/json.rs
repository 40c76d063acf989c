//! JSON that people and tools wrote by hand: fields of the wrong type, repeated keys and stray bytes
//! cost that field and nothing else.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::reading::text;

/// An object of which some fields are read.
pub(crate) trait Fields<'de>: Default {
    /// Takes the value of `key` out of `values`. Called once per key, in the order of the document;
    /// must take exactly one value.
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error>;

    /// What a bare text in the object's place means.
    fn text(_text: &str) -> Self {
        Self::default()
    }
}

/// Reads a document whose root is an object.
pub(crate) fn read<T>(bytes: &[u8]) -> Result<T, serde_json::Error>
where
    T: for<'de> Fields<'de>,
{
    let text = text(bytes);
    serde_json::from_str::<Object<T>>(text.trim_start()).map(|object| object.0)
}

/// An object; anything else reads as an empty one.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Fields<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// The values of a list, or the one value that stands in its place.
pub(crate) fn one_or_many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Fields<'de>,
    D: Deserializer<'de>,
{
    Many::deserialize(deserializer).map(|many| many.0)
}

/// A text or a number; anything else reads as none.
#[derive(Debug, Default)]
pub(crate) struct Text<'de>(pub(crate) Option<Cow<'de, str>>);

impl Text<'_> {
    pub(crate) fn into_string(self) -> String {
        self.0.map(Cow::into_owned).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// True where the value is `true`.
#[derive(Debug, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// The entries of an object in order; none for anything else.
#[derive(Debug)]
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// The keys of an object, or the texts of a list; none for anything else.
#[derive(Debug, Default)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// The values of a list, or those of an object with their keys; none for anything else.
#[derive(Debug)]
pub(crate) struct Listed<T>(pub(crate) Vec<(Option<String>, T)>);

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Fields<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

/// What is made of each kind of value. The defaults read as nothing.
trait Value<'de>: Default {
    fn text(_text: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn flag(_flag: bool) -> Self {
        Self::default()
    }

    fn object<A: MapAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        while values.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn list<A: SeqAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl<'de, T: Fields<'de>> Value<'de> for Object<T> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(T::text(&text))
    }

    fn object<A: MapAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut read = T::default();
        while let Some(Key(key)) = values.next_key()? {
            read.field(&key, &mut values)?;
        }
        Ok(Self(read))
    }
}

impl<'de> Value<'de> for Text<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }
}

impl Value<'_> for Flag {
    fn flag(flag: bool) -> Self {
        Self(flag)
    }
}

impl<'de, T: Deserialize<'de>> Value<'de> for Entries<T> {
    fn object<A: MapAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = values.next_entry()? {
            entries.push(entry);
        }
        Ok(Self(entries))
    }
}

impl<'de, T: Fields<'de>> Value<'de> for Listed<T> {
    fn object<A: MapAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut listed = Vec::new();
        while let Some((key, Object(value))) = values.next_entry()? {
            listed.push((Some(key), value));
        }
        Ok(Self(listed))
    }

    fn list<A: SeqAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut listed = Vec::new();
        while let Some(Object(value)) = values.next_element()? {
            listed.push((None, value));
        }
        Ok(Self(listed))
    }
}

impl<'de> Value<'de> for Names {
    fn object<A: MapAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = values.next_entry()? {
            names.push(name);
        }
        Ok(Self(names))
    }

    fn list<A: SeqAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut names = Vec::new();
        while let Some(Text(name)) = values.next_element()? {
            names.extend(name.map(Cow::into_owned));
        }
        Ok(Self(names))
    }
}

/// The values of a list, or the one value that stands in its place.
#[derive(Debug)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<'de, T: Fields<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient::<Self>(PhantomData))
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Fields<'de>> Value<'de> for Many<T> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(vec![T::text(&text)])
    }

    fn object<A: MapAccess<'de>>(values: A) -> Result<Self, A::Error> {
        Object::object(values).map(|Object(one)| Self(vec![one]))
    }

    fn list<A: SeqAccess<'de>>(mut values: A) -> Result<Self, A::Error> {
        let mut many = Vec::new();
        while let Some(Object(one)) = values.next_element()? {
            many.push(one);
        }
        Ok(Self(many))
    }
}

/// A key, borrowed where it holds no escape.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(Lenient::<Text<'de>>(PhantomData))?;
        Ok(Self(text.0.unwrap_or_default()))
    }
}

struct Lenient<T>(PhantomData<T>);

impl<'de, T: Value<'de>> Visitor<'de> for Lenient<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::text(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::text(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, values: A) -> Result<T, A::Error> {
        T::object(values)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<T, A::Error> {
        T::list(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Sample {
        name: String,
        flag: bool,
        names: Vec<String>,
    }

    impl<'de> Fields<'de> for Sample {
        fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
            match key {
                "name" => self.name = values.next_value::<Text<'de>>()?.into_string(),
                "flag" => self.flag = values.next_value::<Flag>()?.0,
                "names" => self.names = values.next_value::<Names>()?.0,
                _ => drop(values.next_value::<IgnoredAny>()?),
            }
            Ok(())
        }
    }

    fn check(json: &str, name: &str, flag: bool, names: &[&str]) {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let expected = Sample { name: name.to_owned(), flag, names };
        assert_eq!(read::<Sample>(json.as_bytes()).unwrap(), expected, "{json}");
    }

    #[test]
    fn wrong_types_cost_their_field_only() {
        check(r#"{"name":"a","flag":true,"names":{"b":1,"c":[{}]}}"#, "a", true, &["b", "c"]);
        check(r#"{"name":["a"],"flag":"true","names":["b",2,null]}"#, "", false, &["b", "2"]);
        check(r#"{"name":1.5,"flag":null,"names":false}"#, "1.5", false, &[]);
        check(r#"{"name":{"x":{"y":0}},"flag":[1],"names":"b"}"#, "", false, &[]);
        check("\u{feff} {\"name\":\"a\",\"name\":\"\\u0062\"}", "b", false, &[]);
        check("[1, 2]", "", false, &[]);
    }

    #[test]
    fn broken_documents_are_errors() {
        for json in ["", "{", r#"{"name"}"#, r#"{"name":"a"} x"#] {
            assert!(read::<Sample>(json.as_bytes()).is_err(), "{json}");
        }
    }
}
