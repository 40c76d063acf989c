//! Texts that many objects share.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A text that stands in many objects: a namespace, a label, a name. Equal ones read by one thread
/// share their bytes, so that 100,000 pods hold each namespace once.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Past this many, a thread's table starts anew: what nobody shares is not held for ever.
const TABLE: usize = 1 << 16;

/// Longer ones are rarely shared.
const LONGEST: usize = 256;

thread_local! {
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

impl Name {
    /// The shared form of `text`.
    pub fn new(text: &str) -> Self {
        if text.len() > LONGEST {
            return Self(text.into());
        }
        NAMES.with_borrow_mut(|names| {
            if let Some(name) = names.get(text) {
                return Self(Arc::clone(name));
            }
            if names.len() >= TABLE {
                names.clear();
            }
            let name: Arc<str> = text.into();
            names.insert(Arc::clone(&name));
            Self(name)
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::new("")
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Name, E> {
        Ok(Name::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_share_their_bytes() {
        let (one, two) = (Name::new("kube-system"), Name::new("kube-system"));
        assert!(Arc::ptr_eq(&one.0, &two.0));
        assert_eq!(one, "kube-system");
    }

    #[test]
    fn the_table_does_not_grow_for_ever() {
        for number in 0..TABLE + 10 {
            Name::new(&number.to_string());
        }
        assert!(NAMES.with_borrow(HashSet::len) <= TABLE);
    }
}
