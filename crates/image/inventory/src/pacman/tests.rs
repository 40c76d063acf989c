use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::description;
use crate::Mode;
use crate::fixture::{Tree, summary};

const LOCAL: &str = "var/lib/pacman/local";

fn database() -> Tree {
    Tree::default()
        .file("etc/os-release", "ID=arch\nBUILD_ID=rolling\n")
        .file(
            &format!("{LOCAL}/readline-8.2-1/desc"),
            "%NAME%\nreadline\n\n%VERSION%\n1:8.2-1\n\n%BASE%\nreadline-src\n\n%ARCH%\nx86_64\n\n\
             %LICENSE%\nGPL\nBSD\n\n%DEPENDS%\nsh\nlibc.so=6-64\nnone>=1\n\n%PROVIDES%\nlibreadline.so=8-64\n",
        )
        .file(
            &format!("{LOCAL}/bash-5-1/desc"),
            "%NAME%\nbash\n\n%VERSION%\n5-1\n\n%DEPENDS%\nreadline>=7\nlibreadline.so=8-64\n\n\
             %OPTDEPENDS%\nsudo: why\n\n%PROVIDES%\nsh\n",
        )
        .file(
            &format!("{LOCAL}/compat-1-1/desc"),
            "%NAME%\ncompat\n\n%VERSION%\n1-1\n\n%PROVIDES%\nlibc.so=5-64\n",
        )
        .file(
            &format!("{LOCAL}/bash-5-1/files"),
            "%FILES%\nusr/\nusr/lib/node_modules/a/package.json\n\n%BACKUP%\netc/bash\tx\n",
        )
        .file("usr/lib/node_modules/a/package.json", r#"{"name": "a", "version": "1.0"}"#)
}

#[test]
fn packages_with_what_they_need_and_own() {
    let inventory = database().installed();
    let shown = summary(&inventory);
    assert_eq!(
        shown.packages,
        ["alpm bash@5-1", "alpm compat@1-1", "alpm readline@1:8.2-1", "npm a@1.0"]
    );
    assert_eq!(
        shown.relations,
        [
            "bash@5-1 depends_on readline@1:8.2-1",
            "readline@1:8.2-1 depends_on bash@5-1",
            "a@1.0 owned_by bash@5-1",
        ]
    );
    let readline = &inventory.packages[2];
    assert_eq!(readline.purl, "pkg:alpm/arch/readline@1:8.2-1?arch=x86_64");
    assert_eq!(readline.source.as_ref().unwrap().name, "readline-src");
    assert_eq!(readline.licences, ["GPL", "BSD"]);
    let scope = inventory.operating_system.unwrap().scope.unwrap();
    assert_eq!(scope.to_string(), "arch:rolling");
}

#[test]
fn a_description_without_a_name_is_a_problem() {
    assert_eq!(description::parse(b"%NME%\na\n\n%VERSION%\n1-1\n").faults.len(), 1);
    assert_eq!(description::parse(b"stray\n%NAME%\n\n%VERSION%\n").faults.len(), 1);
}

/// pacman itself installs packages into a folder, and lists them.
#[test]
fn the_list_is_that_of_pacman() {
    let Some(pacman) = bulkhead_testing::tool("pacman") else { return };
    let root = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = root.path().join("var/lib/pacman");
    fs_err::create_dir_all(&database).unwrap();
    let run = |arguments: &[&str]| {
        let configuration = folder.path().join("pacman.conf");
        fs_err::write(&configuration, "[options]\nArchitecture = auto\n").unwrap();
        let output = Command::new(&pacman)
            .arg("--config")
            .arg(&configuration)
            .arg("--root")
            .arg(root.path())
            .arg("--dbpath")
            .arg(&database)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let library = pack(folder.path(), "library", "1:2.0-1", &["provides = liblibrary.so=2-64"]);
    let tool = pack(
        folder.path(),
        "tool",
        "0.5rc1-3",
        &["depend = library>=1", "depend = liblibrary.so=2-64"],
    );
    run(&["-U", "--noconfirm", "--noscriptlet", &library, &tool]);
    let listed: BTreeSet<String> =
        run(&["-Q"]).lines().map(|line| line.replacen(' ', "@", 1)).collect();
    let (inventory, problems) = Tree::of_folder(root.path()).assemble(Mode::Installed);
    assert_eq!(problems, []);
    let read = inventory.packages.iter();
    let read: BTreeSet<String> =
        read.map(|package| format!("{}@{}", package.name, package.version)).collect();
    assert_eq!(read, listed);
    assert_eq!(listed.len(), 2);
    assert_eq!(summary(&inventory).relations, ["tool@0.5rc1-3 depends_on library@1:2.0-1"]);
}

/// A package as makepkg writes one: a tar file with `.PKGINFO` in front.
fn pack(folder: &Path, name: &str, version: &str, lines: &[&str]) -> String {
    let content = folder.join(name);
    let information = format!(
        "pkgname = {name}\npkgbase = {name}\npkgver = {version}\npkgdesc = a test\nurl = none\n\
         builddate = 1\npackager = nobody\nsize = 1\narch = any\nlicense = MIT\n{}\n",
        lines.join("\n")
    );
    fs_err::create_dir_all(content.join("usr/share")).unwrap();
    fs_err::write(content.join(".PKGINFO"), information).unwrap();
    fs_err::write(content.join("usr/share").join(name), "content").unwrap();
    let package = folder.join(format!("{name}.pkg.tar"));
    let status = Command::new("tar")
        .arg("-cf")
        .arg(&package)
        .arg("-C")
        .arg(&content)
        .args([".PKGINFO", "usr"])
        .status()
        .unwrap();
    assert!(status.success());
    package.to_str().unwrap().to_owned()
}
