//! Packages of Packagist: what Composer installed, and what it locked.

mod list;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location};
use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::draft::Draft;
use crate::locked::{self, Installed, Lock};
use crate::reading::detect;

use list::List;

const KEY: DetectorKey = DetectorKey { name: "composer", version: 2 };

/// Reads Composer's lock files and its lists of installed packages.
#[derive(Debug, Clone, Copy)]
pub struct ComposerDetector;

impl Detector for ComposerDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if Kind::of(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Lock => list::lock(bytes).map(Composer::Lock),
            Kind::Installed => {
                // Elsewhere a file of this name can be anything.
                let is_composers = file.path.components().nth_back(1) == Some(b"composer");
                let mut list = list::installed(bytes, is_composers).map(Composer::Installed);
                if !is_composers {
                    list.faults.clear();
                }
                list
            }
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Composer {
    Lock(List),
    Installed(List),
}

/// What a file is, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lock,
    Installed,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        match path.file_name() {
            b"composer.lock" if !came_along(path) => Some(Self::Lock),
            INSTALLED => Some(Self::Installed),
            _ => None,
        }
    }
}

/// `vendor/composer/installed.json`; both folders can have other names.
const INSTALLED: &[u8] = b"installed.json";

/// Whether a file of this name can be the evidence of a package.
pub(crate) fn is_evidence(name: &[u8]) -> bool {
    name == INSTALLED
}

/// Whether a file came with an installed package: below `vendor/name/project`.
fn came_along(path: &EntryPath) -> bool {
    let folders: Vec<&[u8]> = path.components().collect();
    folders.windows(4).any(|parts| matches!(parts, [b"vendor", _, _, _]))
}

/// The installed packages, in a project also the locked ones, and what they require.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut locks: Vec<(Location, List)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            // The packages of one vendor folder see each other alone.
            Composer::Installed(list) => {
                let Lock { packages, .. } = list.lock();
                locked::install(draft, Ecosystem::Composer, &location, &packages);
            }
            Composer::Lock(list) => locks.push((location, list)),
        }
    }
    let installed = Installed::of(draft, Ecosystem::Composer);
    for (location, list) in locks {
        installed.add(draft, mode, &location, &list.lock());
    }
}

#[cfg(test)]
mod tests;
