//! A container of runc with limits, of a root file system with nothing but busybox.

use std::process::{Command, Stdio};

use bulkhead_testing::tool;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A container that runs until the value is dropped.
pub(crate) struct Container {
    folder: TempDir,
    pub(crate) name: String,
}

impl Container {
    /// Starts one whose shell runs a script; none where the machine has no runc, which is a recorded skip.
    pub(crate) fn start(name: &str, script: &str, resources: &Value) -> Option<Self> {
        let container = Self::prepare(name, &["sh", "-c", script], resources)?;
        container.run(&["run", "--detach", &container.name]);
        Some(container)
    }

    /// The same, which does nothing yet.
    pub(crate) fn prepare(name: &str, words: &[&str], resources: &Value) -> Option<Self> {
        let (_, busybox) = (tool("runc")?, tool("busybox")?);
        let name = format!("{name}{}", std::process::id());
        let container = Self { folder: tempfile::tempdir().unwrap(), name };
        let root = container.folder.path().join("rootfs");
        for name in ["bin", "etc", "proc", "dev", "sys", "tmp"] {
            fs_err::create_dir_all(root.join(name)).unwrap();
        }
        fs_err::copy(busybox, root.join("bin/busybox")).unwrap();
        fs_err::write(root.join("etc/passwd"), "captain:x:0:0::/:/bin/sh\n").unwrap();
        for applet in ["sh", "cat", "sleep", "dd", "tr", "true"] {
            std::os::unix::fs::symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
        assert!(
            Command::new("runc")
                .arg("spec")
                .current_dir(&container.folder)
                .status()
                .unwrap()
                .success()
        );
        let path = container.folder.path().join("config.json");
        let mut spec: Value = serde_json::from_slice(&fs_err::read(&path).unwrap()).unwrap();
        spec["process"]["terminal"] = json!(false);
        spec["process"]["args"] = json!(words);
        for (key, value) in resources.as_object().unwrap() {
            spec["linux"]["resources"][key] = value.clone();
        }
        fs_err::write(&path, spec.to_string()).unwrap();
        Some(container)
    }

    /// Has runc do something with it.
    pub(crate) fn run(&self, words: &[&str]) {
        let mut runc = Command::new("runc");
        runc.args(words).current_dir(&self.folder);
        runc.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = runc.status().unwrap();
        assert!(status.success(), "runc {words:?}: {status}");
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("runc").args(["delete", "--force", &self.name]).output();
    }
}
