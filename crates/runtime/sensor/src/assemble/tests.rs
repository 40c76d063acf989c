//! Records written by hand, as a kernel that we play.

mod containers;
mod filters;
mod memory;
mod order;
mod sockets;

use bulkhead_events::{Argument, Event, FileKind, Role as Side, Text};
use bulkhead_probes::{
    Credentials, FileObject, Header, Kind as Told, Lane, Origin as From, Record, Resources, Role,
    SocketObject, Tag, part_flags, write_record,
};
use zerocopy::{FromZeros as _, IntoBytes as _};

use super::*;
use crate::documents::Found;
use crate::metadata::Metadata;
use crate::{Accounts, Runtime, View};

/// A container of this id is known, with users of its own.
const ID: &str = "3f4e1c8a9b7d6e5f0a1b2c3d4e5f60718293a4b5c6d7e8f9000102030405060a";

/// Answers as a machine with one container in mount namespace 7 would.
struct World;

impl Surroundings for World {
    fn container(&mut self, name: &str) -> Option<Found> {
        let metadata = Metadata { privileged: Some(true), ..Metadata::default() };
        (name == ID).then_some(Found {
            runtime: Runtime::Containerd,
            metadata,
            problems: Vec::new(),
        })
    }

    fn accounts(&mut self, of: &View) -> Option<Accounts> {
        let passwd: &[u8] =
            if of.mount_namespace == 7 { b"web:x:33:33:::\n" } else { b"www:x:33:33:::\n" };
        Some(Accounts::read(passwd, b""))
    }
}

const BOOT: u64 = 1_000_000;

fn assembler() -> Assembler<World> {
    Assembler::new(BOOT, Bounds { processes: 64, descriptors: 1000 }, World)
}

/// A record in the making.
struct Made {
    header: Header,
    parts: Vec<(Tag, Role, u8, Vec<u8>)>,
}

/// A record of a process that started at its number times ten.
fn made(kind: Told, process: u32, parent: u32) -> Made {
    let mut header = Header::new_zeroed();
    header.version = bulkhead_probes::ABI_VERSION.into();
    header.kind = (kind as u16).into();
    header.lane = Lane::Process as u8;
    header.origin = From::Call as u8;
    header.call = (-1).into();
    header.time = (u64::from(process) * 10 + 5).into();
    header.process = process.into();
    header.thread = process.into();
    header.inner_process = process.into();
    header.inner_thread = process.into();
    header.started = (u64::from(process) * 10).into();
    header.parent = parent.into();
    header.parent_started = (u64::from(parent) * 10).into();
    header.mount_namespace = 6.into();
    header.cgroup = 1.into();
    header.name[..4].copy_from_slice(b"prog");
    Made { header, parts: Vec::new() }
}

impl Made {
    fn part(mut self, tag: Tag, role: Role, flags: u8, bytes: &[u8]) -> Self {
        self.parts.push((tag, role, flags, bytes.to_vec()));
        self
    }

    fn text(self, role: Role, flags: u8, text: &str) -> Self {
        self.part(Tag::Text, role, flags, text.as_bytes())
    }

    fn call(mut self, name: &str, result: i64, arguments: &[u64]) -> Self {
        let number = Kind::by_name(name).unwrap().number();
        self.header.call = i32::from(number).into();
        self.header.result = result.into();
        let mut all = [0_u64; 6];
        all[..arguments.len()].copy_from_slice(arguments);
        let bytes: Vec<u8> = all.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.part(Tag::Arguments, Role::None, 0, &bytes)
    }

    fn named(mut self, name: &str) -> Self {
        self.header.name = [0; 16];
        self.header.name[..name.len()].copy_from_slice(name.as_bytes());
        self
    }

    fn contained(mut self) -> Self {
        self.header.cgroup = 2.into();
        self.header.hierarchy = 4.into();
        self.header.mount_namespace = 7.into();
        self
    }

    fn file(self, role: Role, descriptor: i32, inode: u64, path: &str) -> Self {
        let mut file = FileObject::new_zeroed();
        file.inode = inode.into();
        // One that ends with a slash is a folder's.
        let folder = path.strip_suffix('/');
        file.mode = if folder.is_some() { 0o040_755 } else { 0o100_644 }.into();
        let path = folder.unwrap_or(path);
        file.links = 1.into();
        file.descriptor = descriptor.into();
        self.part(Tag::File, role, 0, file.as_bytes()).text(role, part_flags::RESOLVED, path)
    }

