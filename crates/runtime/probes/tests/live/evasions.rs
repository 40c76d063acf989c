//! Ways around: other entries, names that change, programs without a name.

use bulkhead_probes::{
    Kind, Options, Origin, Record, Role, Value, file_attributes, part_flags, record_flags,
};

use crate::calls::folder;
use crate::watch::{load, part, run, trigger};

#[test]
fn calls_of_32_bits_are_the_same_calls() {
    let Some(_) = trigger() else { return };
    let names = ["open", "connect", "setuid", "mmap"];
    let Some(probes) = load(&Options::default(), &names) else { return };
    let (_, seen) = run(&probes, &["compat"]);
    let opened = seen.one(&probes, "open", |record| record.has(record_flags::COMPAT));
    let here = fs_err::canonicalize("/etc/hostname").expect("a name");
    let here = here.to_str().expect("letters").as_bytes();
    assert_eq!(opened.text(Role::First, 0, part_flags::ENTRY), Some(&b"/etc/hostname"[..]));
    assert_eq!(opened.text(Role::Result, part_flags::RESOLVED, 0), Some(here));
    let connected = seen.one(&probes, "connect", |record| record.has(record_flags::COMPAT));
    let remote = part(&connected, Role::First, |value| match value {
        Value::Socket(socket) => Some(socket.remote),
        _ => None,
    });
    assert_eq!(remote[..4], [127, 0, 0, 1]);
    // Those that have another number beside are wanted with them.
    let user = seen.one(&probes, "setuid32", |record| record.has(record_flags::COMPAT));
    assert_eq!(
        user.arguments().expect("arguments")[0],
        u64::from(rustix::process::getuid().as_raw())
    );
    seen.one(&probes, "mmap2", |record| record.header.result.get() < 0);
    let mapped = seen.one(&probes, "mmap2", |record| record.header.result.get() >= 0);
    let given = mapped.arguments().expect("arguments");
    assert_eq!(given, [0, 8192, 1, 0x22, u64::from(u32::MAX), 2]);
}

#[test]
fn rings_do_the_same_as_calls() {
    let Some(_) = trigger() else { return };
    let names = ["openat", "connect", "unlinkat"];
    let Some(probes) = load(&Options::default(), &names) else { return };
    let folder = folder();
    let path = folder.path().canonicalize().expect("a path");
    let path = path.to_str().expect("a path of letters");
    fs_err::write(folder.path().join("removed-by-ring"), "").expect("a file");
    let (_, seen) = run(&probes, &["rings", path]);
    let of_ring = |record: &bulkhead_probes::Record<'_>| record.origin == Origin::Ring;

    let opened = seen.one(&probes, "openat", |record| {
        of_ring(record) && record.text(Role::Second, 0, 0) == Some(b"target")
    });
    let target = format!("{path}/target");
    assert!(opened.header.result.get() >= 0);
    assert_eq!(opened.text(Role::Result, part_flags::RESOLVED, 0), Some(target.as_bytes()));
    // Success that is reported to nobody is reported to us.
    let silent = seen.one(&probes, "openat", |record| {
        of_ring(record) && record.text(Role::Second, 0, 0) == Some(b"written-by-ring")
    });
    assert!(silent.has(record_flags::RESULT_UNKNOWN));
    assert_eq!(silent.text(Role::First, part_flags::RESOLVED, 0), Some(path.as_bytes()));
    let connected = seen.one(&probes, "connect", of_ring);
    let remote = part(&connected, Role::First, |value| match value {
        Value::Socket(socket) => Some((socket.remote_port.get(), socket.remote)),
        _ => None,
    });
    assert_eq!(remote.1[..4], [127, 0, 0, 1]);
    let address = part(&connected, Role::Second, |value| match value {
        Value::Address(bytes) => Some(bytes),
        _ => None,
    });
    assert_eq!(address[2..4], remote.0.to_be_bytes());
    let removed = seen.one(&probes, "unlinkat", of_ring);
    assert_eq!(removed.header.result.get(), 0);
    assert_eq!(removed.text(Role::Second, 0, 0), Some(&b"removed-by-ring"[..]));
}

#[test]
fn a_program_without_a_name_is_known() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &[]) else { return };
    let (_, seen) = run(&probes, &["memory-program"]);
    let programs: Vec<_> = seen.records().filter(|record| record.kind == Kind::Execute).collect();
    assert_eq!(programs.len(), 2);
    let attributes = |record| {
        part(record, Role::Executable, |value| match value {
            Value::File(file) => Some(file.attributes.get()),
            _ => None,
        })
    };
    assert_eq!(attributes(&programs[0]) & file_attributes::MEMORY, 0);
    assert_eq!(attributes(&programs[1]) & file_attributes::MEMORY, file_attributes::MEMORY);
    let path = programs[1].text(Role::Executable, part_flags::RESOLVED, 0);
    assert_eq!(path, Some(&b"memfd:unnamed"[..]));
    let line = programs[1].text(Role::CommandLine, 0, 0);
    assert_eq!(line, Some(&b"looks-like-anything\0nothing\0"[..]));
    let environment = programs[1].text(Role::Environment, 0, 0);
    assert_eq!(environment, Some(&b"ONLY=this\0"[..]));
}

