//! The unit for systemd: systemd takes it, and the rights that it leaves are enough.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::PathBuf;
use std::process::Command;

use bulkhead_testing::{repository, skip, tool};

/// How much a service is exposed, by systemd's own measure, in tenths; 96 without any protection.
const EXPOSURE: &str = "31";

fn unit() -> String {
    fs_err::read_to_string(repository().join("deploy/systemd/bulkhead-sensor.service")).unwrap()
}

/// The values of a key, of all of its lines.
fn values(unit: &str, key: &str) -> Vec<String> {
    let lines = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// The unit where the binary is the one under test.
fn installed(folder: &std::path::Path) -> PathBuf {
    let text = unit().replace("/usr/bin/bulkhead", env!("CARGO_BIN_EXE_bulkhead"));
    let path = folder.join("bulkhead-sensor.service");
    fs_err::write(&path, text).unwrap();
    path
}

#[test]
fn systemd_takes_it_and_finds_it_closed() {
    let Some(analyze) = tool("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = installed(folder.path());
    for words in [
        &["verify", "--man=no", "--recursive-errors=no"][..],
        &["security", "--offline=yes", "--threshold", EXPOSURE],
    ] {
        let output = Command::new(&analyze).args(words).arg(&path).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{words:?}: {said}");
        let is_about_us =
            |line: &&str| line.contains("bulkhead-sensor.service:") && !line.contains("exposure");
        let complaints: Vec<&str> = said.lines().filter(is_about_us).collect();
        assert_eq!(complaints, Vec::<&str>::new(), "{words:?}");
    }
}

#[test]
fn each_right_has_its_reason() {
    let unit = unit();
    let comments: String = unit.lines().filter(|line| line.starts_with('#')).collect();
    for right in values(&unit, "CapabilityBoundingSet") {
        assert!(comments.contains(&right), "{right}");
    }
}

/// With no more rights than the unit leaves, the sensor starts and sees all that it sees with all of them.
#[test]
fn its_rights_are_enough() {
    let Some(setpriv) = tool("setpriv") else { return };
    if !rustix::process::geteuid().is_root() {
        skip("the sensor needs root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.yaml");
    let rule = "- {rule: A, desc: a, condition: evt.type = execve, output: a, priority: DEBUG}\n";
    fs_err::write(&rules, rule).unwrap();
    let unit = unit();
    let rights =
        values(&unit, "CapabilityBoundingSet").join(",+").to_lowercase().replace("cap_", "");
    let mut command = Command::new(setpriv);
    command.args(["--bounding-set", &format!("-all,+{rights}"), "--no-new-privs"]);
    command.arg(env!("CARGO_BIN_EXE_bulkhead")).args(["sensor", "run", "-r"]);
    command.arg(&rules).args(["--duration", "3", "--canary", "0", "--socket", "none"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("no probes") && !said.contains("the sensor watches") {
        let mut all = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
        let status = all.args(["sensor", "status"]).status().unwrap();
        assert!(!status.success(), "with all rights there are probes: {said}");
        skip(&said);
        return;
    }
    assert!(said.contains("the sensor watches"), "{said}");
    assert!(!said.contains("does not work here"), "{said}");
    // Records may be lost on a machine under load, which has a code of its own.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
}
