//! Containers of runc whose root is an overlay: a Debian, the programs that do things above it, and what is
//! written on top.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bulkhead_end_to_end::{cached, parts, path_with_system_folders, run, target_folder, trigger};
use bulkhead_testing::{repository, skip, tool};
use jiff::{SignedDuration, Timestamp};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, openat};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where containers find the programs of the tests.
pub(crate) const PROGRAMS: &str = "/triggers";

/// Where the first process of a container waits for scripts, if it is the trigger that attends.
pub(crate) const GATE: &str = "/triggers/gate";

/// Names under which the trigger stands for another program.
const STAND_INS: [&str; 8] = ["nginx", "nginy", "login", "nc", "debugfs", "ssh", "dpkg", "sshd"];

/// A container that runs until the value is dropped.
pub(crate) struct Container {
    pub(crate) folder: TempDir,
    pub(crate) name: String,
}

/// Whether this machine can run containers; else a recorded skip.
pub(crate) fn can_run() -> bool {
    if !rustix::process::geteuid().is_root() {
        skip("containers need root");
        return false;
    }
    ["runc", "debootstrap", "cc", "busybox"].map(tool).iter().all(Option::is_some)
}

impl Container {
    /// Starts a container whose first process runs those words; `change` may change its specification.
    pub(crate) fn start(name: &str, words: &[&str], change: impl FnOnce(&mut Value)) -> Self {
        let folder = tempfile::tempdir_in(target_folder().expect("a folder")).expect("a folder");
        let name = format!("{name}{}", std::process::id());
        // From here on dropping it cleans up.
        let container = Self { folder, name };
        let folder = container.folder.path();
        // Who is root in a user namespace is nobody here.
        let mode = Permissions::from_mode(0o711);
        fs_err::set_permissions(folder, mode).expect("its folder");
        mount_root(folder);
        run(Command::new("runc").arg("spec").current_dir(folder)).expect("a specification");
        let path = folder.join("config.json");
        let text = fs_err::read(&path).expect("a specification");
        let mut specification: Value = serde_json::from_slice(&text).expect("JSON");
        specification["process"]["terminal"] = json!(false);
        specification["process"]["args"] = json!(words);
        specification["root"]["readonly"] = json!(false);
        allow_programs_in_memory(&mut specification);
        change(&mut specification);
        fs_err::write(&path, specification.to_string()).expect("a specification");
        let mut runc = container.runc(&["run", "--detach", &container.name]);
        let log = fs_err::File::create(folder.join("log")).expect("a log").into_file();
        runc.stdout(Stdio::null()).stderr(log);
        let status = runc.status().expect("runc starts");
        assert!(status.success(), "{}", container.log());
        container
    }

    /// Has runc say that it was made an hour ago, for a sensor that starts later.
    pub(crate) fn age(&self) {
        let path = Path::new("/run/runc").join(&self.name).join("state.json");
        let text = fs_err::read(&path).expect("the state that runc keeps");
        let mut state: Value = serde_json::from_slice(&text).expect("JSON");
        let made: Timestamp = serde_json::from_value(state["created"].take()).expect("a time");
        state["created"] = json!(made - SignedDuration::from_hours(1));
        fs_err::write(&path, state.to_string()).expect("a state");
    }

    /// Its name as rules know it.
    pub(crate) fn id(&self) -> &str {
        self.name.get(..12).unwrap_or(&self.name)
    }

    /// A file of its root folder, as it is reached from outside.
    pub(crate) fn inside(&self, path: &str) -> PathBuf {
        self.folder.path().join("rootfs").join(path.trim_start_matches('/'))
    }

