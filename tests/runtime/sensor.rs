//! The sensor of the real binary, and the alerts that it gives.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bulkhead_end_to_end::{bulkhead, run};
use bulkhead_testing::skip;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

/// A rule that no file of others has: an attempt to open something below `/fence` says how far the
/// workload is.
const FENCES: &str = "- rule: Fence
  desc: everything before it was done
  condition: evt.type in (open, openat) and fd.name startswith /fence/
  output: '%fd.name %container.id %proc.name'
  priority: DEBUG
";

/// What the sensor says once nothing is missed any more.
const WATCHES: &str = "the sensor watches";

/// How long one waits for an alert that has to come.
const PATIENCE: Duration = Duration::from_mins(2);

/// One sensor at a time: each sees all that the machine does, and several would take each other's processor.
static ALONE: Mutex<()> = Mutex::new(());

/// A sensor that watches until it is dropped.
pub(crate) struct Sensor {
    process: Child,
    alerts: Receiver<Value>,
    errors: Receiver<String>,
    folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Sensor {
    /// Starts `sensor run -o json` with rules, and returns once it watches. None, and a recorded skip, where this
    /// machine takes no probes.
    pub(crate) fn watch(rules: &[&Path], more: &[&str]) -> Option<Self> {
        Self::watch_within(&[], rules, more)
    }

    /// The same, by a command that executes what it is given behind its own words.
    pub(crate) fn watch_within(around: &[&str], rules: &[&Path], more: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let fences = folder.path().join("fences.yaml");
        fs_err::write(&fences, FENCES).expect("a file of rules");
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let words = around.iter().map(OsStr::new);
        let mut words = words.chain([bulkhead().expect("bulkhead builds").as_os_str()]);
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).args(["sensor", "run", "-o", "json", "--socket"]);
        command.arg(folder.path().join("socket")).args(more);
        for file in rules.iter().copied().chain([&*fences]) {
            command.arg("-r").arg(file);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("bulkhead starts");
        let (sender, alerts) = channel();
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let alert = serde_json::from_str(&line).expect("alerts are JSON");
                if sender.send(alert).is_err() {
                    return;
                }
            }
        });
        let errors = said_by(&mut process);
        let sensor = Self { process, alerts, errors, folder, _alone: alone };
        let mut said = String::new();
        while let Ok(line) = sensor.errors.recv_timeout(PATIENCE) {
            if line.contains(WATCHES) {
                return Some(sensor);
            }
            said.push_str(&line);
        }
        // A kernel that lets nobody load programs is no fault of ours; anything else is.
        assert!(said.contains("ot permitted"), "the sensor did not start: {said}");
        skip(&said);
        None
    }

    /// The next alert.
    pub(crate) fn next(&self) -> Value {
        let alert = self.alerts.recv_timeout(PATIENCE);
        alert.unwrap_or_else(|_| panic!("no alert comes; {}", self.said()))
    }

    /// Alerts up to a fence, without it.
    #[expect(clippy::disallowed_methods, reason = "others on the machine may go on giving alerts")]
    pub(crate) fn until(&self, fence: &str) -> Vec<Value> {
        let mut alerts = Vec::new();
        let path = format!("/fence/{fence}");
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let alert = self.next();
            if alert["rule"] == "Fence" && alert["output_fields"]["fd.name"] == path {
                return alerts;
            }
            alerts.push(alert);
        }
        panic!("nobody comes to {path}; {}", self.said())
    }

    /// How it is, by what it tells root.
    pub(crate) fn status(&self) -> Value {
        let mut status = Command::new(bulkhead().expect("bulkhead builds"));
        status.args(["sensor", "status", "-o", "json", "--measure", "0", "--socket"]);
        let output = run(status.arg(self.socket())).expect("it tells");
        serde_json::from_slice(&output).expect("JSON")
    }

    /// Where it tells root how it is.
    pub(crate) fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("socket")
    }

    /// The number of its process that reads what is reported.
    pub(crate) fn engine(&self) -> i32 {
        let status = self.status();
        let mut parts = status["processes"].as_array().expect("processes").iter();
        let engine = parts.find(|part| part["part"] == "engine").expect("an engine");
        engine["process"].as_i64().and_then(|number| number.try_into().ok()).expect("a number")
    }

    /// What it said beside the alerts since it was asked last.
    pub(crate) fn said(&self) -> String {
        self.errors.try_iter().collect::<Vec<_>>().join("\n")
    }
}

/// Says that everything before this is done, and returns the name that was given.
pub(crate) fn fence(name: &str) -> &str {
    let _ = fs_err::File::open(format!("/fence/{name}"));
    name
}

/// A sensor that records until it is told to end.
pub(crate) struct Recorder {
    process: Child,
    errors: Receiver<String>,
    recording: NamedTempFile,
}

impl Recorder {
    /// Starts `sensor capture` beside a sensor that watches, and returns once it does, too.
    pub(crate) fn start(rules: &[&Path]) -> Self {
        let recording = NamedTempFile::new().expect("a file");
        let mut command = Command::new(bulkhead().expect("bulkhead builds"));
        command.args(["sensor", "capture", "-o"]).arg(recording.path());
        for file in rules {
            command.arg("-r").arg(file);
        }
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("bulkhead starts");
        let errors = said_by(&mut process);
        let mut lines = std::iter::from_fn(|| errors.recv_timeout(PATIENCE).ok());
        assert!(lines.any(|line| line.contains(WATCHES)), "it does not record");
        Self { process, errors, recording }
    }

    /// Has it end once all was read that was reported, and waits until all of its processes are done; the recording, and
    /// what was said.
    pub(crate) fn finish(mut self) -> (NamedTempFile, String) {
        let hands = Pid::from_child(&self.process);
        kill_process(hands, Signal::INT).expect("it is told");
        self.process.wait().expect("it ends");
        // The others still write; they are the last to hold this pipe.
        let said = std::iter::from_fn(|| self.errors.recv_timeout(PATIENCE).ok());
        let said = said.collect::<Vec<_>>().join("\n");
        (self.recording, said)
    }
}

/// What a process says beside its result, line by line until all who share it are gone.
fn said_by(process: &mut Child) -> Receiver<String> {
    let (sender, errors) = channel();
    let lines = BufReader::new(process.stderr.take().expect("its errors")).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    errors
}

impl Drop for Sensor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
