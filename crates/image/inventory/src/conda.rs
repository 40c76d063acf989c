//! Packages of conda: what its environments say they hold.

mod record;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, RelationKind};
use rustc_hash::FxHashMap;

use crate::draft::{Draft, Position};
use crate::locked::to_package;
use crate::owners::Owners;
use crate::reading::detect;

use record::Record;

const KEY: DetectorKey = DetectorKey { name: "conda", version: 1 };

/// Reads the records of packages in environments.
#[derive(Debug, Clone, Copy)]
pub struct CondaDetector;

impl Detector for CondaDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    /// `conda-meta/name-version-build.json`.
    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        let is_json = path.file_name().ends_with(b".json");
        let is_record = is_json && path.components().nth_back(1) == Some(b"conda-meta");
        if is_record { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, record::parse)
    }
}

/// The packages of every environment, what they depend on within it, and their files.
pub(crate) fn assemble(draft: &mut Draft<'_>, owners: &mut Owners) {
    let mut installed: Vec<(Position, EntryPath, Vec<String>)> = Vec::new();
    let mut by_name: FxHashMap<(EntryPath, String), Position> = FxHashMap::default();
    for (location, record) in draft.facts::<Record>(KEY) {
        let environment = environment(&location);
        let Record { package, depends, files } = record;
        let position = draft.add(to_package(&package, Ecosystem::Conda, location));
        for file in files {
            owners.add(environment.join(file), position);
        }
        by_name.insert((environment.clone(), package.name), position);
        installed.push((position, environment, depends));
    }
    for (position, environment, depends) in installed {
        for name in depends {
            if let Some(&needed) = by_name.get(&(environment.clone(), name)) {
                draft.relate(position, RelationKind::DependsOn, needed);
            }
        }
    }
}

/// The folder of the environment that a record is of.
fn environment(record: &Location) -> EntryPath {
    record.path.parent().and_then(|folder| folder.parent()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
