//! Cargo.toml, for what its lock file does not say: which dependencies are for development alone.

use std::collections::BTreeSet;

use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use crate::json::{Entries, Fields, Object, Text};
use crate::notation;
use crate::reading::Parsed;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    /// Names of crates that stand in `dev-dependencies` and nowhere else.
    pub(super) development: BTreeSet<String>,
}

/// The project of a manifest; nothing for one that only has a workspace.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Manifest>> {
    let document: Document = match notation::toml(bytes) {
        Ok(document) => document,
        Err(fault) => return fault.into(),
    };
    let Document { name, tables } = document;
    let Tables { mut development, other } = tables;
    development.retain(|name| !other.contains(name));
    (!name.is_empty()).then_some(Manifest { name, development }).into()
}

#[derive(Debug, Default)]
struct Document {
    name: String,
    tables: Tables,
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "package" | "project" => self.name = values.next_value::<Object<Package>>()?.0.name,
            // The same tables for one platform each.
            "target" => {
                for (_, Object(tables)) in values.next_value::<Entries<Object<Tables>>>()?.0 {
                    self.tables.development.extend(tables.development);
                    self.tables.other.extend(tables.other);
                }
            }
            _ => self.tables.field(key, values)?,
        }
        Ok(())
    }
}

/// Names of crates by the kind of table.
#[derive(Debug, Default)]
struct Tables {
    development: BTreeSet<String>,
    other: BTreeSet<String>,
}

impl<'de> Fields<'de> for Tables {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let names = match key {
            "dev-dependencies" | "dev_dependencies" => &mut self.development,
            "dependencies" | "build-dependencies" | "build_dependencies" => &mut self.other,
            _ => {
                values.next_value::<IgnoredAny>()?;
                return Ok(());
            }
        };
        let Entries(crates) = values.next_value::<Entries<Object<Package>>>()?;
        // `alias = { package = "name" }`.
        names.extend(crates.into_iter().map(
            |(alias, Object(Package { package, .. }))| {
                if package.is_empty() { alias } else { package }
            },
        ));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Package {
    name: String,
    package: String,
}

impl<'de> Fields<'de> for Package {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.name = values.next_value::<Text<'de>>()?.into_string(),
            "package" => self.package = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
