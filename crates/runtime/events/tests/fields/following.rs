//! What fields say that follow from others: from the event, its process, its container or the name of its pod.

use std::sync::Arc;

use bulkhead_events::{Container, Event, Kind, Lineage, Process, Text};

use super::meaning::{Case, check};
use crate::shown;

const CASES: &[Case] = &[
    ("evt.type: openat; fd.name: /a", &[("evt.category", "file")]),
    ("evt.type: read; fd.type: ipv4; fd.num: 3", &[("evt.category", "net")]),
    ("evt.type: write; fd.type: pipe; fd.num: 3", &[("evt.category", "ipc")]),
    ("evt.type: close", &[("evt.category", "unknown")]),
    ("evt.type: socketpair", &[("evt.category", "IPC")]),
    ("evt.type: bpf", &[("evt.category", "other")]),
    ("evt.type: epoll_wait", &[("evt.is_wait", "true"), ("evt.count.error.other", "0")]),
    (
        "evt.type: container",
        &[("evt.is_async", "true"), ("evt.asynctype", "container"), ("evt.count.error", "<NA>")],
    ),
    (
        "evt.type: mmap; evt.rawres: -12",
        &[
            ("evt.count.error.memory", "1"),
            ("evt.count.error", "1"),
            ("evt.count.error.file", "<NA>"),
        ],
    ),
    (
        "evt.type: connect; evt.res: ECONNREFUSED; thread.tid: 34; fd.num: 5; fd.cip: 10.0.0.2; fd.cport: 51712; fd.sip: 10.0.0.1; fd.sport: 443",
        &[
            ("fd.uid", "345"),
            ("evt.count.error.net", "1"),
            ("fd.proto", "(51712,443)"),
            ("fd.cproto", "51712"),
            ("fd.sproto", "443"),
            ("fd.lproto", "51712"),
            ("fd.rproto", "443"),
        ],
    ),
    // The eldest shell of the line, itself included.
    (
        "evt.type: execve; proc.pid: 9; proc.name: bash; proc.pname: su; proc.apid[2]: 5; proc.aname[2]: zsh; proc.aname[3]: sshd; proc.aname[4]: systemd",
        &[("proc.loginshellid", "5"), ("thread.nametid", "bash9")],
    ),
    (
        "evt.type: execve; proc.pid: 9; proc.name: dash; proc.pname: sshd",
        &[("proc.loginshellid", "9")],
    ),
    (
        "evt.type: sendto; fd.type: unix; fd.name: 0->ffff /dev/log; evt.arg.data: <38>sshd[7]; evt.rawres: 11",
        &[
            ("evt.is_syslog", "true"),
            ("evt.io_dir", "write"),
            ("syslog.facility", "4"),
            ("syslog.facility.str", "auth"),
            ("syslog.severity", "6"),
            ("syslog.severity.str", "info"),
            ("syslog.message", "sshd[7]"),
        ],
    ),
    (
        "evt.type: write; fd.type: unix; fd.name: /dev/log; evt.arg.data: <999>x",
        &[("syslog.facility", "124"), ("syslog.facility.str", "<NA>"), ("syslog.severity", "7")],
    ),
    (
        "evt.type: write; fd.type: unix; fd.name: /dev/log; evt.arg.data: <+1>x",
        &[("evt.is_syslog", "true"), ("syslog.facility", "<NA>"), ("syslog.message", "<NA>")],
    ),
    (
        "evt.type: read; fd.type: unix; fd.name: /dev/log; evt.arg.data: <38>x",
        &[("evt.is_syslog", "false"), ("syslog.message", "<NA>")],
    ),
    (
        "evt.type: execve; container.id: a; k8s.pod.name: shop-web-5d9c7b9f6d-x7k2p; k8s.ns.name: prod; k8s.pod.uid: 0b8a; k8s.pod.label[pod-template-hash]: 5d9c7b9f6d; k8s.pod.label[app]: web",
        &[
            ("k8s.rs.name", "shop-web-5d9c7b9f6d"),
            ("k8s.deployment.name", "shop-web"),
            ("k8smeta.rs.name", "shop-web-5d9c7b9f6d"),
            ("k8smeta.deployment.name", "shop-web"),
            ("k8smeta.ns.name", "prod"),
            ("k8smeta.pod.name", "shop-web-5d9c7b9f6d-x7k2p"),
            ("k8smeta.pod.uid", "0b8a"),
            ("k8smeta.pod.label[app]", "web"),
            ("k8smeta.pod.labels", "(app:web,pod-template-hash:5d9c7b9f6d)"),
        ],
    ),
    (
        "evt.type: execve; container.id: a; container.host_pid: true; k8s.pod.full_sandbox_id: 63060edc2d3aa803ab559f2393776b151f99fc5b",
        &[
            ("container.host_pid", "true"),
            ("container.host_network", "false"),
            ("container.healthcheck", "<NA>"),
            ("proc.is_container_healthcheck", "false"),
            ("k8s.pod.sandbox_id", "63060edc2d3a"),
            ("k8s.pod.full_sandbox_id", "63060edc2d3aa803ab559f2393776b151f99fc5b"),
        ],
    ),
    (
        "evt.type: execve; container.id: host",
        &[("container.host_network", "<NA>"), ("proc.is_container_healthcheck", "false")],
    ),
    // A check, something that it started, and the same words of the container's first process.
    (
        "evt.type: execve; container.id: a; container.healthcheck: [/bin/sh, -c, 'curl -f localhost']; proc.vpid: 40; proc.exe: /bin/sh; proc.args: [-c, 'curl -f localhost']",
        &[
            ("proc.is_container_healthcheck", "true"),
            ("container.healthcheck", "/bin/sh -c curl -f localhost"),
        ],
    ),
    (
        "evt.type: execve; container.id: a; container.healthcheck: [/bin/sh, -c, id]; proc.vpid: 1; proc.exe: /bin/sh; proc.args: [-c, id]",
        &[("proc.is_container_healthcheck", "false")],
    ),
    (
        "evt.type: execve; container.id: a; container.healthcheck: []; proc.vpid: 40; proc.exe: sh",
        &[("proc.is_container_healthcheck", "false"), ("container.healthcheck", "NONE")],
    ),
    // A kubelet's questions, and near misses.
    (
        "evt.type: execve; container.id: a; container.liveness_probe: [/probe, -l]; container.readiness_probe: [/probe, -r]; proc.vpid: 40; proc.exe: /probe; proc.args: [-l]",
        &[
            ("proc.is_container_liveness_probe", "true"),
            ("proc.is_container_readiness_probe", "false"),
            ("proc.is_container_healthcheck", "false"),
            ("container.liveness_probe", "/probe -l"),
        ],
    ),
    (
        "evt.type: execve; container.id: a; container.readiness_probe: [/probe, -r]; proc.vpid: 41; proc.exe: curl; proc.args: [localhost]; proc.pexe: /probe; proc.pargs: [-r]; proc.pvpid: 40",
        &[
            ("proc.is_container_readiness_probe", "true"),
            ("proc.is_container_liveness_probe", "false"),
            ("container.liveness_probe", "<NA>"),
        ],
    ),
    (
        "evt.type: execve; container.id: a; container.liveness_probe: [/probe, -l]; proc.vpid: 40; proc.exe: /probe; proc.args: [-l, -l]",
        &[("proc.is_container_liveness_probe", "false")],
    ),
    (
        "evt.type: execve; container.id: a; container.liveness_probe: [/probe, -l]; proc.vpid: 40; proc.exe: /probe; proc.args: [-l]; proc.pexe: /app; proc.pvpid: 1",
        &[("proc.is_container_liveness_probe", "false")],
    ),
    (
        "evt.type: execve; container.id: a; container.host_pid: true; container.liveness_probe: [/probe]; proc.vpid: 4711; proc.exe: /probe",
        &[("proc.is_container_liveness_probe", "false")],
    ),
    (
        "evt.type: execve; container.id: a; container.ip: 10.88.0.5",
        &[("container.ip", "10.88.0.5"), ("k8s.pod.ip", "<NA>"), ("evt.type.is.execve", "1")],
    ),
    (
        "evt.type: open; container.id: a; container.ip: 10.88.0.5; k8s.pod.name: web-0",
        &[
            ("k8s.pod.ip", "10.88.0.5"),
            ("k8smeta.pod.ip", "10.88.0.5"),
            ("evt.type.is.openat", "0"),
            ("evt.type.is[open]", "1"),
        ],
    ),
    // A pod of nobody, and one whose name was cut.
    (
        "evt.type: execve; container.id: a; k8s.pod.name: web-1-x7k2p",
        &[("k8s.deployment.name", "<NA>"), ("k8s.rs.name", "<NA>")],
    ),
    (
        "evt.type: execve; container.id: a; k8s.pod.name: averylongname-5d9cx7k2p; k8s.pod.label[pod-template-hash]: 5d9c7b9f6d",
        &[("k8s.deployment.name", "<NA>"), ("k8s.rs.name", "<NA>")],
    ),
];

