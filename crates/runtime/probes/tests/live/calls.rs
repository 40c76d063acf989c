//! System calls: arguments, and the kernel's objects behind them.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bulkhead_probes::{
    Lane, Options, Plan, Record, Role, Value, file_attributes, part_flags, record_flags,
    socket_attributes,
};

use crate::filters::collect;
use crate::watch::{load, part, run, trigger};

/// A folder for the trigger, with a file, a link to it and a folder.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs_err::write(folder.path().join("target"), "secret").expect("a file");
    fs_err::create_dir(folder.path().join("sub")).expect("a folder");
    let link = folder.path().join("symlink-to-target");
    std::os::unix::fs::symlink("target", link).expect("a link");
    folder
}

/// Whoever asks for a file to be made where it is not there may get one that is.
#[test]
fn files_that_are_made_are_told_from_those_that_are_there() {
    let Some(_) = trigger() else { return };
    let names = ["open", "openat", "openat2", "creat"];
    let Some(probes) = load(&Options::default(), &names) else { return };
    let folder = folder();
    let (_, seen) = run(&probes, &["makes", folder.path().to_str().expect("letters")]);
    for path in ["by-open", "by-openat", "by-openat2", "by-creat", "by-ring"] {
        let path = folder.path().canonicalize().expect("a path").join(path);
        let opened = |record: &Record<'_>| {
            let resolved = record.text(Role::Result, part_flags::RESOLVED, 0);
            resolved == Some(path.as_os_str().as_bytes())
        };
        let made = |record: Record<'_>| {
            part(&record, Role::Result, |value| match value {
                Value::File(file) => Some(file.attributes.get() & file_attributes::CREATED != 0),
                _ => None,
            })
        };
        let all: Vec<_> = seen.records().filter(opened).map(made).collect();
        assert_eq!(all, [true, false], "{}", path.display());
    }
}

const FILES: &[&str] = &["open", "openat", "symlink", "link", "rename", "chmod", "unlink", "write"];

#[test]
fn files_are_known_by_their_real_paths() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), FILES) else { return };
    let folder = folder();
    let path = folder.path().canonicalize().expect("a path");
    let path = path.to_str().expect("a path of letters");
    let target = format!("{path}/target");
    // Later the trigger changes its mode by way of another name.
    let mode = fs_err::metadata(&target).expect("the file is there").mode();
    let (_, seen) = run(&probes, &["files", path]);

    // Opened by way of "sub/..": what memory said, where that starts, and what it was.
    let opened = seen.one(&probes, "openat", |record| {
        record.text(Role::Second, 0, part_flags::RESOLVED) == Some(b"sub/../target")
    });
    assert_eq!(opened.text(Role::First, part_flags::RESOLVED, 0), Some(path.as_bytes()));
    assert_eq!(opened.text(Role::Result, part_flags::RESOLVED, 0), Some(target.as_bytes()));
    assert!(!opened.has(record_flags::MEMORY_CHANGED | record_flags::OBJECT_DIFFERS));
    let file = part(&opened, Role::Result, |value| match value {
        Value::File(file) => Some(file),
        _ => None,
    });
    let real = fs_err::metadata(&target).expect("the file is there");
    assert_eq!(file.inode.get(), real.ino());
    assert_eq!(u64::from(file.size), real.size());
    assert_eq!(file.mode.get(), mode);
    assert_eq!(file.modified.get(), real.mtime() * 1_000_000_000 + real.mtime_nsec());
    let device = file.device.get();
    let (major, minor) = (device >> 20, device & 0xf_ffff);
    assert_eq!(rustix::fs::makedev(major, minor), real.dev());
    assert_eq!(file.attributes.get() & file_attributes::MEMORY, 0);
    assert_eq!(i64::from(file.descriptor.get()), opened.header.result.get());

    // Opened through a symbolic link: the real file, and that its name is another one.
    let linked = seen.one(&probes, "open", |record| {
        record.text(Role::First, 0, part_flags::ENTRY) == Some(b"symlink-to-target")
    });
    assert_eq!(linked.text(Role::Result, part_flags::RESOLVED, 0), Some(target.as_bytes()));
    assert!(linked.has(record_flags::OBJECT_DIFFERS));

    let pairs = [
        ("symlink", "/etc/shadow", "symlink"),
        ("link", "target", "hardlink"),
        ("rename", "hardlink", "renamed"),
    ];
    for (name, old, new) in pairs {
        let record = seen.one(&probes, name, |_| true);
        assert_eq!(record.header.result.get(), 0);
        assert_eq!(record.text(Role::First, 0, 0), Some(old.as_bytes()));
        assert_eq!(record.text(Role::Second, 0, 0), Some(new.as_bytes()));
        assert_eq!(record.text(Role::WorkingDirectory, 0, 0), Some(path.as_bytes()));
    }
    let mode = seen.one(&probes, "chmod", |_| true).arguments().expect("arguments");
    assert_eq!(mode[1], 0o4755);
    assert_eq!(seen.one(&probes, "unlink", |_| true).lane, Lane::File);

    let wanted: &[u8] = b"these are the bytes";
    let written = seen.one(&probes, "write", |record| record.header.result.get() == 19);
    let bytes = part(&written, Role::Second, |value| match value {
        Value::Payload(bytes) => Some(bytes),
        _ => None,
    });
    assert_eq!(bytes, wanted);
    let failed =
        seen.one(&probes, "openat", |record| record.text(Role::Second, 0, 0) == Some(b"absent"));
    assert_eq!(failed.header.result.get(), -2);
}

