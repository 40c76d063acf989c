//! What fields say, by the documentation of Falco's fields and the field notes.

use bulkhead_events::Event;

use crate::{events, shown};

/// An event of the fields between semicolons.
pub(super) fn one(fields: &str) -> Event {
    events(&format!("events:\n  - {}", fields.replace("; ", "\n    "))).remove(0)
}

/// An event, and fields with what they print.
pub(super) type Case = (&'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        "evt.type: openat; evt.arg.flags: O_RDONLY; fd.name: /etc/shadow; proc.name: cat; proc.exe: /bin/cat; proc.args: -n x",
        &[
            ("evt.type", "openat"),
            ("syscall.type", "openat"),
            ("evt.num", "1"),
            ("evt.res", "SUCCESS"),
            ("evt.rawres", "3"),
            ("evt.failed", "false"),
            ("evt.time", "00:00:00.001000000"),
            ("evt.time.iso8601", "2026-01-01T00:00:00.001000000Z"),
            ("evt.origin", "native"),
            ("evt.datetime.s", "2026-01-01 00:00:00"),
            ("evt.rawtime.s", "1767225600"),
            ("evt.rawtime.ns", "1000000"),
            ("evt.source", "syscall"),
            ("evt.is_async", "false"),
            ("fs.path.name", "/etc/shadow"),
            ("fs.path.nameraw", "/etc/shadow"),
            ("fs.path.source", "<NA>"),
            ("fs.path.target", "<NA>"),
            ("fd.containername", ":/etc/shadow"),
            ("fd.containerdirectory", ":/etc"),
            ("proc.is_pgid_leader", "false"),
            ("k8s.deployment.name", "<NA>"),
            ("k8s.svc.name", "<NA>"),
            ("evt.asynctype", "<NA>"),
            ("evt.is_wait", "false"),
            ("evt.is_syslog", "false"),
            ("evt.count.error", "0"),
            ("evt.count.error.file", "0"),
            ("evt.count.error.net", "<NA>"),
            ("evt.count.exit", "1"),
            ("evt.count.procinfo", "0"),
            ("proc.loginshellid", "<NA>"),
            ("fd.proto", "<NA>"),
            ("evt.dir", "<"),
            ("evt.count", "1"),
            ("evt.is_io", "false"),
            ("evt.io_dir", "<NA>"),
            ("evt.abspath", "/etc/shadow"),
            ("evt.abspath.dst", "/etc/shadow"),
            ("evt.is_open_read", "true"),
            ("evt.is_open_write", "false"),
            ("evt.is_open_exec", "false"),
            ("evt.is_open_create", "false"),
            ("evt.is_swapped", "false"),
            ("evt.swapped.seen", "<NA>"),
            ("evt.arg.flags", "O_RDONLY"),
            ("evt.rawarg.flags", "0"),
            ("evt.arg[0]", "<f>/etc/shadow"),
            ("evt.arg.request", "<NA>"),
            ("evt.arg[99]", "<NA>"),
            ("evt.buffer", "<NA>"),
            ("evt.args", "fd=3(<f>/etc/shadow) name=/etc/shadow flags=0(O_RDONLY)"),
            ("fd.num", "3"),
            ("fd.type", "file"),
            ("fd.typechar", "f"),
            ("fd.directory", "/etc"),
            ("fd.filename", "shadow"),
            ("fd.nameraw", "/etc/shadow"),
            ("fd.l4proto", "<NA>"),
            ("fd.sockfamily", "<NA>"),
            ("fd.connected", "false"),
            ("fd.name_changed", "false"),
            ("fd.sip", "<NA>"),
            ("fd.ip", "<NA>"),
            ("fd.port", "<NA>"),
            ("fd.sip.name", "<NA>"),
            ("proc.name", "cat"),
            ("proc.exe", "/bin/cat"),
            ("proc.exepath", "/bin/cat"),
            ("proc.args", "-n x"),
            ("proc.cmdline", "cat -n x"),
            ("proc.exeline", "/bin/cat -n x"),
            ("proc.cmdnargs", "2"),
            ("proc.cmdlenargs", "3"),
            ("proc.env", ""),
            ("proc.env[HOME]", "<NA>"),
            ("proc.pname", "<NA>"),
            ("proc.aname", "<NA>"),
            ("proc.aname[0]", "cat"),
            ("proc.aname[1]", "<NA>"),
            ("proc.tty", "0"),
            ("proc.duration", "<NA>"),
            ("proc.sname", "cat"),
            ("thread.cap_effective", ""),
            ("user.name", "root"),
            ("user.uid", "0"),
            ("user.loginuid", "-1"),
            ("user.loginname", "<NA>"),
            ("group.name", "root"),
            ("container.id", "host"),
            ("container.name", "host"),
            ("container.image.repository", "<NA>"),
            ("container.privileged", "<NA>"),
            ("container.mount.dest[/proc*]", "<NA>"),
            ("k8s.ns.name", "<NA>"),
        ],
    ),
    (
        "evt.type: getpid; proc.aenv[HOME]: /root; proc.aenv[2]: TERM=vt100",
        &[("proc.aenv[HOME]", "/root"), ("proc.aenv[TERM]", "vt100"), ("proc.aenv[HOM]", "<NA>")],
    ),
    (
        "evt.type: open_tree; evt.arg.path: /etc; evt.arg.flags: 1",
        &[("evt.is_open_read", "false"), ("evt.is_open_write", "false")],
    ),
    (
        "evt.type: open; evt.res: ENOENT; fd.name: /etc/x; fd.nameraw: ../..//etc///x; evt.arg.flags: O_RDWR|O_CREAT; evt.arg.mode: S_IXUSR|S_IRUSR",
        &[
            ("evt.res", "ENOENT"),
            ("evt.rawres", "-2"),
            ("evt.failed", "true"),
            ("fd.num", "-1"),
            ("fd.typechar", "f"),
            ("fd.type", "<NA>"),
            ("fd.name", "/etc/x"),
            ("fd.nameraw", "../../etc/x"),
            ("fd.directory", "/etc"),
            ("fd.filename", "<NA>"),
            ("evt.arg.fd", "ENOENT"),
            ("evt.is_open_read", "true"),
            ("evt.is_open_write", "true"),
            ("evt.is_open_exec", "true"),
            ("evt.is_open_create", "false"),
            ("evt.arg.mode", "0500"),
            ("evt.rawarg.mode", "500"),
            ("evt.arg.name", "/etc/x"),
            ("evt.rawarg.name", "../..//etc///x"),
            ("evt.count.error", "1"),
            ("evt.count.error.file", "1"),
            ("evt.count.error.other", "<NA>"),
        ],
    ),
    (
        "evt.type: creat; fd.name: /x; evt.arg.creat_flags: O_F_CREATED",
        &[("evt.is_open_create", "true"), ("evt.is_open_write", "true")],
    ),
    (
        "evt.type: creat; fd.name: /x",
        &[
            ("evt.is_open_create", "false"),
            ("evt.is_open_write", "true"),
            ("evt.is_open_read", "false"),
            ("fd.directory", "/"),
            ("fd.filename", "x"),
        ],
    ),
    ("evt.type: openat; fd.num: -1; fd.name: /x", &[("evt.res", "ENOENT"), ("fd.num", "-1")]),
    (
        "evt.type: openat; fd.name: /etc; fd.typechar: d",
        &[("fd.directory", "/etc"), ("fd.filename", "<NA>")],
    ),
    (
        "evt.type: mkdir; evt.arg.path: /bin/x; evt.arg.mode: \"0755\"",
        &[
            ("fd.name", "<NA>"),
            ("fd.num", "<NA>"),
            ("evt.is_open_read", "false"),
            ("evt.arg.path", "/bin/x"),
            ("evt.arg.res", "0"),
            ("evt.arg.mode", "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR"),
            ("evt.rawarg.mode", "755"),
        ],
    ),
    (
        "evt.type: connect; evt.res: EINPROGRESS; fd.cip: 10.0.0.2; fd.cport: 5; fd.sip: 10.96.0.1; fd.sport: 443; fd.sip.name: a.example b.example",
        &[
            ("evt.res", "EINPROGRESS"),
            ("evt.rawres", "-115"),
            ("fd.type", "ipv4"),
            ("fd.typechar", "4"),
            ("fd.name", "10.0.0.2:5->10.96.0.1:443"),
            ("evt.arg.tuple", "10.0.0.2:5->10.96.0.1:443"),
            ("fd.ip", "(10.0.0.2,10.96.0.1)"),
            ("fd.net", "(10.0.0.2,10.96.0.1)"),
            ("fd.port", "(5,443)"),
            ("fd.cip", "10.0.0.2"),
            ("fd.snet", "10.96.0.1"),
            ("fd.lip", "10.0.0.2"),
            ("fd.rport", "443"),
            ("fd.sip.name", "(a.example,b.example)"),
            ("fd.rip.name", "(a.example,b.example)"),
            ("fd.cip.name", "()"),
            ("fd.l4proto", "tcp"),
            ("fd.connected", "false"),
            ("fd.is_server", "false"),
            ("fd.sockfamily", "ip"),
            ("fd.directory", "<NA>"),
        ],
    ),
    (
        "evt.type: accept4; fd.cip: 2001:db8::1; fd.cport: 9; fd.sip: 2001:db8::2; fd.sport: 80",
        &[
            ("fd.typechar", "6"),
            ("fd.lip", "2001:db8::2"),
            ("fd.rip", "2001:db8::1"),
            ("fd.is_server", "true"),
            ("fd.connected", "true"),
            ("fd.name", "2001:db8::1:9->2001:db8::2:80"),
            ("evt.arg.fd", "<6t>2001:db8::1:9->2001:db8::2:80"),
        ],
    ),
    (
        "evt.type: execve; proc.name: sh; proc.args: -c id; proc.pcmdline: nginx -g x; proc.aname[3]: init; proc.is_exe_upper_layer: true; proc.is_exe_writable: true",
        &[
            ("evt.arg.flags", "EXE_WRITABLE|EXE_UPPER_LAYER"),
            ("evt.arg.exe", "sh"),
            ("evt.arg.args", "-c id"),
            ("proc.pname", "nginx"),
            ("proc.pcmdline", "nginx -g x"),
            ("proc.aname[1]", "nginx"),
            ("proc.aname[2]", "unnamed"),
            ("proc.aname[3]", "init"),
            ("proc.aname[4]", "<NA>"),
            ("proc.aname", "(nginx,unnamed,init)"),
            ("proc.apid[1]", "3999"),
            ("proc.nancestors", "3"),
            ("fd.name", "<NA>"),
            ("evt.arg.filename", "<NA>"),
        ],
    ),
    (
        "evt.type: dup2; evt.arg.oldfd: 4; evt.arg.newfd: 1; evt.rawres: 1; fd.num: 4; fd.type: ipv4; fd.name: a",
        &[
            ("evt.rawres", "1"),
            ("fd.num", "4"),
            ("evt.arg.oldfd", "<4>a"),
            ("evt.arg.newfd", "1"),
            ("fd.type", "ipv4"),
        ],
    ),
    (
        "evt.type: sendfile; evt.arg.out_fd: 4; evt.arg.in_fd: 7; fd.num: 4; fd.l4proto: udp; fd.sip: 10.0.0.1; fd.sport: 53",
        &[("evt.arg.out_fd", "<4u>10.0.0.1:53"), ("evt.arg.in_fd", "7")],
    ),
    (
        "evt.type: setuid; evt.arg.uid: 33(www-data)",
        &[
            ("evt.arg.uid", "www-data"),
            ("evt.rawarg.uid", "33"),
            ("evt.args", "res=0 uid=33(www-data)"),
        ],
    ),
    // As libs tells them (`parsers/parse_open.ut.cpp`), but for the bits of flags, which are those of the kernel here.
    (
        "evt.type: open; fd.num: 5; fd.name: /a; evt.arg.flags: O_APPEND|O_CREAT|O_RDWR; evt.arg.mode: \"0644\"; evt.arg.dev: 324; evt.arg.ino: 534",
        &[
            ("evt.rawarg.flags", "442"),
            ("evt.rawarg[2]", "442"),
            ("evt.arg[3]", "0644"),
            ("evt.rawarg.mode", "644"),
            ("evt.arg[4]", "144"),
            ("evt.rawarg.dev", "144"),
            ("evt.arg[5]", "534"),
            ("evt.rawarg.ino", "534"),
            (
                "evt.args",
                "fd=5(<f>/a) name=/a flags=1090(O_APPEND|O_CREAT|O_RDWR) mode=0644 dev=144 ino=534",
            ),
        ],
    ),
    (
        "evt.type: open; fd.name: /a; evt.arg.mode: \"00\"",
        &[("evt.arg.mode", "0"), ("evt.rawarg.mode", "0")],
    ),
    (
        "evt.type: ioctl; evt.arg.request: 0x5412",
        &[("evt.arg.request", "5412"), ("evt.rawarg.request", "5412")],
    ),
    (
        "evt.type: setresuid; evt.arg.ruid: 4294967295; evt.arg.euid: -1; evt.arg.suid: 4711",
        &[
            ("evt.arg.ruid", "<NONE>"),
            ("evt.arg.euid", "<NONE>"),
            ("evt.arg.suid", "<NA>"),
            ("evt.rawarg.suid", "4711"),
        ],
    ),
    // Nobody knows who that is, which is no reason to be silent.
    (
        "evt.type: execve; user.uid: 4711; user.loginuid: 0; group.gid: 4711",
        &[
            ("user.name", "<NA>"),
            ("user.homedir", "<NA>"),
            ("user.shell", "<NA>"),
            ("user.loginname", "root"),
            ("group.name", "<NA>"),
        ],
    ),
    (
        "evt.type: execve; user.uid: 0",
        &[("user.name", "root"), ("user.homedir", "/root"), ("user.shell", "<NA>")],
    ),
    (
        "evt.type: ptrace; evt.arg.request: 0x4206; evt.arg.addr: 0x10",
        &[
            ("evt.arg.request", "PTRACE_SEIZE"),
            ("evt.rawarg.request", "16902"),
            ("evt.arg.addr", "10"),
        ],
    ),
    ("evt.type: bpf; evt.arg.cmd: 5", &[("evt.arg.cmd", "BPF_PROG_LOAD"), ("evt.rawarg.cmd", "5")]),
    ("evt.type: bpf; evt.arg.cmd: 5000", &[("evt.arg.cmd", "5000")]),
    ("evt.type: getpid", &[("evt.args", "res=0"), ("evt.buflen", "<NA>")]),
    (
        "evt.type: procexit; evt.arg.sig: SIGKILL",
        &[("evt.res", "<NA>"), ("syscall.type", "<NA>"), ("evt.arg.sig", "SIGKILL")],
    ),
    (
        "evt.type: read; evt.arg.data: \"hex:00ff\"; evt.rawres: 2; fd.name: /x",
        &[("evt.is_io_read", "true"), ("evt.io_dir", "read"), ("evt.buflen", "2")],
    ),
    (
        "evt.type: openat; container.id: 3ad7b26ded6d8e7b23da7d48fe889434; container.image.repository: a/b; container.image.tag: t",
        &[
            ("container.id", "3ad7b26ded6d"),
            ("container.full_id", "3ad7b26ded6d8e7b23da7d48fe889434"),
            ("container.name", "<NA>"),
            ("container.image", "a/b:t"),
            ("container.privileged", "<NA>"),
            ("container.mounts", "<NA>"),
        ],
    ),
    (
        "evt.type: openat; container.mounts: /proc/sys:/p:bind:true:rslave",
        &[
            ("container.mount.dest[/proc*]", "/p"),
            ("container.mount.dest[/pro]", "<NA>"),
            ("container.mount.dest[0]", "/p"),
            ("container.mount.source[/p]", "/proc/sys"),
            ("container.mount[0]", "/proc/sys:/p:bind:true:rslave"),
            ("container.mount.rdwr[0]", "true"),
            ("container.mount.dest[1]", "<NA>"),
        ],
    ),
    (
        "evt.type: execve; proc.vpid: 9; proc.vpgid: 9; proc.sid: 7; proc.duration: 5",
        &[
            ("proc.is_vpgid_leader", "true"),
            ("proc.is_sid_leader", "false"),
            ("proc.duration", "5"),
        ],
    ),
    (
        "evt.type: execve; proc.env: [A=1, B=2]; proc.pid.ts: 100; proc.exe_ino.ctime: 40",
        &[
            ("proc.env", "A=1 B=2"),
            ("proc.env[B]", "2"),
            ("proc.exe_ino.ctime_duration_proc_start", "60"),
            ("proc.exe_ino.ctime_duration_pidns_start", "<NA>"),
        ],
    ),
    (
        "evt.type: execve; proc.stdin.type: ipv4; proc.stdout.type: ipv4; proc.stderr.type: pipe",
        &[
            ("fd.types[0]", "ipv4"),
            ("fd.types[2]", "pipe"),
            ("fd.types[3]", "<NA>"),
            ("fd.types", "(ipv4,pipe)"),
        ],
    ),
    (
        "evt.type: openat; evt.swapped.seen: /a; evt.swapped.used: /b; fd.name: /b",
        &[("evt.is_swapped", "true"), ("evt.swapped.name", "name"), ("evt.swapped.used", "/b")],
    ),
];

#[test]
fn fields_say_what_falcos_do() {
    check(CASES);
}

#[track_caller]
pub(super) fn check(cases: &[Case]) {
    for (event, expected) in cases {
        let event = one(event);
        for (field, expected) in *expected {
            assert_eq!(shown(&event, field), *expected, "{field} of {}", event.kind.name());
        }
    }
}

#[test]
fn leaders_are_the_eldest_of_an_unbroken_line() {
    let mut event = one("evt.type: execve; proc.name: a; proc.sid: 5; proc.aname[3]: top");
    assert_eq!(shown(&event, "proc.sname"), "a");
    let mut line: Vec<_> = event.process.ancestors().map(|ancestor| (**ancestor).clone()).collect();
    line[0].session = 5;
    line[1].session = 5;
    line[1].name = "leader".into();
    line[2].session = 6;
    let mut lineage = bulkhead_events::Lineage::default();
    for mut process in line.into_iter().rev() {
        process.lineage = lineage;
        lineage = bulkhead_events::Lineage::of(process.into());
    }
    let process = bulkhead_events::Process { lineage, ..(*event.process).clone() };
    event.process = process.into();
    assert_eq!(shown(&event, "proc.sname"), "leader");
}
