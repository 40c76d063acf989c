//! The real binary: help, errors, exit codes, settings. Scans of images are tested end to end.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;

/// A vulnerable package of the starter set.
const LODASH: &str = "purl:pkg:npm/lodash@4.17.4";

/// The binary in a folder of its own, without settings of this machine's user.
fn bulkhead(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().env("HOME", folder).current_dir(folder);
    command
}

fn run(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    bulkhead(folder.path()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_is_a_result_with_examples() {
    for command in [
        &["--help"][..],
        &["scan", "--help"],
        &["db", "build", "--help"],
        &["db", "keygen", "--help"],
        &["db", "sign", "--help"],
        &["db", "verify", "--help"],
        &["db", "push", "--help"],
        &["db", "pull", "--help"],
        &["explain", "-h"],
    ] {
        let output = run(command);
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        assert!(output.stderr.is_empty(), "{command:?}");
        let help = text(&output.stdout);
        assert!(help.contains("Example"), "{command:?}: {help}");
        assert!(help.contains("bulkhead "), "{command:?}: {help}");
    }
    insta::assert_snapshot!("help", text(&run(&["--help"]).stdout));
    insta::assert_snapshot!("scan-help", text(&run(&["scan", "--help"]).stdout));
}

#[test]
fn mistakes_end_with_1_and_say_what_to_do() {
    for (arguments, error, hint) in [
        (&["scan"][..], "required arguments were not provided", ""),
        (&["scan", LODASH, "--scanners", "secret"], "not built into this version", ""),
        (&["scan", LODASH, "--scanners", "magic"], "expected vuln", ""),
        (&["scan", LODASH, "--fail-on", "hihg"], "\"hihg\" at position 1", ""),
        (&["scan", LODASH, "--severity", "bad"], "unknown severity \"bad\"", ""),
        (&["scan", LODASH, "--platform", "linux"], "no platform", ""),
        (&["scan", LODASH, "-o", "pdf"], "writes table, json, cyclonedx", ""),
        (&["scan", LODASH, "-o", "json", "-o", "table"], "several outputs", "-o json=report.json"),
        (&["scan", LODASH, "-o", "json="], "empty file name", "-o json=FILE"),
        (&["scan", LODASH, "--db", "absent.db"], "absent.db", "hint: "),
        (&["scan", LODASH, "--config", "absent.yaml"], "absent.yaml", "BULKHEAD_CONFIG"),
        (&["scan", "purl:nonsense"], "no package URL", "pkg:"),
        (&["scan", "nonsense:/x"], "nonsense:/x", "oci-dir:"),
        (&["scan", "docker:alpine"], "docker:alpine", "docker save"),
        (&["scan", "alpine", "--offline"], "offline", "on this machine"),
        (&["scan", "sbom:absent.json"], "absent.json", ""),
        (&["explain", "CVE-2021-44228", "absent.json"], "absent.json", ""),
        (&["db", "build", "--feeds", "absent", "-o", "x.db"], "absent", ""),
        (&["db", "sign", "absent.db", "--key", "absent.key"], "absent.key", ""),
        (&["db", "verify", "absent.db"], "no trusted key", "trusted-keys"),
        (&["db", "pull", "reg.example/a", "--trust", "absent.pub"], "absent.pub", ""),
        (&["db", "push", "reg.example/a@b", "--db", "absent.db"], "no digest", "REPOSITORY"),
        (&["db", "push", "a", "--db", "x.db", "--sequence", "3"], "--key", ""),
    ] {
        let output = run(arguments);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(errors.starts_with("error: "), "{arguments:?}: {errors}");
        assert!(errors.contains(error) && errors.contains(hint), "{arguments:?}: {errors}");
    }
}

#[test]
fn exit_codes_follow_the_gate() {
    for (arguments, code) in [
        (&["scan", LODASH][..], 0),
        (&["scan", LODASH, "--fail-on", "any"], 2),
        (&["scan", LODASH, "--fail-on", "unknown"], 0),
        (&["scan", LODASH, "--fail-on", "any", "--severity", "negligible"], 2),
        (&["scan", "purl:pkg:deb/debian/zlib1g@1?distro=debian-12"], 3),
        (&["scan", "purl:pkg:deb/debian/zlib1g@1?distro=debian-12", "--fail-on", "any"], 3),
        (&["sbom", LODASH], 0),
        (&["version"], 0),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(!output.stdout.is_empty(), "{arguments:?}");
    }
}

/// Filters hide findings and count them; what they hide still hits the gate.
#[test]
fn filters_hide_and_count() {
    let folder = tempfile::tempdir().unwrap();
    let own = "advisories:
  - { id: ACME-1, severity: high, affected: [{ package: npm/left, versions: [\"< 2\"] }] }
  - { id: ACME-2, severity: low, affected: [{ package: npm/left, versions: [\"*\"] }] }
";
    fs_err::write(folder.path().join("own.yaml"), own).unwrap();
    let scan = |filters: &[&str]| -> (Vec<String>, u64) {
        let mut command = bulkhead(folder.path());
        command.args(["scan", "purl:pkg:npm/left@1.0", "--advisories", "own.yaml", "-o", "json"]);
        let output = command.args(filters).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let ids = report["findings"].as_array().unwrap().iter();
        let ids = ids.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
        (ids, report["filtered"].as_u64().unwrap())
    };
    let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    assert_eq!(scan(&[]), (owned(&["ACME-1", "ACME-2"]), 0));
    assert_eq!(scan(&["--severity", "low"]), (owned(&["ACME-2"]), 1));
    assert_eq!(scan(&["--severity", "low,high"]), (owned(&["ACME-1", "ACME-2"]), 0));
    assert_eq!(scan(&["--only-fixed"]), (owned(&["ACME-1"]), 1));
    assert_eq!(scan(&["--ignore-unfixed", "--severity", "low"]), (owned(&[]), 2));
}

/// What a feed that broke off said stands; that the rest is missing is said by whoever asks it.
#[test]
fn a_feed_that_broke_off_leaves_scans_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("mirror/secdb.alpinelinux.org/v3.18");
    fs_err::create_dir_all(&release).unwrap();
    let whole = r#"{"distroversion":"v3.18","packages":[{"pkg":{"name":"a","secfixes":{"2":["CVE-2020-10001"]}}}]}"#;
    fs_err::write(release.join("main.json"), whole).unwrap();
    fs_err::write(release.join("community.json"), &whole[..40]).unwrap();
    let build = ["db", "build", "--feeds", "mirror", "-o", "a.db"];
    let built = bulkhead(folder.path()).args(build).output().unwrap();
    let said = text(&built.stderr);
    assert_eq!(built.status.code(), Some(3), "{said}");
    assert!(said.contains("v3.18/community.json"), "{said}");

    let scan = |package: &str| {
        let mut command = bulkhead(folder.path());
        command.args(["scan", package, "--db", "a.db", "-o", "json"]).output().unwrap()
    };
    let output = scan("purl:pkg:apk/alpine/a@1?distro=alpine-3.18&upstream=a");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(
        report.contains("CVE-2020-10001") && report.contains("alpine-secdb is not whole"),
        "{report}"
    );
    let elsewhere = text(&scan("purl:pkg:npm/a@1").stdout);
    assert!(!elsewhere.contains("is not whole:"), "{elsewhere}");
}

#[test]
fn results_go_where_they_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let output = bulkhead(folder.path())
        .args([
            "scan",
            LODASH,
            "-o",
            "json=report.json",
            "-f",
            "cyclonedx=bom.json",
            "--output",
            "table",
        ])
        .args(["--offline", "--no-cache", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "--quiet: {}", text(&output.stderr));
    assert!(text(&output.stdout).contains("lodash"));
    let report = fs_err::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(report.starts_with("{\n  \"schema_version\""));
    let bom = fs_err::read_to_string(folder.path().join("bom.json")).unwrap();
    assert!(bom.contains("\"bomFormat\": \"CycloneDX\""));
}

#[test]
fn the_bill_of_materials_has_the_findings_of_its_target() {
    let folder = tempfile::tempdir().unwrap();
    let scan = |target: &str, file: &str| {
        let output = format!("json={file}");
        let output = bulkhead(folder.path()).args(["scan", target, "-q", "-o", &output]).output();
        assert_eq!(output.unwrap().status.code(), Some(0));
        let bytes = fs_err::read(folder.path().join(file)).unwrap();
        let report = bulkhead_report::json::read(&bytes).unwrap().remove(0);
        report.findings.into_iter().map(|finding| finding.id).collect::<Vec<_>>()
    };
    let output =
        bulkhead(folder.path()).args(["sbom", LODASH, "-o", "cyclonedx=bom.json"]).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    let direct = scan(LODASH, "direct.json");
    assert!(!direct.is_empty());
    assert_eq!(scan("sbom:bom.json", "again.json"), direct);
}

#[test]
fn explain_answers_with_and_without_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let scan = ["scan", LODASH, "-q", "-o", "json=report.json"];
    assert_eq!(bulkhead(folder.path()).args(scan).output().unwrap().status.code(), Some(0));
    let explain = |arguments: &[&str]| {
        let output = bulkhead(folder.path()).arg("explain").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let why = explain(&["cve-2019-10744", "report.json"]);
    assert!(why.contains("lies in"), "{why}");
    let none = explain(&["CVE-2021-44228", "report.json"]);
    assert!(none.contains("none of the packages") && none.contains("log4j-core"), "{none}");
    let unknown = explain(&["CVE-1900-0001", "report.json"]);
    assert!(unknown.contains("knows this id"), "{unknown}");
    let alone = explain(&["CVE-2021-44228"]);
    assert!(alone.contains("log4j-core"), "{alone}");
}

#[test]
fn settings_come_from_file_environment_and_flag() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("bulkhead.yaml"), "fail-on: any\n").unwrap();
    let scan = || {
        let mut command = bulkhead(folder.path());
        command.args(["scan", LODASH]);
        command
    };
    let code = |command: &mut Command| command.output().unwrap().status.code();
    assert_eq!(code(&mut scan()), Some(2));
    assert_eq!(code(scan().env("BULKHEAD_FAIL_ON", "unknown")), Some(0));
    assert_eq!(code(scan().env("BULKHEAD_FAIL_ON", "unknown").args(["--fail-on", "any"])), Some(2));
    let output = bulkhead(folder.path()).args(["config", "show"]).output().unwrap();
    let line =
        text(&output.stdout).lines().find(|it| it.starts_with("fail-on ")).unwrap().to_owned();
    assert!(line.contains("BULKHEAD_FAIL_ON") && line.contains("bulkhead.yaml:1"), "{line}");

    fs_err::write(folder.path().join("bulkhead.yaml"), "\nfial-on: any\n").unwrap();
    let output = scan().output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    assert!(errors.contains("bulkhead.yaml:2") && errors.contains("is fail-on meant?"), "{errors}");
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin("bulkhead");
    let mut child = std::process::Command::new(program)
        .args(["scan", LODASH, "-o", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("panicked"));
}