/// Of the first descriptors of a process the programs load what they else read, and they remember which mount has nothing
/// above it.
#[test]
fn paths_are_the_same_however_a_file_is_found() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["openat"]) else { return };
    let folder = folder();
    let path = folder.path().canonicalize().expect("a path");
    let deep: PathBuf = (1..18).map(|depth| depth.to_string()).collect();
    for made in ["before", "moved", "old"].map(Path::new).into_iter().chain([deep.as_path()]) {
        fs_err::create_dir_all(path.join(made)).expect("a folder");
    }
    let long = "a-name-that-is-too-long-to-lie-inside-of-the-entry-of-its-folder";
    for made in [Path::new(long), &deep.join("18"), Path::new("before/within")] {
        fs_err::write(path.join(made), "").expect("a file");
    }
    let (_, seen) = run(&probes, &["paths", path.to_str().expect("letters")]);
    let mut opened = 0;
    for record in seen.calls(&probes, "openat") {
        let given =
            OsStr::from_bytes(record.text(Role::Second, 0, part_flags::ENTRY).expect("one"));
        // Not what the program's start reads.
        if Path::new(given).is_absolute() && !Path::new(given).starts_with("/old") {
            continue;
        }
        let real = record.text(Role::Result, part_flags::RESOLVED, 0).expect("a path");
        assert_eq!(OsStr::from_bytes(real), path.join(given));
        let swapped = record.has(record_flags::MEMORY_CHANGED | record_flags::OBJECT_DIFFERS);
        assert!(!swapped, "{}", given.display());
        opened += 1;
    }
    assert_eq!(opened, 50);
}

/// The last name that was given is held against that of the file, byte by byte.
#[test]
fn files_are_told_that_have_another_name() {
    let Some(probes) = load(&Options::default(), &["openat"]) else { return };
    let folder = folder();
    let own = ["target", "./target", "sub/../target"];
    let others = ["tarXet", "Target", "targeX", "get", "a-target", "targets", "sub/target-"];
    for other in others {
        std::os::unix::fs::symlink(folder.path().join("target"), folder.path().join(other))
            .expect("a link");
    }
    let mut cat = Command::new("cat");
    cat.args(own).args(others).current_dir(&folder).stdout(Stdio::null());
    let mut child = cat.spawn().expect("a program that there is");
    assert!(child.wait().expect("its end").success());
    let seen = collect(&probes, &[child.id()]);
    for (names, differs) in [(own.as_slice(), false), (others.as_slice(), true)] {
        for name in names {
            let records = seen.values().flatten();
            let mut records = records.map(|bytes| Record::read(bytes).expect("a record"));
            let opened = records.find(|record| {
                record.text(Role::Second, 0, part_flags::ENTRY) == Some(name.as_bytes())
            });
            let opened = opened.unwrap_or_else(|| panic!("{name} is not told"));
            assert_eq!(opened.has(record_flags::OBJECT_DIFFERS), differs, "{name}");
        }
    }
}

#[test]
fn sockets_are_known_by_both_ends() {
    let Some(_) = trigger() else { return };
    let names = ["socket", "connect", "accept4", "bind", "listen", "dup2", "sendto", "sendmsg"];
    let Some(probes) = load(&Options::default(), &names) else { return };
    let (_, seen) = run(&probes, &["network"]);
    let socket = |name, role, remote: bool| {
        let which = |record: &bulkhead_probes::Record<'_>| {
            record.parts().any(|part| match part.value {
                Value::Socket(socket) => {
                    socket.family.get() == 2
                        && socket.kind.get() == 1
                        && (socket.attributes & socket_attributes::CONNECTED != 0) == remote
                }
                _ => false,
            })
        };
        let record = seen.one(&probes, name, which);
        assert!(!record.has(record_flags::OBJECT_DIFFERS | record_flags::MEMORY_CHANGED));
        part(&record, role, |value| match value {
            Value::Socket(socket) => Some(*socket),
            _ => None,
        })
    };
    let listening = socket("listen", Role::First, false);
    assert_eq!((listening.state, listening.local[0]), (10, 127));
    let connected = socket("connect", Role::First, true);
    assert_eq!(connected.remote[..4], [127, 0, 0, 1]);
    assert_eq!(connected.remote_port, listening.local_port);
    let accepted = socket("accept4", Role::Result, true);
    assert_eq!(accepted.remote_port, connected.local_port);
    let doubled = socket("dup2", Role::Result, true);
    assert_eq!(doubled.inode, connected.inode);
    assert_eq!(doubled.descriptor.get(), 77);

    // The question goes by sendto and by sendmsg.
    for name in ["sendto", "sendmsg"] {
        let asked = seen.one(&probes, name, |_| true);
        let payload = asked.parts().find_map(|part| match part.value {
            Value::Payload(bytes) => Some(bytes),
            _ => None,
        });
        assert!(payload.expect("a payload").ends_with(b"\x07example\x03org\0\0\x01\0\x01"));
        let address = asked.parts().find_map(|part| match part.value {
            Value::Address(bytes) => Some(bytes),
            _ => None,
        });
        assert_eq!(address.expect("an address")[..8], [2, 0, 0, 53, 127, 0, 0, 1]);
    }
    // The name of a Unix socket, of which the first byte is zero.
    let unix = seen.one(&probes, "connect", |record| {
        record
            .parts()
            .any(|part| matches!(part.value, Value::Socket(socket) if socket.family.get() == 1))
    });
    assert_eq!(unix.text(Role::First, part_flags::PEER, 0), Some(&b"\0bulkhead-probes-test"[..]));
}