    fn bytes(&self) -> Vec<u8> {
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|(tag, role, flags, bytes)| (*tag, *role, *flags, &bytes[..]))
            .collect();
        write_record(&self.header, &parts)
    }

    fn push<S: Surroundings>(&self, assembler: &mut Assembler<S>) -> Option<Event> {
        let bytes = self.bytes();
        assembler.push(&Record::read(&bytes).unwrap())
    }
}

fn execution(process: u32, parent: u32, words: &str) -> Made {
    made(Told::Execute, process, parent)
        .text(Role::Executable, 0, "/bin/prog")
        .text(Role::CommandLine, 0, words)
        .text(Role::Given, 0, "prog")
}

fn end(process: u32, parent: u32, status: u64) -> Made {
    let mut used = Resources::new_zeroed();
    used.status = status.into();
    made(Told::Exit, process, parent).part(Tag::Resources, Role::None, 0, used.as_bytes())
}

#[test]
fn an_execution_is_told_with_its_container_and_its_users() {
    let mut assembler = assembler();
    let path = format!("/docker/{ID}");
    let mut sets = Credentials::new_zeroed();
    sets.login_user = 33.into();
    sets.effective = 0x2000.into();
    let mut made = execution(9, 1, "sh\0-c\0id\0")
        .contained()
        .text(Role::CgroupLegacy, 0, &path)
        .text(Role::WorkingDirectory, 0, "/srv")
        .part(Tag::Credentials, Role::None, 0, sets.as_bytes());
    made.header.effective_user = 33.into();
    made.header.inner_process = 1.into();
    let event = made.push(&mut assembler).unwrap();
    assert_eq!((event.kind.name(), event.result, event.time), ("execve", Some(0), BOOT + 95));
    let process = &event.process;
    assert_eq!((process.pid, process.vpid, process.started), (9, 1, BOOT + 90));
    assert_eq!(process.command_line().lossy(), "prog -c id");
    assert_eq!(
        (process.directory.lossy(), process.executable.path.lossy()),
        ("/srv".into(), "/bin/prog".into())
    );
    assert_eq!(process.user.name, Some("web".into()));
    assert_eq!(process.login.as_ref().unwrap().name, Some("web".into()));
    assert_eq!((process.capabilities.effective, process.namespace_started), (0x2000, BOOT + 90));
    let container = process.container.as_ref().unwrap();
    assert_eq!((container.id.lossy(), container.privileged), (ID.into(), Some(true)));
    assert_eq!(container.runtime, Some("docker".into()));
    let filename = Argument::Path { given: "prog".into(), resolved: None };
    assert_eq!(event.argument("filename").unwrap().1, &filename);
}

#[test]
fn what_an_environment_has_of_its_parents_is_kept_once() {
    let mut assembler = assembler();
    let mut run = |process: u32, words: &str| {
        made(Told::Fork, process, process - 1).push(&mut assembler);
        let made = execution(process, process - 1, "prog\0").text(Role::Environment, 0, words);
        made.push(&mut assembler).unwrap().process.environment.clone()
    };
    let first = run(3, "HOME=/\0PATH=/bin\0LANG=C\0_=/bin/a\0");
    let same = run(4, "HOME=/\0PATH=/bin\0LANG=C\0_=/bin/a\0");
    assert!(Arc::ptr_eq(&first, &same));
    // One was taken out, one changed, one came first.
    let other = run(5, "NEW=1\0HOME=/\0LANG=C\0_=/bin/b\0");
    let kept = |word: &Text| first.iter().any(|old| old.same(word));
    assert_eq!(other.iter().map(kept).collect::<Vec<_>>(), [false, true, true, false]);
    let words: Vec<_> = other.iter().map(|word| word.lossy()).collect();
    assert_eq!(words, ["NEW=1", "HOME=/", "LANG=C", "_=/bin/b"]);
}

#[test]
fn parents_outlive_their_own_end() {
    let mut assembler = assembler();
    execution(2, 1, "shell\0").named("shell").push(&mut assembler);
    made(Told::Fork, 3, 2).named("shell").push(&mut assembler).unwrap();
    execution(3, 2, "middle\0").named("middle").push(&mut assembler);
    made(Told::Fork, 4, 3).push(&mut assembler);
    end(3, 2, 0).push(&mut assembler);
    end(2, 1, 0).push(&mut assembler);
    // Its parent is the first process now, and its line is what it was.
    let event = execution(4, 1, "leaf\0").named("leaf").push(&mut assembler).unwrap();
    let names: Vec<_> =
        event.process.ancestors().map(|process| process.name.lossy().into_owned()).collect();
    assert_eq!(names, ["middle", "shell"]);
}

