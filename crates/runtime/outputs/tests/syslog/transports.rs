//! One message is one message, over each way.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};

use crate::sender::{PATIENCE, Sender, frame};

/// What a message may hold: a line feed, digits and a blank as a frame begins with, bytes that are no text.
const MESSAGES: [&[u8]; 4] =
    [b"<84>1 - a b - - - one", "two \u{fc} \u{2028}".as_bytes(), b"12 three\nfour", b"\xff\0\x1b["];

fn send_all(sender: Sender) {
    for message in MESSAGES {
        sender.send(message);
    }
    assert_eq!(sender.end(PATIENCE), (0, Vec::new()));
}

#[test]
fn a_datagram_of_this_machine_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    send_all(Sender::to(&format!("unix:{}", path.display()), None));
    for message in MESSAGES {
        let mut bytes = [0; 100];
        let count = socket.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..count], message);
    }
}

#[test]
fn a_line_of_a_stream_of_this_machine_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let listener = UnixListener::bind(&path).unwrap();
    send_all(Sender::to(&format!("unix:{}", path.display()), None));
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let lines: Vec<Vec<u8>> = BufReader::new(stream).split(b'\n').map(Result::unwrap).collect();
    // A line feed would end the message.
    let in_line = |message: &[u8]| -> Vec<u8> {
        message.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect()
    };
    assert_eq!(lines, MESSAGES.map(in_line));
}

#[test]
fn a_datagram_of_the_network_for_each() {
    for host in ["127.0.0.1", "[::1]"] {
        let Ok(socket) = UdpSocket::bind(format!("{host}:0")) else {
            bulkhead_testing::skip("this machine has no IPv6");
            continue;
        };
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let port = socket.local_addr().unwrap().port();
        send_all(Sender::to(&format!("udp://{host}:{port}"), None));
        for message in MESSAGES {
            let mut bytes = [0; 100];
            let count = socket.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..count], message);
        }
    }
}

#[test]
fn a_counted_frame_of_a_stream_for_each() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    send_all(Sender::to(&format!("tcp://localhost:{port}"), None));
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut reader = BufReader::new(stream);
    for message in MESSAGES {
        assert_eq!(frame(&mut reader).unwrap(), message);
    }
    assert_eq!(frame(&mut reader), None);
}
