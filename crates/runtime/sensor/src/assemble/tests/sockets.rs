//! Who speaks to whom.

use std::mem::offset_of;

use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{Filter, SystemCalls, socket_attributes};
use bulkhead_rules::{RuleFile, Selection};

use super::*;

fn socket(descriptor: i32, inode: u64, local: [u8; 5], remote: [u8; 5], kind: u16) -> Vec<u8> {
    let mut socket = SocketObject::new_zeroed();
    socket.inode = inode.into();
    socket.descriptor = descriptor.into();
    socket.family = 2.into();
    socket.kind = kind.into();
    socket.protocol = if kind == 1 { 6.into() } else { 17.into() };
    socket.local[..4].copy_from_slice(&local[..4]);
    socket.local_port = u16::from(local[4]).into();
    socket.remote[..4].copy_from_slice(&remote[..4]);
    socket.remote_port = u16::from(remote[4]).into();
    if remote[4] != 0 && kind == 1 {
        socket.attributes = socket_attributes::CONNECTED;
    }
    socket.as_bytes().to_vec()
}

const HERE: [u8; 5] = [10, 0, 0, 2, 99];
const THERE: [u8; 5] = [10, 0, 0, 1, 80];
const NOWHERE: [u8; 5] = [0; 5];

fn there(port: u8) -> Vec<u8> {
    vec![2, 0, 0, port, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
}

fn call(name: &str, result: i64, arguments: &[u64]) -> Made {
    made(Told::Call, 2, 1).call(name, result, arguments)
}

#[test]
fn who_connects_is_the_client_and_who_accepts_the_server() {
    let mut assembler = assembler();
    let connect =
        call("connect", 0, &[3]).part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, THERE, 1));
    let file = connect.push(&mut assembler).unwrap().file.unwrap();
    let connection = file.connection.as_ref().unwrap();
    assert_eq!(
        (connection.role, connection.connected, file.kind),
        (Side::Client, true, FileKind::Ipv4)
    );
    assert_eq!(file.name.lossy(), "10.0.0.2:99->10.0.0.1:80");
    let accept =
        call("accept4", 4, &[3]).part(Tag::Socket, Role::Result, 0, &socket(4, 6, HERE, THERE, 1));
    let file = accept.push(&mut assembler).unwrap().file.unwrap();
    assert_eq!((file.number, file.name.lossy()), (4, "10.0.0.1:80->10.0.0.2:99".into()));
    // What came later about the same socket does not forget who asked.
    let write =
        call("write", 1, &[4]).part(Tag::Socket, Role::First, 0, &socket(4, 6, HERE, THERE, 1));
    let file = write.push(&mut assembler).unwrap().file.unwrap();
    assert_eq!(file.connection.as_ref().unwrap().role, Side::Server);
    // Another socket under the same number does.
    let write =
        call("write", 1, &[4]).part(Tag::Socket, Role::First, 0, &socket(4, 7, HERE, THERE, 1));
    let file = write.push(&mut assembler).unwrap().file.unwrap();
    assert_eq!(file.connection.as_ref().unwrap().role, Side::Unknown);
}

#[test]
fn who_called_is_known_of_a_connection_that_was_not_seen_to_begin() {
    let mut assembler = assembler();
    let mut told = |attribute: u8, inode: u64| {
        let mut bytes = socket(3, inode, HERE, THERE, 1);
        bytes[offset_of!(SocketObject, attributes)] |= attribute;
        let write = call("write", 1, &[3]).part(Tag::Socket, Role::First, 0, &bytes);
        let file = write.push(&mut assembler).unwrap().file.unwrap();
        (file.connection.as_ref().unwrap().role, file.name.lossy().into_owned())
    };
    let name = |name: &str| name.to_owned();
    let called = told(socket_attributes::CALLED, 5);
    assert_eq!(called, (Side::Client, name("10.0.0.2:99->10.0.0.1:80")));
    let answered = told(socket_attributes::ANSWERED, 6);
    assert_eq!(answered, (Side::Server, name("10.0.0.1:80->10.0.0.2:99")));
    assert_eq!(told(0, 7).0, Side::Unknown);
}

