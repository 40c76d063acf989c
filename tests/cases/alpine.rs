//! Real Alpine images against an oracle that shares no code with the matcher: its own reading of
//! the installed database, of secdb, and its own order of versions.

mod oracle;

use std::collections::BTreeSet;
use std::path::Path;

use bulkhead_end_to_end::run as run_program;

use crate::bulkhead::{Scan, database, text};

#[test]
fn findings_are_those_of_secdb() {
    let Some(database) = database() else { return };
    let database = database.to_str().expect("a plain path");
    let mut checked = 0;
    for image in bulkhead_testing::data_files("fixtures/images") {
        let root = tempfile::tempdir().expect("a folder");
        if !unpack(&image, root.path()) {
            continue;
        }
        let Some(expected) = oracle::pairs(root.path()) else { continue };
        checked += 1;
        assert!(!expected.is_empty(), "{}: secdb says nothing of it", image.display());

        let scan = Scan::of(&format!("docker-archive:{}", image.display()), &["--db", database]);
        assert_eq!(scan.code, Some(0), "{}: {}", image.display(), scan.errors);
        assert_eq!(found(&scan), expected, "{}", image.display());
    }
    if checked == 0 {
        bulkhead_testing::skip("no file of fixtures/images holds one Alpine of which secdb tells");
    }
}

/// The findings about apk packages as (origin, CVE).
fn found(scan: &Scan) -> BTreeSet<(String, String)> {
    let packages: Vec<_> = scan.list("/inventory/packages").collect();
    let findings = scan.list("/findings").filter_map(|finding| {
        let index = finding.pointer("/detail/package")?.as_u64()?;
        let package = packages[usize::try_from(index).expect("a small number")];
        (text(package, "/type") == "apk")
            .then(|| (text(package, "/source/name"), text(finding, "/rule")))
    });
    findings.filter(|(_, rule)| rule.starts_with("CVE-")).collect()
}

/// The files of an image as `docker save` writes it, layer upon layer, by the system's tar. False
/// where it is something else, or several images.
fn unpack(image: &Path, root: &Path) -> bool {
    let tar = |arguments: &[&str], file: &Path| {
        let mut command = std::process::Command::new("tar");
        command.arg(arguments[0]).arg(file).args(&arguments[1..]);
        run_program(&mut command).expect("tar reads the image")
    };
    let parts = tempfile::tempdir().expect("a folder");
    tar(&["-xf", "-C", parts.path().to_str().expect("a plain path")], image);
    let manifest = fs_err::read(parts.path().join("manifest.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let Some([only]) = manifest.as_array().map(Vec::as_slice) else { return false };
    for layer in only["Layers"].as_array().into_iter().flatten() {
        let layer = parts.path().join(layer.as_str().expect("a name"));
        tar(
            &[
                "-xf",
                "-C",
                root.to_str().expect("a plain path"),
                "--exclude=./dev",
                "--exclude=dev",
            ],
            &layer,
        );
    }
    true
}
