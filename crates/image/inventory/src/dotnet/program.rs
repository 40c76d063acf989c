//! `Program.deps.json` (runtime-configuration-file.md in the documentation of the .NET runtime): the
//! libraries of a built program or of a runtime, and which files each of them brings.

use rustc_hash::FxHashMap;
use serde::de::{IgnoredAny, MapAccess};

use super::lock::same;
use crate::json::{self, Entries, Fields, Object, Text};
use crate::locked::{Lock, Locked, place};
use crate::reading::{Fault, Parsed};

/// What the names of runtimes that a program brings along begin with, before the package's own.
const RUNTIME: &str = "runtimepack.";

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Lock>> {
    match json::read::<Document>(bytes) {
        Ok(document) => Some(document.lock()).into(),
        Err(error) => Fault::malformed(error.to_string()).into(),
    }
}

#[derive(Debug, Default)]
struct Document {
    /// The name of the target that the program runs on.
    runtime: String,
    targets: Vec<(String, Target)>,
    libraries: Vec<(String, Library)>,
}

impl Document {
    /// Packages of which files are there. The rest was needed to build, or is part of the shared
    /// runtime that the program runs on.
    fn lock(self) -> Lock {
        let Self { runtime, mut targets, libraries } = self;
        let at = targets.iter().position(|(name, _)| *name == runtime).unwrap_or(0);
        let Target(members) =
            if at < targets.len() { targets.swap_remove(at).1 } else { Target::default() };
        let is_known = !members.is_empty();
        let members: FxHashMap<String, Member> = members.into_iter().collect();
        let mut lock = Lock::default();
        let mut places: FxHashMap<String, u32> = FxHashMap::default();
        let mut needs = Vec::new();
        for (key, library) in libraries {
            let member = members.get(&key);
            let is_there = !is_known || member.is_some_and(|member| member.has_files);
            let Some((name, version)) = key.split_once('/') else { continue };
            if !is_there || !matches!(library.kind.as_str(), "package" | "runtimepack") {
                continue;
            }
            let name = name.strip_prefix(RUNTIME).unwrap_or(name);
            let mut package =
                Locked { name: name.to_owned(), version: version.to_owned(), ..Locked::default() };
            package.property("nuget:sha512", library.digest);
            places.insert(same(name, version), place(&lock.packages));
            lock.packages.push(package);
            needs.push(member.map(|member| member.dependencies.as_slice()).unwrap_or_default());
        }
        for (package, needs) in lock.packages.iter_mut().zip(needs) {
            let find =
                |(name, version): &(String, String)| places.get(&same(name, version)).copied();
            package.dependencies = needs.iter().filter_map(find).collect();
        }
        lock
    }
}

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "runtimeTarget" => self.runtime = values.next_value::<Object<Named>>()?.0.0,
            "targets" => self.targets = objects(values)?,
            "libraries" => self.libraries = objects(values)?,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

fn objects<'de, A, T>(values: &mut A) -> Result<Vec<(String, T)>, A::Error>
where
    A: MapAccess<'de>,
    T: Fields<'de>,
{
    let Entries(entries) = values.next_value::<Entries<Object<T>>>()?;
    Ok(entries.into_iter().map(|(key, Object(value))| (key, value)).collect())
}

/// A target by its name: a text, or an object since .NET Core 1.1.
#[derive(Debug, Default)]
struct Named(String);

impl<'de> Fields<'de> for Named {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.0 = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The libraries of a target by `name/version`.
#[derive(Debug, Default)]
struct Target(Vec<(String, Member)>);

impl<'de> Fields<'de> for Target {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let Object(member) = values.next_value()?;
        self.0.push((key.to_owned(), member));
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Member {
    /// With the versions that they were resolved to.
    dependencies: Vec<(String, String)>,
    has_files: bool,
}

impl<'de> Fields<'de> for Member {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "dependencies" => self.dependencies = super::lock::versions(values)?,
            "runtime" | "native" | "runtimeTargets" | "resources" => {
                self.has_files |= !values.next_value::<json::Names>()?.0.is_empty();
            }
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Library {
    kind: String,
    digest: String,
}

impl<'de> Fields<'de> for Library {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = values.next_value::<Text<'de>>()?.into_string(),
            "sha512" => self.digest = values.next_value::<Text<'de>>()?.into_string(),
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
