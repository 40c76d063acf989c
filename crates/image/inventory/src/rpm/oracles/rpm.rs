//! Debian's rpm, which reads `SQLite` and Berkeley DB.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use bulkhead_model::{Inventory, RelationKind};
use tempfile::TempDir;

use super::{databases, lines, name, read};
use crate::owners::may_be_evidence;

/// One line a package, as [`lines`] writes them; none where rpm is not installed.
pub(super) fn list(folder: &Path) -> Option<Vec<String>> {
    query(folder, "%{NAME}|%{EVR}|%{ARCH}|%{LICENSE}|%{VENDOR}|%{MODULARITYLABEL}\n")
}

/// What rpm answers of all packages, line by line, sorted. rpm writes into the folder of a database,
/// so it is given a copy.
fn query(folder: &Path, format: &str) -> Option<Vec<String>> {
    let rpm = bulkhead_testing::tool("rpm")?;
    let copy = tempfile::tempdir().unwrap();
    for file in bulkhead_testing::files_below(folder) {
        fs_err::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    let mut command = Command::new(rpm);
    command.arg("--dbpath").arg(copy.path()).args(["-qa", "--qf", format]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    Some(lines)
}

#[test]
fn lists_are_those_of_rpm() {
    for path in databases(&["rpmdb.sqlite", "Packages"]) {
        let Some(expected) = list(path.parent().unwrap()) else { return };
        let content = fs_err::read(&path).unwrap();
        let (inventory, problems) = read(&[(name(&path), &content)]);
        assert_eq!(problems, [], "{}", path.display());
        assert!(!expected.is_empty(), "{}", path.display());
        assert_eq!(lines(&inventory), expected, "{}", path.display());
        let dependencies = dependencies(path.parent().unwrap()).unwrap();
        assert_eq!(related(&inventory), dependencies, "{}", path.display());
    }
}

/// What depends on what by rpm's lists of names: a name that several packages provide is of all.
fn dependencies(folder: &Path) -> Option<BTreeSet<(String, String)>> {
    let pairs = |format: &str| {
        let lines = query(folder, format)?;
        let pair = |line: &String| {
            let (package, name) = line.split_once('|').unwrap();
            (name.to_owned(), package.to_owned())
        };
        Some(lines.iter().map(pair).collect::<Vec<_>>())
    };
    let mut providing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, package) in pairs("[%{=NAME}|%{PROVIDENAME}\n]")? {
        providing.entry(name).or_default().insert(package);
    }
    let provided: BTreeSet<String> = providing.keys().cloned().collect();
    for (name, package) in pairs("[%{=NAME}|%{FILENAMES}\n]")? {
        if may_be_evidence(name.as_bytes()) && !provided.contains(&name) {
            providing.entry(name).or_insert_with(|| [package].into());
        }
    }
    let mut found = BTreeSet::new();
    for (name, package) in pairs("[%{=NAME}|%{REQUIRENAME}\n]")? {
        for provider in providing.get(&name).into_iter().flatten() {
            if *provider != package {
                found.insert((package.clone(), provider.clone()));
            }
        }
    }
    Some(found)
}

fn related(inventory: &Inventory) -> BTreeSet<(String, String)> {
    let name = |id| inventory.package(id).unwrap().name.clone();
    let relations = inventory.relations.iter();
    let relations = relations.filter(|relation| relation.kind == RelationKind::DependsOn);
    relations.map(|relation| (name(relation.from), name(relation.to))).collect()
}

/// Two packages of one source: a module, an epoch, a file that another package brings, a ghost, and
/// a package of another kind inside.
const SPECIFICATION: &str = "
Name: engine
Epoch: 2
Version: 1.5
Release: 3.module+el9
Summary: One
License: MIT and GPLv2+
Vendor: Somebody
ModularityLabel: nodejs:18:9020020230326:rhel9
BuildArch: noarch
Requires: /usr/bin/tool
Requires: (glue or engine-tools)
%description
One.
%package tools
Version: 7
Summary: Two
Requires: (engine if glue)
%description tools
Two.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib/node_modules/a
echo x > %{buildroot}/usr/bin/tool
echo x > %{buildroot}/usr/bin/ghost
echo '{\"name\":\"a\",\"version\":\"1.0.0\"}' > %{buildroot}/usr/lib/node_modules/a/package.json
%files
/usr/lib/node_modules/a/package.json
%ghost /usr/bin/ghost
%files tools
/usr/bin/tool
";

/// The database that rpm makes of the packages of [`SPECIFICATION`].
fn installed() -> Option<TempDir> {
    let (build, rpm) = (bulkhead_testing::tool("rpmbuild")?, bulkhead_testing::tool("rpm")?);
    let work = tempfile::tempdir().unwrap();
    let specification = work.path().join("engine.spec");
    fs_err::write(&specification, SPECIFICATION).unwrap();
    let top = format!("_topdir {}", work.path().display());
    let output =
        Command::new(build).args(["-bb", "--define", &top]).arg(specification).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(rpm);
    command.arg("--dbpath").arg(folder.path()).args(["-i", "--justdb", "--nodeps"]);
    command.args(bulkhead_testing::files_below(&work.path().join("RPMS")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(folder)
}

#[test]
fn what_rpm_installs_is_found() {
    let Some(folder) = installed() else { return };
    let content = fs_err::read(folder.path().join("rpmdb.sqlite")).unwrap();
    let (inventory, problems) = read(&[("rpmdb.sqlite", &content)]);
    assert_eq!(problems, []);
    assert_eq!(lines(&inventory), list(folder.path()).unwrap());
    let [engine, tools] = inventory.packages.as_slice() else { panic!("{inventory:?}") };
    assert_eq!(
        engine.purl,
        "pkg:rpm/engine@1.5-3.module%2Bel9?arch=noarch&epoch=2&upstream=engine-1.5-3.module%2Bel9.src.rpm"
    );
    assert_eq!(engine.properties["rpm:modularity"], "nodejs:18:9020020230326:rhel9");
    assert_eq!(tools.version, "2:7-3.module+el9");
    assert_eq!(tools.source.as_ref().unwrap().version, "2:1.5-3.module+el9");
    let both = [("engine", "engine-tools"), ("engine-tools", "engine")];
    let both = both.map(|(from, to)| (from.to_owned(), to.to_owned()));
    assert_eq!(related(&inventory), BTreeSet::from(both));
}
