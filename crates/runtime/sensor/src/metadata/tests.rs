//! Documents as the runtimes write them, shortened to what is read.

use bulkhead_limits::Limits;
use serde_json::json;

use super::*;

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

fn read(value: &serde_json::Value) -> Metadata {
    spec(value.to_string().as_bytes(), &budget()).unwrap()
}

/// Capabilities of a container: those of docker's default set, or everything but some.
fn capabilities(without: Option<&str>) -> Vec<String> {
    let default = ["CHOWN", "KILL", "MKNOD", "NET_RAW", "SETUID"];
    let all =
        ["SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "SYS_PTRACE", "DAC_READ_SEARCH", "MKNOD", "BPF"];
    let names = match without {
        Some(without) => all.into_iter().filter(|name| *name != without).collect(),
        None => default.to_vec(),
    };
    names.iter().map(|name| format!("CAP_{name}")).collect()
}

#[test]
fn privileged_is_everything_and_nothing_hidden() {
    let check = |without, masked: &[&str], readonly: &[&str], expected| {
        let read = read(&json!({
            "process": {"args": ["sh"], "capabilities": {"bounding": capabilities(without)}},
            "linux": {"maskedPaths": masked, "readonlyPaths": readonly},
        }));
        assert_eq!(read.privileged, Some(expected), "{without:?} {masked:?} {readonly:?}");
    };
    check(Some("nothing"), &[], &[], true);
    // What the machine itself does not have.
    check(Some("BPF"), &[], &[], true);
    check(Some("SYS_ADMIN"), &[], &[], false);
    check(Some("nothing"), &["/proc/kcore"], &[], false);
    check(Some("nothing"), &[], &["/proc/sys"], false);
    check(None, &[], &[], false);
    assert_eq!(read(&json!({"linux": {}})).privileged, Some(false));
    let nulls = json!({"linux": {"maskedPaths": null}, "process": null});
    assert_eq!(read(&nulls).privileged, Some(false));
}

#[test]
fn what_is_shared_with_the_host_has_no_namespace_of_its_own() {
    let check = |namespaces: serde_json::Value, expected: [bool; 3]| {
        let read = read(&json!({"linux": {"namespaces": namespaces}}));
        let shared = read.shared.unwrap();
        assert_eq!([shared.network, shared.processes, shared.communication], expected);
    };
    let own = |kind: &str| json!({"type": kind});
    check(json!([own("network"), own("pid"), own("ipc"), own("mount")]), [false; 3]);
    check(json!([own("mount")]), [true; 3]);
    check(json!(null), [true; 3]);
    // Those of a pod, and the host's as docker names them.
    check(
        json!([{"type": "network", "path": "/proc/4711/ns/net"}, own("pid")]),
        [false, false, true],
    );
    let host = [
        json!({"type": "network", "path": "/var/run/docker/netns/default"}),
        json!({"type": "pid", "path": "/proc/1/ns/pid"}),
        own("ipc"),
    ];
    check(json!(host), [true, true, false]);
    assert_eq!(read(&json!({"mounts": []})).shared, None);
}

#[test]
fn docker_says_how_containers_are_asked() {
    let check = |configuration: serde_json::Value, expected: &[&str]| {
        let record = json!({"Config": configuration}).to_string();
        let read = docker_container(record.as_bytes(), &budget()).unwrap();
        assert_eq!(read.healthcheck.unwrap(), expected);
    };
    let test = |words: &[&str]| json!({"Healthcheck": {"Test": words}});
    check(test(&["CMD-SHELL", "curl -f localhost"]), &["/bin/sh", "-c", "curl -f localhost"]);
    check(test(&["CMD", "/probe", "-q"]), &["/probe", "-q"]);
    check(test(&["NONE"]), &[]);
    check(test(&[]), &[]);
    check(json!({}), &[]);
    let bash = json!({"Shell": ["/bin/bash", "-ec"], "Healthcheck": {"Test": ["CMD-SHELL", "a"]}});
    check(bash, &["/bin/bash", "-ec", "a"]);
    let host = br#"{"NetworkMode":"host","PidMode":"","IpcMode":"private"}"#;
    let shared = docker_host(host, &budget()).unwrap().shared.unwrap();
    assert_eq!((shared.network, shared.processes, shared.communication), (true, false, false));
}

#[test]
fn mounts_say_where_from_and_whether_they_can_be_written() {
    let read = read(&json!({"mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
        {"destination": "/etc/hosts", "source": "/var/lib/hosts", "options": ["rbind", "rprivate", "ro"]},
        {"destination": "/host", "type": "none", "source": "/", "options": ["bind", "rshared"]},
        {"destination": "/bare"},
    ]}));
    let seen: Vec<_> = read
        .mounts
        .iter()
        .map(|m| (&*m.source, &*m.destination, &*m.kind, m.writable, &*m.propagation))
        .collect();
    assert_eq!(
        seen,
        [
            ("proc", "/proc", "proc", true, ""),
            ("/var/lib/hosts", "/etc/hosts", "bind", false, "rprivate"),
            ("/", "/host", "bind", true, "rshared"),
            ("", "/bare", "", true, ""),
        ]
    );
}