#[test]
fn what_is_forked_is_as_its_parent_until_it_says_otherwise() {
    let mut assembler = assembler();
    execution(2, 1, "a\0b\0")
        .contained()
        .text(Role::CgroupUnified, 0, &format!("/docker/{ID}"))
        .push(&mut assembler);
    let event = made(Told::Fork, 3, 2).contained().push(&mut assembler).unwrap();
    assert_eq!((event.kind.name(), event.process.pid), ("clone", 3));
    assert_eq!(event.process.arguments.len(), 2);
    assert!(event.process.container.is_some());
    assert_eq!(event.process.parent().unwrap().pid, 2);
}

#[test]
fn a_process_keeps_its_container_when_its_group_is_forgotten() {
    let mut assembler = assembler();
    let id = |container: u64| format!("{container:064x}");
    let in_container = |process: u32, container: u64| {
        let path = format!("/docker/{}", id(container));
        let mut made = execution(process, 1, "a\0").contained().text(Role::CgroupLegacy, 0, &path);
        made.header.cgroup = container.into();
        made
    };
    let container =
        |event: Option<Event>| event?.process.container.as_ref().map(|one| one.id.clone());
    in_container(2, 2).push(&mut assembler);
    for number in 3..10_000 {
        let other = in_container(9, number).push(&mut assembler);
        assert_eq!(container(other), Some(id(number).into()));
    }
    assert!(assembler.held().groups < 9_000);
    let call = made(Told::Call, 2, 1).contained().call("close", 0, &[1]);
    assert_eq!(container(call.push(&mut assembler)), Some(id(2).into()));
}

#[test]
fn an_end_tells_how() {
    let mut assembler = assembler();
    let check = |event: &Event, name: &str| match event.argument(name).unwrap().1 {
        Argument::Number(number) => *number,
        other => panic!("{name}: {other:?}"),
    };
    let event = end(2, 1, 7 << 8).push(&mut assembler).unwrap();
    assert_eq!((check(&event, "ret"), check(&event, "sig"), check(&event, "core")), (7, 0, 0));
    let event = end(3, 1, 0x8b).push(&mut assembler).unwrap();
    assert_eq!((check(&event, "ret"), check(&event, "sig"), check(&event, "core")), (0, 11, 1));
}

#[test]
fn descriptors_are_known_by_the_path_that_opened_them() {
    let mut assembler = assembler();
    let call = |name: &str, result, arguments: &[u64]| {
        made(Told::Call, 2, 1).call(name, result, arguments)
    };
    let open = call("openat", 3, &[u64::MAX - 99, 0, 0o1])
        .text(Role::Second, part_flags::ENTRY, "../etc/shadow")
        .file(Role::Result, 3, 77, "/etc/shadow");
    let event = open.push(&mut assembler).unwrap();
    let file = event.file.as_ref().unwrap();
    assert_eq!(
        (file.number, file.kind, file.name.lossy()),
        (3, FileKind::File, "/etc/shadow".into())
    );
    assert_eq!(file.name_raw, Some("../etc/shadow".into()));
    assert_eq!(event.argument("flags").unwrap().1, &Argument::Number(1));
    assert_eq!(event.argument("dirfd").unwrap().1, &Argument::Number(-100));
    assert_eq!(event.argument("ino").unwrap().1, &Argument::Number(77));
    let event = call("read", 10, &[3, 0, 100]).push(&mut assembler).unwrap();
    assert_eq!(event.file.as_ref().unwrap().name_raw, Some("../etc/shadow".into()));
    assert_eq!(event.argument("size").unwrap().1, &Argument::Number(100));
    assert_eq!(event.argument("fd").unwrap().1, &Argument::Number(3));
    let event = call("unlinkat", 0, &[3, 0, 0]).push(&mut assembler).unwrap();
    assert_eq!(event.argument("dirfd").unwrap().1, &Argument::Named(3, "<f>/etc/shadow".into()));
    let event = call("dup2", 0, &[3, 0]).push(&mut assembler).unwrap();
    assert_eq!((event.file.as_ref().unwrap().number, event.file.as_ref().unwrap().inode), (0, 77));
    call("close", 0, &[3]).push(&mut assembler).unwrap();
    let event = call("write", 1, &[3]).push(&mut assembler).unwrap();
    assert_eq!(event.file, None);
    let event = call("write", 1, &[0]).push(&mut assembler).unwrap();
    assert_eq!(event.file.unwrap().inode, 77);
}

