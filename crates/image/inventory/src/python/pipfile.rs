//! Pipfile.lock (the specification in Pipenv's documentation).

use serde::de::{IgnoredAny, MapAccess};

use super::origin::vcs_url;
use super::requirement::Requirement;
use crate::address::without_user;
use crate::json::{self, Entries, Fields, Object, Text};
use crate::locked::{Lock, Locked};
use crate::reading::{Fault, Parsed};

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match json::read::<Document>(bytes) {
        Ok(document) => Some(document.0).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

#[derive(Debug, Default)]
struct Document(Lock);

impl<'de> Fields<'de> for Document {
    /// `default`, `develop`, and categories of the project's own; what begins with `_` is none.
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        if key.starts_with('_') {
            values.next_value::<IgnoredAny>()?;
            return Ok(());
        }
        let Entries(entries) = values.next_value::<Entries<Object<Entry>>>()?;
        let packages = entries.into_iter().filter_map(|(name, Object(entry))| {
            Some(entry).filter(|entry| !entry.is_empty()).map(|entry| entry.package(name))
        });
        let development = key == "develop";
        self.0.packages.extend(packages.map(|package| Locked { development, ..package }));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Entry {
    /// `==1.0`.
    version: String,
    /// The form of pip: `git+https://…`, or an archive.
    address: String,
    commit: String,
}

impl Entry {
    /// A folder of the project, or nothing at all.
    fn is_empty(&self) -> bool {
        self.version.is_empty() && self.address.is_empty()
    }

    fn package(self, name: String) -> Locked {
        let clause = format!("name{}", self.version);
        let version = Requirement::parse(&clause).and_then(|requirement| requirement.pinned());
        let version = version.unwrap_or_default().to_owned();
        let mut package = Locked { name, version, ..Locked::default() };
        if !self.address.is_empty() {
            let commit = if self.commit.is_empty() { "" } else { "@" };
            package.repository = vcs_url(&format!("{}{commit}{}", self.address, self.commit));
            package.property("python:direct_url", without_user(&self.address));
        }
        package
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "version" => self.version = text(values)?,
            "git" | "hg" | "svn" | "bzr" => {
                let address = text(values)?;
                let plain = address.starts_with(&format!("{key}+"));
                self.address = if plain { address } else { format!("{key}+{address}") };
            }
            "file" => self.address = text(values)?,
            "ref" => self.commit = text(values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
