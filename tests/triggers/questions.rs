//! Questions for names, on the ways on which programs send them.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, MultiHeaders, recvmmsg, sendmmsg};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// Where a name server would be.
const SERVER: &str = "127.0.0.1:53";

/// A socket that is connected to a name server, which need not be there: who is one itself is known to ask for that.
fn connected() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.connect(SERVER).expect("it is connected");
    socket
}

/// Is a name server that is asked by another process, which began before, and says where its question goes.
pub(crate) fn serve(name: &str) {
    let mut other = Command::new(std::env::current_exe().expect("this program"));
    let mut other =
        other.args(["send-question", name]).stdin(Stdio::piped()).spawn().expect("it runs");
    let server = UdpSocket::bind(SERVER).expect("the port of name servers");
    drop(other.stdin.take());
    server.recv(&mut [0; 512]).expect("a question");
    assert!(other.wait().expect("it ends").success());
}

pub(crate) fn send(name: &str) {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    asker.send_to(&question(name), SERVER).expect("it is sent");
}

/// Asks a name server, which is this process, and is answered.
pub(crate) fn ask(name: &str) {
    let server = UdpSocket::bind(SERVER).expect("the port of name servers");
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    asker.send_to(&question(name), SERVER).expect("it is sent");
    let mut buffer = [0; 512];
    let (length, peer) = server.recv_from(&mut buffer).expect("a question");
    // An answer with one address, 4.1.3: the name is that of the question, whose place is 12.
    buffer[2] |= 0x80;
    buffer[7] = 1;
    let record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];
    let answer = [&buffer[..length], &record].concat();
    server.send_to(&answer, peer).expect("it is sent");
    asker.recv_from(&mut buffer).expect("an answer");
}

/// Asks as programs do that write to a socket as to a file.
pub(crate) fn write(name: &str) {
    let asker = connected();
    File::from(OwnedFd::from(asker)).write_all(&question(name)).expect("it is sent");
}

/// Hands a socket that is connected to a name server to another process, which asks.
pub(crate) fn hand(name: &str) {
    let (here, there) = UnixStream::pair().expect("two ends");
    // Who is started before there was a connection has none of it.
    let mut other = Command::new(std::env::current_exe().expect("this program"));
    other.args(["write-handed-question", name]).stdin(Stdio::from(OwnedFd::from(there)));
    let mut other = other.spawn().expect("it runs");
    let asker = connected();
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut room);
    let sockets = [asker.as_fd()];
    assert!(beside.push(SendAncillaryMessage::ScmRights(&sockets)), "there is room");
    sendmsg(&here, &[IoSlice::new(b"x")], &mut beside, SendFlags::empty()).expect("it is sent");
    assert!(other.wait().expect("it ends").success());
}

pub(crate) fn write_handed(name: &str) {
    // Who sent it is told as well, before what was sent.
    set_socket_passcred(std::io::stdin(), true).expect("it is told");
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1), ScmCredentials(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut room);
    let mut byte = [0];
    let mut bytes = [IoSliceMut::new(&mut byte)];
    recvmsg(std::io::stdin(), &mut bytes, &mut beside, RecvFlags::empty()).expect("a message");
    let socket = beside.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    File::from(socket.expect("a socket")).write_all(&question(name)).expect("it is sent");
}

/// Hands such a socket over with the second of two messages, which are received by one call.
pub(crate) fn hand_among_messages(name: &str) {
    let (here, there) = UnixDatagram::pair().expect("two ends");
    let mut other = Command::new(std::env::current_exe().expect("this program"));
    other.args(["write-question-among-messages", name]).stdin(Stdio::from(OwnedFd::from(there)));
    let mut other = other.spawn().expect("it runs");
    let asker = connected();
    here.send(b"x").expect("it is sent");
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut room);
    let sockets = [asker.as_fd()];
    assert!(beside.push(SendAncillaryMessage::ScmRights(&sockets)), "there is room");
    sendmsg(&here, &[IoSlice::new(b"y")], &mut beside, SendFlags::empty()).expect("it is sent");
    assert!(other.wait().expect("it ends").success());
}

pub(crate) fn write_among_messages(name: &str) {
    let (mut first, mut second) = ([0], [0]);
    let mut pieces = [[IoSliceMut::new(&mut first)], [IoSliceMut::new(&mut second)]];
    let mut headers: MultiHeaders<()> =
        MultiHeaders::preallocate(2, Some(nix::cmsg_space!([RawFd; 1])));
    let input = std::io::stdin().as_raw_fd();
    let received = recvmmsg(input, &mut headers, &mut pieces, MsgFlags::empty(), None);
    let messages: Vec<_> = received.expect("messages").collect();
    assert_eq!(messages.len(), 2, "in one call");
    let mut beside = messages.iter().flat_map(|message| message.cmsgs().expect("what is beside"));
    let number = beside.find_map(|message| match message {
        ControlMessageOwned::ScmRights(sockets) => sockets.first().copied(),
        _ => None,
    });
    write_inherited(&number.expect("a socket").to_string(), name);
}

