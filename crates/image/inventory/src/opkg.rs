//! Packages of OpenWrt and other embedded systems: the database of opkg, which has the form of dpkg's.

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{EntryPath, Location, OperatingSystem, Package, PackageType, RelationKind};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::dpkg::{self, Index, Installed};
use crate::draft::{Draft, Position};
use crate::owners::Owners;
use crate::purl;
use crate::reading::{Parsed, detect};

const KEY: DetectorKey = DetectorKey { name: "opkg", version: 1 };

/// OpenWrt has its database in the first place, others in the second.
const STATUS: [&str; 2] = ["usr/lib/opkg/status", "var/lib/opkg/status"];
/// Folders with one list of files for each package.
const LISTS: [&[u8]; 2] = [b"usr/lib/opkg/info/", b"var/lib/opkg/info/"];

/// Reads opkg's status files and lists of installed files.
#[derive(Debug, Clone, Copy)]
pub struct OpkgDetector;

impl Detector for OpkgDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        if is_status(path) || owner(path).is_some() { Want::Whole } else { Want::Skip }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| {
            if let Some(owner) = owner(file.path) {
                // A mode may stand behind the path.
                let lines = bytes.split(|&byte| byte == b'\n');
                let paths = lines.filter_map(|line| line.split(|&byte| byte == b'\t').next());
                return Some(Opkg::Files { owner, files: dpkg::evidence(paths) }).into();
            }
            let Parsed { value, faults } = dpkg::parse_status(bytes);
            Parsed { value: Some(Opkg::Packages(value)), faults }
        })
    }

    fn places(&self) -> &'static [&'static str] {
        &STATUS
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Opkg {
    Packages(Vec<Installed>),
    /// Those files of a package that can be evidence of something.
    Files {
        owner: String,
        files: Vec<EntryPath>,
    },
}

fn is_status(path: &EntryPath) -> bool {
    path.as_str().is_some_and(|path| STATUS.contains(&path))
}

/// The package whose list of files this is.
fn owner(path: &EntryPath) -> Option<String> {
    let name = LISTS.iter().find_map(|folder| path.as_bytes().strip_prefix(*folder))?;
    Some(String::from_utf8_lossy(name.strip_suffix(b".list")?).into_owned())
}

/// The packages that the database calls installed, what they depend on, and their files.
pub(crate) fn assemble(
    draft: &mut Draft<'_>,
    system: Option<&OperatingSystem>,
    owners: &mut Owners,
) {
    let mut installed: Vec<(Position, Installed)> = Vec::new();
    let mut lists: Vec<(String, Vec<EntryPath>)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Opkg::Packages(packages) => {
                installed.extend(packages.into_iter().map(|package| {
                    let position = draft.add(to_package(&package, system, &location));
                    (position, package)
                }));
            }
            Opkg::Files { owner, files } => lists.push((owner, files)),
        }
    }
    let index = Index::new(&installed);
    for (position, package) in &installed {
        for needed in index.needed_by(package) {
            draft.relate(*position, RelationKind::DependsOn, needed);
        }
    }
    let named = installed.iter().map(|(position, package)| (package.name.as_str(), *position));
    let by_name: FxHashMap<&str, Position> = named.collect();
    for (owner, files) in lists {
        if let Some(&owner) = by_name.get(owner.as_str()) {
            for file in files {
                owners.add(file, owner);
            }
        }
    }
}

fn to_package(
    installed: &Installed,
    system: Option<&OperatingSystem>,
    location: &Location,
) -> Package {
    let Installed { name, version, architecture, .. } = installed;
    let architecture = Some(architecture.as_str()).filter(|name| !name.is_empty());
    Package {
        package_type: PackageType::Opkg,
        name: name.clone(),
        version: version.clone(),
        purl: purl::system("opkg", system, name, version, architecture),
        architecture: architecture.map(str::to_owned),
        // `Source` names a folder of the sources here, not a package.
        source: None,
        licences: Vec::new(),
        locations: vec![location.clone()],
        properties: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
