//! Packages of Arch Linux and its derivatives: the local database of pacman.

mod description;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{
    EntryPath, Location, OperatingSystem, Package, PackageType, RelationKind, SourcePackage,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::owners::Owners;
use crate::purl;
use crate::reading::detect;

use description::{Installed, Name};

const KEY: DetectorKey = DetectorKey { name: "pacman", version: 1 };

/// One folder for each package, in it `desc` and `files` (libalpm, `be_local.c`).
const DATABASE: &[u8] = b"var/lib/pacman/local/";

/// How many packages that provide one name are looked at.
const MOST_PROVIDERS: usize = 256;

/// Reads the descriptions of installed packages, and the lists of their files.
#[derive(Debug, Clone, Copy)]
pub struct PacmanDetector;

impl Detector for PacmanDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if Kind::of(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Description => description::parse(bytes).map(Pacman::Package),
            Kind::Files => Some(Pacman::Files(description::files(bytes))).into(),
        })
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Pacman {
    Package(Installed),
    /// Those files of a package that can be evidence of something.
    Files(Vec<EntryPath>),
}

/// What a file is, by its path.
enum Kind {
    Description,
    Files,
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        let rest = path.as_bytes().strip_prefix(DATABASE)?;
        let slash = memchr::memchr(b'/', rest)?;
        match rest.get(slash..)? {
            b"/desc" => Some(Self::Description),
            b"/files" => Some(Self::Files),
            _ => None,
        }
    }
}

/// The installed packages, what they depend on, and their files.
pub(crate) fn assemble(
    draft: &mut Draft<'_>,
    system: Option<&OperatingSystem>,
    owners: &mut Owners,
) {
    let mut installed: Vec<(Position, Installed)> = Vec::new();
    let mut by_folder: FxHashMap<EntryPath, Position> = FxHashMap::default();
    let mut lists: Vec<(EntryPath, Vec<EntryPath>)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        let folder = location.path.parent().unwrap_or_default();
        match facts {
            Pacman::Package(package) => {
                let position = draft.add(to_package(&package, system, &location));
                by_folder.insert(folder, position);
                installed.push((position, package));
            }
            Pacman::Files(files) => lists.push((folder, files)),
        }
    }
    relate(draft, &installed);
    for (folder, files) in lists {
        if let Some(&owner) = by_folder.get(&folder) {
            for file in files {
                owners.add(file, owner);
            }
        }
    }
}

fn relate(draft: &mut Draft<'_>, installed: &[(Position, Installed)]) {
    let mut providing: FxHashMap<&str, Vec<(Position, &Name)>> = FxHashMap::default();
    for (position, package) in installed {
        for name in std::iter::once(&package.name).chain(&package.provides) {
            providing.entry(&name.name).or_default().push((*position, name));
        }
    }
    for (position, package) in installed {
        for needed in &package.depends {
            let candidates = providing.get(needed.name.as_str()).into_iter().flatten();
            let candidates = candidates.take(MOST_PROVIDERS);
            for (provider, _) in candidates.filter(|(_, name)| name.satisfies(needed)) {
                draft.relate(*position, RelationKind::DependsOn, *provider);
            }
        }
    }
}

fn to_package(
    installed: &Installed,
    system: Option<&OperatingSystem>,
    location: &Location,
) -> Package {
    let Name { name, version } = &installed.name;
    let architecture = Some(installed.architecture.as_str()).filter(|name| !name.is_empty());
    let base = Some(&installed.base).filter(|base| !base.is_empty()).unwrap_or(name);
    Package {
        package_type: PackageType::Alpm,
        name: name.clone(),
        version: version.clone(),
        purl: purl::system("alpm", system, name, version, architecture),
        architecture: architecture.map(str::to_owned),
        source: Some(SourcePackage { name: base.clone(), version: version.clone() }),
        licences: installed.licences.clone(),
        locations: vec![location.clone()],
        properties: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
