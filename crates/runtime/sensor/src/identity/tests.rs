//! One line for each form of a path that a runtime writes.

use super::*;

/// Stands for an id of 64 hexadecimal digits in the tables.
const A: &str = "3f4e1c8a9b7d6e5f0a1b2c3d4e5f60718293a4b5c6d7e8f9000102030405060a";
const B: &str = "b0c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162738495a6b7c8d9eaf";
const POD: &str = "5a1b6c3d-7e8f-4a0b-9c1d-2e3f4a5b6c7d";
const SLICE: &str = "5a1b6c3d_7e8f_4a0b_9c1d_2e3f4a5b6c7d";

fn filled(path: &str) -> String {
    path.replace("{A}", A).replace("{B}", B).replace("{POD}", POD).replace("{SLICE}", SLICE)
}

#[test]
fn a_path_names_its_container() {
    use Runtime::{
        Buildkit, Containerd, Cri, Docker, Ecs, Garden, Kata, Lxc, Nspawn, Podman, Unknown,
    };
    let user = "/user.slice/user-1000.slice/user@1000.service";
    let table: &[(&str, Runtime, &str)] = &[
        // Docker: cgroupfs, systemd, an own parent, an init system inside, GitHub's runners.
        ("/docker/{A}", Docker, "{A}"),
        ("/docker/{A}/system.slice/nginx.service", Docker, "{A}"),
        ("/system.slice/docker-{A}.scope", Docker, "{A}"),
        ("/system.slice/docker-{A}.scope/init.scope", Docker, "{A}"),
        ("/docker.slice/docker-{A}.scope", Docker, "{A}"),
        ("/mine/{A}", Unknown, "{A}"),
        ("/mine.slice/docker-{A}.scope", Docker, "{A}"),
        ("/../../docker/{A}", Docker, "{A}"),
        ("/system.slice:docker:{A}", Docker, "{A}"),
        // Inside another container: kind, docker in docker, podman in docker.
        ("/docker/{A}/docker/{B}", Docker, "{B}"),
        ("/docker/{A}/kubelet/kubepods/besteffort/pod{POD}/{B}", Cri, "{B}"),
        ("/system.slice/docker-{A}.scope/libpod-{B}.scope/container", Podman, "{B}"),
        // containerd: nerdctl, and its own services with systemd's names taken as they are.
        ("/system.slice/nerdctl-{A}.scope", Containerd, "{A}"),
        ("/k8s.io/{A}", Unknown, "{A}"),
        (
            "/system.slice/containerd.service/kubepods-burstable-pod{SLICE}.slice:cri-containerd:{A}",
            Containerd,
            "{A}",
        ),
        // Podman: root and user, either driver, pods, split groups.
        ("/machine.slice/libpod-{A}.scope", Podman, "{A}"),
        ("/machine.slice/libpod-{A}.scope/container", Podman, "{A}"),
        ("/machine.slice/machine-libpod_pod_{B}.slice/libpod-{A}.scope/container", Podman, "{A}"),
        ("/libpod_parent/libpod-{A}", Podman, "{A}"),
        ("/libpod_parent/{B}/libpod-{A}/ctr", Podman, "{A}"),
        ("USER/user.slice/libpod-{A}.scope/container", Podman, "{A}"),
        ("USER/app.slice/podman-4711.scope/{A}", Podman, "{A}"),
        ("/system.slice/web.service/libpod-payload-{A}", Podman, "{A}"),
        // Others.
        ("/lxc/web", Lxc, "web"),
        ("/lxc/101/ns/init.scope", Lxc, "101"),
        ("/lxc.payload/web/init.scope", Lxc, "web"),
        ("/lxc.payload.web/system.slice/ssh.service", Lxc, "web"),
        ("/machine.slice/machine-lxc\\x2d4711\\x2dweb.scope", Lxc, "4711\\x2dweb"),
        ("/machine/web.libvirt-lxc", Lxc, "web"),
        ("/machine.slice/systemd-nspawn@web.service/payload", Nspawn, "web"),
        ("/machine.slice/machine-web.scope/payload", Nspawn, "web"),
        ("/buildkit/k2j3h4g5f6d7s8a9q0w1e2r3t", Buildkit, "k2j3h4g5f6d7s8a9q0w1e2r3t"),
        ("/docker/buildkit/k2j3h4g5f6d7s8a9q0w1e2r3t", Buildkit, "k2j3h4g5f6d7s8a9q0w1e2r3t"),
        ("/kata_overhead/kata_{A}", Kata, "{A}"),
        ("/ecs/0123456789abcdef0123456789abcdef/{A}", Docker, "{A}"),
        (
            "/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-2531612879",
            Ecs,
            "0123456789abcdef0123456789abcdef-2531612879",
        ),
        ("/system.slice/garden.service/garden/1a2b", Garden, "1a2b"),
    ];
    for (path, runtime, id) in table {
        let path = filled(path).replace("USER", user);
        let expected = Identity { runtime: *runtime, id: filled(id), pod_uid: None };
        let found = membership(&path);
        let Membership::Container(mut found) = found else { panic!("{path}: {found:?}") };
        if path.contains("kubepods") {
            assert_eq!(found.pod_uid.take().as_deref(), Some(POD), "{path}");
        }
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_pods_uid_is_read_in_each_class_of_service() {
    let paths = [
        "/kubepods/besteffort/pod{POD}/{A}",
        "/kubepods/burstable/pod{POD}/{A}",
        "/kubepods/pod{POD}/{A}",
        "/kubepods/burstable/pod{POD}/crio-{A}",
        "/kubepods.slice/kubepods-pod{SLICE}.slice/cri-containerd-{A}.scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{SLICE}.slice/docker-{A}.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{SLICE}.slice/crio-{A}.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{SLICE}.slice/crio-{A}.scope/container",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{SLICE}.slice/cri-containerd-{A}.scope",
    ];
    for path in paths.map(filled) {
        let Membership::Container(found) = membership(&path) else { panic!("{path}") };
        assert_eq!((found.id.as_str(), found.pod_uid.as_deref()), (A, Some(POD)), "{path}");
    }
    // A static pod's uid is the digest of its manifest.
    let of_a_manifest = filled("/kubepods/burstable/pod0f1e2d3c4b5a69788796a5b4c3d2e1f0/{A}");
    let Membership::Container(found) = membership(&of_a_manifest) else { panic!() };
    assert_eq!(found.pod_uid.as_deref(), Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0"));
}

#[test]
fn what_is_the_hosts_is_no_container() {
    let paths = [
        "/",
        "",
        "/init.scope",
        "/user.slice/user-1000.slice/session-3.scope",
        "/system.slice/docker.service",
        "/system.slice/ssh.service",
        "/machine.slice/libpod-conmon-{A}.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{SLICE}.slice/crio-conmon-{A}.scope",
        "/lxc.monitor.web",
        "/docker/tooshort",
        "/docker-{A}0.scope",
        "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope",
    ];
    for path in paths.map(filled) {
        let found = membership(&path);
        assert!(matches!(found, Membership::Unnamed(_)), "{path}: {found:?}");
    }
}

#[test]
fn names_that_only_a_state_can_confirm_are_offered_innermost_first() {
    let check = |path: &str, names: &[&str]| {
        let Membership::Unnamed(found) = membership(path) else { panic!("{path}") };
        let found: Vec<_> = found.iter().map(|candidate| candidate.name).collect();
        assert_eq!(found, names, "{path}");
    };
    check("/web", &["web"]);
    check("/default/web", &["web", "default"]);
    check("/system.slice/runc-web.scope", &["web", "runc-web"]);
    check("/user.slice/a/b", &["b", "a"]);
    check("/", &[]);
    // However many groups a container makes within its own.
    let deep = format!("/web{}", "/inner".repeat(40));
    let Membership::Unnamed(found) = membership(&deep) else { panic!("{deep}") };
    assert_eq!((found.len(), found.last().map(|last| last.path)), (16, Some("/web")));
}

#[test]
fn every_hierarchy_of_proc_is_read() {
    let text = "9:name=systemd:/a\n4:memory:/b:c/d\n0::/e\nbroken\n";
    assert_eq!(paths(text).collect::<Vec<_>>(), ["/a", "/b:c/d", "/e"]);
}
