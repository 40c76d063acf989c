//! Arguments that lie in memory, in structures and addresses.

use bulkhead_probes::Numbers;

use super::*;

const NEW_USER: u64 = 0x1000_0000;

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn argument(event: &Event, name: &str) -> Argument {
    let place = event.kind.parameters().iter().position(|parameter| parameter.name == name);
    event.arguments[place.unwrap()].clone()
}

#[test]
fn flags_of_a_structure_are_those_of_the_begin() {
    let mut assembler = assembler();
    let mut cloned = made(Told::Call, 2, 1)
        .call("clone3", 77, &[0, 88])
        .part(Tag::Address, Role::First, 0, &words(&[0, 0]))
        .part(Tag::Address, Role::First, part_flags::ENTRY, &words(&[NEW_USER, 0]));
    cloned.header.flags = record_flags::MEMORY_CHANGED.into();
    let event = cloned.push(&mut assembler).unwrap();
    assert_eq!(argument(&event, "flags"), Argument::Number(NEW_USER.cast_signed()));
    let mismatch = event.mismatch.unwrap();
    assert_eq!((mismatch.seen.lossy(), mismatch.used.lossy()), ("CLONE_NEWUSER".into(), "".into()));
    // In a child, which may share memory with a parent that has gone on, they are nobody's.
    cloned.header.result = 0.into();
    let event = cloned.push(&mut assembler).unwrap();
    assert_eq!(argument(&event, "flags"), Argument::Absent);
}

#[test]
fn openat2_is_told_with_flags_mode_and_resolution() {
    let mut assembler = assembler();
    let open = |origin: From| {
        let mut open = made(Told::Call, 2, 1).call("openat2", 3, &[0, 0, 0o101, 0o600]);
        open.header.origin = origin as u8;
        open.text(Role::Second, 0, "/srv/x").file(Role::Result, 3, 77, "/srv/x")
    };
    let how = words(&[0o1101, 0o640, 8]);
    let event = open(From::Call).part(Tag::Address, Role::Third, 0, &how).push(&mut assembler);
    let event = event.unwrap();
    let all = ["flags", "mode", "resolve"].map(|name| argument(&event, name));
    assert_eq!(all, [0o1101, 0o640, 8].map(Argument::Number));
    // A structure that is too short has no more than it has, and one that could not be read nothing.
    let event = open(From::Call).part(Tag::Address, Role::Third, 0, &how[..12]);
    let event = event.push(&mut assembler).unwrap();
    assert_eq!(argument(&event, "flags"), Argument::Number(0o1101));
    assert_eq!(argument(&event, "mode"), Argument::Absent);
    let event = open(From::Call).push(&mut assembler).unwrap();
    assert_eq!(argument(&event, "flags"), Argument::Absent);
    // An operation of a ring has been read by then.
    let event = open(From::Ring).push(&mut assembler).unwrap();
    assert_eq!(argument(&event, "flags"), Argument::Number(0o101));
    assert_eq!(argument(&event, "mode"), Argument::Number(0o600));
}

#[test]
fn an_address_that_was_swapped_is_told() {
    let mut assembler = assembler();
    let address = |last| [2, 0, 0, 80, 10, 0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut connect = made(Told::Call, 2, 1)
        .call("connect", 0, &[3, 0, 16])
        .part(Tag::Address, Role::Second, 0, &address(2))
        .part(Tag::Address, Role::Second, part_flags::ENTRY, &address(1));
    connect.header.flags = record_flags::MEMORY_CHANGED.into();
    let mismatch = connect.push(&mut assembler).unwrap().mismatch.unwrap();
    assert_eq!(
        (mismatch.argument.lossy(), mismatch.seen.lossy(), mismatch.used.lossy()),
        ("addr".into(), "10.0.0.1:80".into(), "10.0.0.2:80".into())
    );
}

#[test]
fn unix_sockets_go_by_what_they_are_connected_to() {
    let mut assembler = assembler();
    let mut socket = SocketObject::new_zeroed();
    (socket.inode, socket.descriptor, socket.family) = (5.into(), 3.into(), 1.into());
    let peer = part_flags::RESOLVED | part_flags::PEER;
    let call = |name: &str, result| {
        let call = made(Told::Call, 2, 1).call(name, result, &[3, 0, 10]);
        call.part(Tag::Socket, Role::First, 0, socket.as_bytes())
    };
    let mut name = |made: Made| made.push(&mut assembler).unwrap().file.unwrap().name.clone();
    // As it was inherited: only the kernel knows.
    assert_eq!(name(call("write", 1).text(Role::First, peer, "\0bus\0x")), "@bus\0x");
    // As it is called by who connects: also where that fails.
    let path = b"\x01\0/var/x\0\0";
    assert_eq!(name(call("connect", -111).part(Tag::Address, Role::Second, 0, path)), "/var/x");
    let connect = call("connect", 0).part(Tag::Address, Role::Second, 0, path);
    assert_eq!(name(connect.text(Role::First, peer, "/run/x\0")), "/var/x");
    assert_eq!(name(call("write", 1).text(Role::First, peer, "/run/x\0")), "/var/x");
    assert_eq!(name(call("write", 1).text(Role::First, part_flags::RESOLVED, "/own\0")), "/own");
}

#[test]
fn processes_are_named_from_every_namespace_around_theirs() {
    let mut assembler = assembler();
    let mut numbers = Numbers::new_zeroed();
    (numbers.namespaces[0], numbers.numbers[0]) = (91.into(), 14.into());
    let mut deep = made(Told::Fork, 400, 2).named("deep");
    (deep.header.inner_process, deep.header.pid_namespace) = (1.into(), 92.into());
    deep.part(Tag::Numbers, Role::None, 0, numbers.as_bytes()).push(&mut assembler);
    let target = |assembler: &mut Assembler<World>, inner: u32, namespace: u32, number: u64| {
        let mut kill = made(Told::Call, 3, 1).call("kill", 0, &[number, 9]);
        (kill.header.inner_process, kill.header.pid_namespace) = (inner.into(), namespace.into());
        argument(&kill.push(assembler).unwrap(), "pid")
    };
    let deep = |number| Argument::Named(number, "deep".into());
    assert_eq!(target(&mut assembler, 3, 90, 400), deep(400));
    assert_eq!(target(&mut assembler, 7, 91, 14), deep(14));
    assert_eq!(target(&mut assembler, 2, 92, 1), deep(1));
    // A number means nothing in a namespace that it is not of.
    assert_eq!(target(&mut assembler, 7, 91, 1), Argument::Number(1));
    assert_eq!(target(&mut assembler, 7, 0, 0), Argument::Number(0));
}