/// 32-bit programs change who they are by calls of their own.
#[test]
fn what_32_bit_programs_have_beside_is_the_same_call() {
    let mut assembler = assembler();
    let mut compat = |number: i32, name: &str, arguments: &[u64]| {
        let mut call = made(Told::Call, 2, 1).call("close", 0, arguments);
        call.header.call = number.into();
        call.header.flags = record_flags::COMPAT.into();
        let event = call.push(&mut assembler).unwrap();
        assert_eq!((event.kind.name(), event.origin.name()), (name, "ia32"));
        event
    };
    for (number, name) in [(213, "setuid"), (208, "setresuid"), (198, "lchown")] {
        compat(number, name, &[33]);
    }
    let number = |event: &Event, name: &str| event.argument(name).unwrap().1.clone();
    let event = compat(193, "truncate", &[0, 5, 1]);
    assert_eq!(number(&event, "size"), Argument::Number(0x1_0000_0005));
    let event = compat(192, "mmap", &[0, 4096, 5, 2, 3, 2]);
    assert_eq!(number(&event, "pgoffset"), Argument::Number(8192));
    let event = compat(22, "umount2", &[0, 77]);
    assert_eq!(number(&event, "flags"), Argument::Number(0));
}

#[test]
fn a_map_of_a_file_has_its_arguments() {
    let mut assembler = assembler();
    let map = made(Told::Call, 2, 1).call("mmap", 0x7000, &[0, 4096, 5, 2, 3, 8192]);
    let event = map.file(Role::Fifth, 3, 77, "/srv/x").push(&mut assembler).unwrap();
    assert_eq!(event.file.as_ref().unwrap().name, "/srv/x");
    for (name, value) in [
        ("res", 0x7000),
        ("addr", 0),
        ("length", 4096),
        ("prot", 5),
        ("flags", 2),
        ("fd", 3),
        ("pgoffset", 8192),
    ] {
        assert_eq!(event.argument(name).unwrap().1, &Argument::Number(value), "{name}");
    }
}

/// Of two descriptors that bytes go between it is the first that a call names.
#[test]
fn what_moves_between_files_is_about_the_first() {
    let mut assembler = assembler();
    let mut call = |name: &str, result, arguments: &[u64], role| {
        let call = made(Told::Call, 2, 1).call(name, result, arguments);
        let event = call.file(role, 3, 77, "/srv/x").push(&mut assembler).unwrap();
        event.file.unwrap().number
    };
    assert_eq!(call("sendfile", 9, &[3, 4, 0, 9], Role::First), 3);
    assert_eq!(call("splice", 9, &[3, 0, 4, 0, 9, 0], Role::First), 3);
    assert_eq!(call("copy_file_range", 9, &[3, 0, 4, 0, 9, 0], Role::First), 3);
    assert_eq!(call("preadv2", 9, &[3, 0, 1, 0], Role::First), 3);
    assert_eq!(call("eventfd2", 3, &[7, 0], Role::Result), 3);
    assert_eq!(call("signalfd4", 3, &[u64::MAX, 0, 8, 0], Role::Result), 3);
}

/// What the kernel does not look at is no way around a rule, and forges nothing.
#[test]
fn numbers_are_as_wide_as_the_kernel_takes_them() {
    let mut assembler = assembler();
    let upper = 1 << 32;
    let mut check = |name: &str, arguments: &[u64], argument: &str, expected: i64| {
        let event = made(Told::Call, 2, 1).call(name, 3, arguments).push(&mut assembler).unwrap();
        let found = event.argument(argument).unwrap().1;
        assert_eq!(found, &Argument::Number(expected), "{argument} of {name}");
    };
    check("socket", &[upper | 0x11, 3, 0], "domain", 0x11);
    check("bpf", &[upper | 0x5, 0, 0], "cmd", 0x5);
    check("kill", &[9, upper | 0x9], "sig", 0x9);
    check("ioctl", &[0, upper | 0x5412, 0], "request", 0x5412);
    check("reboot", &[0, 0, upper | 0x0123_4567], "cmd", 0x0123_4567);
    check("personality", &[upper | 0x4_0000], "persona", 0x4_0000);
    check("mknod", &[0, 0x1_0000 | 0o060_600, 0], "mode", 0o060_600);
    check("fchmod", &[0, upper | 0o4755], "mode", 0o4755);
    check("openat", &[0, 0, upper | 0x1, 0], "flags", 0x1);
    let wide = (upper | 0x1000).cast_signed();
    check("ioctl", &[0, 0, upper | 0x1000], "argument", wide);
    check("mprotect", &[upper | 0x1000, 0, 0], "addr", wide);
    check("splice", &[0, 0, 0, 0, 0, upper | 0x1000], "flags", wide);
    // The kernel refuses such a request.
    check("ptrace", &[upper | 0x10, 9], "request", (upper | 0x10).cast_signed());
}

