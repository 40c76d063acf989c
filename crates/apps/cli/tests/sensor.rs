//! The sensor of the real binary, with real containers of runc. As root; a recorded skip where a machine
//! takes no probes.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bulkhead_testing::{skip, tool};
use serde_json::{Value, json};
use tempfile::TempDir;

const RULES: &str = "- rule: Account file read
  desc: somebody looks at the accounts of a container
  condition: evt.type in (open, openat) and fd.name = /etc/passwd and proc.name = cat and container.id != host
  output: '%proc.name of %user.name in %container.id reads %fd.name'
  priority: WARNING
";

/// A sensor that watches, until it is killed or its time is over.
struct Sensor {
    process: Child,
    folder: TempDir,
}

impl Sensor {
    fn alerts(&self) -> String {
        fs_err::read_to_string(self.folder.path().join("alerts.json")).unwrap_or_default()
    }

    /// Starts one, and waits until it watches.
    fn start(duration: &str) -> Option<Self> {
        let tools = ["runc", "busybox"].map(tool);
        if !rustix::process::geteuid().is_root() || tools.iter().any(Option::is_none) {
            skip("the sensor needs root, runc and busybox");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("rules.yaml"), RULES).unwrap();
        let output = format!("json={}", folder.path().join("alerts.json").display());
        let process = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
            .args(["sensor", "run", "-r"])
            .arg(folder.path().join("rules.yaml"))
            .args(["-o", &output, "--duration", duration])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut sensor = Self { process, folder };
        let mut lines = BufReader::new(sensor.process.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        for line in lines.by_ref().map_while(Result::ok) {
            if line.contains("the sensor watches") {
                // What comes later is read to its end, so that nobody waits for it.
                std::thread::spawn(move || lines.for_each(drop));
                return Some(sensor);
            }
            said.push(line);
        }
        let said = said.join("\n");
        // A kernel that lets nobody load programs is no fault of ours; anything else is.
        assert!(said.contains("ot permitted"), "the sensor did not start: {said}");
        skip(&said);
        None
    }
}

impl Drop for Sensor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command in a container of that name, to its end.
fn in_container(name: &str, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("rootfs");
    for name in ["bin", "etc", "proc", "dev", "sys", "tmp"] {
        fs_err::create_dir_all(root.join(name)).unwrap();
    }
    fs_err::copy(tool("busybox").unwrap(), root.join("bin/busybox")).unwrap();
    for applet in ["sh", "cat", "sleep"] {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(applet)).unwrap();
    }
    fs_err::write(root.join("etc/passwd"), "captain:x:0:0::/:/bin/sh\n").unwrap();
    assert!(Command::new("runc").arg("spec").current_dir(&folder).status().unwrap().success());
    let path = folder.path().join("config.json");
    let mut spec: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
    spec["process"]["terminal"] = json!(false);
    spec["process"]["args"] = json!(words);
    fs_err::write(&path, spec.to_string()).unwrap();
    let mut runc = Command::new("runc");
    runc.args(["run", name]).current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::null());
    assert!(runc.status().unwrap().success());
}

#[test]
fn a_rule_is_met_by_a_container_and_names_it() {
    let Some(sensor) = Sensor::start("120") else { return };
    let name = format!("bulkhead-cli-{}", std::process::id());
    let alerted = |sensor: &Sensor| sensor.alerts().lines().any(|line| line.contains(&name));
    in_container(&name, &["sh", "-c", "/bin/cat /etc/passwd; sleep 10"]);
    assert!(alerted(&sensor), "{}", sensor.alerts());
    let alerts = sensor.alerts();
    let alert: Value = alerts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|alert: &Value| {
            alert["output_fields"]["container.id"].as_str().is_some_and(|id| name.starts_with(id))
        })
        .unwrap();
    assert_eq!(alert["rule"], "Account file read");
    assert_eq!(alert["priority"], "Warning");
    assert_eq!(alert["output_fields"]["user.name"], "captain");
    assert_eq!(alert["output_fields"]["fd.name"], "/etc/passwd");
}

#[test]
fn nothing_stays_in_the_kernel_when_the_sensor_is_killed() {
    let Some(bpftool) = tool("bpftool") else { return };
    let Some(mut sensor) = Sensor::start("120") else { return };
    let programs = programs(sensor.process.id());
    let is_loaded = |id: &String| {
        let shown = Command::new(&bpftool).args(["prog", "show", "id", id]).output().unwrap();
        shown.status.success()
    };
    assert!(!programs.is_empty() && programs.iter().all(is_loaded), "{programs:?}");
    let own = children(sensor.process.id());
    assert_eq!(own.len(), 2, "an engine and sinks");
    sensor.process.kill().unwrap();
    sensor.process.wait().unwrap();
    let gone = |process: &u32| !Path::new(&format!("/proc/{process}")).try_exists().unwrap();
    for _ in 0..100 {
        if own.iter().all(gone) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(own.iter().all(gone), "the other processes end with it");
    let left: Vec<_> = programs.iter().filter(|id| is_loaded(id)).collect();
    assert!(left.is_empty(), "{left:?} are still loaded");
}

fn children(process: u32) -> Vec<u32> {
    let list = fs_err::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
    list.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// The programs in the kernel that a process holds, by number.
fn programs(process: u32) -> Vec<String> {
    let files = fs_err::read_dir(format!("/proc/{process}/fdinfo")).unwrap();
    let texts = files.filter_map(|file| fs_err::read_to_string(file.ok()?.path()).ok());
    let ids = texts.filter_map(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("prog_id:"))?;
        Some(line.trim().to_owned())
    });
    ids.collect()
}
