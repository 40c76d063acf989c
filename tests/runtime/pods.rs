//! Pods of a real containerd, made as a kubelet makes them: alerts name pod, namespace, labels and image.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use bulkhead_end_to_end::{Containerd, run};
use bulkhead_testing::{skip, tool};
use serde_json::{Value, json};

use crate::container::can_run;
use crate::cri::{Cri, Message};
use crate::sensor::Sensor;

const PAUSE: &str = "registry.example/pause:1";
const IMAGE: &str = "registry.example/shop/web:1.4";

const RULES: &str = "- rule: Pod reads its accounts
  desc: with all that is known of the pod
  condition: evt.type in (open, openat) and fd.name=/etc/passwd and proc.name=cat and k8s.pod.name=web-0
  output: '%k8s.ns.name %k8s.pod.name %k8s.pod.uid %k8s.pod.label[team] %container.name
    %container.image.repository %container.image.tag %container.image.digest %container.type'
  priority: WARNING

# So the macro stands in rule files of Falco from before 0.40.
- macro: container_started
  condition: >
    ((evt.type = container or
     (evt.type=execve and evt.dir=< and proc.vpid=1)) and
     container.image.repository != incomplete)

- rule: Pod is asked
  desc: by a kubelet, or with the same words
  condition: evt.type in (open, openat) and fd.name=/alive and k8s.pod.name=web-0
  output: '%proc.is_container_liveness_probe %proc.is_container_readiness_probe %proc.cmdline %proc.env[OWN]
    %container.liveness_probe %container.readiness_probe %k8s.pod.ip'
  priority: WARNING

- rule: Container of a pod started
  desc: told by the container itself, and by its first program
  condition: container_started and container.name=web
  output: '%evt.type %k8s.ns.name %k8s.pod.name %k8s.pod.uid %k8s.pod.label[team] %container.name
    %container.image.repository %container.image.tag %container.image.digest %proc.cmdline'
  priority: NOTICE
";

/// Runs until it is killed, and says again and again that it is there: the sensor may need a moment for documents
/// that the daemon writes after the first program started. It asks itself as a kubelet does.
const SCRIPT: &str =
    "while true; do cat /etc/passwd; OWN=1 sh -c 'cat /etc/passwd /alive; true'; sleep 0.2; done";

/// What a kubelet executes, and what just misses it: a shell, and what that makes a process for.
const PROBE: &str = "cat /etc/passwd /alive; true";
const NO_PROBE: &str = "cat /etc/passwd /alive /miss; true";

/// What puts the folders of a daemon where those of a node's own are, for one program and what it starts.
const AS_THE_NODES: &str = "mount -t tmpfs none /run && mkdir /run/containerd && mount --bind \"$1\" /run/containerd && \
    mount -t tmpfs none /var/lib && mkdir /var/lib/containerd && mount --bind \"$2\" /var/lib/containerd && \
    shift 2 && exec \"$@\"";

#[test]
fn alerts_name_the_pod_and_its_image() {
    let tools = ["containerd", "ctr", "curl", "unshare"].map(tool);
    if !can_run() || tools.iter().any(Option::is_none) {
        return;
    }
    if !Path::new("/usr/lib/cni/ptp").is_file() {
        skip("containernetworking-plugins is not installed");
        return;
    }
    let daemon = Containerd::with_pods(PAUSE).expect("containerd starts");
    let archive = archive();
    let archive = archive.path().join("image.tar").display().to_string();
    daemon.ctr("k8s.io", &["images", "import", &archive]).expect("it is imported");
    let rules = archive_rules();
    let (state, root) = (daemon.state().display().to_string(), daemon.root().display().to_string());
    let around = ["unshare", "--mount", "sh", "-c", AS_THE_NODES, "sh", &state, &root];
    let Some(sensor) = Sensor::watch_within(&around, &[rules.path()], &[]) else { return };

    let cri = Cri::at(daemon.socket());
    let applied = json!({"kind": "Pod", "spec": {"containers": [
        {"name": "web", "livenessProbe": {"exec": {"command": ["sh", "-c", PROBE]}}},
        {"name": "other", "livenessProbe": {"exec": {"command": ["sh", "-c", NO_PROBE]}}},
    ]}});
    // k8s.io/cri-api, runtime/v1/api.proto: the numbers of its fields. Each container has processes of its own.
    let own_processes = Message::new().number(2, 1);
    let pod = Message::new()
        .message(1, Message::new().text(1, "web-0").text(2, "uid-of-web-0").text(3, "shop"))
        .entry(6, "team", "shop")
        .entry(6, "io.kubernetes.pod.name", "web-0")
        .entry(6, "io.kubernetes.pod.namespace", "shop")
        .entry(6, "io.kubernetes.pod.uid", "uid-of-web-0")
        .entry(7, "kubectl.kubernetes.io/last-applied-configuration", &applied.to_string())
        .message(8, Message::new().message(2, Message::new().message(1, own_processes.clone())));
    let sandbox = cri.call("RunPodSandbox", &Message::new().message(1, pod.clone()));
    let container = Message::new()
        .message(1, Message::new().text(1, "web"))
        .message(2, Message::new().text(1, IMAGE))
        .text(3, "sh")
        .text(3, "-c")
        .text(3, SCRIPT)
        .entry(9, "io.kubernetes.container.name", "web")
        .entry(9, "io.kubernetes.pod.name", "web-0")
        .entry(9, "io.kubernetes.pod.namespace", "shop")
        .message(15, Message::new().message(2, Message::new().message(3, own_processes)));
    let create = Message::new().text(1, &sandbox).message(2, container).message(3, pod);
    let container = cri.call("CreateContainer", &create);
    cri.call("StartContainer", &Message::new().text(1, &container));

    // The first alerts may come before the daemon has written all down.
    let expected = json!({
        "k8s.ns.name": "shop",
        "k8s.pod.name": "web-0",
        "k8s.pod.uid": "uid-of-web-0",
        "k8s.pod.label[team]": "shop",
        "container.name": "web",
        "container.image.repository": "registry.example/shop/web",
        "container.image.tag": "1.4",
        "container.image.digest": daemon.digest("k8s.io", IMAGE).expect("its digest"),
    });
    let mut last = json!(null);
    let mut started = Vec::new();
    let found = (0..100).any(|_| {
        let alert = sensor.next();
        last = alert["output_fields"].clone();
        assert!(container.starts_with(last["container.id"].as_str().unwrap_or("nothing")));
        let fields = expected.as_object().expect("an object");
        let is_whole = fields.iter().all(|(field, value)| last[field] == *value);
        if last["evt.type"] == "container" {
            started.push((is_whole, last["proc.cmdline"].clone()));
        }
        is_whole && alert["rule"] == "Pod reads its accounts"
    });
    let asked = [NO_PROBE, PROBE].map(|line| {
        let words = Message::new().text(1, &container).text(2, "sh").text(2, "-c").text(2, line);
        cri.call("ExecSync", &words);
        questions(&sensor, line)
    });
    cri.call("StopPodSandbox", &Message::new().text(1, &sandbox));
    cri.call("RemovePodSandbox", &Message::new().text(1, &sandbox));
    assert!(found, "{last:#} is not {expected:#}");
    assert_eq!(started, [(true, format!("sh -c {SCRIPT}").into())]);
    let [missed, met] = asked;
    let line = json!(format!("sh -c {PROBE}"));
    assert_eq!(missed, json!([false, false, line, null]));
    assert_eq!(met, json!([true, false, line, null]));
}

