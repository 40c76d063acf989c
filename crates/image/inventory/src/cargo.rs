//! Crates: what cargo-auditable left in binaries, and Cargo's lock files.
//!
//! Lock files are read through `toml` like those of other tools, not through a crate that knows them:
//! such a crate refuses a whole file for one field, and takes it without a budget.

mod auditable;
mod lock;
mod manifest;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, RelationKind};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::Draft;
use crate::executable::MAGICS;
use crate::locked::{self, Installed, Lock};
use crate::reading::{detect, detected};

use auditable::Audited;
use lock::CargoLock;
use manifest::Manifest;

const KEY: DetectorKey = DetectorKey { name: "cargo", version: 1 };

/// Reads the lists of crates in binaries, lock files of Cargo, and manifests.
#[derive(Debug, Clone, Copy)]
pub struct CargoDetector;

impl Detector for CargoDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, metadata: &Metadata) -> Want {
        match Kind::of(path) {
            Some(_) => Want::Whole,
            None if metadata.size < auditable::SMALLEST => Want::Skip,
            None => Want::Magic(MAGICS),
        }
    }

    fn is_blind_to_names(&self) -> bool {
        true
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        match Kind::of(file.path) {
            None => {
                let found = auditable::read(file.content, budget);
                detected(file.path, found.map(Cargo::Binary))
            }
            Some(Kind::Lock) => detect(file, budget, |bytes| lock::parse(bytes).map(Cargo::Lock)),
            Some(Kind::Manifest) => {
                detect(file, budget, |bytes| manifest::parse(bytes).map(Cargo::Manifest))
            }
        }
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Cargo {
    Binary(Audited),
    Lock(CargoLock),
    Manifest(Manifest),
}

/// What a text is, by its path; anything else may be a binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lock,
    Manifest,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        match path.file_name() {
            b"Cargo.lock" if !came_along(path) => Some(Self::Lock),
            b"Cargo.toml" if !came_along(path) => Some(Self::Manifest),
            _ => None,
        }
    }
}

/// Whether a file came with a crate that Cargo fetched: below `vendor`, or in its caches
/// `registry/src` and `git/checkouts`.
fn came_along(path: &EntryPath) -> bool {
    let folders: Vec<&[u8]> = path.components().collect();
    folders.windows(3).any(|parts| {
        matches!(parts, [b"vendor", _, _] | [b"registry", b"src", _] | [b"git", b"checkouts", _])
    })
}

/// The crates in binaries, in a project also the locked ones.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut locks: Vec<(Location, CargoLock)> = Vec::new();
    let mut manifests: Vec<(Location, Manifest)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Cargo::Binary(audited) => add_binary(draft, &audited, &location),
            Cargo::Lock(lock) => locks.push((location, lock)),
            Cargo::Manifest(manifest) => manifests.push((location, manifest)),
        }
    }
    let installed = Installed::of(draft, Ecosystem::Cargo);
    for (location, lock) in locks {
        let lock: Lock = lock.settle(&location.path, &manifests);
        installed.add(draft, mode, &location, &lock);
    }
}

/// Adds the crates of a binary: they lie in the one that it was built of.
fn add_binary(draft: &mut Draft<'_>, audited: &Audited, location: &Location) {
    let positions = locked::install(draft, Ecosystem::Cargo, location, &audited.crates);
    let root = audited.root.and_then(|root| positions.get(usize::try_from(root).ok()?));
    for &position in &positions {
        if let Some(&root) = root {
            draft.relate(position, RelationKind::ContainedIn, root);
        }
    }
}

#[cfg(test)]
mod tests;
