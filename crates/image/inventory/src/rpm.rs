//! Packages of Red Hat, SUSE, Amazon, Oracle, Microsoft and their kin: rpm's databases in each of
//! their forms, read without rpm.

mod berkeley;
mod bytes;
mod dependency;
mod header;
mod manifest;
mod ndb;
mod package;
mod requirement;
mod sqlite;
mod storage;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Hidden, Metadata, View, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{
    EntryPath, Location, OperatingSystem, Package, PackageType, Problem, RelationKind,
};
use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Position};
use crate::origin::{self, Identity, State};
use crate::owners::Owners;
use crate::purl;
use crate::reading::{Parsed, detect, detected};

use dependency::Index;
use package::Installed;

const KEY: DetectorKey = DetectorKey { name: "rpm", version: 2 };

/// Where databases lie: rpm's own place, that of systems whose `/var` is not part of the image, that
/// of ostree; and the lists of images that have none.
const PLACES: [&str; 14] = [
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite-wal",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
    "usr/share/rpm/rpmdb.sqlite",
    "usr/share/rpm/rpmdb.sqlite-wal",
    "usr/share/rpm/Packages.db",
    "usr/share/rpm/Packages",
    "var/lib/rpmmanifest/container-manifest-2",
    "var/lib/rpmmanifest/container-manifest-1",
];

/// Reads rpm's databases.
#[derive(Debug, Clone, Copy)]
pub struct RpmDetector;

impl Detector for RpmDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, metadata: &Metadata) -> Want {
        match path.as_str() {
            Some(path) if PLACES.contains(&path) => match Form::of(path.as_bytes()) {
                Some(Form::Manifest | Form::ShortManifest) => Want::Whole,
                // SQLite empties its log when it is done.
                Some(Form::Log) if metadata.size == 0 => Want::Skip,
                _ => Want::Random,
            },
            _ => Want::Skip,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        let parsed = match Form::of(file.path.as_bytes()) {
            None => return Detected::default(),
            Some(Form::Manifest | Form::ShortManifest) => {
                return detect(file, budget, |bytes| packages(manifest::parse(bytes)));
            }
            Some(Form::Sqlite) => tables(sqlite::read(file.content, budget)),
            Some(Form::Log) => tables(sqlite::read_log(file.content, budget)),
            Some(Form::Ndb) => packages(ndb::read(file.content, budget)),
            Some(Form::Berkeley) => packages(berkeley::read(file.content, budget)),
        };
        detected(file.path, parsed)
    }

    fn places(&self) -> &'static [&'static str] {
        &PLACES
    }
}

/// What one file says.
#[derive(Debug, Serialize, Deserialize)]
enum Rpm {
    Packages(Vec<Installed>),
    /// Of `rpmdb.sqlite`, or of the log beside it.
    Tables(sqlite::Tables),
}

fn packages(parsed: Parsed<Vec<Installed>>) -> Parsed<Option<Rpm>> {
    let Parsed { value, faults } = parsed;
    let is_database = faults.is_empty() || !value.is_empty();
    Parsed { value: is_database.then_some(Rpm::Packages(value)), faults }
}

fn tables(parsed: Parsed<Option<sqlite::Tables>>) -> Parsed<Option<Rpm>> {
    Parsed { value: parsed.value.map(Rpm::Tables), faults: parsed.faults }
}

/// The form of a file, by its name; the newest first. rpm keeps one database. Where a folder has
/// several, the others are left from before a change of form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Log,
    Sqlite,
    Ndb,
    Berkeley,
    Manifest,
    ShortManifest,
}

impl Form {
    fn of(path: &[u8]) -> Option<Self> {
        Some(match path.rsplit(|&byte| byte == b'/').next()? {
            b"rpmdb.sqlite-wal" => Self::Log,
            b"rpmdb.sqlite" => Self::Sqlite,
            b"Packages.db" => Self::Ndb,
            b"Packages" => Self::Berkeley,
            b"container-manifest-2" => Self::Manifest,
            b"container-manifest-1" => Self::ShortManifest,
            _ => return None,
        })
    }
}

