//! Sockets, and what stands for them.

use std::fs::File;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::net::{AddressFamily, SocketType};

pub(crate) fn socket(family: &str) {
    let family = match family {
        "packet" => AddressFamily::PACKET,
        "internet" => AddressFamily::INET,
        other => panic!("{other} is no family that is known here"),
    };
    rustix::net::socket(family, SocketType::DGRAM, None).expect("a socket");
}

/// Nobody may be there.
pub(crate) fn connect(address: &str) {
    let _ = TcpStream::connect(address.parse::<SocketAddr>().expect("an address"));
}

/// Connects to somebody who is there: this process.
pub(crate) fn meet(address: &str) {
    let listener = TcpListener::bind(address).expect("an address of this container");
    drop(TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection"));
}

/// Accepts connections of somebody who comes again and again: this process.
pub(crate) fn serve(address: &str, times: &str) {
    let listener = TcpListener::bind(address).expect("an address of this container");
    for _ in 0..times.parse().expect("a number") {
        let comes = TcpStream::connect(listener.local_addr().expect("an address"));
        drop((comes.expect("a connection"), listener.accept().expect("a connection")));
    }
}

/// Puts a connection in the place of standard output, or of another file.
pub(crate) fn redirect(place: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let stream = TcpStream::connect(listener.local_addr().expect("an address"));
    let stream = stream.expect("a connection");
    match place {
        "output" => rustix::stdio::dup2_stdout(&stream).expect("another number"),
        "file" => {
            let mut file = OwnedFd::from(tempfile::tempfile().expect("a file"));
            rustix::io::dup2(&stream, &mut file).expect("another number");
        }
        other => panic!("{other} is no place that is known here"),
    }
}

/// Asks a name server, which is this process, and is answered.
pub(crate) fn ask(name: &str) {
    let server = UdpSocket::bind("127.0.0.1:53").expect("the port of name servers");
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    asker.send_to(&question(name), "127.0.0.1:53").expect("it is sent");
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
pub(crate) fn write_question(name: &str) {
    let server = UdpSocket::bind("127.0.0.1:53").expect("the port of name servers");
    let asker = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    asker.connect(server.local_addr().expect("an address")).expect("it is connected");
    File::from(OwnedFd::from(asker)).write_all(&question(name)).expect("it is sent");
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

/// Runs a shell that reads from a connection, or from nothing.
pub(crate) fn hand_over(what: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let stream = TcpStream::connect(listener.local_addr().expect("an address"));
    let stream = OwnedFd::from(stream.expect("a connection"));
    let input = if what == "connection" { Stdio::from(stream) } else { Stdio::null() };
    let shell = Command::new("sh").args(["-c", "true"]).stdin(input).status();
    assert!(shell.expect("it runs").success());
}
