//! What the exit code says.

use bulkhead_end_to_end::Tar;

use crate::bulkhead::{Scan, run};
use crate::samples::{folder, layout, log4j, npm_package};

#[test]
fn clean_is_0() {
    let folder = folder();
    let tar = npm_package(Tar::new(), "srv/node_modules/nothing", "bulkhead-nothing", "1.0.0");
    let (_, target) = layout(folder.path(), vec![tar.finish()]);
    let scan = Scan::of(&target, &[]);
    assert_eq!(scan.code, Some(0), "{}\n{}", scan.errors, scan.report["not_assessed"]);
    assert!(scan.findings().is_empty());
}

#[test]
fn findings_alone_do_not_fail_and_a_gate_does() {
    let folder = folder();
    let tar = Tar::new().file("opt/app/log4j.jar", log4j()).finish();
    let (_, target) = layout(folder.path(), vec![tar]);
    let scan = Scan::of(&target, &[]);
    assert_eq!(scan.code, Some(0), "{}", scan.errors);
    assert!(
        scan.findings().iter().any(|(rule, _)| rule == "CVE-2021-44228"),
        "{:?}",
        scan.findings()
    );

    assert_eq!(Scan::of(&target, &["--fail-on", "critical"]).code, Some(2));
    assert_eq!(Scan::of(&target, &["--fail-on", "exploited+fixable"]).code, Some(2));
    assert_eq!(Scan::of(&target, &["--fail-on", "unknown"]).code, Some(0));
}

#[test]
fn a_gate_outranks_an_incomplete_result() {
    let folder = folder();
    let tar = Tar::new()
        .file("etc/os-release", "ID=nobody-knows\nVERSION_ID=1\n")
        .file(
            "var/lib/dpkg/status",
            "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n",
        )
        .file("opt/app/log4j.jar", log4j());
    let (_, target) = layout(folder.path(), vec![tar.finish()]);
    let scan = Scan::of(&target, &[]);
    assert_eq!(scan.code, Some(3), "{}", scan.errors);
    let scan = Scan::of(&target, &["--fail-on", "critical"]);
    assert_eq!(scan.code, Some(2), "{}", scan.errors);
    assert_eq!(scan.report["outcome"]["incomplete"], true, "the report has both");
}

#[test]
fn what_cannot_be_done_is_1_and_says_what_to_do() {
    let folder = folder();
    let empty = format!("oci-dir:{}", folder.path().display());
    for arguments in [
        &["scan", "oci-dir:/no/such/folder"][..],
        &["scan", &empty],
        &["scan", "no-such-scheme:x"],
        &["scan", &empty, "--fail-on", "nonsense"],
        &["scan", &empty, "--scanners", "nonsense"],
        &["scan", &empty, "--no-such-flag"],
        &["scan"],
        &["no-such-command"],
    ] {
        let output = run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.starts_with("error: "), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?} writes to standard output");
    }
}
