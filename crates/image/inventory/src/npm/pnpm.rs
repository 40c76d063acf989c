//! pnpm-lock.yaml, versions 5 to 9 (the specification of the lock file in pnpm's repository).
//!
//! Up to version 6 `packages` holds every instance: a package with what its peers were resolved to,
//! `/name/1.0.0_peer@2.0.0` or `/name@1.0.0(peer@2.0.0)`. Since version 9 these are `snapshots`, and
//! `packages` has what the instances share.

use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};

use super::specifier::{repository, split};
use crate::address::without_user;
use crate::json::{Entries, Fields, Flag, Object, Text};
use crate::locked::{Lock, Locked, Root, place};
use crate::notation;
use crate::reading::Parsed;

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    let document: Document = match notation::yaml(of_project(bytes)) {
        Ok(document) => document,
        Err(fault) => return fault.into(),
    };
    Some(document.lock()).into()
}

/// The last document: newer versions write one before it for the package manager's own needs.
fn of_project(bytes: &[u8]) -> &[u8] {
    const SEPARATOR: &[u8] = b"\n---\n";
    let after = memchr::memmem::rfind(bytes, SEPARATOR)
        .and_then(|at| bytes.get(at.saturating_add(SEPARATOR.len())..));
    after.filter(|rest| !rest.trim_ascii().is_empty()).unwrap_or(bytes)
}

#[derive(Debug, Default)]
struct Document {
    /// The first version that separates name and version by `@`.
    at: bool,
    importers: Vec<(String, Importer)>,
    /// What stands at the root where there is one project alone.
    alone: Importer,
    packages: Vec<(String, Entry)>,
    snapshots: Vec<(String, Entry)>,
}

impl Document {
    fn lock(self) -> Lock {
        let mut lock = Lock::default();
        let mut instances: FxHashMap<String, u32> = FxHashMap::default();
        let mut packages: FxHashMap<String, u32> = FxHashMap::default();
        let mut needs: Vec<Vec<(String, String)>> = Vec::new();
        for (key, entry) in self.packages.into_iter().chain(self.snapshots) {
            if entry.is_folder {
                continue;
            }
            let shared = shared(&key, self.at).to_owned();
            let own = *packages.entry(shared).or_insert_with_key(|shared| {
                let own = place(&lock.packages);
                lock.packages.push(entry.package(shared, self.at));
                needs.push(Vec::new());
                own
            });
            instances.insert(key, own);
            if let Some(needs) = usize::try_from(own).ok().and_then(|own| needs.get_mut(own)) {
                needs.extend(entry.dependencies);
            }
        }
        let find = |(name, version): &(String, String)| {
            let keys = [
                version.clone(),
                format!("{name}@{version}"),
                format!("/{name}@{version}"),
                format!("/{name}/{version}"),
            ];
            keys.iter().find_map(|key| instances.get(key)).copied()
        };
        for (package, needs) in lock.packages.iter_mut().zip(needs) {
            package.dependencies = needs.iter().filter_map(find).collect();
        }
        let mut importers = self.importers;
        if importers.is_empty() {
            importers.push((String::new(), self.alone));
        }
        lock.roots.extend(importers.into_iter().map(|(folder, importer)| Root {
            folder: if folder == "." { String::new() } else { folder },
            dependencies: importer.dependencies.iter().filter_map(find).collect(),
            development: importer.development.iter().filter_map(find).collect(),
        }));
        lock.mark_development();
        lock
    }
}

/// The key of an instance without what its peers were resolved to.
fn shared(key: &str, at: bool) -> &str {
    if at {
        return key.split('(').next().unwrap_or(key);
    }
    let version = key.rfind('/').unwrap_or(0);
    let peers = key.get(version..).and_then(|version| version.find('_'));
    peers.and_then(|peers| key.get(..version.saturating_add(peers))).unwrap_or(key)
}

