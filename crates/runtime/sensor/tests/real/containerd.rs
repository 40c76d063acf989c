//! What a real containerd's own documents tell: the image of a container, by name and digest.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bulkhead_sensor::{Machine, Membership, Surroundings as _, membership, paths};
use bulkhead_testing::tool;
use serde_json::json;
use tempfile::TempDir;

use crate::container::{can_run, root, run};

const IMAGE: &str = "registry.example/shop/web:1.4";

/// A daemon with everything in a folder that is laid out as the root of a host.
struct Containerd {
    process: Child,
    folder: TempDir,
}

impl Containerd {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let configuration = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = {:?}\n[ttrpc]\naddress = {:?}\n",
            at("var/lib/containerd"),
            at("run/containerd"),
            at("socket"),
            at("socket.ttrpc"),
        );
        fs_err::write(at("config.toml"), configuration).unwrap();
        let mut daemon = Command::new("containerd");
        daemon.args(["--config", &at("config.toml")]).stdout(Stdio::null());
        let process = daemon.stderr(Stdio::null()).spawn().unwrap();
        let daemon = Self { process, folder };
        for _ in 0..200 {
            if daemon.ctr(&["version"]).output().unwrap().status.success() {
                return daemon;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("containerd does not answer");
    }

    fn ctr(&self, words: &[&str]) -> Command {
        let mut ctr = Command::new("ctr");
        ctr.arg("--address").arg(self.folder.path().join("socket")).args(words);
        ctr
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        let _ = self.ctr(&["task", "kill", "--signal", "SIGKILL", "web"]).output();
        let _ = self.ctr(&["task", "delete", "--force", "web"]).output();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An archive as `docker save` writes it, of one layer.
fn archive(folder: &Path) {
    root(folder, &["sh", "sleep"]);
    let tar = |words: &[&str]| run(Command::new("tar").current_dir(folder).args(words));
    tar(&["-cf", "layer.tar", "-C", "rootfs", "."]);
    let sum = run(Command::new("sha256sum").arg("layer.tar").current_dir(folder));
    let sum = String::from_utf8_lossy(&sum).split(' ').next().unwrap().to_owned();
    let configuration = json!({
        "architecture": "amd64", "os": "linux", "config": {"Cmd": ["sleep", "60"]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{sum}")]},
    });
    fs_err::write(folder.join("config.json"), configuration.to_string()).unwrap();
    let manifest = json!([{"Config": "config.json", "RepoTags": [IMAGE], "Layers": ["layer.tar"]}]);
    fs_err::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    tar(&["-cf", "image.tar", "manifest.json", "config.json", "layer.tar"]);
}

#[test]
fn a_container_of_containerd_tells_its_image_by_name_and_digest() {
    let tools = ["containerd", "ctr"].map(tool);
    if !can_run() || tools.iter().any(Option::is_none) {
        return;
    }
    let daemon = Containerd::start();
    archive(daemon.folder.path());
    let file = daemon.folder.path().join("image.tar").display().to_string();
    run(&mut daemon.ctr(&["image", "import", &file]));
    let words = ["run", "--detach", "--label", "team=shop", IMAGE, "web"];
    run(&mut daemon.ctr(&words));
    let found = Machine::at(daemon.folder.path()).container("web").unwrap();
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let metadata = found.metadata;
    let image = metadata.image.unwrap();
    assert_eq!(
        (&*image.repository, image.tag.as_deref()),
        ("registry.example/shop/web", Some("1.4"))
    );
    // What containerd itself says of the image.
    let listed = run(&mut daemon.ctr(&["image", "list"]));
    let listed = String::from_utf8_lossy(&listed).into_owned();
    assert!(listed.contains(&metadata.image_digest.unwrap()), "{listed}");
    assert_eq!(metadata.labels["team"], "shop");
    assert_eq!(
        (metadata.privileged, metadata.arguments.join(" ")),
        (Some(false), "sleep 60".into())
    );
    // Its group has the name that was chosen, below the namespace.
    let tasks = run(&mut daemon.ctr(&["task", "list", "--quiet"]));
    assert_eq!(String::from_utf8_lossy(&tasks).trim(), "web");
    let listed = run(&mut daemon.ctr(&["task", "list"]));
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let process = listed.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let text = fs_err::read_to_string(format!("/proc/{process}/cgroup")).unwrap();
    let named = paths(&text).any(|path| match membership(path) {
        Membership::Unnamed(candidates) => {
            candidates.iter().any(|candidate| candidate.name == "web")
        }
        Membership::Container(_) => false,
    });
    assert!(named, "{text}");
    assert_eq!(metadata.groups, ["/default/web"]);
}
