//! A file of alerts on a disk that is full.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::sensor::Sensor;

const RULES: &str = "- rule: Opened
  desc: each is a line
  condition: evt.type in (open, openat) and fd.name startswith /full-disk/
  output: '%fd.name'
  priority: NOTICE
";

/// More than 64 KiB of lines.
const COUNT: usize = 400;

/// A disk without much room, until it is dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(disk.0.path());
        assert!(mount.status().unwrap().success());
        disk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_keeps_whole_lines_and_is_told_and_counted() {
    if !rustix::process::geteuid().is_root() {
        bulkhead_testing::skip("a disk of its own needs root");
        return;
    }
    let disk = Disk::new();
    let file = disk.path().join("alerts.json");
    let output = format!("json={}", file.display());
    let more = ["-o", output.as_str(), "--rule-limit", "0", "--limit", "0"];
    let Some(mut sensor) = Sensor::start(RULES, &more) else { return };
    for number in 0..COUNT {
        let _ = fs_err::File::open(format!("/full-disk/{number}"));
    }
    // The other output gets all of them: nobody waits for the disk.
    let told = Sensor::until(|| Some(sensor.alerts("Opened")).filter(|told| told.len() == COUNT));
    assert!(told.is_some(), "{}", sensor.said());
    assert_eq!(sensor.finish(), Some(3));
    let text = fs_err::read_to_string(&file).unwrap();
    let missing = sensor.told().len() - text.lines().count();
    let sum = format!("{missing} alerts were not written");
    let said = Sensor::until(|| Some(sensor.said()).filter(|said| said.contains(&sum)));
    assert!(said.is_some(), "{sum}: {}", sensor.said());
    assert!(sensor.said().contains("No space left on device"), "{}", sensor.said());
    assert!(text.ends_with('\n') && text.len() > 32 << 10, "{} bytes", text.len());
    for line in text.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}