/// Name and version of a key such as `/@scope/name/1.0.0`, `/name@1.0.0`, `name@https://…`. The
/// host of another registry may stand before the first `/`.
fn identity(key: &str, at: bool) -> Option<(&str, &str)> {
    let is_host = |part: &str| part.contains('.') && !part.contains('@');
    let key = match key.split_once('/') {
        Some(("", rest)) => rest,
        Some((host, rest)) if is_host(host) => rest,
        _ => key,
    };
    if at { split(key) } else { key.rsplit_once('/') }
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "lockfileVersion" => {
                let version = values.next_value::<Text<'de>>()?.into_string();
                let major = version.split(['.', '-']).next().and_then(|major| major.parse().ok());
                self.at = major.is_none_or(|major: u32| major >= 6);
            }
            "importers" => self.importers = entries(values)?,
            "packages" => self.packages = entries(values)?,
            "snapshots" => self.snapshots = entries(values)?,
            _ => self.alone.field(key, values)?,
        }
        Ok(())
    }
}

fn entries<'de, T: Fields<'de>, A: MapAccess<'de>>(
    values: &mut A,
) -> Result<Vec<(String, T)>, A::Error> {
    let Entries(entries) = values.next_value::<Entries<Object<T>>>()?;
    Ok(entries.into_iter().map(|(key, Object(entry))| (key, entry)).collect())
}

/// What a project needs, by name and version.
#[derive(Debug, Default)]
struct Importer {
    dependencies: Vec<(String, String)>,
    development: Vec<(String, String)>,
}

impl<'de> Fields<'de> for Importer {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let list = match key {
            "dependencies" | "optionalDependencies" => &mut self.dependencies,
            "devDependencies" => &mut self.development,
            _ => {
                values.next_value::<IgnoredAny>()?;
                return Ok(());
            }
        };
        let references: Vec<(String, Reference)> = entries(values)?;
        list.extend(references.into_iter().map(|(name, reference)| (name, reference.0)));
        Ok(())
    }
}

/// A version, since version 6 beside its specifier.
#[derive(Debug, Default)]
struct Reference(String);

impl<'de> Fields<'de> for Reference {
    fn text(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "version" => self.0 = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A package or an instance of one.
#[derive(Debug, Default)]
struct Entry {
    /// Both only where the key does not say them.
    name: String,
    version: String,
    integrity: String,
    tarball: String,
    repository: String,
    commit: String,
    /// A folder of the project.
    is_folder: bool,
    development: bool,
    dependencies: Vec<(String, String)>,
}

impl Entry {
    fn package(&self, key: &str, at: bool) -> Locked {
        let (name, version) = identity(key, at).unwrap_or((key, ""));
        let said = |said: &str, in_key: &str| {
            if said.is_empty() { in_key.to_owned() } else { said.to_owned() }
        };
        let mut package = Locked {
            name: said(&self.name, name),
            version: said(&self.version, version),
            development: self.development,
            ..Locked::default()
        };
        if package.version.contains([':', '/']) {
            package.version.clear();
        }
        if !self.repository.is_empty() {
            let address = if self.repository.contains("://") && !self.repository.starts_with("git")
            {
                format!("git+{}#{}", self.repository, self.commit)
            } else {
                format!("{}#{}", self.repository, self.commit)
            };
            package.repository = repository(&address);
        }
        package.property("npm:resolved", without_user(&self.tarball));
        package.property("npm:integrity", self.integrity.clone());
        package
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => self.name = text(values)?,
            "version" => self.version = text(values)?,
            "dev" => self.development = values.next_value::<Flag>()?.0,
            "resolution" => {
                let Object(resolution) = values.next_value::<Object<Resolution>>()?;
                let Resolution { integrity, tarball, repository, commit, is_folder } = resolution;
                (self.integrity, self.tarball, self.is_folder) = (integrity, tarball, is_folder);
                (self.repository, self.commit) = (repository, commit);
            }
            "dependencies" | "optionalDependencies" => {
                let references: Vec<(String, Reference)> = entries(values)?;
                let references = references.into_iter().map(|(name, version)| (name, version.0));
                self.dependencies.extend(references);
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Resolution {
    integrity: String,
    tarball: String,
    repository: String,
    commit: String,
    is_folder: bool,
}

impl<'de> Fields<'de> for Resolution {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = values.next_value::<Text<'de>>()?.into_string();
        match key {
            "integrity" => self.integrity = text,
            "tarball" => self.tarball = text,
            "repo" => self.repository = text,
            "commit" => self.commit = text,
            "directory" => self.is_folder = true,
            _ => {}
        }
        Ok(())
    }
}
