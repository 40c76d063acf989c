//! Packages of the npm registry: installed manifests, and the lock files of npm, Yarn, pnpm and Bun.

mod bun;
mod installed;
mod lock;
mod manifest;
mod pnpm;
mod project;
mod specifier;
mod workspaces;
mod yarn;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Problem, ProblemKind, RelationKind};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::{Draft, Position};
use crate::locked::{self, Installed};
use crate::reading::{detect, detected};

use installed::{Tree, project_of};
use lock::Lock;
use manifest::Manifest;
use workspaces::Projects;
use yarn::Yarn;

const KEY: DetectorKey = DetectorKey { name: "npm", version: 4 };

const MANIFEST: &[u8] = b"package.json";

/// Reads `package.json` files and the lock files of npm, Yarn, pnpm and Bun.
#[derive(Debug, Clone, Copy)]
pub struct NpmDetector;

impl Detector for NpmDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        match Kind::of(path) {
            None => Want::Skip,
            // Its name says all that can be told of it.
            Some(Kind::BinaryLock) => Want::Head(0),
            Some(_) => Want::Whole,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        if kind == Kind::BinaryLock {
            return detected(file.path, Some(Npm::BinaryLock).into());
        }
        detect(file, budget, |bytes| match kind {
            Kind::Manifest => manifest::parse(bytes).map(Npm::Manifest),
            Kind::Project => manifest::project(bytes).map(Npm::Manifest),
            Kind::Lock => lock::parse(bytes).map(Npm::Lock),
            Kind::Yarn => yarn::parse(bytes).map(Npm::Yarn),
            Kind::Pnpm => pnpm::parse(bytes).map(Npm::OtherLock),
            Kind::Bun => bun::parse(bytes).map(Npm::OtherLock),
            Kind::BinaryLock => None.into(),
        })
    }
}

/// What a file is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The manifest of an installed package.
    Manifest,
    /// A manifest that no installer put there.
    Project,
    Lock,
    Yarn,
    Pnpm,
    Bun,
    /// The older form of Bun's lock file, a dump of its memory.
    BinaryLock,
}

impl Kind {
    /// Installed packages bring the lock files along that their authors worked with, which say
    /// nothing about this tree.
    fn of(path: &EntryPath) -> Option<Self> {
        let installed = locked::came_along(path);
        match path.file_name() {
            MANIFEST if installed => Some(Self::Manifest),
            MANIFEST => Some(Self::Project),
            // npm writes the hidden one into `node_modules` after each installation.
            b"package-lock.json" | b"npm-shrinkwrap.json" | b".package-lock.json" => {
                Some(Self::Lock)
            }
            _ if installed => None,
            b"yarn.lock" => Some(Self::Yarn),
            b"pnpm-lock.yaml" => Some(Self::Pnpm),
            b"bun.lock" => Some(Self::Bun),
            b"bun.lockb" => Some(Self::BinaryLock),
            _ => None,
        }
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Npm {
    Manifest(Manifest),
    Lock(Lock),
    Yarn(Yarn),
    /// Of pnpm or Bun.
    OtherLock(locked::Lock),
    BinaryLock,
}

/// Whether a file of this name can be the evidence of a package.
pub(crate) fn is_evidence(name: &[u8]) -> bool {
    name == MANIFEST
}

/// The installed packages, in a project also the locked ones, and what they depend on.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut manifests: Vec<(Location, Manifest)> = Vec::new();
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    let mut yarns: Vec<(Location, Yarn)> = Vec::new();
    let mut others: Vec<(Location, locked::Lock)> = Vec::new();
    let mut binary: Vec<Location> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Npm::Manifest(manifest) => manifests.push((location, manifest)),
            Npm::Lock(lock) => locks.push((location, lock)),
            Npm::Yarn(yarn) => yarns.push((location, yarn)),
            Npm::OtherLock(lock) => others.push((location, lock)),
            Npm::BinaryLock => binary.push(location),
        }
    }
    let projects = Projects::of(&manifests);
    others.extend(yarns.into_iter().map(|(location, yarn)| {
        let lock = projects.settle(&location.path, yarn);
        (location, lock)
    }));
    let mut roots: FxHashSet<EntryPath> =
        locks.iter().map(|(location, _)| project_of(&location.path)).collect();
    roots.extend(others.iter().flat_map(|(location, lock)| folders(location, lock)));
    if mode == Mode::Project {
        unreadable(draft, binary, &roots);
        manifests.retain(|(location, _)| project::is_installed(&location.path, &roots));
    }
    let mut tree = Tree::new(manifests);
    tree.describe(&locks);
    if mode == Mode::Project {
        project::add(&mut tree, &locks);
    }
    let by_folder = tree.finish(draft);
    let installed = Installed::of(draft, Ecosystem::Npm);
    for (location, lock) in &others {
        let standing = installed.add(draft, mode, location, lock);
        relate_roots(draft, &by_folder, location, lock, &standing);
    }
}

/// The folders of the projects that a lock file was made for, its own first.
fn folders(location: &Location, lock: &locked::Lock) -> Vec<EntryPath> {
    let own = location.path.parent().unwrap_or_default();
    let others = lock.roots.iter().map(|root| own.join(&root.folder));
    std::iter::once(own.clone()).chain(others).collect()
}

fn relate_roots(
    draft: &mut Draft<'_>,
    by_folder: &FxHashMap<EntryPath, Position>,
    location: &Location,
    lock: &locked::Lock,
    standing: &[Vec<Position>],
) {
    let own = location.path.parent().unwrap_or_default();
    for root in &lock.roots {
        let Some(&project) = by_folder.get(&own.join(&root.folder)) else { continue };
        for needed in root.dependencies.iter().chain(&root.development) {
            let needed = usize::try_from(*needed).ok().and_then(|needed| standing.get(needed));
            for &needed in needed.into_iter().flatten().take(1) {
                draft.relate(project, RelationKind::DependsOn, needed);
            }
        }
    }
}

/// Names the lock files that nothing but Bun can read, where none beside them says the same.
fn unreadable(draft: &mut Draft<'_>, binary: Vec<Location>, roots: &FxHashSet<EntryPath>) {
    for location in binary {
        if !roots.contains(&location.path.parent().unwrap_or_default()) {
            draft.problem(Problem::new(
                ProblemKind::Unreadable,
                location,
                "a lock file in the binary form that only Bun reads: its packages are not assessed; \
                 `bun install --save-text-lockfile` writes bun.lock, which is read",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