/// From the socket alone, whoever saw how it came to be.
#[test]
fn who_asked_for_a_connection_is_known() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["write"]) else { return };
    let (_, seen) = run(&probes, &["connections"]);
    let [mut asked, mut answered] = [0, 0];
    for record in seen.calls(&probes, "write") {
        let attributes = part(&record, Role::First, |value| match value {
            Value::Socket(socket) => Some(socket.attributes),
            _ => None,
        });
        let (count, expected) = match record.header.result.get() {
            1 => (&mut asked, socket_attributes::CALLED),
            _ => (&mut answered, socket_attributes::ANSWERED),
        };
        assert_eq!(attributes, socket_attributes::CONNECTED | expected, "{record:?}");
        *count += 1;
    }
    // Where IPv6 is off, what goes through it is not tried.
    let least = if TcpListener::bind("[::1]:0").is_ok() { 5 } else { 2 };
    assert!(asked == answered && asked >= least, "{asked} asked, {answered} answered");
}

#[test]
fn privileges_are_seen() {
    let Some(_) = trigger() else { return };
    let names = ["ptrace", "unshare", "memfd_create", "bpf", "finit_module", "setuid"];
    let Some(mut probes) = load(&Options::default(), &names) else { return };
    // Memory that can be executed, and no other.
    let mut wanted: Vec<(&str, Plan)> = Vec::new();
    for name in names {
        wanted.push((name, probes.calls().named(name).expect("a call").plan.clone()));
    }
    let mmap = probes.calls().named("mmap").expect("a call").plan.clone();
    wanted.push(("mmap", Plan { mask: Some((2, 4)), ..mmap }));
    probes.want_planned(wanted).expect("plans");
    let (_, seen) = run(&probes, &["privileges"]);

    let traced = seen.one(&probes, "ptrace", |_| true);
    assert_eq!((traced.arguments().expect("arguments")[0], traced.lane), (0, Lane::Process));
    let hidden = seen.one(&probes, "memfd_create", |_| true);
    assert_eq!(hidden.text(Role::First, 0, 0), Some(&b"hidden"[..]));
    assert_eq!(hidden.text(Role::Result, part_flags::RESOLVED, 0), Some(&b"memfd:hidden"[..]));
    let file = part(&hidden, Role::Result, |value| match value {
        Value::File(file) => Some(file.attributes.get()),
        _ => None,
    });
    assert_eq!(file & file_attributes::MEMORY, file_attributes::MEMORY);
    let attributes = seen.one(&probes, "bpf", |_| true);
    let bytes = part(&attributes, Role::Second, |value| match value {
        Value::Payload(bytes) => Some(bytes),
        _ => None,
    });
    assert_eq!(bytes, b"attributes");
    let module = seen.one(&probes, "finit_module", |_| true);
    assert_eq!(module.text(Role::Second, 0, 0), Some(&b"parameters"[..]));
    assert_eq!(module.text(Role::First, part_flags::RESOLVED, 0), Some(&b"/dev/null"[..]));
    let after = seen.one(&probes, "setuid", |_| true);
    let after = after.parts().find_map(|part| match part.value {
        Value::Credentials(after) => Some((after.user.get(), after.effective.get())),
        _ => None,
    });
    assert_eq!(after, Some((12345, 0)));
    let own = seen.one(&probes, "unshare", |_| true);
    let names = own.parts().find_map(|part| match part.value {
        Value::Namespaces(namespaces) => Some(namespaces.uts.get()),
        _ => None,
    });
    let ours = fs_err::metadata("/proc/self/ns/uts").expect("a namespace").ino();
    assert_ne!(names.map(u64::from), Some(ours));
    for record in seen.calls(&probes, "mmap") {
        assert_ne!(record.arguments().expect("arguments")[2] & 4, 0);
    }
    assert!(seen.calls(&probes, "mmap").count() > 0);
}
