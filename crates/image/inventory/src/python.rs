//! Installed Python packages: wheels, eggs and where they came from.

mod marker;
mod metadata;
mod origin;
mod requirement;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::purl;
use crate::reading::{Parsed, detect};

use metadata::Distribution;
use origin::Origin;
use requirement::Requirement;

const KEY: DetectorKey = DetectorKey { name: "python", version: 1 };

/// Reads the metadata of installed distributions.
#[derive(Debug, Clone, Copy)]
pub struct PythonDetector;

impl Detector for PythonDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if is_evidence(path.as_bytes()) || is_origin(path.as_bytes()) {
            Want::Whole
        } else {
            Want::Skip
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| {
            if is_origin(file.path.as_bytes()) {
                let Parsed { value, faults } = origin::parse(bytes);
                Parsed { value: value.map(Python::Origin), faults }
            } else {
                let Parsed { value, faults } = metadata::parse(bytes);
                Parsed { value: value.map(Python::Distribution), faults }
            }
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Python {
    Distribution(Distribution),
    /// `direct_url.json` of the same folder.
    Origin(Origin),
}

/// Whether a file is the metadata of a distribution: `METADATA` of a wheel (PEP 427), `PKG-INFO` of
/// an egg, or the egg's information as a single file. Debian's Python packages have all three.
pub(crate) fn is_evidence(path: &[u8]) -> bool {
    let (folder, name) = folder_and_name(path);
    match name {
        b"METADATA" => ends_with(folder, b"dist-info"),
        b"PKG-INFO" => ends_with(folder, b"egg-info"),
        _ => name.ends_with(b".egg-info"),
    }
}

/// PEP 610.
fn is_origin(path: &[u8]) -> bool {
    let (folder, name) = folder_and_name(path);
    name == b"direct_url.json" && ends_with(folder, b"dist-info")
}

fn folder_and_name(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => {
            let name = path.get(slash..).and_then(|name| name.strip_prefix(b"/"));
            (path.get(..slash).unwrap_or_default(), name.unwrap_or_default())
        }
        None => (b"", path),
    }
}

fn ends_with(folder: &[u8], suffix: &[u8]) -> bool {
    let tail = folder.len().checked_sub(suffix.len()).and_then(|start| folder.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}

/// The installed distributions and what they require.
pub(crate) fn assemble(draft: &mut Draft<'_>) {
    let mut distributions: Vec<(Location, Distribution)> = Vec::new();
    let mut origins: FxHashMap<EntryPath, Origin> = FxHashMap::default();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Python::Distribution(distribution) => distributions.push((location, distribution)),
            Python::Origin(origin) => {
                origins.insert(location.path.parent().unwrap_or_default(), origin);
            }
        }
    }
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
