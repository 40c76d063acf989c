//! What fields say that follow from others: from the event, its process, its container or the name of its pod.

use super::meaning::{Case, check};

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
