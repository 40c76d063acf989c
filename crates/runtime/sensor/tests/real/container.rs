//! A container of runc, of a root file system with nothing but busybox.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use bulkhead_testing::{skip, tool};
use serde_json::{Value, json};
use tempfile::TempDir;

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
    // busybox: Debian's busybox-static, which needs no libraries in the container.
    tool("runc").is_some() && tool("busybox").is_some()
}

/// A root file system with the applets of busybox that are named, and accounts of its own.
pub(crate) fn root(folder: &Path, applets: &[&str]) {
    let root = folder.join("rootfs");
    for name in ["bin", "etc", "proc", "dev", "sys", "tmp", "srv"] {
        fs_err::create_dir_all(root.join(name)).unwrap();
    }
    fs_err::copy(tool("busybox").unwrap(), root.join("bin/busybox")).unwrap();
    for applet in applets {
        symlink("busybox", root.join("bin").join(applet)).unwrap();
    }
    let passwd = "root:x:0:0::/:/bin/sh\ninside:x:4711:4711::/srv:/bin/sh\n";
    fs_err::write(root.join("etc/passwd"), passwd).unwrap();
    fs_err::write(root.join("etc/group"), "root:x:0:\nwithin:x:4711:\n").unwrap();
}

impl Container {
    /// Starts a container whose first process runs those words; `change` may change what `runc spec`
    /// makes.
    pub(crate) fn start(name: &str, words: &[&str], change: impl FnOnce(&mut Value)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        root(folder.path(), &["sh", "sleep", "cat", "id", "ls", "ln", "touch"]);
        run(Command::new("runc").arg("spec").current_dir(folder.path()));
        let path = folder.path().join("config.json");
        let mut spec: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        spec["process"]["terminal"] = json!(false);
        spec["process"]["args"] = json!(words);
        spec["root"]["readonly"] = json!(false);
        change(&mut spec);
        fs_err::write(&path, spec.to_string()).unwrap();
        let name = format!("{name}-{}", std::process::id());
        let mut runc = Command::new("runc");
        runc.args(["run", "--detach", &name]).current_dir(folder.path());
        runc.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = runc.status().unwrap();
        assert!(status.success(), "runc run: {status}");
        Self { folder, name }
    }

    /// Runs a command in it, and waits for its end.
    pub(crate) fn exec(&self, words: &[&str]) {
        let mut runc = Command::new("runc");
        runc.args(["exec", &self.name]).args(words).stdin(Stdio::null());
        runc.stdout(Stdio::null()).stderr(Stdio::null());
        runc.status().unwrap();
    }

    /// Its first process, by the host's number.
    pub(crate) fn process(&self) -> u32 {
        let state = run(Command::new("runc").args(["state", &self.name]));
        let state: Value = serde_json::from_slice(&state).unwrap();
        u32::try_from(state["pid"].as_u64().unwrap()).unwrap()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("runc").args(["delete", "--force", &self.name]).output();
    }
}

/// The output of a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    output.stdout
}
