//! Sockets, and what stands for them.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::event::EventfdFlags;
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

/// Has the kernel send a file to somebody who is there, this process, and makes a counter to wait for.
pub(crate) fn send_file(path: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let stream = TcpStream::connect(listener.local_addr().expect("an address"));
    let stream = stream.expect("a connection");
    let file = fs_err::File::open(path).expect("a file");
    rustix::io::pread(file.file(), &mut [0; 1], 0).expect("it is read");
    rustix::fs::sendfile(&stream, file.file(), None, 64).expect("it is sent");
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC).expect("a counter");
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

/// Runs a shell that reads from a connection, or from nothing.
pub(crate) fn hand_over(what: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let stream = TcpStream::connect(listener.local_addr().expect("an address"));
    let stream = OwnedFd::from(stream.expect("a connection"));
    let input = if what == "connection" { Stdio::from(stream) } else { Stdio::null() };
    let shell = Command::new("sh").args(["-c", "true"]).stdin(input).status();
    assert!(shell.expect("it runs").success());
}
