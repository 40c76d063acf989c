//! A sensor of the real binary that can be asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bulkhead_testing::skip;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// How long one waits for something that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// One sensor at a time: each sees all that the machine does, and several would take each other's processor.
static ALONE: Mutex<()> = Mutex::new(());

/// A sensor that watches until its time is over, or it is dropped.
pub(crate) struct Sensor {
    process: Child,
    folder: TempDir,
    /// What it says beside the alerts.
    said: Arc<Mutex<String>>,
    _alone: MutexGuard<'static, ()>,
}

impl Sensor {
    /// Starts one with these rules, and waits until it watches.
    pub(crate) fn start(rules: &str, more: &[&str]) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip("the sensor needs root");
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs_err::write(path("rules.yaml"), rules).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
        command.args(["sensor", "run", "-r"]).arg(path("rules.yaml"));
        command.arg("-o").arg(format!("json={}", path("alerts.json").display()));
        command.arg("--socket").arg(path("socket"));
        command.arg("--metrics").arg(format!("unix:{}", path("metrics").display()));
        let process = command.args(more).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::default();
        let mut sensor = Self { process, folder, said: Arc::clone(&said), _alone: alone };
        let lines = BufReader::new(sensor.process.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok).inspect(move |line| {
            said.lock().unwrap().extend([line.as_str(), "\n"]);
        });
        if lines.any(|line| line.contains("the sensor watches")) {
            // What comes later is read to its end, so that nobody waits for it.
            std::thread::spawn(move || lines.for_each(drop));
            return Some(sensor);
        }
        let said = sensor.said();
        // A kernel that lets nobody load programs is no fault of ours; anything else is.
        assert!(said.contains("ot permitted"), "the sensor did not start: {said}");
        skip(&said);
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it said beside the alerts.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// The engine and the sinks.
    pub(crate) fn parts(&self) -> [u32; 2] {
        let status = self.status();
        ["engine", "sinks"].map(|part| {
            let mut all = status["processes"].as_array().unwrap().iter();
            let found = all.find(|process| process["part"] == part).unwrap();
            u32::try_from(found["process"].as_u64().unwrap()).unwrap()
        })
    }

    /// `sensor status` of this sensor.
    pub(crate) fn ask(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
        command.args(["sensor", "status", "--socket"]).arg(self.path("socket")).args(more);
        command.output().unwrap()
    }

    /// What it says of itself; waits until it says something.
    pub(crate) fn status(&self) -> Value {
        let answer = Self::until(|| {
            let output = self.ask(&["-o", "json", "--measure", "0"]);
            serde_json::from_slice(&output.stdout).ok()
        });
        answer.unwrap()
    }

    /// The alerts and notices until now, of one name.
    pub(crate) fn alerts(&self, rule: &str) -> Vec<Value> {
        self.told().into_iter().filter(|alert| alert["rule"] == rule).collect()
    }

    /// All that was told until now.
    pub(crate) fn told(&self) -> Vec<Value> {
        let text = fs_err::read_to_string(self.path("alerts.json")).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until there is something; none when that takes too long.
    #[expect(clippy::disallowed_methods, reason = "a test that waits for what others do")]
    pub(crate) fn until<T>(mut found: impl FnMut() -> Option<T>) -> Option<T> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(found) = found() {
                return Some(found);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        None
    }

    /// Waits until a state of the sensor is as it should be.
    pub(crate) fn until_status(&self, mut is_there: impl FnMut(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = Self::until(|| {
            last = self.status();
            is_there(&last).then_some(())
        });
        assert!(found.is_some(), "{last:#}");
        last
    }

    /// Has it end in order, and waits for that.
    pub(crate) fn finish(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        self.end()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(i32::try_from(self.process()).unwrap()).unwrap();
        kill_process(process, signal).unwrap();
    }

    /// The exit code at the end of its time.
    pub(crate) fn end(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Sensor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The answer to a request over a socket.
pub(crate) fn get(socket: &Path, request: &str) -> String {
    let mut connection = UnixStream::connect(socket).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}
