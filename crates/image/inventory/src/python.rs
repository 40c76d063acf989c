//! Python packages: installed wheels and eggs, where they came from, and what projects lock.

mod kind;
mod lock;
mod marker;
mod metadata;
mod origin;
mod pipfile;
mod project;
mod requirement;
mod requirements;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::locked::Lock;
use crate::reading::detect;
use crate::{Mode, purl};

use kind::Kind;
pub(crate) use kind::is_evidence;
use metadata::Distribution;
use origin::Origin;
use requirement::Requirement;
use requirements::Requirements;

const KEY: DetectorKey = DetectorKey { name: "python", version: 4 };

/// Reads the metadata of installed distributions, and the lock files of projects.
#[derive(Debug, Clone, Copy)]
pub struct PythonDetector;

impl Detector for PythonDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if Kind::of(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Distribution => metadata::parse(bytes).map(Python::Distribution),
            Kind::Origin => origin::parse(bytes).map(Python::Origin),
            Kind::Requirements => requirements::parse(bytes).map(Python::Requirements),
            Kind::Pipfile => pipfile::parse(bytes).map(Python::Lock),
            Kind::Lock => lock::parse(bytes).map(Python::Lock),
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Python {
    Distribution(Distribution),
    /// `direct_url.json` of the same folder.
    Origin(Origin),
    Requirements(Requirements),
    Lock(Lock),
}

/// The installed distributions, in a project also the locked ones, and what they require.
pub(crate) fn assemble(draft: &mut Draft<'_>, mode: Mode) {
    let mut distributions: Vec<(Location, Distribution)> = Vec::new();
    let mut origins: FxHashMap<EntryPath, Origin> = FxHashMap::default();
    let mut locks: Vec<(Location, Lock)> = Vec::new();
    let mut requirements: Vec<(Location, Requirements)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Python::Distribution(distribution) => distributions.push((location, distribution)),
            Python::Origin(origin) => {
                origins.insert(location.path.parent().unwrap_or_default(), origin);
            }
            Python::Requirements(asked) => requirements.push((location, asked)),
            Python::Lock(lock) => locks.push((location, lock)),
        }
    }
    install(draft, distributions, &origins);
    project::add(draft, mode, &locks, &requirements);
}

/// Adds distributions that are installed.
fn install(
    draft: &mut Draft<'_>,
    distributions: Vec<(Location, Distribution)>,
    origins: &FxHashMap<EntryPath, Origin>,
) {
    let mut site = Sites::default();
    let mut installed: Vec<(Position, EntryPath, Distribution)> = Vec::new();
    for (location, distribution) in distributions {
        let origin = location.path.parent().and_then(|folder| origins.get(&folder));
        let folder = site_of(&location.path);
        let name = Ecosystem::PyPi.normalise(&distribution.name);
        let position = draft.add(to_package(&distribution, origin, location));
        site.add(folder.clone(), name, position);
        installed.push((position, folder, distribution));
    }
    for (position, folder, distribution) in installed {
        let environment = marker::Environment::of_site(&folder);
        for requirement in distribution.requires.iter().filter_map(|text| Requirement::parse(text))
        {
            if !requirement.marker.is_none_or(|marker| environment.applies(marker)) {
                continue;
            }
            let name = Ecosystem::PyPi.normalise(requirement.name);
            if let Some(needed) = site.find(&folder, &name) {
                draft.relate(position, RelationKind::DependsOn, needed);
            }
        }
    }
}

/// Distributions by the folder that Python imports them from.
#[derive(Default)]
struct Sites {
    by_name: FxHashMap<String, Vec<(EntryPath, Position)>>,
}

impl Sites {
    fn add(&mut self, folder: EntryPath, name: String, position: Position) {
        self.by_name.entry(name).or_default().push((folder, position));
    }

    /// The distribution that Python would find: in the same folder, else in one of the system's,
    /// for those that are themselves in one. A virtual environment sees itself alone.
    fn find(&self, folder: &EntryPath, name: &str) -> Option<Position> {
        let candidates = self.by_name.get(name)?;
        let same = candidates.iter().find(|(other, _)| other == folder);
        let shared = || {
            let of_system = |folder: &EntryPath| folder.as_bytes().starts_with(b"usr/");
            candidates.iter().find(|(other, _)| of_system(folder) && of_system(other))
        };
        same.or_else(shared).map(|(_, position)| *position)
    }
}

/// The folder that the distribution was installed into.
fn site_of(metadata: &EntryPath) -> EntryPath {
    let folder = metadata.parent().unwrap_or_default();
    if metadata.file_name().ends_with(b".egg-info") {
        return folder;
    }
    let site = folder.parent().unwrap_or_default();
    // `site-packages/name.egg/EGG-INFO`.
    if site.file_name().ends_with(b".egg") { site.parent().unwrap_or_default() } else { site }
}

fn to_package(distribution: &Distribution, origin: Option<&Origin>, location: Location) -> Package {
    let Distribution { name, version, licences, .. } = distribution;
    let mut properties = BTreeMap::new();
    if let Some(origin) = origin {
        properties.insert("python:direct_url".to_owned(), origin.to_string());
        if origin.editable {
            properties.insert("python:editable".to_owned(), "true".to_owned());
        }
    }
    let repository = origin.filter(|origin| !origin.system.is_empty()).map(ToString::to_string);
    let qualifiers = [("vcs_url", repository.as_deref())];
    Package {
        package_type: PackageType::Language(Ecosystem::PyPi),
        name: name.clone(),
        version: version.clone(),
        purl: purl::language(Ecosystem::PyPi, name, version, &qualifiers),
        architecture: None,
        source: None,
        licences: licences.clone(),
        locations: vec![location],
        properties,
    }
}

#[cfg(test)]
mod tests;
