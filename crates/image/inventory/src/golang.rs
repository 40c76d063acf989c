//! Go binaries: the linker leaves a list of the modules in them.

mod blob;
mod modules;
mod version;

use std::collections::BTreeMap;

use bulkhead_layers::{Detected, Detector, DetectorKey, File, Metadata, Want};
use bulkhead_limits::Budget;
use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};

use crate::draft::Draft;
use crate::executable::MAGICS;
use crate::purl;
use crate::reading::{Parsed, detected};

use modules::{BuildInfo, Module};

const KEY: DetectorKey = DetectorKey { name: "golang", version: 1 };

/// Below this no binary holds a Go runtime.
const SMALLEST: u64 = 64 << 10;

/// Build settings that say for what, and from what, a binary was built.
const SETTINGS: [&str; 8] = [
    "GOOS",
    "GOARCH",
    "CGO_ENABLED",
    "GOFIPS140",
    "vcs",
    "vcs.revision",
    "vcs.time",
    "vcs.modified",
];

/// Reads the build information of Go binaries.
#[derive(Debug, Clone, Copy)]
pub struct GoDetector;

impl Detector for GoDetector {
    fn key(&self) -> DetectorKey {
        KEY
    }

    fn wants(&self, _path: &EntryPath, metadata: &Metadata) -> Want {
        if metadata.size < SMALLEST { Want::Skip } else { Want::Magic(MAGICS) }
    }

    fn is_blind_to_names(&self) -> bool {
        true
    }

    fn facts(&self, file: &File<'_>, _budget: &Budget) -> Detected {
        let Parsed { value, faults } = blob::read(file.content);
        detected(file.path, Parsed { value: value.map(modules::parse), faults })
    }
}

/// Whether a package manager's file can be a binary, by its path: those have no extension, or lie
/// where programs lie. Prose and data, the most of every list, are left out.
pub(crate) fn may_be_binary(path: &[u8]) -> bool {
    let parts = || path.split(|&byte| byte == b'/').filter(|part| !part.is_empty());
    let name = parts().next_back().unwrap_or_default();
    let mut folders = parts();
    folders.next_back();
    let is_prose = |part: &[u8]| matches!(part, b"share" | b"include" | b"doc" | b"etc");
    let is_program = |part: &[u8]| matches!(part, b"bin" | b"sbin" | b"libexec");
    folders.clone().any(is_program) || (!name.contains(&b'.') && !folders.any(is_prose))
}

/// The modules in every binary: the main one depends on the others, which lie inside it.
pub(crate) fn assemble(draft: &mut Draft<'_>) {
    for (location, build) in draft.facts::<BuildInfo>(KEY) {
        let main = build.main_module().map(|main| {
            let mut package = module(main.name(), &version::of_main(&main, &build), &location);
            package.properties = properties(&build);
            if version::is_untagged(&package.version) {
                package.properties.insert("golang:untagged".to_owned(), "true".to_owned());
            }
            draft.add(package)
        });
        let standard = version::of_tool_chain(&build.tool_chain)
            .map(|version| draft.add(module("stdlib", version, &location)));
        let modules: Vec<_> = build
            .dependencies()
            .map(|dependency| draft.add(dependency_package(dependency, &location)))
            .chain(standard)
            .collect();
        for module in modules {
            if let Some(main) = main {
                draft.relate(main, RelationKind::DependsOn, module);
                draft.relate(module, RelationKind::ContainedIn, main);
            }
        }
    }
}

fn dependency_package(dependency: &Module, location: &Location) -> Package {
    let version = version::of(dependency);
    let mut package = module(dependency.name(), version, location);
    if dependency.replacement.is_some() {
        let replaced = format!("{} {}", dependency.path, dependency.version);
        package.properties.insert("golang:replaces".to_owned(), replaced);
    }
    if !dependency.sum().is_empty() {
        package.properties.insert("golang:sum".to_owned(), dependency.sum().to_owned());
    }
    package
}

fn module(name: &str, version: &str, location: &Location) -> Package {
    Package {
        package_type: PackageType::Language(Ecosystem::Go),
        name: name.to_owned(),
        version: version.to_owned(),
        purl: purl::language(Ecosystem::Go, name, version, &[]),
        architecture: None,
        source: None,
        licences: Vec::new(),
        locations: vec![location.clone()],
        properties: BTreeMap::new(),
    }
}

fn properties(build: &BuildInfo) -> BTreeMap<String, String> {
    let settings = build.settings.iter().filter(|(key, _)| SETTINGS.contains(&key.as_str()));
    settings.map(|(key, value)| (format!("golang:{key}"), value.clone())).collect()
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
