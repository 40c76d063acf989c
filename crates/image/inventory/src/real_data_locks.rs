//! Lock files that projects committed: what their lines say, found by a plain search, is what is read.

use std::collections::BTreeSet;

use serde_json::Value;

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
        "Gemfile.lock" | "gems.locked" => {
            let gems = lines.iter().filter_map(|line| line.strip_prefix("    "));
            let gems = gems.filter(|line| !line.starts_with(' ')).filter_map(|gem| {
                let (name, version) = gem.strip_suffix(')')?.split_once(" (")?;
                Some(format!("{name}@{}", version.split('-').next()?))
            });
            gems.collect()
        }
        name if name.starts_with("Cargo.lock") => {
            let packages = lines.windows(4).filter(|lines| lines[0] == "[[package]]");
            let packages = packages.filter(|lines| lines[3].starts_with("source"));
            packages
                .map(|lines| format!("{}@{}", value(lines[1]).unwrap(), value(lines[2]).unwrap()))
                .collect()
        }
        _ => return said_in_json(file_name, text),
    };
    Some(said)
}

/// The same for formats in JSON, with a reader that knows nothing of them.
fn said_in_json(file_name: &str, text: &str) -> Option<BTreeSet<String>> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let list = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let map = |map: &Value| map.as_object().cloned().unwrap_or_default();
    let named =
        |one: &Value| Some(format!("{}@{}", one["name"].as_str()?, one["version"].as_str()?));
    Some(match file_name {
        "composer.lock" => {
            let all = [list(&document["packages"]), list(&document["packages-dev"])].concat();
            all.iter().filter_map(named).collect()
        }
        "installed.json" => {
            let all = if document.is_array() { &document } else { &document["packages"] };
            list(all).iter().filter_map(named).collect()
        }
        "packages.lock.json" => {
            let frameworks = map(&document["dependencies"]);
            let all = frameworks.values().flat_map(map);
            let packages = all.filter(|(_, package)| package["type"] != "Project");
            packages
                .map(|(name, package)| format!("{name}@{}", package["resolved"].as_str().unwrap()))
                .collect()
        }
        "conan.lock" => {
            let nodes = map(&document["graph_lock"]["nodes"]).into_iter();
            let graph = nodes.filter_map(|(_, node)| node["ref"].as_str().map(str::to_owned));
            let lists = ["requires", "build_requires", "python_requires"].into_iter();
            let lists = lists.flat_map(|key| list(&document[key]));
            let lists = lists.filter_map(|one| one.as_str().map(str::to_owned));
            let plain = |one: String| one.split(['#', '@', '%']).next().unwrap().replace('/', "@");
            graph.chain(lists).map(plain).collect()
        }
        name if name.ends_with(".deps.json") => {
            let libraries = map(&document["libraries"]).into_iter();
            let packages = libraries.filter(|(_, library)| library["type"] == "package");
            let is_there = |key: &str| {
                map(&document["targets"]).values().any(|target| target[key]["runtime"].is_object())
            };
            let packages = packages.filter(|(key, _)| is_there(key));
            packages.map(|(key, _)| key.replace('/', "@")).collect()
        }
        _ => return None,
    })
}

/// What a tool would call the file: some lie in the data under further names.
fn called(file_name: &str) -> &str {
    match file_name {
        "installed.json" => "vendor/composer/installed.json",
        name if name.starts_with("Cargo.lock") => "Cargo.lock",
        name => name,
    }
}

#[test]
fn lock_files_of_projects() {
    let Some(folder) = unpacked("fixtures/pkgdb/package-manifests.tar.gz") else { return };
    for path in bulkhead_testing::files_below(folder.path()) {
        let file_name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let content = fs_err::read(&path).unwrap();
        let Some(said) = said(&file_name, &String::from_utf8_lossy(&content)) else { continue };
        let (inventory, problems) =
            Tree::default().file(called(&file_name), &content).assemble(Mode::Project);
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