#[test]
fn each_runtimes_annotations_name_pod_and_image() {
    let tables = [
        json!({
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.container-name": "web",
            "io.kubernetes.cri.image-name": "docker.io/library/redis:7",
            "io.kubernetes.cri.sandbox-id": "feed",
            "io.kubernetes.cri.sandbox-name": "web-0",
            "io.kubernetes.cri.sandbox-namespace": "shop",
            "io.kubernetes.cri.sandbox-uid": "u-1",
        }),
        json!({
            "io.kubernetes.cri-o.ContainerType": "container",
            "io.kubernetes.container.name": "web",
            "io.kubernetes.cri-o.ImageName": "docker.io/library/redis:7",
            "io.kubernetes.cri-o.SandboxID": "feed",
            "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.pod.namespace": "shop",
            "io.kubernetes.pod.uid": "u-1",
            "io.kubernetes.cri-o.Labels": "{\"app\":\"web\"}",
        }),
    ];
    for table in tables {
        let read = read(&json!({"annotations": table}));
        let image = read.image.clone().unwrap();
        assert_eq!(
            (&*image.repository, image.tag.as_deref()),
            ("docker.io/library/redis", Some("7"))
        );
        let pod = Pod {
            name: Some("web-0".into()),
            namespace: Some("shop".into()),
            uid: Some("u-1".into()),
            container: Some("web".into()),
            sandbox: Some("feed".into()),
            labels: BTreeMap::new(),
            probes: BTreeMap::new(),
        };
        assert_eq!(read.pod, pod);
        assert!(!read.is_sandbox);
    }
}

#[test]
fn a_pods_labels_are_its_sandboxes() {
    let pairs = [
        ("io.cri-containerd.kind", "sandbox"),
        ("io.kubernetes.pod.name", "web-0"),
        ("app", "web"),
    ];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let read = annotations(&pairs.into_iter().collect());
    assert!(read.is_sandbox);
    assert_eq!(read.pod.labels, BTreeMap::from([("app".to_owned(), "web".to_owned())]));
}

#[test]
fn states_tell_what_the_specification_would() {
    let state = json!({
        "id": "web", "init_process_pid": 4711, "created": "2026-01-02T03:04:05Z",
        "config": {
            "rootfs": "/b/rootfs",
            "labels": ["bundle=/b", "io.kubernetes.pod.name=web-0", "odd"],
            "capabilities": {"Bounding": capabilities(Some("nothing"))},
            "namespaces": [{"type": "NEWNS", "path": ""}, {"type": "NEWPID", "path": ""}],
            "mounts": [{
                "source": "/srv", "destination": "/data", "device": "bind", "flags": 4096 | 16384 | 1,
                "propagation_flags": [(1 << 18) | 16384],
            }],
        },
        "cgroup_paths": {"": "/sys/fs/cgroup/web"},
    });
    let read = runc_state(state.to_string().as_bytes(), &budget()).unwrap();
    assert_eq!(read.pod.name.as_deref(), Some("web-0"));
    assert_eq!(read.root.as_deref(), Some("/b/rootfs"));
    assert_eq!(read.groups, ["/sys/fs/cgroup/web"]);
    assert_eq!(read.privileged, Some(true));
    let shared = read.shared.unwrap();
    assert_eq!((shared.network, shared.processes, shared.communication), (true, false, true));
    let mount = Mount {
        source: "/srv".into(),
        destination: "/data".into(),
        kind: "bind".into(),
        writable: false,
        propagation: "rprivate".into(),
    };
    assert_eq!(read.mounts, [mount]);
    let state = json!({"pid": 12, "rootfs": "/c/rootfs", "created": "2026", "cgroup-path": "/x"});
    let read = crun_status(state.to_string().as_bytes(), &budget()).unwrap();
    assert_eq!((read.groups, read.root.as_deref()), (vec!["/x".to_owned()], Some("/c/rootfs")));
}

