//! Lock files that projects committed: what their lines say, found by a plain search, is what is read.

use std::collections::BTreeSet;

use crate::Mode;
use crate::fixture::Tree;
use crate::real_data::unpacked;

/// Names and versions of a lock file, as its lines have them; none where it is of another format.
fn said(file_name: &str, text: &str) -> Option<BTreeSet<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let value =
        |line: &str| line.split_once("= ").map(|(_, value)| value.trim_matches('"').to_owned());
    let said = match file_name {
        "poetry.lock" | "uv.lock" | "pdm.lock" => {
            let packages = lines.windows(3).filter(|lines| lines[0] == "[[package]]");
            let versions = packages.filter(|lines| lines[2].starts_with("version"));
            versions
                .map(|lines| format!("{}@{}", value(lines[1]).unwrap(), value(lines[2]).unwrap()))
                .collect()
        }
        // Yarn 1 has `  version "1.0"`, later ones `  version: 1.0`.
        "yarn.lock" => {
            let project =
                |entry: &&str| entry.contains("__metadata") || entry.contains("@workspace:");
            let entries = text.split("\n\n").filter(|entry| !project(entry));
            let versions = entries.flat_map(str::lines);
            let versions = versions.filter_map(|line| line.strip_prefix("  version"));
            versions.map(|version| version.trim_matches([':', ' ', '"']).to_owned()).collect()
        }
        "pnpm-lock.yaml" => {
            let packages = text.split("\npackages:\n").nth(1)?.split("\nsnapshots:").next()?;
            let keys =
                packages.lines().filter(|line| line.starts_with("  ") && line.ends_with(':'));
            let keys = keys
                .filter(|line| !line.starts_with("   "))
                .map(|line| line.trim().trim_end_matches(':'));
            let plain = |key: &str| {
                key.trim_matches('\'').trim_start_matches('/').split('(').next().map(str::to_owned)
            };
            let keys = keys.filter_map(plain).map(|key| match key.rsplit_once('/') {
                Some((name, version)) if !version.contains('@') => format!("{name}@{version}"),
                _ => key,
            });
            keys.collect()
        }
        "gradle.lockfile" => {
            let locked =
                lines.iter().filter_map(|line| line.split_once('=')).map(|(locked, _)| locked);
            let locked = locked.filter_map(|locked| locked.rsplit_once(':'));
            locked.map(|(name, version)| format!("{name}@{version}")).collect()
        }
        _ => return None,
    };
    Some(said)
}

#[test]
fn lock_files_of_projects() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for path in bulkhead_testing::files_below(folder.path()) {
        let file_name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let content = fs_err::read(&path).unwrap();
        let Some(said) = said(&file_name, &String::from_utf8_lossy(&content)) else { continue };
        let (inventory, problems) =
            Tree::default().file(&file_name, &content).assemble(Mode::Project);
        if said.is_empty() {
            assert!(!problems.is_empty() && inventory.packages.is_empty(), "{}", path.display());
            continue;
        }
        assert_eq!(problems, [], "{}", path.display());
        let packages = inventory.packages.iter();
        let read: BTreeSet<String> = match file_name.as_str() {
            "yarn.lock" => packages.map(|package| package.version.clone()).collect(),
            _ => packages.map(|package| format!("{}@{}", package.name, package.version)).collect(),
        };
        assert_eq!(read, said, "{}", path.display());
    }
}

/// Whatever a project's file leaves open, a version that is reported stands in it.
#[test]
fn projects_of_maven() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for path in bulkhead_testing::files_below(folder.path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with("pom.xml") {
            continue;
        }
        let content = fs_err::read(&path).unwrap();
        let text = String::from_utf8_lossy(&content);
        let tree = Tree::default().file("pom.xml", &content);
        let (inventory, problems) = tree.assemble(Mode::Project);
        let is_project = text.contains("<project") && text.contains("<artifactId>");
        assert_eq!(!inventory.packages.is_empty(), is_project, "{}", path.display());
        assert!(is_project || !problems.is_empty(), "{}", path.display());
        for package in &inventory.packages {
            assert!(text.contains(&format!(">{}<", package.version)) || package.version.is_empty());
            let artifact = package.name.rsplit(':').next().unwrap();
            assert!(text.contains(&format!("<artifactId>{artifact}</artifactId>")), "{artifact}");
        }
        let open = inventory.packages.iter().any(|package| package.version.is_empty());
        assert!(!open || !problems.is_empty(), "{}", path.display());
    }
}
