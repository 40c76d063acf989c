//! Packages by the folders they lie in, and which of them Node would load for which.

use std::collections::BTreeMap;

use bulkhead_model::{Ecosystem, EntryPath, Location, Package, PackageType, RelationKind};
use rustc_hash::FxHashMap;

use super::lock::{Lock, Locked};
use super::manifest::Manifest;
use super::specifier::repository;
use crate::draft::{Draft, Position};
use crate::purl;

/// A package in a folder.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) package: Package,
    pub(super) dependencies: Vec<String>,
    pub(super) folder: EntryPath,
}

/// All packages, by folder.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    by_folder: FxHashMap<EntryPath, usize>,
}

impl Tree {
    pub(super) fn new(manifests: Vec<(Location, Manifest)>) -> Self {
        let mut tree = Self::default();
        for (location, manifest) in manifests {
            if manifest.name.is_empty() {
                continue;
            }
            let folder = location.path.parent().unwrap_or_default();
            let package = package(manifest.name, manifest.version, manifest.licences, location);
            tree.add(Node { package, dependencies: manifest.dependencies, folder });
        }
        tree
    }

    pub(super) fn add(&mut self, node: Node) {
        self.by_folder.insert(node.folder.clone(), self.nodes.len());
        self.nodes.push(node);
    }

    pub(super) fn at(&mut self, folder: &EntryPath) -> Option<&mut Node> {
        self.nodes.get_mut(*self.by_folder.get(folder)?)
    }

    /// Adds what lock files know of installed packages: where they came from.
    pub(super) fn describe(&mut self, locks: &[(Location, Lock)]) {
        for (location, lock) in locks {
            let project = project_of(&location.path);
            for locked in &lock.packages {
                let Some(node) = self.at(&project.join(&locked.place)) else { continue };
                if locked.is(&node.package) {
                    describe(&mut node.package, locked);
                }
            }
        }
    }

    /// Moves the packages into the draft and relates them as Node loads them. Gives the package of
    /// each folder.
    pub(super) fn finish(self, draft: &mut Draft<'_>) -> FxHashMap<EntryPath, Position> {
        let Self { nodes, by_folder } = self;
        let mut edges = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            for name in &node.dependencies {
                edges.extend(load(draft, &by_folder, &node.folder, name).map(|to| (number, to)));
            }
        }
        let positions: Vec<_> = nodes.into_iter().map(|node| draft.add(node.package)).collect();
        for (from, to) in edges {
            if let (Some(&from), Some(&to)) = (positions.get(from), positions.get(to)) {
                draft.relate(from, RelationKind::DependsOn, to);
            }
        }
        let by_folder = by_folder.into_iter();
        by_folder.filter_map(|(folder, node)| Some((folder, *positions.get(node)?))).collect()
    }
}

/// Node's rule ("Loading from `node_modules` folders"): look into `node_modules` of the package's own
/// folder, then of every folder above it.
fn load(
    draft: &Draft<'_>,
    by_folder: &FxHashMap<EntryPath, usize>,
    folder: &EntryPath,
    name: &str,
) -> Option<usize> {
    let mut above = Some(folder.clone());
    while let Some(folder) = above {
        above = folder.parent();
        if folder.file_name() == b"node_modules" {
            continue;
        }
        let candidate = folder.join("node_modules").join(name);
        if let Some(&found) = by_folder.get(&candidate) {
            return Some(found);
        }
        // A link, as pnpm and workspaces make them: what lies behind it is loaded by its real path.
        let real = draft.view.resolve(&candidate);
        if let Some(&found) = real.and_then(|real| by_folder.get(&real)) {
            return Some(found);
        }
    }
    None
}

/// The folder that the places of a lock file are relative to.
pub(super) fn project_of(lock: &EntryPath) -> EntryPath {
    let folder = lock.parent().unwrap_or_default();
    if folder.file_name() == b"node_modules" {
        return folder.parent().unwrap_or_default();
    }
    folder
}

pub(super) fn package(
    name: String,
    version: String,
    licences: Vec<String>,
    location: Location,
) -> Package {
    Package {
        package_type: PackageType::Language(Ecosystem::Npm),
        purl: purl::language(Ecosystem::Npm, &name, &version, &[]),
        name,
        version,
        architecture: None,
        source: None,
        licences,
        locations: vec![location],
        properties: BTreeMap::new(),
    }
}

/// What a lock file knows beyond the manifest.
pub(super) fn describe(package: &mut Package, locked: &Locked) {
    let repository = repository(&locked.resolved);
    if !repository.is_empty() {
        let qualifiers = [("vcs_url", Some(repository.as_str()))];
        package.purl = purl::language(Ecosystem::Npm, &package.name, &package.version, &qualifiers);
    }
    let facts = [
        ("npm:resolved", locked.resolved.as_str()),
        ("npm:integrity", locked.integrity.as_str()),
        ("npm:development", if locked.development { "true" } else { "" }),
    ];
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        package.properties.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
}