#[test]
fn docker_and_containers_storage_name_the_image() {
    let record = json!({
        "Name": "/web", "Image": "sha256:aa", "Created": "2026-01-02T03:04:05Z",
        "Config": {"Image": "localhost:5000/redis", "Labels": {"io.kubernetes.pod.name": "web-0", "a": "b"}},
    });
    let read = docker_container(record.to_string().as_bytes(), &budget()).unwrap();
    assert_eq!((read.name.as_deref(), read.image_id.as_deref()), (Some("web"), Some("sha256:aa")));
    assert_eq!(read.image.unwrap().repository, "localhost:5000/redis");
    assert_eq!((read.pod.name.as_deref(), read.labels["a"].as_str()), (Some("web-0"), "b"));
    assert_eq!(docker_host(br#"{"Privileged":true}"#, &budget()).unwrap().privileged, Some(true));

    let list = json!([{"id": "other"}, {
        "id": "feed", "names": ["web"], "image": "bb", "created": "2026-01-02T03:04:05Z",
        "metadata": "{\"image-name\":\"quay.io/a/b:1\",\"image-id\":\"bb\",\"name\":\"web\"}",
    }]);
    let bytes = list.to_string();
    let read = storage_containers(bytes.as_bytes(), "feed", &budget()).unwrap().unwrap();
    assert_eq!(read.image.unwrap().full, "quay.io/a/b:1");
    assert_eq!((read.name.as_deref(), read.image_id.as_deref()), (Some("web"), Some("bb")));
    assert!(storage_containers(bytes.as_bytes(), "none", &budget()).unwrap().is_none());
}

#[test]
fn an_images_name_comes_apart() {
    let check = |full: &str, repository: &str, tag: Option<&str>, digest: Option<&str>| {
        let read = ImageName::read(full).unwrap();
        let parts = (&*read.repository, read.tag.as_deref(), read.digest.as_deref());
        assert_eq!(parts, (repository, tag, digest), "{full}");
    };
    check("redis", "redis", None, None);
    check("redis:7", "redis", Some("7"), None);
    check("a:5000/redis", "a:5000/redis", None, None);
    check("a:5000/b/redis:7@sha256:12", "a:5000/b/redis", Some("7"), Some("sha256:12"));
    assert_eq!(ImageName::read("sha256:12"), None);
    assert_eq!(ImageName::read(""), None);
}

#[test]
fn what_an_earlier_document_said_stands() {
    let mut first = Metadata { name: Some("a".into()), ..Metadata::default() };
    let second =
        Metadata { name: Some("b".into()), image_id: Some("c".into()), ..Metadata::default() };
    first.complete(second);
    assert_eq!((first.name.as_deref(), first.image_id.as_deref()), (Some("a"), Some("c")));
}

#[test]
fn broken_documents_are_refused_by_name() {
    let error = spec(b"{", &budget()).unwrap_err().to_string();
    assert!(error.starts_with("not the specification of a container"), "{error}");
    let small = Budget::new(Limits { file_bytes: 1, ..Limits::DEFAULT });
    assert!(matches!(spec(b"{}", &small), Err(MetadataError::Limit { .. })));
}

/// A pod as `kubectl apply` was given it: a container that is asked by commands, one that is asked over the network, one
/// that is not asked, and one that starts before them and goes on.
fn applied_pod() -> String {
    let asked = json!({
        "name": "web", "image": "web:1",
        "livenessProbe": {"exec": {"command": ["sh", "-c", "test -e /alive"]}, "periodSeconds": 5},
        "readinessProbe": {"exec": {"command": ["/probe", "--ready"]}},
    });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {}, "name": "web-0", "namespace": "shop"},
        "spec": {
            "containers": [
                asked,
                {"name": "api", "livenessProbe": {"httpGet": {"path": "/", "port": 80}}},
                {"name": "idle"},
            ],
            "initContainers": [{
                "name": "beside", "restartPolicy": "Always",
                "readinessProbe": {"exec": {"command": ["ready"]}},
            }],
        },
    });
    format!("{pod}\n")
}

