//! Source trees of projects: what a lock file names is going to be installed, and counts.

use bulkhead_model::{EntryPath, Location};
use rustc_hash::FxHashSet;

use super::installed::{Node, Tree, describe, package, project_of};
use super::lock::Lock;

/// Whether a manifest of a source tree is a package: an installer put it into `node_modules`, or it
/// is a project that a lock file was made for (`locked` has their folders).
pub(super) fn is_installed(manifest: &EntryPath, locked: &FxHashSet<EntryPath>) -> bool {
    let folder = manifest.parent().unwrap_or_default();
    manifest.components().any(|part| part == b"node_modules") || locked.contains(&folder)
}

/// Adds the packages that lock files name. One that is installed in the same version has the lock
/// file as further evidence; another version in the same place is what the next installation
/// replaces, and both are reported.
pub(super) fn add(tree: &mut Tree, locks: &[(Location, Lock)]) {
    for (location, lock) in locks {
        let project = project_of(&location.path);
        for locked in &lock.packages {
            let says_nothing = locked.version.is_empty() && locked.resolved.is_empty();
            if locked.link || locked.name.is_empty() || says_nothing {
                continue;
            }
            let folder = project.join(&locked.place);
            if let Some(node) = tree.at(&folder)
                && locked.is(&node.package)
            {
                if !node.package.locations.contains(location) {
                    node.package.locations.push(location.clone());
                }
                node.dependencies.extend(locked.dependencies.iter().cloned());
                continue;
            }
            let (name, version) = (locked.name.clone(), locked.version.clone());
            let place = Some(EntryPath::from(locked.place.as_str()));
            let inside = place.into_iter().filter(|place| !place.as_bytes().is_empty()).collect();
            let location = Location { inside, ..location.clone() };
            let mut package = package(name, version, locked.licences.clone(), location);
            describe(&mut package, locked);
            tree.add(Node { package, dependencies: locked.dependencies.clone(), folder });
        }
    }
}