#[test]
fn a_file_that_could_not_be_opened_is_named_as_it_would_have_been() {
    let mut assembler = assembler();
    execution(2, 1, "a\0").text(Role::WorkingDirectory, 0, "/srv/x").push(&mut assembler);
    let check = |assembler: &mut Assembler<World>, raw: &str, expected: &str| {
        let open = made(Told::Call, 2, 1).call("open", -2, &[0, 0]).text(Role::First, 0, raw);
        let file = open.push(assembler).unwrap().file.unwrap();
        assert_eq!((file.number, file.name.lossy()), (-1, expected.into()), "{raw}");
    };
    check(&mut assembler, "a", "/srv/x/a");
    check(&mut assembler, "../a//./b", "/srv/a/b");
    check(&mut assembler, "/../../etc/passwd", "/etc/passwd");
    check(&mut assembler, "../../../..", "/");
}

#[test]
fn an_argument_that_was_swapped_is_told() {
    let mut assembler = assembler();
    let mut swapped = made(Told::Call, 2, 1)
        .call("openat", 3, &[0, 0, 0])
        .text(Role::Second, part_flags::ENTRY, "/tmp/harmless")
        .text(Role::Second, 0, "/etc/shadow")
        .file(Role::Result, 3, 77, "/etc/shadow");
    assert!(swapped.push(&mut assembler).unwrap().mismatch.is_none());
    swapped.header.flags = record_flags::MEMORY_CHANGED.into();
    let mismatch = swapped.push(&mut assembler).unwrap().mismatch.unwrap();
    assert_eq!(
        (mismatch.argument.lossy(), mismatch.seen.lossy()),
        ("name".into(), "/tmp/harmless".into())
    );
    assert_eq!(mismatch.used, "/etc/shadow");
}

#[test]
fn a_signal_tells_who_sent_it_though_that_has_ended() {
    let mut assembler = assembler();
    made(Told::Fork, 3, 2).named("child").push(&mut assembler);
    end(3, 2, 0).named("child").push(&mut assembler);
    let arguments: Vec<u8> =
        [3_u64, 2, 17, 1, 0, 0].iter().flat_map(|it| it.to_le_bytes()).collect();
    let signal = made(Told::Signal, 2, 1).part(Tag::Arguments, Role::None, 0, &arguments);
    let event = signal.named("shell").push(&mut assembler).unwrap();
    assert_eq!((event.kind, event.result), (Kind::SIGNAL, None));
    let argument = |name: &str| event.argument(name).unwrap().1.clone();
    assert_eq!(argument("spid"), Argument::Named(3, "child".into()));
    assert_eq!(argument("dpid"), Argument::Named(2, "shell".into()));
    assert_eq!(argument("sig"), Argument::Number(17));
}

#[test]
fn processes_of_the_start_are_told_in_any_order() {
    let mut assembler = assembler();
    for (process, parent) in [(9, 5), (12, 9), (5, 2), (2, 0)] {
        assert!(made(Told::Task, process, parent).push(&mut assembler).is_none());
    }
    made(Told::Descriptor, 9, 5).file(Role::None, 4, 50, "/var/log/x").push(&mut assembler);
    assembler.has_started();
    let event = made(Told::Call, 12, 9).call("close", 0, &[1]).push(&mut assembler).unwrap();
    let line: Vec<u32> = event.process.ancestors().map(|process| process.pid).collect();
    assert_eq!(line, [9, 5, 2]);
    let event = made(Told::Call, 9, 5).call("write", 1, &[4]).push(&mut assembler).unwrap();
    assert_eq!(event.file.unwrap().name.lossy(), "/var/log/x");
}

#[test]
fn users_are_those_of_the_file_system_that_the_process_sees() {
    let mut assembler = assembler();
    let mut outside = made(Told::Call, 2, 1).call("close", 0, &[1]);
    outside.header.effective_user = 33.into();
    assert_eq!(outside.push(&mut assembler).unwrap().process.user.name, Some("www".into()));
    let mut inside = made(Told::Call, 3, 1).contained().call("close", 0, &[1]);
    inside.header.effective_user = 33.into();
    assert_eq!(inside.push(&mut assembler).unwrap().process.user.name, Some("web".into()));
    let set =
        made(Told::Call, 3, 1).contained().call("setuid", 0, &[33]).push(&mut assembler).unwrap();
    assert_eq!(set.argument("uid").unwrap().1, &Argument::Named(33, "web".into()));
    assert_eq!(set.process.user.id, 0);
}