/// Has another process take such a socket, when it is connected.
pub(crate) fn lend(name: &str) {
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let mut other = Command::new(std::env::current_exe().expect("this program"));
    let (process, number) = (std::process::id().to_string(), asker.as_raw_fd().to_string());
    other.args(["write-taken-question", &process, &number, name]).stdin(Stdio::piped());
    let mut other = other.spawn().expect("it runs");
    asker.connect(SERVER).expect("it is connected");
    drop(other.stdin.take());
    assert!(other.wait().expect("it ends").success());
}

pub(crate) fn write_taken(process: &str, number: &str, name: &str) {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    let process = Pid::from_raw(process.parse().expect("a number")).expect("a process");
    let process = pidfd_open(process, PidfdFlags::empty()).expect("it is there");
    let number = number.parse().expect("a number");
    let socket = pidfd_getfd(process, number, PidfdGetfdFlags::empty()).expect("a socket");
    File::from(socket).write_all(&question(name)).expect("it is sent");
}

/// A question for an address, RFC 1035, 4.1.
fn question(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| {
        let length = u8::try_from(label.len()).expect("a short label");
        std::iter::once(length).chain(label.bytes())
    });
    let header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    header.into_iter().chain(labels).chain([0, 0, 1, 0, 1]).collect()
}

/// Asks over TCP as the library of C does: the length and the message are two pieces of one write. Who is asked reads
/// both in two pieces as well.
pub(crate) fn write_in_pieces(name: &str) {
    let server = TcpListener::bind(SERVER).expect("the port of name servers");
    let mut asker = TcpStream::connect(SERVER).expect("a connection");
    let question = question(name);
    let length = u16::try_from(question.len()).expect("a short question").to_be_bytes();
    let pieces = [IoSlice::new(&length), IoSlice::new(&question)];
    let sent = asker.write_vectored(&pieces).expect("it is sent");
    assert_eq!(sent, 2 + question.len(), "in one call");
    let (mut answering, _) = server.accept().expect("a connection");
    let mut bytes = vec![0; sent];
    answering.read_exact(&mut bytes).expect("a question");
    bytes[4] |= 0x80;
    answering.write_all(&bytes).expect("it is sent");
    let (mut start, mut rest) = ([0; 9], [0; 500]);
    let mut pieces = [IoSliceMut::new(&mut start), IoSliceMut::new(&mut rest)];
    let got = asker.read_vectored(&mut pieces).expect("an answer");
    assert_eq!(got, sent, "in one call");
}

/// Asks two questions in one call, as resolvers do for both kinds of addresses.
pub(crate) fn ask_for_both(first: &str, second: &str) {
    let server = UdpSocket::bind(SERVER).expect("the port of name servers");
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    asker.connect(server.local_addr().expect("an address")).expect("it is connected");
    let questions = [question(first), question(second)];
    let pieces: Vec<[IoSlice<'_>; 1]> = questions.iter().map(|one| [IoSlice::new(one)]).collect();
    let mut headers: MultiHeaders<()> = MultiHeaders::preallocate(2, None);
    let sent =
        sendmmsg(asker.as_raw_fd(), &mut headers, &pieces, [None, None], [], MsgFlags::empty());
    assert_eq!(sent.expect("they are sent").count(), 2);
}

/// Has another program ask by a socket that this one connected.
pub(crate) fn inherit(name: &str) {
    let asker = connected();
    fcntl_setfd(&asker, FdFlags::empty()).expect("it stays open");
    let number = asker.as_raw_fd().to_string();
    let mut other = Command::new(std::env::current_exe().expect("this program"));
    other.args(["write-inherited-question", &number, name]);
    assert!(other.status().expect("it runs").success());
}

/// By a shell's own word, so that no program begins with the socket as its output: that would be seen.
pub(crate) fn write_inherited(number: &str, name: &str) {
    let bytes: Vec<String> = question(name).iter().map(|byte| format!("\\{byte:03o}")).collect();
    let bytes = bytes.concat();
    let mut output = Command::new("sh");
    let output = output.args(["-c", &format!("printf '{bytes}' >&{number}")]);
    assert!(output.status().expect("it runs").success());
}

/// Connects a socket, and asks by it once there is something at a path.
pub(crate) fn connect_first(gate: &str, name: &str) {
    let asker = connected();
    fs_err::write(Path::new(gate).with_extension("ready"), "").expect("a file");
    while fs_err::metadata(gate).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    File::from(OwnedFd::from(asker)).write_all(&question(name)).expect("it is sent");
    fs_err::write(Path::new(gate).with_extension("done"), "").expect("a file");
}
