//! A container that floods the sensor does not blind it for another one.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::container::{Container, PROGRAMS, can_run, privileged};
use crate::sensor::{Sensor, fence};

const RULES: &str = "- rule: Mark executed
  desc: one of the other container
  condition: evt.type=execve and proc.args startswith mark-
  output: '%proc.args'
  priority: WARNING

- rule: Mark connected
  desc: one of the other container
  condition: evt.type=connect and fd.sport >= 2000 and fd.sport < 2100
  output: '%fd.sport'
  priority: WARNING

- rule: Mark opened
  desc: one of the other container
  condition: evt.type in (open, openat) and fd.name startswith /tmp/mark-
  output: '%fd.name'
  priority: WARNING

- rule: Mark became another user
  desc: one of the other container
  condition: evt.type=setuid and evt.rawarg.uid >= 3000 and evt.rawarg.uid < 3100
  output: '%evt.rawarg.uid'
  priority: WARNING

- rule: Records lost
  desc: those of whoever floods
  condition: evt.type=drop and container.id != host
  output: '%evt.arg.lane %evt.arg.count %container.name'
  priority: WARNING

- rule: Flooded file opened by somebody else
  desc: never met, but the sensor has to be told of each open to see that
  condition: evt.type in (open, openat) and fd.name=/etc/hostname and proc.name=nobody-here
  output: '%fd.name'
  priority: WARNING
";

/// A hundred times a program, a connection, a file and another user.
const MARKS: &str = "i=0; while [ $i -lt 100 ]; do /bin/true mark-$i
    @/trigger connect 127.0.0.1:$((2000+i)); : > /tmp/mark-$i
    @/trigger as $((3000+i)) /bin/true; i=$((i+1)); done";

/// As many processes as there may be, as fast as it goes.
const BOMB: &str = "bomb() { bomb | bomb & }; while :; do bomb; done";

#[test]
fn a_flood_in_one_container_leaves_another_whole() {
    if !can_run() {
        return;
    }
    let rules = tempfile::NamedTempFile::new().expect("a file");
    fs_err::write(rules.path(), RULES).expect("a file of rules");
    let limits = ["--rule-limit", "0", "--limit", "0"];
    let Some(sensor) = Sensor::watch(&[rules.path()], &limits) else { return };
    let bounded = |specification: &mut Value| {
        specification["linux"]["resources"]["pids"] = json!({"limit": 60});
    };
    // Each has its own share of the processors.
    let bombs = Container::start("bombs", &["sleep", "600"], bounded);
    let floods = Container::start("floods", &["sleep", "600"], |_| {});
    let other = Container::start("others", &["sleep", "600"], privileged);
    let trigger = format!("{PROGRAMS}/trigger");
    let open: &[&str] = &[&trigger, "flood", "/etc/hostname"];
    for (container, words) in [(&floods, open), (&floods, open), (&bombs, &["sh", "-c", BOMB])] {
        let mut runc = container.runc(&["exec", "--detach", &container.name]);
        assert!(runc.args(words).status().expect("runc starts").success());
    }
    other.exec(&["sh", "-c", &MARKS.replace('@', PROGRAMS)]);
    let lossy = [&floods, &bombs].map(|container| container.name.clone());
    let flooding = [floods.id().to_owned(), bombs.id().to_owned()];
    drop((floods, bombs));
    let alerts = sensor.until(fence("flooded"));
    let of = |rule: &str, field: &str| -> Vec<String> {
        let mine = alerts.iter().filter(|alert| alert["rule"] == rule);
        mine.map(|alert| alert["output_fields"][field].to_string()).collect()
    };
    let names = |prefix: &str| (0..100).map(|number| format!("\"{prefix}{number}\"")).collect();
    let numbers = |first: u32| (first..first + 100).map(|number| number.to_string()).collect();
    let expected: [(&str, &str, Vec<String>); 4] = [
        ("Mark executed", "proc.args", names("mark-")),
        ("Mark connected", "fd.sport", numbers(2000)),
        ("Mark opened", "fd.name", names("/tmp/mark-")),
        ("Mark became another user", "evt.rawarg.uid", numbers(3000)),
    ];
    for (rule, field, expected) in expected {
        assert_eq!(of(rule, field), expected, "{}", sensor.said());
    }
    // Some are lost on most machines: then it is said of whom.
    let names = lossy_containers(&alerts);
    assert!(names.iter().all(|name| lossy.contains(name)), "{names:?}");
    let status = sensor.status();
    for lost in status["lost_by_container"].as_array().expect("losses") {
        assert!(flooding.iter().any(|container| lost["container"] == **container), "{lost}");
    }
    for lane in status["lanes"].as_array().expect("lanes") {
        let sum = |name: &str| -> u64 {
            let all = lane["processors"].as_array().into_iter().flatten();
            all.filter_map(|processor| processor[name].as_u64()).sum()
        };
        assert_eq!(sum("produced"), sum("delivered") + sum("lost"), "{lane}");
        // The lanes that nobody flooded.
        if !["file", "process"].iter().any(|flooded| lane["lane"] == **flooded) {
            assert_eq!(sum("lost"), 0, "{lane}");
        }
    }
    an_engine_that_stands_still_loses_what_is_told_later(&sensor, &other);
}

/// While nobody reads, the ring of files runs full.
#[expect(clippy::disallowed_methods, reason = "what was lost is looked for once a second")]
fn an_engine_that_stands_still_loses_what_is_told_later(sensor: &Sensor, container: &Container) {
    let engine = Pid::from_raw(sensor.engine()).expect("a process");
    kill_process(engine, Signal::STOP).expect("it stops");
    let flood = format!("{PROGRAMS}/busybox timeout 1 {PROGRAMS}/trigger flood /etc/hostname; :");
    container.exec(&["sh", "-c", &flood]);
    kill_process(engine, Signal::CONT).expect("it goes on");
    let begin = Instant::now();
    let mut told = Vec::new();
    while told.is_empty() {
        assert!(begin.elapsed() < Duration::from_mins(1), "{}", sensor.said());
        told = lossy_containers(&sensor.until(fence("lost")));
    }
    assert!(told.iter().all(|name| *name == container.name), "{told:?}");
}

/// The containers of which records were lost, as alerts tell.
fn lossy_containers(alerts: &[Value]) -> Vec<String> {
    let lost = alerts.iter().filter(|alert| alert["rule"] == "Records lost");
    let names = lost.map(|alert| alert["output_fields"]["container.name"].as_str());
    names.map(|name| name.unwrap_or_default().to_owned()).collect()
}
