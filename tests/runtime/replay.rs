//! A recording gives the alerts that were given live.

use std::path::Path;
use std::process::Command;

use bulkhead_end_to_end::{bulkhead, run};
use bulkhead_testing::data;
use serde_json::Value;

use crate::container::{Container, PROGRAMS, can_run, privileged};
use crate::sensor::{Recorder, Sensor, fence};

/// Things that rules of several kinds are met by.
const SCRIPT: &str = "cat /etc/shadow; ln -s /etc/shadow /tmp/link; : > /var/log/syslog
find / -maxdepth 1 -name id_rsa; cp /bin/true /srv/new; /srv/new; grep 'BEGIN RSA PRIVATE' /etc/hostname
/triggers/nginx run /bin/sh -c true; /triggers/ssh meet 127.0.0.1:4444; /triggers/trigger ptrace attach
/triggers/trigger redirect output; /triggers/trigger from-memory /bin/true; /triggers/trigger module";

#[test]
fn a_recording_gives_the_alerts_that_were_given_live() {
    let Some(file) = data("fixtures/falco-rules/falco_rules.yaml") else { return };
    if !can_run() {
        return;
    }
    // Two sensors at once may be too much for a machine under load: then they say what they lost.
    let told = (0..3).find_map(|_| {
        let Some((live, replayed, said)) = both(&file) else { return Some(None) };
        (live == replayed || !said.contains("lost")).then_some(Some((live, replayed, said)))
    });
    let Some((live, replayed, said)) = told.expect("a run without losses") else { return };
    let names = |alerts: &[(Value, Value)]| -> Vec<String> {
        alerts.iter().map(|(rule, _)| rule.to_string()).collect()
    };
    assert!(live.len() >= 10, "{live:#?} {said}");
    assert_eq!(names(&live), names(&replayed), "{said}");
    assert_eq!(live, replayed);
}

type Alerts = Vec<(Value, Value)>;

/// The alerts of one workload, given live and by a recording, and what the sensors said. None, and a recorded skip,
/// where there are no probes.
fn both(rules: &Path) -> Option<(Alerts, Alerts, String)> {
    let sensor = Sensor::watch(&[rules], &[])?;
    let recorder = Recorder::start(&[rules]);
    let container = Container::start("replay", &["sleep", "600"], privileged);
    container.exec(&["sh", "-c", &SCRIPT.replace("/triggers", PROGRAMS)]);
    let live = sensor.until(fence("replay"));
    let (recording, said) = recorder.finish();
    let mut replay = Command::new(bulkhead().expect("bulkhead builds"));
    replay.args(["rules", "replay", "-o", "json"]).arg(recording.path()).arg("-r").arg(rules);
    let replayed = run(&mut replay).expect("it is replayed");
    let replayed = String::from_utf8(replayed).expect("text");
    let replayed = replayed.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let of_container = |alerts: Vec<Value>| -> Alerts {
        let is_mine =
            |alert: &Value| alert["output_fields"]["container.id"].as_str() == Some(container.id());
        let mine = alerts.into_iter().filter(is_mine);
        let essence = |mut alert: Value| {
            // Each sensor asks the clocks itself when the machine was started.
            let fields = alert["output_fields"].as_object_mut().expect("fields");
            for field in ["evt.time", "proc.exe_ino.ctime_duration_proc_start"] {
                fields.remove(field);
            }
            (alert["rule"].take(), alert["output_fields"].take())
        };
        mine.map(essence).collect()
    };
    Some((of_container(live), of_container(replayed.collect()), said + &sensor.said()))
}
