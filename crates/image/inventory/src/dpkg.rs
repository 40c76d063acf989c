//! Packages of Debian and its derivatives: dpkg's database, and the split one of distroless images.

mod dependency;
mod status;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, View, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{
    EntryPath, Location, OperatingSystem, Package, PackageType, RelationKind, SourcePackage,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::origin::{self, Identity, State};
use crate::owners::{Owners, may_be_evidence};
use crate::purl;
use crate::reading::{Parsed, detect};

pub(crate) use dependency::Index;
pub(crate) use status::{Installed, parse as parse_status};

const KEY: DetectorKey = DetectorKey { name: "dpkg", version: 2 };

const STATUS: &str = "var/lib/dpkg/status";
const STATUS_FOLDER: &[u8] = b"var/lib/dpkg/status.d/";
const LISTS_FOLDER: &[u8] = b"var/lib/dpkg/info/";

/// Reads dpkg's status files and lists of installed files.
#[derive(Debug, Clone, Copy)]
pub struct DpkgDetector;

impl Detector for DpkgDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        match Kind::of(path) {
            Some(_) => Want::Whole,
            None => Want::Skip,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let Some(kind) = Kind::of(file.path) else { return Detected::default() };
        detect(file, budget, |bytes| match kind {
            Kind::Status => {
                let Parsed { value, faults } = status::parse(bytes);
                Parsed { value: Some(Dpkg::Packages(value)), faults }
            }
            Kind::Paths(owner) => Some(Dpkg::Files { owner, files: paths(bytes) }).into(),
            Kind::Sums(owner) => Some(Dpkg::Files { owner, files: summed_paths(bytes) }).into(),
        })
    }

    fn places(&self) -> &'static [&'static str] {
        &[STATUS]
    }
}

/// What one file of the database says.
#[derive(Debug, Serialize, Deserialize)]
enum Dpkg {
    Packages(Vec<Installed>),
    /// Those files of a package that can be evidence of something.
    Files {
        /// `name`, or `name:architecture` where several architectures are installed side by side.
        owner: String,
        files: Vec<EntryPath>,
    },
}

enum Kind {
    Status,
    /// A list of paths, one a line, folders among them.
    Paths(String),
    /// A list of MD5 sums with the paths of files.
    Sums(String),
}

impl Kind {
    fn of(path: &EntryPath) -> Option<Self> {
        let bytes = path.as_bytes();
        let owner = |name: &[u8], suffix: &[u8]| {
            let stem = name.strip_suffix(suffix)?;
            Some(String::from_utf8_lossy(stem).into_owned())
        };
        if bytes == STATUS.as_bytes() {
            return Some(Self::Status);
        }
        if let Some(name) = bytes.strip_prefix(STATUS_FOLDER) {
            return match owner(name, b".md5sums") {
                Some(owner) => Some(Self::Sums(owner)),
                None => Some(Self::Status),
            };
        }
        let name = bytes.strip_prefix(LISTS_FOLDER)?;
        if let Some(owner) = owner(name, b".list") {
            return Some(Self::Paths(owner));
        }
        owner(name, b".md5sums").map(Self::Sums)
    }
}

fn paths(bytes: &[u8]) -> Vec<EntryPath> {
    evidence(bytes.split(|&byte| byte == b'\n'))
}

/// `md5sum  path`, where the path has no leading slash (deb-md5sums(5)).
fn summed_paths(bytes: &[u8]) -> Vec<EntryPath> {
    let lines = bytes.split(|&byte| byte == b'\n');
    evidence(lines.filter_map(|line| {
        let space = line.iter().position(|&byte| byte == b' ')?;
        Some(line.get(space..)?.trim_ascii_start())
    }))
}

/// Those paths of a list that can be evidence of something.
pub(crate) fn evidence<'a>(paths: impl Iterator<Item = &'a [u8]>) -> Vec<EntryPath> {
    paths.filter(|path| may_be_evidence(path)).map(EntryPath::new).collect()
}

/// The packages that the database calls installed, what they depend on, and their files.
pub(crate) fn assemble(
    draft: &mut Draft<'_>,
    system: Option<&OperatingSystem>,
    owners: &mut Owners,
) {
    let mut installed: Vec<(Position, Installed)> = Vec::new();
    let mut lists: Vec<(Location, String, Vec<EntryPath>)> = Vec::new();
    for (location, facts) in draft.facts(KEY) {
        match facts {
            Dpkg::Packages(packages) => {
                let mut added = Vec::with_capacity(packages.len());
                for package in packages {
                    let position = draft.add(to_package(&package, system, &location));
                    added.push(position);
                    installed.push((position, package));
                }
                // In the split database a package has a file, and with it a layer, of its own.
                if location.path.as_bytes() == STATUS.as_bytes() {
                    let states = earlier_states(draft.view, &location.path);
                    origin::attribute(draft, added.into_iter(), states);
                }
            }
            Dpkg::Files { owner, files } => lists.push((location, owner, files)),
        }
    }
    let index = Index::new(&installed);
    for (position, package) in &installed {
        for needed in index.needed_by(package) {
            draft.relate(*position, RelationKind::DependsOn, needed);
        }
    }
    let by_name = by_list_name(&installed);
    for (_, owner, files) in lists {
        if let Some(&position) = by_name.get(owner.as_str()) {
            for file in files {
                owners.add(file, position);
            }
        }
    }
}

/// What the database listed in lower layers, the newest first.
fn earlier_states<'v>(view: &'v View, path: &EntryPath) -> impl Iterator<Item = State> + use<'v> {
    let hidden = origin::earlier(view, KEY, |place| place == path).into_iter();
    hidden.filter_map(|hidden| match hidden.facts.decode()? {
        Dpkg::Packages(packages) => {
            let identity = |it: Installed| Identity::new(it.name, it.version, it.architecture);
            Some((hidden.location.layer?, packages.into_iter().map(identity).collect()))
        }
        Dpkg::Files { .. } => None,
    })
}

/// Packages by the names that their lists of files may have.
fn by_list_name(installed: &[(Position, Installed)]) -> FxHashMap<String, Position> {
    let mut names = FxHashMap::default();
    for (position, package) in installed {
        names.entry(package.name.clone()).or_insert(*position);
        names.insert(format!("{}:{}", package.name, package.architecture), *position);
    }
    names
}

fn to_package(
    installed: &Installed,
    system: Option<&OperatingSystem>,
    location: &Location,
) -> Package {
    let Installed { name, version, architecture, source, source_version, .. } = installed;
    let architecture = Some(architecture.as_str()).filter(|name| !name.is_empty());
    Package {
        package_type: PackageType::Deb,
        name: name.clone(),
        version: version.clone(),
        purl: purl::system("deb", system, name, version, architecture),
        architecture: architecture.map(str::to_owned),
        source: Some(SourcePackage { name: source.clone(), version: source_version.clone() }),
        licences: Vec::new(),
        locations: vec![location.clone()],
        properties: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
