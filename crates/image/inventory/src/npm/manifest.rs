//! `package.json`, of which an installation needs little.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess};
use serde::{Deserialize as Decode, Serialize};
use serde_json::Value;

use crate::json::{self, Entries, Fields, Names, Text};
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
    /// What a project asks its package manager for; empty for installed packages.
    pub(super) requests: Vec<Request>,
    /// Patterns of the folders of further projects (`workspaces`).
    pub(super) workspaces: Vec<String>,
}

/// One dependency as a manifest writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Decode)]
pub(super) struct Request {
    pub(super) name: String,
    pub(super) range: String,
    /// Of `devDependencies`.
    pub(super) development: bool,
}

/// The manifest of an installed package; none where it has no name, as the many have that only set
/// how a folder is loaded.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Manifest>> {
    let Parsed { value, faults } = project(bytes);
    let named = value.filter(|manifest| !manifest.name.is_empty());
    let value =
        named.map(|manifest| Manifest { requests: Vec::new(), workspaces: Vec::new(), ..manifest });
    Parsed { value, faults }
}

/// The manifest of what may be a project, which needs no name.
pub(super) fn project(bytes: &[u8]) -> Parsed<Option<Manifest>> {
    match json::read::<Manifest>(bytes) {
        Ok(manifest) => {
            let speaks = !manifest.name.is_empty() || !manifest.requests.is_empty();
            Some(manifest).filter(|_| speaks).into()
        }
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
            "dependencies" | "optionalDependencies" => {
                let names = self.request(values, false)?;
                self.dependencies.extend(names);
            }
            "devDependencies" => drop(self.request(values, true)?),
            "peerDependencies" => self.dependencies.append(&mut values.next_value::<Names>()?.0),
            "workspaces" => self.workspaces = patterns(&values.next_value()?),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl Manifest {
    /// Takes a list of requests, and gives the names in it.
    fn request<'de, A: MapAccess<'de>>(
        &mut self,
        values: &mut A,
        development: bool,
    ) -> Result<Vec<String>, A::Error> {
        let Entries(list) = values.next_value::<Entries<Text<'de>>>()?;
        let names = list.iter().map(|(name, _)| name.clone()).collect();
        self.requests.extend(list.into_iter().map(|(name, range)| Request {
            name,
            range: range.into_string(),
            development,
        }));
        Ok(names)
    }
}

/// A list, or an object that has it as `packages`.
fn patterns(workspaces: &Value) -> Vec<String> {
    let list = workspaces.get("packages").unwrap_or(workspaces).as_array();
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
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
