//! Packages of Alpine and its derivatives: the database of apk-tools 2.

mod database;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, View, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{
    EntryPath, Location, OperatingSystem, Package, PackageType, RelationKind, SourcePackage,
};
use rustc_hash::FxHashMap;

use crate::draft::{Draft, Position};
use crate::origin::{self, Identity, State};
use crate::owners::Owners;
use crate::purl;
use crate::reading::{Parsed, detect};

use database::Installed;

const KEY: DetectorKey = DetectorKey { name: "apk", version: 2 };

/// Where the database lies: the second since Alpine 3.23, with `/lib` merged into `/usr/lib`.
const DATABASES: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// Reads apk's database of installed packages.
#[derive(Debug, Clone, Copy)]
pub struct ApkDetector;

impl Detector for ApkDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, path: &EntryPath, _metadata: &Metadata) -> Want {
        match path.as_str() {
            Some(path) if DATABASES.contains(&path) => Want::Whole,
            _ => Want::Skip,
        }
    }

    fn facts(&self, file: &File<'_>, budget: &Budget) -> Detected {
        detect(file, budget, |bytes| {
            let Parsed { value, faults } = database::parse(bytes);
            Parsed { value: Some(value), faults }
        })
    }

    fn places(&self) -> &'static [&'static str] {
        &DATABASES
    }
}

/// The installed packages, what they depend on, and their files.
pub(crate) fn assemble(
    draft: &mut Draft<'_>,
    system: Option<&OperatingSystem>,
    owners: &mut Owners,
) {
    let mut installed: Vec<(Position, Installed)> = Vec::new();
    for (location, packages) in draft.facts::<Vec<Installed>>(KEY) {
        let mut added = Vec::with_capacity(packages.len());
        for mut package in packages {
            let position = draft.add(to_package(&package, system, &location));
            added.push(position);
            for file in std::mem::take(&mut package.files) {
                owners.add(file, position);
            }
            installed.push((position, package));
        }
        let states = earlier_states(draft.view, &location.path);
        origin::attribute(draft, added.into_iter(), states);
    }
    let mut providing: FxHashMap<&str, Vec<Position>> = FxHashMap::default();
    for (position, package) in &installed {
        for name in std::iter::once(&package.name).chain(&package.provides) {
            providing.entry(name).or_default().push(*position);
        }
    }
    for (position, package) in &installed {
        for needed in package.depends.iter().filter_map(|name| providing.get(name.as_str())) {
            for &provider in needed {
                draft.relate(*position, RelationKind::DependsOn, provider);
            }
        }
    }
}

/// What the database listed in lower layers, the newest first.
fn earlier_states<'v>(view: &'v View, path: &EntryPath) -> impl Iterator<Item = State> + use<'v> {
    let hidden = origin::earlier(view, KEY, |place| place == path).into_iter();
    hidden.filter_map(|hidden| {
        let packages: Vec<Installed> = hidden.facts.decode()?;
        let identity = |it: Installed| Identity::new(it.name, it.version, it.architecture);
        Some((hidden.location.layer?, packages.into_iter().map(identity).collect()))
    })
}

fn to_package(
    installed: &Installed,
    system: Option<&OperatingSystem>,
    location: &Location,
) -> Package {
    let Installed { name, version, architecture, .. } = installed;
    let architecture = Some(architecture.as_str()).filter(|name| !name.is_empty());
    let origin = Some(&installed.origin).filter(|origin| !origin.is_empty()).unwrap_or(name);
    Package {
        package_type: PackageType::Apk,
        name: name.clone(),
        version: version.clone(),
        purl: purl::system("apk", system, name, version, architecture),
        architecture: architecture.map(str::to_owned),
        source: Some(SourcePackage { name: origin.clone(), version: version.clone() }),
        licences: Some(installed.licence.clone())
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect(),
        locations: vec![location.clone()],
        properties: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
