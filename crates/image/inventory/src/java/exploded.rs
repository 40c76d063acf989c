//! Web applications that a server unpacked: their `META-INF/maven` says what they are, and the
//! archives in their library folder belong to them.

use bulkhead_model::{Ecosystem, EntryPath, Location, PackageType, RelationKind};
use rustc_hash::FxHashMap;

use super::{Artifact, package};
use crate::draft::{Draft, Position};

/// Folders of an application that hold the archives that it loads.
const LIBRARIES: [&[u8]; 2] = [b"WEB-INF/lib", b"BOOT-INF/lib"];

/// Adds the artifacts whose `pom.properties` lie unpacked.
pub(super) fn add(draft: &mut Draft<'_>, unpacked: Vec<(Location, Artifact)>) {
    // None where several artifacts were merged into the application.
    let mut applications: FxHashMap<EntryPath, Option<Position>> = FxHashMap::default();
    for (location, artifact) in unpacked {
        // `META-INF/maven/group/artifact/pom.properties`.
        let root = (0..5).try_fold(location.path.clone(), |path, _| path.parent());
        let position = draft.add(package(artifact, location));
        if let Some(root) = root {
            applications.entry(root).and_modify(|one| *one = None).or_insert(Some(position));
        }
    }
    let mut contained = Vec::new();
    for (position, package) in draft.packages() {
        let Some(location) = package.locations.first() else { continue };
        let is_archive = location.inside.is_empty()
            && package.package_type == PackageType::Language(Ecosystem::Maven);
        let folder = location.path.parent().filter(|_| is_archive).unwrap_or_default();
        if LIBRARIES.iter().any(|library| folder.as_bytes().ends_with(library))
            && let Some(root) = folder.parent().and_then(|folder| folder.parent())
            && let Some(Some(application)) = applications.get(&root)
        {
            contained.push((position, *application));
        }
    }
    for (archive, application) in contained {
        draft.relate(archive, RelationKind::ContainedIn, application);
    }
}
