//! The YAML of Yarn 2 and later: every entry says with `resolution` what it is.

use serde::de::{IgnoredAny, MapAccess};

use super::{Entry, Yarn, repository, split};
use crate::json::{Entries, Fields, Object, Text};
use crate::locked::Locked;
use crate::notation;
use crate::reading::Parsed;

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Yarn>> {
    let document: Document = match notation::yaml(bytes) {
        Ok(document) => document,
        Err(fault) => return fault.into(),
    };
    let mut projects = vec![String::new()];
    let mut entries = Vec::new();
    for (key, description) in document.0 {
        let (name, reference) = split(&description.resolution).unwrap_or_default();
        if let Some(folder) = reference.strip_prefix("workspace:") {
            projects.extend(Some(folder.to_owned()).filter(|folder| folder != "."));
        } else if !["link:", "portal:"].iter().any(|scheme| reference.starts_with(scheme)) {
            entries.push(description.entry(name, reference, &key));
        }
    }
    Some(Yarn::new(entries, projects)).into()
}

#[derive(Debug, Default)]
struct Document(Vec<(String, Description)>);

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        if key == "__metadata" {
            values.next_value::<IgnoredAny>()?;
        } else {
            self.0.push((key.to_owned(), values.next_value::<Object<Description>>()?.0));
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Description {
    version: String,
    /// `name@npm:1.0.0`, `name@workspace:folder`, `name@https://host/path.git#commit=…`.
    resolution: String,
    checksum: String,
    dependencies: Vec<(String, String)>,
}

impl Description {
    fn entry(&self, name: &str, reference: &str, key: &str) -> Entry {
        let mut package = Locked {
            name: name.to_owned(),
            version: self.version.clone(),
            repository: repository(reference),
            ..Locked::default()
        };
        if !["npm:", "patch:"].iter().any(|scheme| reference.starts_with(scheme)) {
            package.property("npm:resolved", crate::address::without_user(reference));
        }
        package.property("npm:checksum", self.checksum.as_str());
        let requests = key.split(", ").map(str::to_owned).collect();
        Entry { requests, package, dependencies: self.dependencies.clone() }
    }
}

impl<'de> Fields<'de> for Description {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "version" => self.version = values.next_value::<Text<'de>>()?.into_string(),
            "resolution" => self.resolution = values.next_value::<Text<'de>>()?.into_string(),
            "checksum" => self.checksum = values.next_value::<Text<'de>>()?.into_string(),
            "dependencies" | "optionalDependencies" => {
                let Entries(ranges) = values.next_value::<Entries<Text<'de>>>()?;
                let ranges = ranges.into_iter().map(|(name, range)| (name, range.into_string()));
                self.dependencies.extend(ranges);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
