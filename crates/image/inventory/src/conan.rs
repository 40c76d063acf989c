//! Packages of Conan: what projects lock, and what lies in its caches and deployments.

mod information;
mod lock;
mod reference;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, RelationKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::{Draft, Position};
use crate::locked::{Installed, Lock, Locked, to_package};
use crate::reading::detect;

use reference::Reference;

const KEY: DetectorKey = DetectorKey { name: "conan", version: 1 };

/// Reads lock files of Conan, and what it writes beside each package.
#[derive(Debug, Clone, Copy)]
pub struct ConanDetector;

impl Detector for ConanDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        match path.file_name() {
            b"conan.lock" => Want::Whole,
            b"conaninfo.txt" if information::package(path).is_some() => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| match information::package(file.path) {
            Some(package) => {
                let requires = information::requires(bytes);
                Some(Conan::Package { package, requires }).into()
            }
            None => lock::parse(bytes).map(Conan::Lock),
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Conan {
    Lock(Lock),
    Package { package: Reference, requires: Vec<Reference> },
}

/// The packages that are there, in a project also the locked ones, and what they require.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    let mut packages: Vec<(Position, Reference, Vec<Reference>)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Conan::Lock(lock) => locks.push((location, lock)),
            Conan::Package { package, requires } => {
                let position =
                    draft.add(to_package(&Locked::from(&package), Ecosystem::Conan, location));
                packages.push((position, package, requires));
            }
        }
    }
    relate(draft, &packages);
    let installed = Installed::of(draft, Ecosystem::Conan);
    for (location, lock) in locks {
        installed.add(draft, mode, &location, &lock);
    }
}

/// Relates packages to those that they were built with.
fn relate(draft: &mut Draft<'_>, packages: &[(Position, Reference, Vec<Reference>)]) {
    let mut by_version: FxHashMap<(&str, &str), Position> = FxHashMap::default();
    for (position, package, _) in packages {
        by_version.insert((&package.name, &package.version), *position);
    }
    for (position, _, requires) in packages {
        for needed in requires {
            if let Some(&needed) = by_version.get(&(&*needed.name, &*needed.version)) {
                draft.relate(*position, RelationKind::DependsOn, needed);
            }
        }
    }
}

#[cfg(test)]
mod tests;