/// A second thread changes the name while the kernel waits with what it read before.
#[test]
fn swapped_arguments_are_noticed() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["openat"]) else { return };
    let folder = folder();
    let path = folder.path().to_str().expect("letters");
    let (_, seen) = run(&probes, &["swapped", path]);
    let swapped = seen.one(&probes, "openat", |record| record.has(record_flags::MEMORY_CHANGED));
    assert_eq!(swapped.text(Role::Second, part_flags::ENTRY, 0), Some(&b"harmless"[..]));
    assert_eq!(swapped.text(Role::Second, 0, part_flags::ENTRY), Some(&b"secret"[..]));
    let opened = swapped.text(Role::Result, part_flags::RESOLVED, 0).expect("a path");
    assert!(opened.ends_with(b"/harmless"));
}

/// A child that its parent waits for changes what the kernel made it of.
#[test]
fn swapped_flags_of_a_new_process_are_noticed() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["clone3"]) else { return };
    for (what, is_swapped) in [("swapped-clone", true), ("unswapped-clone", false)] {
        let (process, seen) = run(&probes, &[what]);
        // The trigger was made in that way, too: its first record is of that.
        let of_parent = |record: &Record<'_>| {
            record.header.process.get() == process && record.header.result.get() > 0
        };
        let made = seen.one(&probes, "clone3", of_parent);
        assert_eq!(made.has(record_flags::MEMORY_CHANGED), is_swapped, "{what}");
        if is_swapped {
            assert_eq!(flags(&made, part_flags::ENTRY), VFORK);
            assert_eq!(flags(&made, 0), VFORK | NEW_USER_NAMESPACE);
        }
    }
}

const VFORK: u64 = 0x4000;
const NEW_USER_NAMESPACE: u64 = 0x1000_0000;

/// The first number of the structure that a call was given, as it was when the call began or when it was over.
fn flags(record: &Record<'_>, when: u8) -> u64 {
    let told = record.parts().find_map(|part| match part.value {
        Value::Address(bytes) if part.flags & part_flags::ENTRY == when => bytes.first_chunk(),
        _ => None,
    });
    told.copied().map_or(0, u64::from_le_bytes)
}

/// A second thread changes the address while the connection waits for a server that has no room.
#[test]
fn swapped_addresses_are_noticed() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["connect"]) else { return };
    let (_, seen) = run(&probes, &["swapped-address"]);
    let swapped = seen.one(&probes, "connect", |record| record.has(record_flags::MEMORY_CHANGED));
    let address = |when: u8| {
        let told = swapped.parts().find_map(|part| match part.value {
            Value::Address(bytes) if part.flags & part_flags::ENTRY == when => bytes.get(2..8),
            _ => None,
        });
        told.map(<[u8]>::to_vec)
    };
    let [high, low] = 6453_u16.to_be_bytes();
    assert_eq!(address(part_flags::ENTRY), Some(vec![high, low, 127, 0, 0, 1]));
    assert_eq!(address(0), Some(vec![0, 80, 127, 0, 0, 2]));
    let remote = part(&swapped, Role::First, |value| match value {
        Value::Socket(socket) => Some((socket.remote_port.get(), socket.remote)),
        _ => None,
    });
    assert_eq!((remote.0, &remote.1[..4]), (6453, &[127, 0, 0, 1][..]));
}

/// Each thread has a place for what it gave the kernel; one whose place is taken goes elsewhere.
#[test]
fn threads_of_one_place_keep_their_copies() {
    let Some(_) = trigger() else { return };
    let Some(probes) = load(&Options::default(), &["openat"]) else { return };
    let folder = folder();
    let (process, seen) = run(&probes, &["crowded", folder.path().to_str().expect("letters")]);
    let waited = seen.one(&probes, "openat", |record| {
        record.header.thread.get() == process && record.text(Role::Second, 0, 0) == Some(b"waits")
    });
    let beside =
        seen.one(&probes, "openat", |record| record.text(Role::Second, 0, 0) == Some(b"beside"));
    for record in [waited, beside] {
        assert!(!record.has(record_flags::NO_ENTRY) && !record.has(record_flags::MEMORY_CHANGED));
    }
}
