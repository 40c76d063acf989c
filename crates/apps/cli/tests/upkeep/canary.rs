//! The sign of life: it fails for real, and comes back.

use std::path::Path;
use std::process::Command;

use bulkhead_testing::tool;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sensor::Sensor;

const RULES: &str = "- rule: Nothing
  desc: never met
  condition: evt.type = execve and proc.name = nobody-is-called-that
  output: '%proc.name'
  priority: DEBUG
";

/// The number of the call that is the sign of life.
const GETPGID: u32 = 121;

fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// Waits until the sensor says so many times that it is blind and sees again, everywhere that it says it.
fn wait(sensor: &Sensor, blind: usize, back: usize) {
    let told =
        || (sensor.alerts("Sensor is blind").len(), sensor.alerts("Sensor sees again").len());
    let found = Sensor::until(|| (told() == (blind, back)).then_some(()));
    assert!(found.is_some(), "{:?} instead of {:?}: {:#}", told(), (blind, back), sensor.status());
    let is_alive = blind == back;
    let status = sensor.until_status(|status| status["canary"]["is_alive"] == is_alive);
    assert_eq!(status["canary"]["silences"], blind);
    let code = sensor.ask(&["--measure", "0"]).status.code();
    assert_eq!(code, Some(if is_alive { 0 } else { 3 }));
    let request = "GET /metrics HTTP/1.1\r\n\r\n";
    let page = crate::sensor::get(&sensor.path("metrics"), request);
    let value = format!("\nbulkhead_sensor_canary_alive {}\n", u8::from(is_alive));
    assert!(page.contains(&value), "{page}");
}

/// An engine that is stopped answers nobody, and so does a kernel whose programs were told to keep silent. The
/// rest of the sensor says so.
#[test]
fn blindness_is_noticed_and_so_is_its_end() {
    let Some(bpftool) = tool("bpftool") else { return };
    let Some(mut sensor) = Sensor::start(RULES, &["--canary", "2", "--duration", "300"]) else {
        return;
    };
    let alive = |status: &Value| status["canary"]["returned"].as_u64() >= Some(1);
    sensor.until_status(alive);
    let [engine, _] = sensor.parts();
    signal(engine, Signal::STOP);
    wait(&sensor, 1, 0);
    signal(engine, Signal::CONT);
    wait(&sensor, 1, 1);

    // Somebody with rights changes what the probes report: root of the machine, or of a container like that.
    // Plans lie in their map twice; which ones count, changes.
    let plans = Table::held(&bpftool, sensor.process(), "plans");
    let half = plans.rows / 2;
    let before = [GETPGID, GETPGID + half].map(|number| (number, plans.row(number)));
    for (number, plan) in &before {
        plans.set(*number, &vec!["0".to_owned(); plan.len()]);
    }
    wait(&sensor, 2, 1);
    for (number, plan) in &before {
        plans.set(*number, plan);
    }
    wait(&sensor, 2, 2);

    // Calls are told as before, births and ends of what gives the sign are not.
    let settings = Table::held(&bpftool, sensor.process(), "settings");
    let whole = settings.row(0);
    let mut without = whole.clone();
    let canary = without.len() - size_of::<u32>();
    without[canary..].fill("0".to_owned());
    settings.set(0, &without);
    wait(&sensor, 3, 2);
    let blind = &sensor.alerts("Sensor is blind")[2]["output_fields"]["sensor.blind_to"];
    assert_eq!(*blind, serde_json::json!(["processes that are made", "processes that end"]));
    settings.set(0, &whole);
    wait(&sensor, 3, 3);
    signal(sensor.process(), Signal::TERM);
    assert_eq!(sensor.end(), Some(3), "something was not seen");
}

/// Opens what rules want, as fast as it goes.
const FLOOD: &str = "open(my $file, '<', '/flood/needle') for 1 .. 200000";

const FLOODED: &str = "- rule: Flooded
  desc: what fills a ring
  condition: evt.type in (open, openat) and fd.name = /flood/needle
  output: '%fd.name'
  priority: DEBUG
";

/// A ring that nobody empties takes no signs either: those are gone, and what was lost beside them is counted. Once it
/// is read again the next sign comes through.
#[test]
fn a_full_ring_blinds_until_it_is_read_again() {
    let Some(perl) = tool("perl") else { return };
    let Some(mut sensor) = Sensor::start(FLOODED, &["--canary", "2", "--duration", "300"]) else {
        return;
    };
    sensor.until_status(|status| status["canary"]["returned"].as_u64() >= Some(1));
    let [engine, _] = sensor.parts();
    signal(engine, Signal::STOP);
    assert!(Command::new(perl).args(["-e", FLOOD]).status().unwrap().success());
    wait(&sensor, 1, 0);
    signal(engine, Signal::CONT);
    let status = sensor.until_status(|status| status["canary"]["is_alive"] == true);
    let lanes = status["lanes"].as_array().unwrap();
    let lost = |lane: &Value| {
        let processors = lane["processors"].as_array().unwrap().iter();
        processors.map(|one| one["lost"].as_u64().unwrap()).sum::<u64>()
    };
    let full: Vec<_> =
        lanes.iter().filter(|lane| lost(lane) > 0).map(|lane| &lane["lane"]).collect();
    assert_eq!(full, ["file"], "{status:#}");
    assert_eq!(sensor.alerts("Sensor sees again").len(), 1);
    let [rounds, returned] = ["rounds", "returned"].map(|name| status["canary"][name].as_u64());
    assert!(
        returned < rounds,
        "the signs that the ring had no room for did not come back: {status:#}"
    );
    signal(sensor.process(), Signal::TERM);
    assert_eq!(sensor.end(), Some(3), "something was not seen");
}

/// A map of the kernel.
struct Table<'a> {
    bpftool: &'a Path,
    id: String,
    rows: u32,
}

impl<'a> Table<'a> {
    /// The one of a name that a process holds.
    fn held(bpftool: &'a Path, process: u32, name: &str) -> Self {
        let output = Command::new(bpftool).args(["--json", "map", "show"]).output().unwrap();
        let maps: Value = serde_json::from_slice(&output.stdout).unwrap();
        let files = fs_err::read_dir(format!("/proc/{process}/fdinfo")).unwrap();
        let held: Vec<u64> = files
            .filter_map(|file| fs_err::read_to_string(file.ok()?.path()).ok())
            .filter_map(|text| {
                let line = text.lines().find_map(|line| line.strip_prefix("map_id:"))?;
                line.trim().parse().ok()
            })
            .collect();
        let is_it = |map: &&Value| {
            map["name"] == name && map["id"].as_u64().is_some_and(|id| held.contains(&id))
        };
        let map = maps.as_array().unwrap().iter().find(is_it).unwrap();
        let rows = u32::try_from(map["max_entries"].as_u64().unwrap()).unwrap();
        Self { bpftool, id: map["id"].to_string(), rows }
    }

    fn of(&self, words: &str, number: u32) -> Command {
        let mut command = Command::new(self.bpftool);
        let number = number.to_le_bytes().map(|byte| byte.to_string());
        command.args(["--json", "map", words, "id", &self.id, "key"]).args(&number);
        command
    }

    /// A row, in bytes as the tool writes them.
    fn row(&self, number: u32) -> Vec<String> {
        let output = self.of("lookup", number).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let bytes = found["value"].as_array().unwrap().iter();
        bytes.map(|byte| byte.as_str().unwrap().to_owned()).collect()
    }

    fn set(&self, number: u32, bytes: &[String]) {
        let status = self.of("update", number).arg("value").args(bytes).status().unwrap();
        assert!(status.success());
    }
}
