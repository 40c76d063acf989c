//! `package.json`, of which an installation needs little.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess};
use serde::{Deserialize as Decode, Serialize};

use crate::json::{self, Fields, Names, Text};
use crate::reading::{Fault, Parsed};

/// What a package says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Decode)]
pub(super) struct Manifest {
    pub(super) name: String,
    /// Empty where none is given.
    pub(super) version: String,
    pub(super) licences: Vec<String>,
    /// The packages that it asks Node for at run time: dependencies, optional and peer ones.
    pub(super) dependencies: Vec<String>,
}

/// A manifest; none where it has no name, as the many have that only set how a folder is loaded.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Manifest>> {
    match json::read::<Manifest>(bytes) {
        Ok(manifest) => Some(manifest).filter(|manifest| !manifest.name.is_empty()).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

impl<'de> Fields<'de> for Manifest {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.name = trimmed(&values.next_value()?),
            "version" => self.version = trimmed(&values.next_value()?),
            "license" | "licence" | "licenses" => {
                self.licences.append(&mut values.next_value::<Licences>()?.0);
            }
            "dependencies" | "optionalDependencies" | "peerDependencies" => {
                self.dependencies.append(&mut values.next_value::<Names>()?.0);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

fn trimmed(text: &Text<'_>) -> String {
    text.0.as_deref().unwrap_or_default().trim().to_owned()
}

/// `"MIT"`, or the older `{"type": "MIT"}`, or a list of these.
#[derive(Debug, Default)]
struct Licences(Vec<String>);

impl<'de> Deserialize<'de> for Licences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::one_or_many(deserializer).map(|many: Vec<Licence>| {
            let names = many.into_iter().map(|licence| licence.0);
            Self(names.filter(|name| !name.is_empty()).collect())
        })
    }
}

#[derive(Debug, Default)]
struct Licence(String);

impl<'de> Fields<'de> for Licence {
    fn text(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "type" | "name" => self.0 = trimmed(&values.next_value()?),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
