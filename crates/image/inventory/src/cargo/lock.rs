//! Cargo.lock, versions 1 to 4 ("Cargo.toml vs Cargo.lock" in the Cargo book, `cargo::core::resolver::encode`).

use bulkhead_model::{EntryPath, Location};
use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};
use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use crate::address::{vcs_url, without_user};
use crate::json::{Fields, Many, Names, Text};
use crate::locked::{Lock, Locked, Root, place};
use crate::notation;
use crate::reading::Parsed;

/// The index of crates.io, by both protocols.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// How many packages of one name are looked through for the one that is meant.
const MOST_VERSIONS: usize = 256;

/// A lock file, before the manifests beside it have told what is for development.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct CargoLock {
    lock: Lock,
    /// The names of the projects in it, in the order of the lock's roots.
    projects: Vec<String>,
}

impl CargoLock {
    /// The lock, with what only tests and examples of its projects need marked.
    pub(super) fn settle(self, path: &EntryPath, manifests: &[(Location, Manifest)]) -> Lock {
        let Self { mut lock, projects } = self;
        let folder = path.parent().unwrap_or_default();
        let below = manifests.iter().filter(|(location, _)| location.path.starts_with(&folder));
        let by_name: FxHashMap<&str, &Manifest> =
            below.map(|(_, manifest)| (manifest.name.as_str(), manifest)).collect();
        for (root, project) in lock.roots.iter_mut().zip(&projects) {
            if let Some(manifest) = by_name.get(project.as_str()) {
                root.part(&lock.packages, |name| manifest.development.contains(name));
            }
        }
        lock.mark_development();
        lock
    }
}

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<CargoLock>> {
    match notation::toml::<Document>(bytes) {
        Ok(Document(entries)) => Some(resolve(&entries)).into(),
        Err(fault) => fault.into(),
    }
}

/// Packages without a source are projects. Dependencies are named as far as it takes to tell them
/// apart: `name`, `name version`, `name version (source)`.
fn resolve(entries: &[Entry]) -> CargoLock {
    let mut read = CargoLock::default();
    let mut by_name: FxHashMap<&str, Vec<&Entry>> = FxHashMap::default();
    let mut places: FxHashMap<(&str, &str, &str), u32> = FxHashMap::default();
    for entry in entries.iter().filter(|entry| !entry.name.is_empty()) {
        by_name.entry(&entry.name).or_default().push(entry);
        if !entry.source.is_empty() {
            places.insert(entry.key(), place(&read.lock.packages));
            read.lock.packages.push(entry.package());
        }
    }
    // What a project needs of other projects, their own lists say.
    let find = |needed: &String| -> Option<u32> {
        let mut words = needed.split(' ');
        let (name, version) = (words.next()?, words.next());
        let source = words.next().and_then(|word| word.strip_prefix('(')?.strip_suffix(')'));
        let mut candidates = by_name.get(name)?.iter().take(MOST_VERSIONS).filter(|entry| {
            version.is_none_or(|version| entry.version == version)
                && source.is_none_or(|source| {
                    entry.source_without_commit() == source || entry.source == source
                })
        });
        places.get(&candidates.next()?.key()).copied()
    };
    let mut needs = Vec::with_capacity(read.lock.packages.len());
    for entry in entries.iter().filter(|entry| !entry.name.is_empty()) {
        let dependencies = entry.dependencies.iter().filter_map(find).collect();
        if entry.source.is_empty() {
            read.projects.push(entry.name.clone());
            read.lock.roots.push(Root { dependencies, ..Root::default() });
        } else {
            needs.push(dependencies);
        }
    }
    for (package, needs) in read.lock.packages.iter_mut().zip(needs) {
        package.dependencies = needs;
    }
    read
}

#[derive(Debug, Default)]
struct Document(Vec<Entry>);

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            // The first form had the project apart from the packages.
            "package" | "root" => self.0.append(&mut values.next_value::<Many<Entry>>()?.0),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Entry {
    name: String,
    version: String,
    /// Empty for projects.
    source: String,
    checksum: String,
    dependencies: Vec<String>,
}

impl Entry {
    fn key(&self) -> (&str, &str, &str) {
        (&self.name, &self.version, &self.source)
    }

    /// Dependencies name a repository without its commit.
    fn source_without_commit(&self) -> &str {
        self.source.split('#').next().unwrap_or_default()
    }

    fn package(&self) -> Locked {
        let mut package =
            Locked { name: self.name.clone(), version: self.version.clone(), ..Locked::default() };
        package.property("cargo:checksum", self.checksum.as_str());
        if let Some(repository) = self.source.strip_prefix("git+") {
            let (address, commit) = repository.split_once('#').unwrap_or((repository, ""));
            let address = address.split('?').next().unwrap_or_default();
            package.repository = vcs_url("git", address, commit);
        } else if !CRATES_IO.contains(&self.source.as_str()) {
            let registry =
                self.source.trim_start_matches("registry+").trim_start_matches("sparse+");
            package.qualifiers.push(("repository_url".to_owned(), without_user(registry)));
        }
        package
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => self.name = text(values)?,
            "version" => self.version = text(values)?,
            "source" => self.source = text(values)?,
            "checksum" => self.checksum = text(values)?,
            "dependencies" => self.dependencies = values.next_value::<Names>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
