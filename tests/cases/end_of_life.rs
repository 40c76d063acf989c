//! Until when a release is supported: what endoflife.date says of the real images' systems.

use bulkhead_end_to_end::Tar;

use crate::bulkhead::{Scan, database, text};
use crate::samples::{folder, layout};

/// The day after `eol:` of Alpine's release in the product's own file, as the system's tar gives it.
fn told(release: &str) -> Option<String> {
    let archive = bulkhead_testing::data("feeds/endoflife.date/products.tar.gz")?;
    let mut tar = std::process::Command::new("tar");
    let output = tar.arg("-xzOf").arg(archive).arg("products/alpine-linux.md").output();
    let product = String::from_utf8(output.expect("tar runs").stdout).expect("text");
    let (_, own) = product.split_once(&format!("releaseCycle: \"{release}\""))?;
    let line = own.lines().find_map(|line| line.trim().strip_prefix("eol: "))?;
    Some(line.to_owned())
}

#[test]
fn a_release_that_is_over_is_reported_and_can_be_a_gate() {
    let (Some(database), Some(day)) = (database(), told("3.11")) else { return };
    let database = database.to_str().expect("a plain path");
    let mut targets: Vec<String> = bulkhead_testing::data_files("fixtures/images")
        .iter()
        .map(|image| format!("docker-archive:{}", image.display()))
        .collect();
    let folder = folder();
    let system = Tar::new()
        .file("etc/os-release", "ID=alpine\nVERSION_ID=3.11.13\n")
        .file("lib/apk/db/installed", "P:of-nobody\nV:1-r0\n")
        .finish();
    targets.push(layout(folder.path(), vec![system]).1);
    for target in targets {
        let scan = Scan::of(&target, &["--db", database]);
        let is_old = text(&scan.report, "/inventory/operating_system/scope") == "alpine:3.11";
        if !is_old {
            continue;
        }
        assert_eq!(scan.code, Some(0), "{target}: {}", scan.errors);
        let ends: Vec<_> = scan.list("/end_of_life").collect();
        let [end] = ends[..] else { panic!("{target}: {ends:?}") };
        assert_eq!(
            (text(end, "/scope"), text(end, "/day")),
            ("alpine:3.11".to_owned(), day.clone())
        );
        assert_eq!(
            (end["ended"].as_bool(), text(end, "/source").as_str()),
            (Some(true), "endoflife-date")
        );

        let scan = Scan::of(&target, &["--db", database, "--exit-on-eol"]);
        assert_eq!(scan.code, Some(2), "{target}: {}", scan.errors);
        let gates: Vec<_> = scan.list("/outcome/gates").filter_map(|gate| gate.as_str()).collect();
        assert_eq!(gates, [format!("end of life: alpine:3.11 on {day}")]);
    }
}

#[test]
fn a_release_of_which_nothing_is_known_is_said_to_be_undecided() {
    let folder = folder();
    let system = Tar::new().file("etc/os-release", "ID=alpine\nVERSION_ID=3.11.13\n").finish();
    let (_, target) = layout(folder.path(), vec![system]);
    // The starter set knows no life cycles.
    let scan = Scan::of(&target, &["--exit-on-eol"]);
    assert_eq!(scan.code, Some(3), "{}", scan.errors);
    assert_eq!(scan.list("/end_of_life").count(), 0);
    let said =
        scan.list("/problems").any(|problem| text(problem, "/message").contains("--exit-on-eol"));
    assert!(said, "{}", scan.report["problems"]);
}