/// The installed packages, what they depend on, and their files.
pub(crate) fn assemble(
    draft: &mut Draft<'_>,
    system: Option<&OperatingSystem>,
    owners: &mut Owners,
) {
    let mut folders: BTreeMap<EntryPath, BTreeMap<Form, (Location, Rpm)>> = BTreeMap::new();
    for (location, facts) in draft.facts(KEY) {
        let Some(form) = Form::of(location.path.as_bytes()) else { continue };
        let folder = location.path.parent().unwrap_or_default();
        folders.entry(folder).or_default().insert(form, (location, facts));
    }
    for (folder, files) in folders {
        let mut problems = Vec::new();
        let found = database(files, &mut problems);
        for problem in problems {
            draft.problem(problem);
        }
        let Some((location, packages)) = found else { continue };
        let mut installed: Vec<(Position, Installed)> = Vec::new();
        for package in packages {
            let position = draft.add(to_package(&package, system, &location));
            package.files.iter().for_each(|file| owners.add(file.clone(), position));
            installed.push((position, package));
        }
        relate(draft, &installed);
        let states = earlier_states(draft.view, &folder);
        origin::attribute(draft, installed.iter().map(|(position, _)| *position), states);
    }
}

/// What the databases of a folder listed in lower layers, the newest first. Forms may change from
/// one layer to the next.
fn earlier_states<'v>(view: &'v View, folder: &EntryPath) -> impl Iterator<Item = State> + use<'v> {
    let hidden = origin::earlier(view, KEY, |path| path.parent().as_ref() == Some(folder));
    let mut layers: BTreeMap<u32, Vec<Hidden<'v>>> = BTreeMap::new();
    for hidden in hidden {
        if let Some(layer) = &hidden.location.layer {
            layers.entry(layer.index).or_default().push(hidden);
        }
    }
    layers.into_values().rev().filter_map(|files| {
        let files = files.into_iter().filter_map(|hidden| {
            let form = Form::of(hidden.location.path.as_bytes())?;
            Some((form, (hidden.location, hidden.facts.decode()?)))
        });
        // What is wrong with a state that is gone concerns nobody.
        let (location, packages) = database(files.collect(), &mut Vec::new())?;
        let identity =
            |it: &Installed| Identity::new(&it.name, it.full_version(), &it.architecture);
        Some((location.layer?, packages.iter().map(identity).collect()))
    })
}

/// The packages of the newest database of a folder that has any.
fn database(
    files: BTreeMap<Form, (Location, Rpm)>,
    problems: &mut Vec<Problem>,
) -> Option<(Location, Vec<Installed>)> {
    let mut log = None;
    for (form, (location, facts)) in files {
        let packages = match facts {
            Rpm::Tables(tables) if form == Form::Log => {
                log = Some(tables);
                continue;
            }
            Rpm::Tables(tables) => {
                let Parsed { value, faults } = sqlite::packages(tables, log.take());
                for fault in faults {
                    problems.push(Problem::new(fault.kind, location.clone(), fault.message));
                }
                value
            }
            Rpm::Packages(packages) => packages,
        };
        if !packages.is_empty() {
            return Some((location, packages));
        }
    }
    None
}

fn relate(draft: &mut Draft<'_>, installed: &[(Position, Installed)]) {
    let index = Index::new(installed, draft.view);
    for (position, package) in installed {
        for needed in index.needed_by(package) {
            draft.relate(*position, RelationKind::DependsOn, needed);
        }
    }
}

fn to_package(
    installed: &Installed,
    system: Option<&OperatingSystem>,
    location: &Location,
) -> Package {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let module = given(&installed.module).map(|label| ("rpm:modularity".to_owned(), label));
    let vendor = given(&installed.vendor).map(|vendor| ("rpm:vendor".to_owned(), vendor));
    Package {
        package_type: PackageType::Rpm,
        name: installed.name.clone(),
        version: installed.full_version(),
        purl: purl::rpm(
            system,
            &installed.name,
            &installed.version_and_release(),
            &[
                ("arch", Some(installed.architecture.as_str())),
                ("epoch", installed.epoch.map(|epoch| epoch.to_string()).as_deref()),
                ("upstream", Some(installed.source.as_str())),
            ],
        ),
        architecture: given(&installed.architecture),
        source: installed.source_package(),
        licences: given(&installed.licence).into_iter().collect(),
        locations: vec![location.clone()],
        properties: module.into_iter().chain(vendor).collect(),
    }
}

#[cfg(test)]
mod oracles;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
