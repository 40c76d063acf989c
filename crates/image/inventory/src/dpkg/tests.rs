//! dpkg's databases: what is installed, by what it was built, and what it needs.

use super::status::{Installed, parse};
use crate::fixture::{Tree, summary};

const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\n";

fn only(paragraph: &str) -> Installed {
    let parsed = parse(paragraph.as_bytes());
    assert_eq!(parsed.faults, [], "{paragraph}");
    parsed.value.into_iter().next().unwrap()
}

#[test]
fn states_decide_what_is_installed() {
    let check = |status: &str, installed: bool| {
        let paragraph = format!("Package: a\nStatus: {status}\nVersion: 1\n");
        assert_eq!(parse(paragraph.as_bytes()).value.len(), usize::from(installed), "{status}");
    };
    check("install ok installed", true);
    check("hold ok installed", true);
    check("deinstall ok installed", true);
    check("install ok unpacked", true);
    check("install ok half-configured", true);
    check("install reinstreq half-installed", true);
    check("install ok triggers-pending", true);
    check("deinstall ok config-files", false);
    check("purge ok not-installed", false);
}

#[test]
fn sources_default_to_the_package() {
    let check = |fields: &str, source: &str, version: &str| {
        let package = only(&format!("Package: a\nVersion: 1:2-3+b1\n{fields}"));
        assert_eq!((package.source.as_str(), package.source_version.as_str()), (source, version));
    };
    check("", "a", "1:2-3+b1");
    check("Source: s\n", "s", "1:2-3+b1");
    check("Source: s (1:2-3)\n", "s", "1:2-3");
    check("source:s(4)\n", "s", "4");
}

#[test]
fn dependencies_are_names() {
    let package = only(
        "Package: a\nVersion: 1\nDepends: libc6 (>= 2.36), b:any | c [amd64] <!nocheck>,\n d\n\
         Pre-Depends: dpkg (>= 1)\nProvides: mail-agent (= 1), x\n",
    );
    assert_eq!(package.depends, [vec!["dpkg"], vec!["libc6"], vec!["b", "c"], vec!["d"]]);
    assert_eq!(package.provides, ["mail-agent", "x"]);
}

#[test]
fn damaged_paragraphs_are_problems() {
    for (text, packages, faults) in [
        ("Package: a\n\nPackage: b\nVersion: 1\n", 1, 1),
        ("Version: 1\n", 0, 1),
        ("Package: a\nVersion: 1\nDepends: b (>", 1, 0),
        ("\0\0\0", 0, 1),
        ("", 0, 0),
    ] {
        let parsed = parse(text.as_bytes());
        assert_eq!((parsed.value.len(), parsed.faults.len()), (packages, faults), "{text:?}");
    }
}

#[test]
fn alternatives_and_virtual_packages_are_found() {
    let status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\
                  Depends: missing | b, virtual, foreign\n\n\
                  Package: b\nStatus: install ok installed\nArchitecture: all\nVersion: 2\n\n\
                  Package: c\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3\n\
                  Provides: virtual\n\n\
                  Package: foreign\nStatus: install ok installed\nArchitecture: i386\nVersion: 4\n\n\
                  Package: foreign\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4\n";
    let tree =
        Tree::default().file("etc/os-release", OS_RELEASE).file("var/lib/dpkg/status", status);
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["deb a@1", "deb b@2", "deb c@3", "deb foreign@4", "deb foreign@4"]);
    assert_eq!(
        shown.relations,
        ["a@1 depends_on b@2", "a@1 depends_on c@3", "a@1 depends_on foreign@4"]
    );
    assert_eq!(inventory.packages[3].purl, "pkg:deb/debian/foreign@4?arch=amd64&distro=debian-12");
    let needed = inventory.relations[2].to;
    assert_eq!(inventory.package(needed).unwrap().architecture.as_deref(), Some("amd64"));
}

#[test]
fn distroless_images_split_the_status() {
    let tree = Tree::default()
        .file(
            "var/lib/dpkg/status.d/base",
            "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n",
        )
        .file("var/lib/dpkg/status.d/tool", "Package: tool\nVersion: 1\nArchitecture: amd64\n")
        .file("var/lib/dpkg/status.d/tool.md5sums", "0123  usr/lib/node_modules/a/package.json\n")
        .file("usr/lib/node_modules/a/package.json", r#"{"name":"a","version":"1.0.0"}"#);
    let shown = summary(&tree.installed());
    assert_eq!(shown.packages, ["deb base-files@12.4", "deb tool@1", "npm a@1.0.0"]);
    assert_eq!(shown.relations, ["a@1.0.0 owned_by tool@1"]);
}

#[test]
fn files_are_owned_across_merged_folders() {
    let tree = Tree::default()
        .link("lib", "usr/lib")
        .file("var/lib/dpkg/status", "Package: p\nVersion: 1\nArchitecture: amd64\n")
        .file("var/lib/dpkg/info/p:amd64.list", "/.\n/lib\n/lib/a.egg-info\n")
        .file("usr/lib/a.egg-info", "Metadata-Version: 1.1\nName: a\nVersion: 2\n");
    assert_eq!(summary(&tree.installed()).relations, ["a@2 owned_by p@1"]);
}

/// Every status file of the test data gives packages, and what it holds is a package.
#[test]
fn real_status_files() {
    for path in bulkhead_testing::data_files("fixtures/pkgdb/claircore") {
        if path.extension().is_none_or(|extension| extension != "status") {
            continue;
        }
        let content = fs_err::read(&path).unwrap();
        let parsed = parse(&content);
        let text = String::from_utf8_lossy(&content);
        let named = text.lines().filter(|line| line.starts_with("Package: ")).count();
        let present = text
            .lines()
            .filter(|line| line.starts_with("Status: ") && line.ends_with(" installed"))
            .count();
        assert!(named > 0 && parsed.value.len() >= present, "{}", path.display());
        assert_eq!(parsed.faults, [], "{}", path.display());
    }
}
