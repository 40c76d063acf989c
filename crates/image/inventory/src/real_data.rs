//! What publishers built and projects committed, as the test data has it.

use std::path::Path;
use std::process::Command;

use bulkhead_model::{Inventory, PackageType, RelationKind};
use tempfile::TempDir;

use crate::Mode;
use crate::fixture::Tree;

/// The files of a packed folder; none, and a recorded skip, where it or `tar` is missing.
pub(crate) fn unpacked(relative: &str) -> Option<TempDir> {
    let archive = bulkhead_testing::data(relative)?;
    let folder = tempfile::tempdir().unwrap();
    unpack(&archive, folder.path()).then_some(folder)
}

fn unpack(archive: &Path, folder: &Path) -> bool {
    let Some(tar) = bulkhead_testing::tool("tar") else { return false };
    let status = Command::new(tar).arg("-xf").arg(archive).arg("-C").arg(folder).status().unwrap();
    assert!(status.success(), "{}", archive.display());
    true
}

/// Every layer of an image on top of the other; what they delete does not matter here.
#[test]
fn alpine_images() {
    let mut checked = 0;
    for image in bulkhead_testing::data_files("fixtures/images") {
        let (parts, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        if !unpack(&image, parts.path()) {
            return;
        }
        for file in bulkhead_testing::files_below(parts.path()) {
            if file.extension().is_some_and(|extension| extension == "tar") {
                assert!(unpack(&file, root.path()));
            }
        }
        let text = |name: &str| fs_err::read_to_string(root.path().join(name)).ok();
        if let Some(database) = text("lib/apk/db/installed") {
            checked += 1;
            check_alpine(root.path(), &database, &text("etc/alpine-release").unwrap());
        }
    }
    if checked == 0 {
        bulkhead_testing::skip("no file of fixtures/images holds an Alpine");
    }
}

/// Holds what is read of a root against the lines of its database, and its release file.
fn check_alpine(root: &Path, database: &str, release: &str) {
    let (inventory, problems) = Tree::of_folder(root).assemble(Mode::Installed);
    assert_eq!(problems, []);
    let system = inventory.operating_system.as_ref().unwrap();
    let branch: Vec<&str> = release.trim().splitn(3, '.').take(2).collect();
    let expect = format!("alpine:{}", branch.join("."));
    assert_eq!(system.scope.as_ref().unwrap().to_string(), expect);
    let is_apk = |package: &&bulkhead_model::Package| package.package_type == PackageType::Apk;
    let listed = database.lines().filter(|line| line.starts_with("P:")).count();
    assert_eq!(inventory.packages.iter().filter(is_apk).count(), listed);
    let origins = database.lines().filter_map(|line| line.strip_prefix("o:"));
    for origin in origins {
        let found = |package: &bulkhead_model::Package| {
            package.source.as_ref().is_some_and(|source| source.name == origin)
        };
        assert!(inventory.packages.iter().any(found), "{origin}");
    }
    for paragraph in database.split("\n\n").filter(|text| text.contains("so:libc.musl-")) {
        let line = |key| paragraph.lines().find_map(|line: &str| line.strip_prefix(key));
        if line("D:").is_some_and(|needs| needs.contains("so:libc.musl-")) {
            assert!(depends(&inventory, line("P:").unwrap(), "musl"), "{paragraph}");
        }
    }
}

fn depends(inventory: &Inventory, from: &str, to: &str) -> bool {
    let named = |id, name| inventory.package(id).is_some_and(|package| package.name == name);
    inventory.relations.iter().any(|relation| {
        relation.kind == RelationKind::DependsOn
            && named(relation.from, from)
            && named(relation.to, to)
    })
}

/// Manifests and locks of many projects: those of ours give packages, none more than problems.
#[test]
fn manifests_of_projects() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for mode in [Mode::Installed, Mode::Project] {
        let (inventory, _) = Tree::of_folder(folder.path()).assemble(mode);
        for package in &inventory.packages {
            let place = package.locations[0].to_string();
            assert!(!package.name.is_empty() && package.purl.starts_with("pkg:"), "{place}");
        }
        assert!(inventory.packages.iter().any(|package| !package.package_type.is_system()));
    }
}

/// Databases of pacman: every folder whose description has a name and a version is a package.
#[test]
fn databases_of_pacman() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for path in bulkhead_testing::files_below(folder.path()) {
        let Some((root, _)) = path.to_str().unwrap().split_once("/var/lib/pacman/local/") else {
            continue;
        };
        if !path.ends_with("desc") {
            continue;
        }
        let (inventory, problems) = Tree::of_folder(Path::new(root)).assemble(Mode::Installed);
        let text = fs_err::read_to_string(&path).unwrap();
        let value = |key: &str| text.split_once(key)?.1.trim_start().lines().next();
        match (value("%NAME%"), value("%VERSION%")) {
            (Some(name), Some(version)) => {
                let mut packages = inventory.packages.iter();
                assert!(packages.any(|one| one.name == name && one.version == version), "{text}");
            }
            _ => assert!(
                problems.iter().any(|problem| {
                    let place = problem.location.as_ref().unwrap().path.to_string();
                    path.to_str().unwrap().ends_with(&place)
                }),
                "{text}"
            ),
        }
    }
}

/// Each file of the data is read without a panic. A lock file of npm that is no JSON gives a reason
/// and no package; the record of an installed Python package gives one package, or a reason.
#[test]
fn every_manifest_alone() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for path in bulkhead_testing::files_below(folder.path()) {
        let name = path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
        let content = fs_err::read(&path).unwrap();
        let tree = Tree::default().file(&name, &content);
        let (inventory, problems) = tree.assemble(Mode::Project);
        if name.ends_with("/package-lock.json") {
            let is_json = serde_json::from_slice::<serde_json::Value>(&content).is_ok();
            if !is_json {
                assert!(inventory.packages.is_empty() && !problems.is_empty(), "{name}");
            }
        } else if name.ends_with("dist-info/METADATA") && !problems.is_empty() {
            assert!(inventory.packages.is_empty(), "{name}");
        } else if name.ends_with("dist-info/METADATA") {
            assert_eq!(inventory.packages.len(), 1, "{name}");
        }
    }
}
