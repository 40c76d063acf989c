//! Packages of the npm registry: installed manifests, and npm's lock files.

mod installed;
mod lock;
mod manifest;
mod project;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::Draft;
use crate::reading::{Parsed, detect};

use installed::Tree;
use lock::Lock;
use manifest::Manifest;

const KEY: DetectorKey = DetectorKey { name: "npm", version: 1 };

const MANIFEST: &[u8] = b"package.json";
/// npm writes the hidden one into `node_modules` after each installation.
const LOCKS: [&[u8]; 3] = [b"package-lock.json", b"npm-shrinkwrap.json", b".package-lock.json"];

/// Reads `package.json` files and npm's lock files.
#[derive(Debug, Clone, Copy)]
pub struct NpmDetector;

impl Detector for NpmDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        let name = path.file_name();
        if name == MANIFEST || LOCKS.contains(&name) { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| {
            if file.path.file_name() == MANIFEST {
                let Parsed { value, faults } = manifest::parse(bytes);
                Parsed { value: value.map(Npm::Manifest), faults }
            } else {
                let Parsed { value, faults } = lock::parse(bytes);
                Parsed { value: value.map(Npm::Lock), faults }
            }
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Npm {
    Manifest(Manifest),
    Lock(Lock),
}

/// Whether a file of this name can be the evidence of a package.
pub(crate) fn is_evidence(name: &[u8]) -> bool {
    name == MANIFEST
}

/// The installed packages, in a project also the locked ones, and what they depend on.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut manifests: Vec<(Location, Manifest)> = Vec::new();
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Npm::Manifest(manifest) => manifests.push((location, manifest)),
            Npm::Lock(lock) => locks.push((location, lock)),
        }
    }
    if mode == Mode::Project {
        manifests.retain(|(location, _)| project::is_installed(&location.path, &locks));
    }
    let mut tree = Tree::new(manifests);
    tree.describe(&locks);
    if mode == Mode::Project {
        project::add(&mut tree, &locks);
    }
    tree.finish(draft);
}

#[cfg(test)]
mod tests;