#[test]
fn fields_say_what_follows() {
    check(CASES);
}

/// Whose words are those of a probe, and who then starts others, one by the other, until nobody knows where the line began.
#[test]
fn a_line_that_is_too_long_begins_with_no_probe() {
    let words: Vec<Text> = vec!["/probe".into(), "-l".into()];
    let container =
        Container { id: "a".into(), liveness: Some(words.clone()), ..Container::default() };
    let container = Some(Arc::new(container));
    let start = |vpid: u32, arguments: &[Text], lineage: Lineage| {
        let arguments = arguments.into();
        Arc::new(Process {
            vpid,
            arguments,
            lineage,
            container: container.clone(),
            ..Process::default()
        })
    };
    let is_probe = |process: &Arc<Process>| {
        let mut event = Event::new(Kind::by_name("execve").unwrap());
        event.process = Arc::clone(process);
        shown(&event, "proc.is_container_liveness_probe") == "true"
    };
    let outside = Arc::new(Process { vpid: 100, ..Process::default() });
    let probe = start(40, &words, Lineage::of(outside));
    assert!(is_probe(&start(41, &[], Lineage::of(probe))));
    let first = start(1, &["/app".into()], Lineage::default());
    for before in 0..=u32::from(Lineage::LONGEST) {
        let mut process = Arc::clone(&first);
        for number in 0..before {
            process = start(2 + number, &[], Lineage::of(process));
        }
        process = start(200, &words, Lineage::of(process));
        for number in 0..2 * u32::from(Lineage::LONGEST) {
            assert!(!is_probe(&process), "{before} before, {number} behind");
            process = start(201 + number, &[], Lineage::of(process));
        }
    }
}