fn check_probes(read: &Metadata) {
    let words =
        |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    let of = |name: &str| read.pod.probes[name].clone();
    assert_eq!(
        of("web"),
        Probes {
            liveness: words(&["sh", "-c", "test -e /alive"]),
            readiness: words(&["/probe", "--ready"]),
        }
    );
    assert_eq!([of("api"), of("idle")], [Probes::default(), Probes::default()]);
    assert_eq!(of("beside").readiness, words(&["ready"]));
}

const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

#[test]
fn a_pods_sandbox_tells_how_its_containers_are_asked() {
    // CRI-O, which hands annotations on as they are, and all of them in one.
    for (key, value) in [
        (APPLIED, applied_pod()),
        ("io.kubernetes.cri-o.Annotations", json!({ APPLIED: applied_pod() }).to_string()),
    ] {
        let sandbox = json!({"annotations": {
            "io.kubernetes.cri-o.ContainerType": "sandbox", "io.kubernetes.cri-o.IP.0": "10.88.0.5", key: value,
        }});
        let read = read(&sandbox);
        check_probes(&read);
        assert_eq!(read.address.as_deref(), Some("10.88.0.5"));
        assert_eq!(read.pod.labels.get(APPLIED), None);
    }
    // The kubelet's side of docker.
    let labels = json!({
        "annotation.kubectl.kubernetes.io/last-applied-configuration": applied_pod(),
        "io.kubernetes.docker.type": "podsandbox", "app": "web",
    });
    let record = json!({"Name": "/k8s_POD_web-0", "Config": {"Labels": labels}}).to_string();
    let read = docker_container(record.as_bytes(), &budget()).unwrap();
    check_probes(&read);
    assert_eq!(read.pod.labels.keys().collect::<Vec<_>>(), ["app"]);
    // containerd, in whose database it lies.
    let record = json!({"Version": "v1", "Metadata": {
        "ID": "5eed", "Name": "web-0_shop_u-1_0", "IP": "10.88.0.6",
        "Config": {"metadata": {"name": "web-0"}, "labels": {"app": "web"}, "annotations": {APPLIED: applied_pod()}},
    }});
    let read = cri_sandbox(record.to_string().as_bytes(), &budget()).unwrap();
    check_probes(&read);
    assert_eq!((read.address.as_deref(), read.is_sandbox), (Some("10.88.0.6"), true));
    assert!(cri_sandbox(b"[]", &budget()).is_err());
}

#[test]
fn no_container_says_how_it_is_asked() {
    // Labels of an image are those of its containers.
    let labels = json!({
        APPLIED: applied_pod(),
        "annotation.kubectl.kubernetes.io/last-applied-configuration": applied_pod(),
        "io.kubernetes.docker.type": "container", "io.kubernetes.container.name": "web",
    });
    let record = json!({"Name": "/web", "Config": {"Labels": labels}}).to_string();
    let read = docker_container(record.as_bytes(), &budget()).unwrap();
    assert_eq!(read.pod.probes, BTreeMap::new());
    // What is no pod tells nothing.
    for broken in ["", "{", "[]", "{\"spec\":{}}", "{\"spec\":{\"containers\":[{\"name\":7}]}}"] {
        let pairs = [("io.cri-containerd.kind", "sandbox"), (APPLIED, broken)];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(annotations(&pairs.into()).pod.probes, BTreeMap::new(), "{broken}");
    }
}

#[test]
fn processes_of_others_are_joined() {
    let check = |pid: serde_json::Value, expected: bool| {
        let namespaces = json!([{"type": "mount"}, pid]);
        assert_eq!(read(&json!({"linux": {"namespaces": namespaces}})).joins_processes, expected);
    };
    check(json!({"type": "pid"}), false);
    check(json!({"type": "pid", "path": ""}), false);
    check(json!({"type": "pid", "path": "/proc/4711/ns/pid"}), true);
    check(json!({"type": "network", "path": "/proc/4711/ns/net"}), false);
}

#[test]
fn docker_tells_the_address() {
    let record = json!({"NetworkSettings": {"Networks": {
        "none": null, "inner": {"IPAddress": ""}, "bridge": {"IPAddress": "172.17.0.2", "Gateway": "172.17.0.1"},
    }}});
    let read = docker_container(record.to_string().as_bytes(), &budget()).unwrap();
    assert_eq!(read.address.as_deref(), Some("172.17.0.2"));
}
