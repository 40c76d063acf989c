use super::{configuration, program};
use crate::Mode;
use crate::fixture::{Tree, summary};

/// A program with a library, a metapackage, a project, and its own runtime.
const PROGRAM: &str = r#"{
  "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64", "signature": ""},
  "targets": {
    ".NETCoreApp,Version=v8.0": {},
    ".NETCoreApp,Version=v8.0/linux-x64": {
      "App/1.0.0": {"dependencies": {"Json": "13.0.1", "Shared": "1.0.0"}, "runtime": {"App.dll": {}}},
      "Json/13.0.1": {"dependencies": {"json.native": "2.0.0"}, "runtime": {"lib/Json.dll": {}}},
      "Json.Native/2.0.0": {"native": {"json.so": {}}},
      "Meta/1.0.0": {"dependencies": {"Json": "13.0.1"}},
      "Shared/1.0.0": {"runtime": {"Shared.dll": {}}},
      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"runtime": {"System.dll": {}}}}},
  "libraries": {
    "App/1.0.0": {"type": "project"},
    "Json/13.0.1": {"type": "package", "sha512": "sha512-x"},
    "Json.Native/2.0.0": {"type": "package"},
    "Meta/1.0.0": {"type": "package"},
    "Shared/1.0.0": {"type": "project"},
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": {"type": "runtimepack"}}}"#;

#[test]
fn programs_hold_what_brings_files() {
    let inventory = Tree::default().file("app/App.deps.json", PROGRAM).installed();
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        [
            "nuget Json@13.0.1",
            "nuget Json.Native@2.0.0",
            "nuget Microsoft.NETCore.App.Runtime.linux-x64@8.0.1",
        ]
    );
    assert_eq!(shown.relations, ["Json@13.0.1 depends_on Json.Native@2.0.0"]);
    assert_eq!(inventory.packages[0].properties["nuget:sha512"], "sha512-x");
    let without_targets =
        br#"{"libraries": {"A/1.0": {"type": "package"}, "B": {"type": "package"}}}"#;
    let lock = program::parse(without_targets).value.unwrap();
    assert_eq!(lock.packages.len(), 1);
}

#[test]
fn shared_runtimes_go_by_their_folder() {
    let list = r#"{"runtimeTarget": "x", "targets": {"x": {
          "runtime.linux-x64.Core/3.1.23-servicing.22122.4": {"native": {"core.so": {}}},
          "Core.Internal/3.1.23-servicing.22122.4": {}}},
        "libraries": {
          "runtime.linux-x64.Core/3.1.23-servicing.22122.4": {"type": "package"},
          "Core.Internal/3.1.23-servicing.22122.4": {"type": "package"}}}"#;
    let path = "usr/share/dotnet/shared/Core/3.1.23/Core.deps.json";
    let inventory = Tree::default().file(path, list).installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["nuget Core@3.1.23", "nuget runtime.linux-x64.Core@3.1.23"]);
    assert_eq!(shown.relations, ["runtime.linux-x64.Core@3.1.23 contained_in Core@3.1.23"]);
    let build = &inventory.packages[1].properties["nuget:build"];
    assert_eq!(build, "3.1.23-servicing.22122.4");
}

const LOCK: &str = r#"{"version": 1, "dependencies": {
    "net6.0": {
      "Json": {"type": "Direct", "requested": "[12.0.0, )", "resolved": "12.0.0", "contentHash": "x"},
      "shared": {"type": "Project", "dependencies": {"Deep": "1.0.0"}},
      "Deep": {"type": "Transitive", "resolved": "1.0.0", "dependencies": {"json": "11.0.0"}}},
    "net8.0": {
      "Json": {"type": "Direct", "resolved": "13.0.1"},
      "Deep": {"type": "CentralTransitive", "resolved": "2.0.0"}},
    "net8.0/linux-x64": {
      "Native": {"type": "Transitive", "resolved": "1.0.0", "dependencies": {"Json": "13.0.1"}}}}}"#;

#[test]
fn locked_packages_of_every_framework() {
    let tree = Tree::default().file("packages.lock.json", LOCK);
    let (inventory, problems) = tree.assemble(Mode::Project);
    assert_eq!(problems, []);
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        [
            "nuget Deep@1.0.0",
            "nuget Deep@2.0.0",
            "nuget Json@12.0.0",
            "nuget Json@13.0.1",
            "nuget Native@1.0.0",
        ]
    );
    assert_eq!(
        shown.relations,
        ["Deep@1.0.0 depends_on Json@12.0.0", "Native@1.0.0 depends_on Json@13.0.1"]
    );
    assert_eq!(inventory.packages[3].purl, "pkg:nuget/Json@13.0.1");
    assert_eq!(tree.installed().packages, []);
}

#[test]
fn configurations_line_by_line() {
    let check = |text: &str, expected: &[(&str, &str, bool)], faults: usize| {
        let read = configuration::parse(text.as_bytes());
        assert_eq!(read.faults.len(), faults, "{text}");
        let lock = read.value.unwrap_or_default();
        let packages = lock.packages.iter();
        let packages: Vec<_> =
            packages.map(|one| (&*one.name, &*one.version, one.development)).collect();
        assert_eq!(packages, expected, "{text}");
    };
    check(
        "\u{feff}<?xml version=\"1.0\"?>\n<packages>\n<package id=\"A&amp;B\" version=\"1.0\" \
         targetFramework=\"net48\"/>\n<package version='2' id='C' developmentDependency=\"true\">\
         </package><package id=\"D\"/></packages>",
        &[("A&B", "1.0", false), ("C", "2", true)],
        0,
    );
    check("<packages><package id=\"A\" version=\"1\"/><package id=", &[("A", "1", false)], 1);
    check("<configuration/>", &[], 1);
    check("", &[], 1);
}
