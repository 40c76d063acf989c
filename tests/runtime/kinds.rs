//! What is told that is no system call: containers, signals, losses. Live, and the same by a recording.

use std::path::Path;
use std::process::Command;

use bulkhead_end_to_end::{bulkhead, run};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::container::{Container, PROGRAMS, can_run, privileged};
use crate::sensor::{Recorder, Sensor, fence};

const RULES: &str = "- rule: Container known
  desc: all that is known of it, once
  condition: evt.type=container
  output: '%container.id %container.name %container.type %container.privileged %container.mounts %evt.args
    %proc.name %proc.vpid %proc.pname %evt.num'
  priority: NOTICE

- rule: Container starts with rights
  desc: by itself and by its first program
  condition: (evt.type=container or (evt.type=execve and proc.vpid=1)) and container.privileged=true
  output: '%evt.type'
  priority: NOTICE

- rule: Name asked for
  desc: by a socket that was connected before
  condition: evt.type=dns and evt.arg.response=0 and container.id != host
  output: '%evt.arg.query %fd.name'
  priority: NOTICE

- rule: Signal reached a process
  desc: one that somebody sent
  condition: evt.type=signaldeliver and evt.arg.sig=SIGUSR1 and container.id != host
  output: '%evt.args %evt.arg.spid %evt.arg.dpid %proc.name'
  priority: NOTICE

- rule: File sent away
  desc: by the kernel, from one descriptor to another
  condition: evt.type=sendfile and fd.type=ipv4 and container.id != host
  output: '%evt.arg.out_fd %fd.name %evt.arg.in_fd'
  priority: NOTICE

- rule: File read at a place
  desc: by a call that rules may call otherwise than the kernel
  condition: evt.type=pread and fd.name=/etc/hostname and container.id != host
  output: '%evt.arg.pos'
  priority: NOTICE

- rule: Counter made
  desc: what is no file and no socket
  condition: evt.type=eventfd2 and fd.type=event and evt.arg.flags=O_CLOEXEC and container.id != host
  output: '%fd.num'
  priority: NOTICE
";

/// One sends a signal to itself, one to its child, and one is ignored, which reaches nobody.
const SIGNALS: &str = "trap : USR1; kill -USR1 $$
    @/busybox sh -c 'trap \"exit 0\" USR1; : > /tmp/waits; while :; do @/busybox usleep 1000; done' &
    while ! test -e /tmp/waits; do @/busybox usleep 1000; done; kill -USR1 $!; wait $!
    trap '' USR1; kill -USR1 $$";

/// Leaves a process behind that is connected to a name server, which asks when it is told to.
const CONNECTED: &str =
    "@/trigger connect-first /tmp/gate needle.example < /dev/null > /dev/null 2>&1 &
    while ! test -e /tmp/gate.ready; do @/busybox usleep 1000; done";
const ASKS: &str = ": > /tmp/gate; while ! test -e /tmp/gate.done; do sleep 0.01; done";

