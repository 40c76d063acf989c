//! A containerd of this machine's own build, with everything it keeps in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{path_with_system_folders, run};

/// A daemon that runs as long as this value lives, unless it is stopped before.
pub struct Containerd {
    process: Child,
    folder: TempDir,
}

impl Containerd {
    /// Starts a daemon that knows no image.
    ///
    /// # Errors
    /// Where it cannot be started or does not answer within some seconds.
    pub fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let configuration = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\n\
             disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = {:?}\n[ttrpc]\naddress = {:?}\n",
            at("root").display().to_string(),
            at("state").display().to_string(),
            at("socket").display().to_string(),
            at("socket.ttrpc").display().to_string(),
        );
        fs_err::write(at("config.toml"), configuration)?;
        let process = Command::new("containerd")
            .arg("--config")
            .arg(at("config.toml"))
            .env("PATH", path_with_system_folders())
            .stdout(Stdio::null())
            .stderr(fs_err::File::create(at("log"))?.into_file())
            .spawn()
            .context("cannot start containerd")?;
        let daemon = Self { process, folder };
        for _ in 0..200 {
            if daemon.ctr("default", &["version"]).is_ok() {
                return Ok(daemon);
            }
            sleep(Duration::from_millis(50));
        }
        let log = fs_err::read_to_string(daemon.folder.path().join("log"))?;
        bail!("containerd does not answer: {log}")
    }

    /// The folder that it keeps everything in.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Imports an archive, every platform of it, under a name and the tags that it has itself.
    ///
    /// # Errors
    /// Those of `ctr`.
    pub fn import(&self, namespace: &str, archive: &Path, name: &str) -> anyhow::Result<()> {
        let archive = archive.to_str().context("a plain path")?;
        // Unpacking would mount file systems, which not every machine of tests may do.
        let import = ["images", "import", "--no-unpack", "--all-platforms", "--base-name", name];
        self.ctr(namespace, &[&import[..], &[archive]].concat())
    }

    /// Runs containerd's own client in a namespace.
    ///
    /// # Errors
    /// Those of `ctr`.
    pub fn ctr(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut ctr = Command::new("ctr");
        ctr.arg("--address").arg(self.folder.path().join("socket"));
        ctr.args(["--namespace", namespace]).args(arguments);
        run(&mut ctr).map(drop)
    }

    /// Stops the daemon; what it keeps stays.
    pub fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        self.stop();
    }
}
