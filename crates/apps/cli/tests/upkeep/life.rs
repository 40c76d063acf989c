//! What a sensor is there for, and what is left of one that is killed.

use std::path::Path;
use std::process::Command;

use bulkhead_testing::tool;
use rustix::process::Signal;
use serde_json::json;

use crate::container::Container;
use crate::sensor::Sensor;

const RULES: &str = "- rule: Account file read
  desc: somebody looks at the accounts of a container
  condition: evt.type in (open, openat) and fd.name = /etc/passwd and proc.name = cat and container.id != host
  output: '%proc.name of %user.name in %container.id reads %fd.name'
  priority: WARNING
";

/// Reads the file more than once: a machine under load may lose records, which the sensor says.
const SCRIPT: &str = "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/cat /etc/passwd; sleep 0.5; done";

#[test]
fn a_rule_is_met_by_a_container_and_names_it() {
    let words = ["sh", "-c", SCRIPT];
    let Some(container) = Container::prepare("met", &words, &json!({})) else { return };
    let Some(sensor) = Sensor::start(RULES, &["--duration", "120"]) else { return };
    container.run(&["run", &container.name]);
    let alert = Sensor::until(|| {
        let mut alerts = sensor.alerts("Account file read").into_iter();
        alerts.find(|alert| {
            let id = alert["output_fields"]["container.id"].as_str().unwrap();
            container.name.starts_with(id)
        })
    });
    let alert = alert.unwrap();
    assert_eq!(alert["priority"], "Warning");
    assert_eq!(alert["output_fields"]["user.name"], "captain");
    assert_eq!(alert["output_fields"]["fd.name"], "/etc/passwd");
}

#[test]
fn nothing_stays_in_the_kernel_when_the_sensor_is_killed() {
    let Some(bpftool) = tool("bpftool") else { return };
    let Some(mut sensor) = Sensor::start(RULES, &["--duration", "120"]) else { return };
    let programs = programs(sensor.process());
    let is_loaded = |id: &String| {
        let shown = Command::new(&bpftool).args(["prog", "show", "id", id]).output().unwrap();
        shown.status.success()
    };
    assert!(!programs.is_empty() && programs.iter().all(is_loaded), "{programs:?}");
    let parts = sensor.parts();
    sensor.signal(Signal::KILL);
    assert_eq!(sensor.end(), None, "it was killed");
    let gone = |process: &u32| !Path::new(&format!("/proc/{process}")).try_exists().unwrap();
    let ended = Sensor::until(|| parts.iter().all(gone).then_some(()));
    assert!(ended.is_some(), "the other processes end with it");
    let left: Vec<_> = programs.iter().filter(|id| is_loaded(id)).collect();
    assert!(left.is_empty(), "{left:?} are still loaded");
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
