//! A containerd of this machine's own build, with everything it keeps in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{path_with_system_folders, run, target_folder};

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
        let no_pods = "disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n";
        Self::configured(tempfile::tempdir()?, no_pods, "")
    }

    /// Starts a daemon that runs pods, with a network of their own, whose sandboxes are of an image that it is given
    /// later.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_pods(pause: &str) -> anyhow::Result<Self> {
        // Layers of containers cannot lie on an overlay, which folders for temporary files may be.
        let folder = tempfile::tempdir_in(target_folder()?)?;
        let network = folder.path().join("network");
        fs_err::create_dir(&network)?;
        let addresses = folder.path().join("addresses");
        let list = serde_json::json!({
            "cniVersion": "0.4.0", "name": "bulkhead-test",
            "plugins": [{"type": "ptp", "ipam": {
                "type": "host-local", "subnet": "198.18.77.0/24", "dataDir": addresses}}],
        });
        fs_err::write(network.join("10-pods.conflist"), list.to_string())?;
        let pods = format!(
            "[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = {pause:?}\n\
             disable_apparmor = true\nrestrict_oom_score_adj = true\n\
             [plugins.\"io.containerd.grpc.v1.cri\".cni]\nconf_dir = \"{}\"\n\
             bin_dir = \"/usr/lib/cni\"\n",
            network.display(),
        );
        Self::configured(folder, "", &pods)
    }

    fn configured(folder: TempDir, first: &str, last: &str) -> anyhow::Result<Self> {
        let at = |name: &str| folder.path().join(name);
        let configuration = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\n{first}\
             [grpc]\naddress = {:?}\n[ttrpc]\naddress = {:?}\n{last}",
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

    /// Where it keeps what is true while it runs.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Where it is asked.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// The digest by which it knows an image.
    ///
    /// # Errors
    /// Those of `ctr`, or that there is no such image.
    pub fn digest(&self, namespace: &str, image: &str) -> anyhow::Result<String> {
        let listed = self.asked(namespace, &["images", "list", &format!("name=={image}")])?;
        let listed = String::from_utf8(listed)?;
        let digest = listed.split_whitespace().find(|word| word.starts_with("sha256:"));
        Ok(digest.with_context(|| format!("no image {image}: {listed}"))?.to_owned())
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
        self.asked(namespace, arguments).map(drop)
    }

    fn asked(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let mut ctr = Command::new("ctr");
        ctr.arg("--address").arg(self.folder.path().join("socket"));
        ctr.args(["--namespace", namespace]).args(arguments);
        run(&mut ctr)
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