#[test]
fn containers_and_signals_are_told() {
    if !can_run() {
        return;
    }
    let rules = NamedTempFile::new().expect("a file");
    fs_err::write(rules.path(), RULES).expect("a file of rules");
    let before = Container::start("before", &["sleep", "600"], |_| {});
    before.exec(&["sh", "-c", &CONNECTED.replace('@', PROGRAMS)]);
    let Some(sensor) = Sensor::watch(&[rules.path()], &["--all-rules"]) else { return };
    let recorder = Recorder::start(&[rules.path()]);
    let after = Container::start("after", &["sleep", "600"], privileged);
    after.exec(&["sh", "-c", &SIGNALS.replace('@', PROGRAMS)]);
    after.exec(&[&format!("{PROGRAMS}/trigger"), "send-file", "/etc/hostname"]);
    before.exec(&["sh", "-c", ASKS]);
    let live = sensor.until(fence("kinds"));
    let (recording, said) = recorder.finish();
    let told = |alerts: &[Value], rule: &str, container: &Container| -> Vec<Value> {
        let is_it = |alert: &&Value| {
            alert["rule"] == rule && alert["output_fields"]["container.id"] == *container.id()
        };
        alerts.iter().filter(is_it).map(|alert| alert["output_fields"].clone()).collect()
    };
    // Of one that was there nothing is seen but its state.
    for (container, privileged, parent) in [(&before, false, None), (&after, true, Some("runc"))] {
        let known = told(&live, "Container known", container);
        let [fields] = &*known else { panic!("{known:#?} {}", sensor.said()) };
        let of = |name: &str| fields[name].clone();
        assert_eq!(of("container.name"), *container.name);
        assert_eq!(
            (of("container.type"), of("container.privileged")),
            ("oci".into(), privileged.into())
        );
        assert!(
            of("container.mounts").as_str().is_some_and(|mounts| mounts.contains(":/proc:proc:"))
        );
        let args = of("evt.args");
        let args = args.as_str().expect("a text");
        assert_eq!(args, format!("id={} name={}", container.id(), container.name));
        assert_eq!((of("proc.name"), of("proc.vpid")), ("sleep".into(), 1.into()));
        assert!(parent.is_none_or(|parent| of("proc.pname") == parent), "{fields}");
    }
    let starts = told(&live, "Container starts with rights", &after);
    let starts: Vec<_> = starts.iter().map(|fields| fields["evt.type"].clone()).collect();
    // The container comes before its first program.
    assert_eq!(starts, ["container", "execve"]);
    let signals = told(&live, "Signal reached a process", &after);
    let senders: Vec<_> = signals.iter().map(|fields| fields["evt.arg.spid"].clone()).collect();
    let receivers: Vec<_> = signals.iter().map(|fields| fields["evt.arg.dpid"].clone()).collect();
    assert_eq!(
        (senders, receivers),
        (vec!["sh".into(), "sh".into()], vec!["sh".into(), "busybox".into()])
    );
    let asked = told(&live, "Name asked for", &before);
    let asked: Vec<_> = asked.iter().map(|fields| fields["evt.arg.query"].clone()).collect();
    assert_eq!(asked, ["needle.example"]);
    let [sent] = &*told(&live, "File sent away", &after) else { panic!("{}", sensor.said()) };
    let end = sent["fd.name"].as_str().expect("a text");
    assert!(end.starts_with("127.0.0.1:") && end.contains("->127.0.0.1:"), "{sent}");
    assert_eq!(sent["evt.arg.out_fd"], format!("<4t>{end}"));
    assert_eq!(sent["evt.arg.in_fd"], "<f>/etc/hostname");
    assert_eq!(told(&live, "Counter made", &after).len(), 1);
    assert_eq!(told(&live, "File read at a place", &after).len(), 1);
    let replayed = replay(recording.path(), rules.path());
    for (rule, container) in [
        ("Container known", &before),
        ("Container known", &after),
        ("Container starts with rights", &after),
        ("Signal reached a process", &after),
        ("Name asked for", &before),
        ("File sent away", &after),
        ("Counter made", &after),
    ] {
        let essence = |alerts: &[Value]| -> Vec<Value> {
            let mut told = told(alerts, rule, container);
            for fields in &mut told {
                let fields = fields.as_object_mut().expect("fields");
                for field in ["evt.time", "evt.num"] {
                    fields.remove(field);
                }
            }
            told
        };
        assert_eq!(essence(&live), essence(&replayed), "{rule} {said}");
    }
}

fn replay(recording: &Path, rules: &Path) -> Vec<Value> {
    let mut replay = Command::new(bulkhead().expect("bulkhead builds"));
    replay.args(["rules", "replay", "--all", "-o", "json"]).arg(recording).arg("-r").arg(rules);
    let replayed = String::from_utf8(run(&mut replay).expect("it is replayed")).expect("text");
    replayed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
