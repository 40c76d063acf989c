//! Packages of NuGet: what built programs of .NET say they consist of, and what projects lock.

mod configuration;
mod lock;
mod program;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, RelationKind};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::Draft;
use crate::locked::{self, Installed, Lock, Locked, to_package};
use crate::reading::detect;

const KEY: DetectorKey = DetectorKey { name: "dotnet", version: 1 };

/// Reads the lists of packages of .NET programs, and NuGet's lock files.
#[derive(Debug, Clone, Copy)]
pub struct DotnetDetector;

impl Detector for DotnetDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if Kind::of(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Program => program::parse(bytes).map(Dotnet::Program),
            Kind::Lock => lock::parse(bytes).map(Dotnet::Lock),
            Kind::Configuration => configuration::parse(bytes).map(Dotnet::Lock),
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Dotnet {
    /// What a built program brings along.
    Program(Lock),
    Lock(Lock),
}

/// What a file is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Program,
    Lock,
    Configuration,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        match path.file_name() {
            name if is_evidence(name) => Some(Self::Program),
            b"packages.lock.json" if !locked::came_along(path) => Some(Self::Lock),
            b"packages.config" if !locked::came_along(path) => Some(Self::Configuration),
            _ => None,
        }
    }
}

/// Whether a file of this name can be the evidence of packages: `Program.deps.json`.
pub(crate) fn is_evidence(name: &[u8]) -> bool {
    name.ends_with(b".deps.json")
}

/// The packages of built programs, in a project also the locked ones.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Dotnet::Program(Lock { packages, .. }) => add_program(draft, &location, packages),
            Dotnet::Lock(lock) => locks.push((location, lock)),
        }
    }
    let installed = Installed::of(draft, Ecosystem::NuGet);
    for (location, lock) in locks {
        installed.add(draft, mode, &location, &lock);
    }
}

/// Adds what a program brings along, or a runtime that programs share: that is contained in the
/// runtime, which goes by the version of its folder.
fn add_program(draft: &mut Draft<'_>, location: &Location, mut packages: Vec<Locked>) {
    let Some((name, version)) = shared_runtime(&location.path) else {
        locked::install(draft, Ecosystem::NuGet, location, &packages);
        return;
    };
    for package in &mut packages {
        // Up to .NET Core 3.1 the list has the version before it was released.
        let build = package.version.strip_prefix(&version);
        if build.is_some_and(|build| build.starts_with("-servicing")) {
            let build = std::mem::replace(&mut package.version, version.clone());
            package.property("nuget:build", build);
        }
    }
    let runtime = Locked { name, version, ..Locked::default() };
    let runtime = draft.add(to_package(&runtime, Ecosystem::NuGet, location.clone()));
    for package in locked::install(draft, Ecosystem::NuGet, location, &packages) {
        draft.relate(package, RelationKind::ContainedIn, runtime);
    }
}

/// Name and version of the runtime whose list this is: `shared/name/version/name.deps.json`.
fn shared_runtime(path: &EntryPath) -> Option<(String, String)> {
    let folders: Vec<&str> = path.as_str()?.split('/').collect();
    let [.., "shared", name, version, file] = folders.as_slice() else { return None };
    let is_own = file.strip_suffix(".deps.json") == Some(*name);
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    (is_own && is_version).then(|| ((*name).to_owned(), (*version).to_owned()))
}

#[cfg(test)]
mod tests;