    /// What its first process said.
    pub(crate) fn log(&self) -> String {
        fs_err::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until its first process has ended: runc itself returns before that has begun.
    pub(crate) fn wait_for_end(&self) {
        for _ in 0..600 {
            let output = self.runc(&["state", &self.name]).output().expect("runc starts");
            let state: Value = serde_json::from_slice(&output.stdout).expect("a state");
            if state["status"] == "stopped" {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("{} does not end: {}", self.name, self.log());
    }

    /// Runs a command in it, and waits for its end.
    pub(crate) fn exec(&self, words: &[&str]) {
        let mut runc = self.runc(&["exec", &self.name]);
        run(runc.args(words)).expect("it runs");
    }

    /// Runs a command in it that has a terminal, as people have it.
    pub(crate) fn exec_in_terminal(&self, words: &[&str]) {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a terminal");
        let name = ptsname(&ours, Vec::new()).expect("its name");
        let theirs = openat(CWD, name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
        let theirs = theirs.expect("its other end");
        let end = || Stdio::from(theirs.try_clone().expect("a descriptor"));
        let mut runc = self.runc(&["exec", "--tty", &self.name]);
        runc.args(words).stdin(end()).stdout(end()).stderr(end());
        let status = runc.status().expect("runc starts");
        assert!(status.success(), "{words:?}: {status}");
    }

    pub(crate) fn runc(&self, words: &[&str]) -> Command {
        let mut runc = Command::new("runc");
        runc.args(words).current_dir(&self.folder).stdin(Stdio::null());
        runc.env("PATH", path_with_system_folders());
        runc
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.runc(&["delete", "--force", &self.name]).output();
        let _ =
            Command::new("umount").arg("--lazy").arg(self.folder.path().join("rootfs")).output();
    }
}

/// As `--privileged` of docker has it: every capability that this machine gives away, nothing masked.
pub(crate) fn privileged(specification: &mut Value) {
    let own = rustix::thread::capabilities(None).expect("capabilities").permitted;
    let names: Vec<String> = own.iter_names().map(|(name, _)| format!("CAP_{name}")).collect();
    for set in ["bounding", "effective", "permitted"] {
        specification["process"]["capabilities"][set] = json!(names);
    }
    specification["linux"]["maskedPaths"] = json!([]);
    specification["linux"]["readonlyPaths"] = json!([]);
}

/// `runc spec` forbids programs in `/dev/shm`, other runtimes do not all.
fn allow_programs_in_memory(specification: &mut Value) {
    let mounts = specification["mounts"].as_array_mut().expect("mounts");
    for mount in mounts.iter_mut().filter(|mount| mount["destination"] == "/dev/shm") {
        let options = mount["options"].as_array_mut().expect("options");
        options.retain(|option| option != "noexec");
    }
}

/// The lowest layer, made once.
pub(crate) fn debian() -> PathBuf {
    let recipe = ("bookworm", &[] as &[&str]);
    let made = cached("debian", &recipe, |root| parts::debian(root, recipe.0, recipe.1));
    made.expect("a Debian")
}

/// Puts an overlay at `rootfs` of a folder.
fn mount_root(folder: &Path) {
    for name in ["rootfs", "upper", "work"] {
        fs_err::create_dir(folder.join(name)).expect("a folder");
    }
    let lower = format!("{}:{}", programs(folder).display(), debian().display());
    let [upper, work] = ["upper", "work"].map(|name| folder.join(name).display().to_string());
    let mut mount = Command::new("mount");
    mount.args(["-t", "overlay", "overlay", "-o"]);
    mount.arg(format!("lowerdir={lower},upperdir={upper},workdir={work}"));
    run(mount.arg(folder.join("rootfs"))).expect("an overlay");
}

/// A layer with the programs of the tests.
fn programs(folder: &Path) -> PathBuf {
    let layer = folder.join("programs");
    let inside = layer.join(PROGRAMS.trim_start_matches('/'));
    fs_err::create_dir_all(&inside).expect("a folder");
    fs_err::copy(trigger().expect("the trigger builds"), inside.join("trigger")).expect("a copy");
    for name in STAND_INS {
        symlink("trigger", inside.join(name)).expect("a link");
    }
    fs_err::copy(tool("busybox").expect("busybox"), inside.join("busybox")).expect("a copy");
    let gate = layer.join(GATE.trim_start_matches('/'));
    mknodat(CWD, &gate, FileType::Fifo, Mode::from(0o600), 0).expect("a named pipe");
    let source = repository().join("crates/runtime/probes/tests/live/trigger.c");
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-static", "-pthread", "-o"]).arg(inside.join("evasion")).arg(source);
    run(&mut cc).expect("a static program");
    layer
}
