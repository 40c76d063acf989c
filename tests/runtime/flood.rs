//! A container that floods the sensor does not blind it for another one.

use serde_json::{Value, json};

use crate::container::{Container, PROGRAMS, can_run};
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

- rule: File opened
  desc: never met, but the sensor has to see what it asks for
  condition: evt.type in (open, openat) and fd.name=/nowhere/to/be/seen
  output: '%fd.name'
  priority: WARNING
";

/// A hundred programs, and a connection by each.
const MARKS: &str = "i=0; while [ $i -lt 100 ]; do /bin/true mark-$i
    @/trigger connect 127.0.0.1:$((2000+i)); i=$((i+1)); done";

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
    let floods = Container::start("floods", &["sleep", "600"], bounded);
    let other = Container::start("others", &["sleep", "600"], |_| {});
    let trigger = format!("{PROGRAMS}/trigger");
    for words in [&[&*trigger, "flood", "/etc/hostname"][..], &["sh", "-c", BOMB]] {
        let mut runc = floods.runc(&["exec", "--detach", &floods.name]);
        assert!(runc.args(words).status().expect("runc starts").success());
    }
    other.exec(&["sh", "-c", &MARKS.replace('@', PROGRAMS)]);
    drop(floods);
    let alerts = sensor.until(fence("flooded"));
    let of = |rule: &str, field: &str| -> Vec<String> {
        let mine = alerts.iter().filter(|alert| alert["rule"] == rule);
        mine.map(|alert| alert["output_fields"][field].to_string()).collect()
    };
    let expected: Vec<String> = (0..100).map(|number| format!("\"mark-{number}\"")).collect();
    assert_eq!(of("Mark executed", "proc.args"), expected, "{}", sensor.said());
    let expected: Vec<String> = (2000..2100).map(|port| format!("{port}")).collect();
    assert_eq!(of("Mark connected", "fd.sport"), expected, "{}", sensor.said());
    let status = sensor.status();
    for lane in status["lanes"].as_array().expect("lanes") {
        let sum = |name: &str| -> u64 {
            let all = lane["processors"].as_array().into_iter().flatten();
            all.filter_map(|processor| processor[name].as_u64()).sum()
        };
        assert_eq!(sum("produced"), sum("delivered") + sum("lost"), "{lane}");
        if ["process", "network"].contains(&lane["lane"].as_str().expect("a name")) {
            assert_eq!(sum("lost"), 0, "{lane}");
        }
    }
}