#[test]
fn a_refused_connection_tells_what_was_asked_for() {
    let mut assembler = assembler();
    let connect = call("connect", -111, &[3])
        .part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, NOWHERE, 1))
        .part(Tag::Address, Role::Second, part_flags::ENTRY, &there(80));
    let event = connect.push(&mut assembler).unwrap();
    let file = event.file.as_ref().unwrap();
    assert_eq!(file.name.lossy(), "10.0.0.2:99->10.0.0.1:80");
    assert!(!file.connection.as_ref().unwrap().connected);
    assert!(matches!(event.argument("addr").unwrap().1, Argument::Address(_)));
}

#[test]
fn a_datagram_to_another_peer_changes_the_name() {
    let mut assembler = assembler();
    let send = |port: u8| {
        call("sendto", 1, &[3])
            .part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, NOWHERE, 2))
            .part(Tag::Address, Role::Fifth, 0, &there(port))
    };
    let changes: Vec<bool> = [53, 53, 54, 54]
        .map(|port| send(port).push(&mut assembler).unwrap().file.unwrap().name_changed)
        .into();
    assert_eq!(changes, [false, false, true, false]);
}

#[test]
fn a_duplicate_of_a_socket_is_a_socket() {
    let mut assembler = assembler();
    let connect =
        call("connect", 0, &[3]).part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, THERE, 1));
    connect.push(&mut assembler);
    let file = call("dup2", 1, &[3, 1]).push(&mut assembler).unwrap().file.unwrap();
    assert_eq!((file.number, file.kind), (1, FileKind::Ipv4));
    assert!(file.connection.as_ref().unwrap().connected);
}

#[test]
fn a_question_for_a_name_is_told_beside_the_call_that_carried_it() {
    let question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03WWW\x03net\0\0\x10\0\x01";
    let mut assembler = assembler();
    let mut send = |name: &str, port: u8| {
        let sent = call(name, 25, &[3])
            .part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, NOWHERE, 2))
            .part(Tag::Address, Role::Fifth, 0, &there(port))
            .part(Tag::Payload, Role::Second, 0, question);
        let event = sent.push(&mut assembler).unwrap();
        (event.sequence, assembler.take_besides())
    };
    for name in ["sendto", "sendmsg", "sendmmsg"] {
        let (sequence, besides) = send(name, 53);
        let [besides] = &*besides else { panic!("{besides:?}") };
        assert_eq!((besides.kind, besides.sequence), (Kind::DNS, sequence + 1));
        let text = |name: &str| besides.argument(name).unwrap().1.clone();
        assert_eq!(text("query"), Argument::Text("www.net".into()));
        assert_eq!(text("type"), Argument::Text("TXT".into()));
        assert_eq!(text("response"), Argument::Number(0));
        assert_eq!(text("code"), Argument::Absent);
        assert!(besides.file.as_ref().unwrap().name.lossy().ends_with("->10.0.0.1:53"));
    }
    assert_eq!(send("sendto", 54).1, []);
}

