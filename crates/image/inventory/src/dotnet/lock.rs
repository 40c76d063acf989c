//! `packages.lock.json` ("Locking dependencies" in the NuGet documentation): what a project was
//! resolved to, for each framework that it is built for, and again for each platform.

use bulkhead_model::Ecosystem;
use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};

use crate::json::{self, Entries, Fields, Object, Text};
use crate::locked::{Lock, Locked, Root, place};
use crate::reading::{Fault, Parsed};

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match json::read::<Document>(bytes) {
        Ok(document) => Some(document.lock()).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

/// What two names for the same version of a package have in common: NuGet takes no notice of case.
pub(super) fn same(name: &str, version: &str) -> String {
    format!("{}/{}", Ecosystem::NuGet.normalise(name), version.to_lowercase())
}

/// Packages with their versions.
pub(super) fn versions<'de, A: MapAccess<'de>>(
    values: &mut A,
) -> Result<Vec<(String, String)>, A::Error> {
    let Entries(entries) = values.next_value::<Entries<Text<'de>>>()?;
    Ok(entries.into_iter().map(|(name, version)| (name, version.into_string())).collect())
}

#[derive(Debug, Default)]
struct Document {
    /// `net8.0`, or `net8.0/linux-x64` with what differs there.
    frameworks: Vec<(String, Vec<(String, Entry)>)>,
}

impl Document {
    fn lock(self) -> Lock {
        let mut lock = Lock::default();
        let mut places: FxHashMap<String, u32> = FxHashMap::default();
        // Each name's place by framework.
        let mut resolved: FxHashMap<(&str, String), u32> = FxHashMap::default();
        let mut root = Root::default();
        for (framework, entries) in &self.frameworks {
            for (name, entry) in entries.iter().filter(|(_, entry)| !entry.is_project()) {
                let key = same(name, &entry.version);
                let at = *places.entry(key).or_insert_with(|| {
                    let at = place(&lock.packages);
                    lock.packages.push(entry.package(name));
                    at
                });
                resolved.insert((framework, Ecosystem::NuGet.normalise(name)), at);
            }
        }
        for (framework, entries) in &self.frameworks {
            let general = framework.split('/').next().unwrap_or_default();
            let find = |name: &str| {
                let name = Ecosystem::NuGet.normalise(name);
                let own = resolved.get(&(framework.as_str(), name.clone()));
                own.or_else(|| resolved.get(&(general, name))).copied()
            };
            for (name, entry) in entries {
                let needed: Vec<u32> =
                    entry.dependencies.iter().filter_map(|(name, _)| find(name)).collect();
                let own = find(name).filter(|_| !entry.is_project());
                let package = own
                    .and_then(|own| usize::try_from(own).ok())
                    .and_then(|own| lock.packages.get_mut(own));
                match package {
                    Some(package) => package.dependencies.extend(needed),
                    None => root.dependencies.extend(needed),
                }
                root.dependencies.extend(own.filter(|_| entry.kind == "Direct"));
            }
        }
        lock.roots.push(root);
        lock
    }
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        if key != "dependencies" {
            values.next_value::<IgnoredAny>()?;
            return Ok(());
        }
        let Entries(frameworks) = values.next_value::<Entries<Entries<Object<Entry>>>>()?;
        self.frameworks = frameworks
            .into_iter()
            .map(|(framework, Entries(entries))| {
                let entries = entries.into_iter().map(|(name, Object(entry))| (name, entry));
                (framework, entries.collect())
            })
            .collect();
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Entry {
    /// `Direct`, `Transitive`, `CentralTransitive`, `Project`.
    kind: String,
    version: String,
    digest: String,
    dependencies: Vec<(String, String)>,
}

impl Entry {
    fn is_project(&self) -> bool {
        self.kind.eq_ignore_ascii_case("Project") || self.version.is_empty()
    }

    fn package(&self, name: &str) -> Locked {
        let mut package =
            Locked { name: name.to_owned(), version: self.version.clone(), ..Locked::default() };
        package.property("nuget:sha512", self.digest.as_str());
        package
    }
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "type" => self.kind = text(values)?,
            "resolved" => self.version = text(values)?,
            "contentHash" => self.digest = text(values)?,
            "dependencies" => self.dependencies = versions(values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
