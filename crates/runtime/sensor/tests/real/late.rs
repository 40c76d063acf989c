//! A container of which nothing is to be found when its first program runs, and all of it later.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bulkhead_events::{Event, Kind};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::container::{root, run};
use crate::live::live;

/// Where runc leaves what it knows, unless it is told another place.
const STATE: &str = "/run/runc";

/// A container whose state lies where nobody looks for it, until the value is dropped.
struct Hidden {
    folder: tempfile::TempDir,
    name: String,
}

impl Hidden {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        root(folder.path(), &["sleep"]);
        run(Command::new("runc").arg("spec").current_dir(folder.path()));
        let path = folder.path().join("config.json");
        let mut spec: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        spec["process"]["terminal"] = json!(false);
        spec["process"]["args"] = json!(["sleep", "600"]);
        fs_err::write(&path, spec.to_string()).unwrap();
        let hidden = Self { folder, name: format!("bulkhead-late-{}", std::process::id()) };
        let mut runc = hidden.runc(&["run", "--detach", &hidden.name]);
        let status = runc.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.unwrap().success());
        hidden
    }

    fn runc(&self, words: &[&str]) -> Command {
        let mut runc = Command::new("runc");
        runc.arg("--root").arg(self.state()).args(words).current_dir(self.folder.path());
        runc
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(Path::new(STATE).join(&self.name));
        let _ = self.runc(&["delete", "--force", &self.name]).output();
    }
}

fn since_boot() -> u64 {
    let now = Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap();
    u64::try_from(now.as_nanos()).unwrap()
}

#[test]
fn what_is_written_late_is_found_without_another_event() {
    let Some(mut live) = live(&[], [1 << 20; 4]) else { return };
    let hidden = Hidden::start();
    let is_mine = |event: &Event| {
        event.process.container.as_ref().is_some_and(|container| container.id == *hidden.name)
    };
    let events = live.until(|event| event.kind.name() == "execve" && is_mine(event));
    let first = events.last().expect("its first program");
    // By the name of its group alone.
    let container = first.process.container.as_ref().unwrap();
    assert_eq!((container.privileged, &container.mounts), (None, &None));
    let told = |events: Vec<Event>| -> Vec<Event> {
        events.into_iter().filter(|event| event.kind == Kind::CONTAINER && is_mine(event)).collect()
    };
    assert_eq!(told(live.assembler.take_besides()), [], "it may be found yet");
    let place = Path::new(STATE).join(&hidden.name);
    fs_err::create_dir_all(&place).unwrap();
    let state = hidden.state().join(&hidden.name).join("state.json");
    fs_err::copy(state, place.join("state.json")).unwrap();
    let mut found = Vec::new();
    for _ in 0..300 {
        live.assembler.look_again(since_boot());
        found = told(live.assembler.take_besides());
        if !found.is_empty() {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    let [event] = &*found else { panic!("{found:?}") };
    let container = event.process.container.as_ref().unwrap();
    assert_eq!((event.process.pid, event.process.vpid), (first.process.pid, 1));
    assert_eq!(
        (container.privileged, container.runtime.clone()),
        (Some(false), Some("oci".into()))
    );
    assert!(container.mounts.as_ref().is_some_and(|mounts| !mounts.is_empty()));
    // It is told of once, and its processes know it from now on.
    live.assembler.look_again(since_boot());
    assert_eq!(told(live.assembler.take_besides()), []);
    let running = live.assembler.running();
    let running = running.iter().find(|(container, ..)| container.id == *hidden.name);
    assert_eq!(running.unwrap().0.privileged, Some(false));
}
