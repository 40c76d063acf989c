//! A recording gives the alerts that were given live.

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
    let Some(sensor) = Sensor::watch(&[&file], &[]) else { return };
    let recorder = Recorder::start(&[&file]);
    let container = Container::start("replay", &["sleep", "600"], privileged);
    container.exec(&["sh", "-c", &SCRIPT.replace("/triggers", PROGRAMS)]);
    let live = sensor.until(fence("replay"));
    let recording = recorder.finish();
    let mut replay = Command::new(bulkhead().expect("bulkhead builds"));
    replay.args(["rules", "replay", "-o", "json"]).arg(recording.path()).arg("-r").arg(&file);
    let replayed = run(&mut replay).expect("it is replayed");
    let replayed = String::from_utf8(replayed).expect("text");
    let replayed = replayed.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let of_container = |alerts: Vec<Value>| -> Vec<(Value, Value)> {
        let is_mine =
            |alert: &Value| alert["output_fields"]["container.id"].as_str() == Some(container.id());
        let mine = alerts.into_iter().filter(is_mine);
        let essence = |mut alert: Value| {
            // Each sensor asks the clocks itself when the machine was started.
            let fields = alert["output_fields"].as_object_mut().expect("fields");
            fields.remove("proc.exe_ino.ctime_duration_proc_start");
            (alert["rule"].take(), alert["output_fields"].take())
        };
        mine.map(essence).collect()
    };
    let (live, replayed) = (of_container(live), of_container(replayed.collect()));
    assert!(live.len() >= 10, "{live:#?}");
    assert_eq!(live, replayed, "{}", sensor.said());
}