#[test]
fn each_message_of_one_call_is_told_with_its_own_end() {
    let question = |kind: u8| {
        let head = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x03net\0\0".as_slice();
        [head, &[kind, 0, 1]].concat()
    };
    let mut assembler = assembler();
    let mut send = |ends: [[u8; 5]; 2], connected: [u8; 5]| {
        let kind = if connected == NOWHERE { 2 } else { 1 };
        let first = call("sendmmsg", 3, &[3]).part(
            Tag::Socket,
            Role::First,
            0,
            &socket(3, 5, HERE, connected, kind),
        );
        let sent = ends.iter().zip([1, 28]).fold(first, |sent, (end, kind)| {
            sent.part(Tag::Address, Role::Second, 0, &there(end[4])).part(
                Tag::Payload,
                Role::Second,
                0,
                &question(kind),
            )
        });
        // The last one goes where the socket leads.
        sent.part(Tag::Payload, Role::Second, 0, &question(16)).push(&mut assembler);
        let told = assembler.take_besides().into_iter().map(|event| {
            let Argument::Text(kind) = event.argument("type").unwrap().1.clone() else { panic!() };
            let name = event.file.unwrap().name.lossy().into_owned();
            (kind.lossy().into_owned(), name.rsplit(':').next().unwrap().to_owned())
        });
        told.collect::<Vec<_>>()
    };
    let all = |told: &[(&str, &str)]| -> Vec<(String, String)> {
        told.iter().map(|(kind, port)| ((*kind).to_owned(), (*port).to_owned())).collect()
    };
    let to = |port: u8| [10, 0, 0, 1, port];
    assert_eq!(send([to(53), to(53)], NOWHERE), all(&[("A", "53"), ("AAAA", "53"), ("TXT", "53")]));
    assert_eq!(send([to(54), to(53)], NOWHERE), all(&[("AAAA", "53")]));
    // Whatever the messages of a connected socket claim, they go to its other end.
    let connected = send([to(54), to(54)], to(53));
    assert_eq!(connected, all(&[("A", "53"), ("AAAA", "53"), ("TXT", "53")]));
}

/// What the kernel is asked for by one rule.
fn filter_of(condition: &str, calls: &SystemCalls) -> Filter {
    let text =
        format!("- {{rule: r, desc: x, condition: {condition}, output: x, priority: DEBUG}}");
    let file = RuleFile { name: "f.yaml", bytes: text.as_bytes() };
    let budget = Budget::new(Limits::DEFAULT);
    let set = bulkhead_rules::load(&[file], &Selection::default(), &budget).set.unwrap();
    crate::filter(&[&set], calls)
}

#[test]
fn of_what_is_moved_only_messages_of_the_name_service_are_asked_for() {
    let calls = SystemCalls::embedded().unwrap();
    let filter = filter_of("evt.type=dns", &calls);
    let keeps = |name: &str, remote: [u8; 5], kind: u16| {
        let record = call(name, 25, &[3]);
        let bytes =
            record.part(Tag::Socket, Role::First, 0, &socket(3, 5, HERE, remote, kind)).bytes();
        filter.keeps(calls.named(name).unwrap(), &Record::read(&bytes).unwrap())
    };
    for name in
        ["sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "read", "write"]
    {
        let server = [10, 0, 0, 1, 53];
        assert!(keeps(name, server, 1) && keeps(name, server, 2), "{name}");
        assert!(!keeps(name, THERE, 1) && !keeps(name, THERE, 2), "{name}");
        // A datagram from here may go anywhere.
        assert!(keeps(name, NOWHERE, 2), "{name}");
    }
    assert!(filter.of_askers.iter().eq(["read", "readv", "recvfrom", "sendto", "write", "writev"]));
    assert!(!filter.calls.contains_key("openat"));
}

/// A process takes a connection from another: the kernel asks for what it got, not for whom it took it from.
#[test]
fn what_was_taken_is_asked_for_and_not_from_whom() {
    let calls = SystemCalls::embedded().unwrap();
    let filter = filter_of("evt.type=pidfd_getfd and fd.type=ipv4", &calls);
    let record = call("pidfd_getfd", 5, &[3, 4]).file(Role::First, 3, 77, "/x");
    let taken = |record: Made| {
        let bytes = record.bytes();
        filter.keeps(calls.named("pidfd_getfd").unwrap(), &Record::read(&bytes).unwrap())
    };
    let connection = socket(5, 5, HERE, THERE, 1);
    assert!(taken(record.part(Tag::Socket, Role::Result, 0, &connection)));
    let record = call("pidfd_getfd", 5, &[3, 4]).part(Tag::Socket, Role::First, 0, &connection);
    assert!(!taken(record.file(Role::Result, 5, 77, "/x")));
}
