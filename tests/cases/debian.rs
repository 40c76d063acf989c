//! A Debian made by debootstrap: its packages are those of dpkg itself.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use bulkhead_end_to_end::{Image, Layer, cached, parts, run};

use crate::bulkhead::{Scan, database, text};

/// The root of a minimal Debian. None, and a recorded skip, where it cannot be made here.
pub(crate) fn root() -> Option<PathBuf> {
    root_with(&[])
}

/// The same with further packages and what they need.
pub(crate) fn root_with(packages: &[&str]) -> Option<PathBuf> {
    let path = bulkhead_end_to_end::path_with_system_folders();
    let installed = std::env::split_paths(&path).any(|folder| folder.join("debootstrap").is_file());
    if !installed {
        bulkhead_testing::skip("debootstrap is not installed");
        return None;
    }
    let recipe = ("bookworm", packages);
    let made = cached("debian", &recipe, |root| parts::debian(root, recipe.0, packages));
    Some(made.expect("debootstrap makes a Debian"))
}

#[test]
fn packages_are_those_of_dpkg() {
    let Some(root) = root() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let packed = folder.path().join("debian.tar");
    let layer = Layer::from_folder("debootstrap", &root, "", &packed).expect("tar packs it");
    let image = folder.path().join("image");
    Image::new(vec![layer]).write_layout(&image).expect("an image");

    let scan = Scan::of(&format!("oci-dir:{}", image.display()), &[]);
    let found: BTreeSet<(String, String, String)> = scan
        .list("/inventory/packages")
        .filter(|package| text(package, "/type") == "deb")
        .map(|package| {
            (text(package, "/name"), text(package, "/version"), text(package, "/architecture"))
        })
        .collect();
    let mut query = Command::new("dpkg-query");
    query.arg(format!("--admindir={}", root.join("var/lib/dpkg").display()));
    query.args(["-W", "-f=${db:Status-Status} ${Package} ${Version} ${Architecture}\n"]);
    let expected = String::from_utf8(run(&mut query).expect("dpkg answers")).expect("text");
    let expected: BTreeSet<(String, String, String)> = expected
        .lines()
        .filter_map(|line| line.strip_prefix("installed "))
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (words[0].to_owned(), words[1].to_owned(), words[2].to_owned())
        })
        .collect();
    assert_eq!(found, expected);

    // The starter set says nothing of Debian, and that is said.
    assert_eq!(scan.code, Some(3), "{}", scan.errors);
    let distribution =
        scan.list("/not_assessed").find(|part| text(part, "/what") == "distribution");
    assert_eq!(distribution.map(|part| text(part, "/id")).as_deref(), Some("debian"));

    let Some(database) = database() else { return };
    let database = database.to_str().expect("a plain path");
    let scan = Scan::of(&format!("oci-dir:{}", image.display()), &["--db", database]);
    assert_eq!(scan.code, Some(0), "{}\n{:?}", scan.errors, scan.report["not_assessed"]);
    assert!(!scan.findings().is_empty(), "a Debian of today has unfixed vulnerabilities");
}
