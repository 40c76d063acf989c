//! A load that is more than the sensor may use up.

use std::io::Read as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use bulkhead_testing::tool;

use crate::sensor::Sensor;

/// One rule asks for reads, which are given up first, and for something that the kernel cannot tell; another for
/// executions. Nothing asks for opens: whoever else works on this machine does a lot of them.
const RULES: &str = "- rule: Read below nobody
  desc: somebody reads whose ancestors are not what they should be
  condition: evt.type = read and proc.aname[7] = nobody-is-called-that
  output: '%fd.name'
  priority: WARNING
- rule: Marked program
  desc: a program runs that the test has marked
  condition: evt.type in (execve, execveat) and proc.name startswith mark
  output: '%proc.name %proc.pid'
  priority: NOTICE
";

/// Threads that read: enough to give the sensor work where others want the processors, too.
const READERS: usize = 3;

/// Programs that run while things are given up.
const MARKED: usize = 20;

#[test]
fn too_much_load_takes_away_what_is_declared_and_nothing_grave() {
    let Some(busybox) = tool("busybox") else { return };
    let arguments = ["--max-cpu", "10", "--canary", "20", "--duration", "200"];
    let Some(sensor) = Sensor::start(RULES, &arguments) else { return };
    let status = sensor.until_status(|status| status["budget"]["cpu_limit_percent"] == 10);
    assert_eq!(status["rules"]["live"], 2);
    let is_over = AtomicBool::new(false);
    let over = &is_over;
    std::thread::scope(|scope| {
        // Whatever happens here, the load must end.
        let stop = Stop(over);
        for _ in 0..READERS {
            scope.spawn(|| {
                let mut zero = fs_err::File::open("/dev/zero").unwrap();
                let mut byte = [0];
                while !over.load(Ordering::Relaxed) {
                    let _ = zero.read(&mut byte);
                }
            });
        }
        let down = Sensor::until(|| sensor.alerts("Sensor gives up").into_iter().next()).unwrap();
        assert_eq!(down["output_fields"]["sensor.step"], "file-contents", "{down}");
        assert_eq!(down["output_fields"]["sensor.rules.blind"][0], "Read below nobody", "{down}");
        assert_eq!(down["priority"], "Warning");
        let status = sensor.until_status(|status| status["budget"]["level"].as_u64() >= Some(1));
        let step = &status["budget"]["steps"][0];
        assert_eq!(
            (step["name"].as_str(), step["is_given_up"].as_bool()),
            (Some("file-contents"), Some(true))
        );
        let affected = &status["rules"]["affected"];
        let blind =
            affected.as_array().unwrap().iter().find(|rule| rule["rule"] == "Read below nobody");
        assert_eq!(blind.unwrap()["state"], "blind", "{affected}");
        assert_eq!(sensor.ask(&["--measure", "0"]).status.code(), Some(3));
        for number in 0..MARKED {
            let marked = sensor.path(&format!("mark{number}"));
            std::os::unix::fs::symlink(&busybox, &marked).unwrap();
            // An applet of that name there is not: it runs and says so.
            let _ = Command::new(&marked).output().unwrap();
        }
        drop(stop);
    });
    // What is given up comes back once there is rest, step by step. Nobody asks for the status meanwhile, which is work.
    let is_back =
        || sensor.alerts("Sensor takes up again").len() == sensor.alerts("Sensor gives up").len();
    let back = Sensor::until(|| is_back().then_some(()));
    assert!(back.is_some(), "{:#}", sensor.status());
    let status = sensor.until_status(|status| status["budget"]["level"] == 0);
    assert_eq!(status["rules"]["live"], 2, "{status:#}");
    let up = sensor.alerts("Sensor takes up again");
    assert_eq!(up.last().unwrap()["output_fields"]["sensor.step"], "file-contents");
    // Not one execution was missed, nor a record of what is never given up.
    let seen = Sensor::until(|| (sensor.alerts("Marked program").len() == MARKED).then_some(()));
    assert!(seen.is_some(), "{} of {MARKED}", sensor.alerts("Marked program").len());
    for lane in status["lanes"].as_array().unwrap() {
        let lost = lane["processors"].as_array().unwrap().iter().map(|one| one["lost"].as_u64());
        let lost: u64 = lost.map(Option::unwrap).sum();
        assert!(lost == 0 || lane["lane"] == "file", "{lane}");
    }
}

/// Ends the load.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
