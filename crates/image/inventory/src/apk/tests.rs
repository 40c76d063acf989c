//! apk's database: packages, origins, and what names they need.

use super::database::parse;
use crate::fixture::{Tree, summary};

#[test]
fn lines_make_packages() {
    let parsed = parse(
        b"C:Q1abc=\nP:busybox\nV:1.31.1-r9\nA:x86_64\nL:GPL-2.0-only\no:busybox\n\
          D:so:libc.musl-x86_64.so.1 musl>=1.1 !conflict x@edge a~2\np:/bin/sh cmd:sh=1.31.1-r9\n\
          F:bin\nR:busybox\nF:usr/share/doc\nR:readme\n\nP:nameless\n\nP:plain\nV:1\n",
    );
    assert_eq!(parsed.faults.len(), 1);
    let [busybox, plain] = parsed.value.as_slice() else { panic!("{parsed:?}") };
    assert_eq!(busybox.version, "1.31.1-r9");
    assert_eq!(busybox.depends, ["so:libc.musl-x86_64.so.1", "musl", "x", "a"]);
    assert_eq!(busybox.provides, ["/bin/sh", "cmd:sh"]);
    assert_eq!(busybox.files, ["bin/busybox".into()]);
    assert_eq!((plain.name.as_str(), plain.origin.as_str()), ("plain", ""));
}

#[test]
fn needs_are_fulfilled_by_what_is_provided() {
    let tree = Tree::default().file("etc/os-release", "ID=alpine\nVERSION_ID=3.11.5\n").file(
        "lib/apk/db/installed",
        "P:musl\nV:1\np:so:libc.musl-x86_64.so.1=1\n\n\
             P:ssl_client\nV:2\no:busybox\nD:so:libc.musl-x86_64.so.1 absent\n",
    );
    let inventory = tree.installed();
    let shown = summary(&inventory);
    assert_eq!(shown.packages, ["apk musl@1", "apk ssl_client@2"]);
    assert_eq!(shown.relations, ["ssl_client@2 depends_on musl@1"]);
    let origins: Vec<_> = inventory.packages.iter().filter_map(|p| p.source.as_ref()).collect();
    assert_eq!(origins[0].name, "musl");
    assert_eq!((origins[1].name.as_str(), origins[1].version.as_str()), ("busybox", "2"));
    assert_eq!(inventory.packages[0].purl, "pkg:apk/alpine/musl@1?distro=alpine-3.11.5");
}

#[test]
fn merged_folders_show_the_database_once() {
    let tree =
        Tree::default().link("lib", "usr/lib").file("usr/lib/apk/db/installed", "P:musl\nV:1\n");
    assert_eq!(summary(&tree.installed()).packages, ["apk musl@1"]);
}
