//! An alert is there before the container goes on.

use bulkhead_testing::data;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::container::{Container, can_run};
use crate::sensor::Sensor;

/// Reads something, then waits at a gate, without any call that an event could push the alert with.
const SCRIPT: &str = "cat /etc/shadow; read line < /gate; exit 7";

#[test]
fn an_alert_comes_before_the_next_command_of_the_container() {
    let Some(file) = data("fixtures/falco-rules/falco_rules.yaml") else { return };
    if !can_run() {
        return;
    }
    let Some(sensor) = Sensor::watch(&[&file], &[]) else { return };
    let container = Container::start("prompt", &["sleep", "600"], |_| {});
    let gate = container.folder.path().join("rootfs/gate");
    mknodat(CWD, &gate, FileType::Fifo, Mode::from(0o600), 0).expect("a gate");
    let mut runc = container.runc(&["exec", &container.name, "sh", "-c", SCRIPT]);
    let mut running = runc.spawn().expect("runc starts");
    let alert = loop {
        let alert = sensor.next();
        if alert["output_fields"]["container.id"].as_str() == Some(container.id()) {
            break alert;
        }
    };
    assert_eq!(alert["rule"], "Read sensitive file untrusted");
    assert_eq!(alert["output_fields"]["fd.name"], "/etc/shadow");
    // It stands at the gate, which only opens now that the alert was read.
    assert_eq!(running.try_wait().expect("it runs"), None);
    fs_err::write(&gate, "go on\n").expect("the gate opens");
    assert_eq!(running.wait().expect("it ends").code(), Some(7));
}