/// What is told of a line that was executed from outside. Whenever the container does the same itself, it is no probe.
fn questions(sensor: &Sensor, line: &str) -> Value {
    let mut seen = Vec::new();
    let told = (0..100).find_map(|_| {
        let fields = sensor.next()["output_fields"].clone();
        let is_probe = &fields["proc.is_container_liveness_probe"];
        if fields["proc.env[OWN]"] == "1" {
            assert_eq!(is_probe, &json!(false), "{fields}");
        }
        let command = line.trim_end_matches("; true");
        let is_wanted = fields["proc.cmdline"] == command && fields["proc.env[OWN]"].is_null();
        seen.push(fields["proc.cmdline"].clone());
        is_wanted.then_some(fields)
    });
    let fields = told.unwrap_or_else(|| panic!("nobody tells of {line}: {seen:?}"));
    let address = fields["k8s.pod.ip"].as_str().and_then(|address| address.parse().ok());
    let is_of_pods = |address: Ipv4Addr| address.octets()[..3] == [198, 18, 77];
    assert!(address.is_some_and(is_of_pods), "{fields}");
    let names = ["proc.is_container_liveness_probe", "proc.is_container_readiness_probe"];
    let names = names.into_iter().chain(["container.liveness_probe", "container.readiness_probe"]);
    names.map(|name| fields[name].clone()).collect()
}

fn archive_rules() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs_err::write(file.path(), RULES).expect("a file of rules");
    file
}

/// An archive as `docker save` writes it: two images of one layer with busybox.
fn archive() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["root/bin", "root/etc", "root/proc", "root/dev", "root/sys", "root/tmp"] {
        fs_err::create_dir_all(at(name)).expect("a folder");
    }
    fs_err::copy(tool("busybox").expect("busybox"), at("root/bin/busybox")).expect("a copy");
    for applet in ["sh", "sleep", "cat"] {
        let link = at("root/bin").join(applet);
        std::os::unix::fs::symlink("busybox", link).expect("a link");
    }
    fs_err::write(at("root/etc/passwd"), "root:x:0:0::/:/bin/sh\n").expect("a file");
    let tar = |words: &[&str]| run(Command::new("tar").current_dir(&folder).args(words));
    tar(&["-cf", "layer.tar", "-C", "root", "."]).expect("a layer");
    let sum = run(Command::new("sha256sum").arg(at("layer.tar"))).expect("its digest");
    let sum = String::from_utf8_lossy(&sum).split(' ').next().unwrap_or_default().to_owned();
    let mut manifest = Vec::new();
    for (file, name, seconds) in [("pause.json", PAUSE, "601"), ("web.json", IMAGE, "600")] {
        let configuration = json!({
            "architecture": "amd64", "os": "linux",
            "config": {"Cmd": ["sleep", seconds], "Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{sum}")]},
        });
        fs_err::write(at(file), configuration.to_string()).expect("a configuration");
        manifest.push(json!({"Config": file, "RepoTags": [name], "Layers": ["layer.tar"]}));
    }
    fs_err::write(at("manifest.json"), json!(manifest).to_string()).expect("a manifest");
    tar(&["-cf", "image.tar", "manifest.json", "pause.json", "web.json", "layer.tar"])
        .expect("an archive");
    folder
}
