//! npm's lock files, versions 1 to 3 (package-lock.json in the npm documentation).

use bulkhead_model::Package;
use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use super::specifier::version_by;
use crate::address::without_user;
use crate::json::{self, Entries, Fields, Flag, Names, Object, Text};
use crate::reading::{Fault, Parsed};

/// A lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Lock {
    /// By place, in the order of the file.
    pub(super) packages: Vec<Locked>,
}

/// One package of a lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Locked {
    /// The folder relative to the project: `node_modules/a/node_modules/b`; empty for the project.
    pub(super) place: String,
    pub(super) name: String,
    /// Empty where the lock file has but an address.
    pub(super) version: String,
    /// Where it came from: an address, or a file.
    pub(super) resolved: String,
    /// Its digests, in the form of subresource integrity.
    pub(super) integrity: String,
    /// Needed for development alone.
    pub(super) development: bool,
    /// The place is a link to another folder of the project.
    pub(super) link: bool,
    pub(super) licences: Vec<String>,
    pub(super) dependencies: Vec<String>,
}

/// A lock file of any version.
pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    let document: Document = match json::read(bytes) {
        Ok(document) => document,
        Err(error) => return Fault::malformed(error.to_string()).into(),
    };
    let mut packages = Vec::new();
    if document.packages.is_empty() {
        flatten("", document.dependencies, &mut packages);
    } else {
        packages.extend(document.packages.into_iter().map(|(place, entry)| entry.at(place)));
    }
    Some(Lock { packages }).into()
}

/// Version 1 nests packages as their folders do. The reader bounds how deep.
fn flatten(folder: &str, dependencies: Vec<(String, Entry)>, packages: &mut Vec<Locked>) {
    for (name, mut entry) in dependencies {
        let separator = if folder.is_empty() { "" } else { "/" };
        let place = format!("{folder}{separator}node_modules/{name}");
        flatten(&place, std::mem::take(&mut entry.nested), packages);
        packages.push(entry.at(place));
    }
}

#[derive(Debug, Default)]
struct Document {
    packages: Vec<(String, Entry)>,
    dependencies: Vec<(String, Entry)>,
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "packages" => self.packages = entries(values)?,
            "dependencies" => self.dependencies = entries(values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A package of either form: `dependencies` are packages in the first version, names since.
#[derive(Debug, Default)]
struct Entry {
    package: Locked,
    nested: Vec<(String, Entry)>,
}

impl Entry {
    fn at(self, place: String) -> Locked {
        let mut package = Locked { place, ..self.package };
        let alias = package.version.strip_prefix("npm:").and_then(|alias| alias.rsplit_once('@'));
        if let Some((name, version)) = alias {
            (package.name, package.version) = (name.to_owned(), version.to_owned());
        } else if package.name.is_empty() {
            let folder = package.place.rsplit_once("node_modules/");
            package.name = folder.map_or_else(String::new, |(_, name)| name.to_owned());
        }
        if package.version.contains([':', '/']) {
            package.taken_from_version();
        }
        package.resolved = without_user(&package.resolved);
        package
    }
}

impl Locked {
    /// The first version of the format has an address in place of the version of what comes out of no
    /// registry: a repository, an archive, a folder of the project.
    fn taken_from_version(&mut self) {
        let address = std::mem::take(&mut self.version);
        let is_archive = || [".tgz", ".tar.gz", ".tar"].iter().any(|end| address.ends_with(end));
        self.link |= address.starts_with("file:") && !is_archive();
        version_by(&address, &self.name).unwrap_or_default().clone_into(&mut self.version);
        if self.resolved.is_empty() {
            self.resolved = address;
        }
    }

    /// Whether the package that lies in its place is the one that was locked.
    pub(super) fn is(&self, package: &Package) -> bool {
        package.name == self.name && (self.version.is_empty() || package.version == self.version)
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let package = &mut self.package;
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => package.name = text(values)?,
            "version" => package.version = text(values)?,
            "resolved" => package.resolved = text(values)?,
            "integrity" => package.integrity = text(values)?,
            "license" => {
                package.licences =
                    Some(text(values)?).filter(|l| !l.is_empty()).into_iter().collect();
            }
            // `devOptional` is needed by something else, too, if only where it can be had.
            "dev" => package.development |= values.next_value::<Flag>()?.0,
            "link" => package.link = values.next_value::<Flag>()?.0,
            "dependencies" => {
                let entries: Vec<(String, Self)> = entries(values)?;
                package.dependencies.extend(entries.iter().map(|(name, _)| name.clone()));
                self.nested = entries;
            }
            "requires" | "optionalDependencies" | "peerDependencies" | "devDependencies" => {
                package.dependencies.append(&mut values.next_value::<Names>()?.0);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

fn entries<'de, A: MapAccess<'de>>(values: &mut A) -> Result<Vec<(String, Entry)>, A::Error> {
    let entries: Entries<Object<Entry>> = values.next_value()?;
    Ok(entries.0.into_iter().map(|(name, Object(entry))| (name, entry)).collect())
}
