//! Servers that go away, come back, or take nothing.

use std::io::{BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use bulkhead_outputs::{Server, Target};

use crate::sender::{PATIENCE, Sender, frame};

/// Messages that wait at most (docs/alerts.md).
const ROOM: usize = 16_384;

fn accepted(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

/// An address at which nobody listens, and which nobody else is likely to take meanwhile.
fn vacant(host: &str) -> SocketAddr {
    TcpListener::bind((host, 0)).unwrap().local_addr().unwrap()
}

#[test]
fn a_server_that_comes_back_is_found_again() {
    let address = vacant("127.0.0.31");
    let sender = Sender::to(&format!("tcp://{address}"), None);
    let listener = TcpListener::bind(address).unwrap();
    sender.send("one");
    let mut reader = accepted(&listener);
    assert_eq!(frame(&mut reader).unwrap(), b"one");
    // It only closes the connection: nothing is said about that.
    drop(reader);
    sender.send("two");
    let mut reader = accepted(&listener);
    assert_eq!(frame(&mut reader).unwrap(), b"two");
    drop((reader, listener));
    sender.send("three");
    let warning = sender.warning();
    assert!(warning.contains("takes no messages") && warning.contains("127.0.0.31"), "{warning}");
    sender.send("four");
    let listener = TcpListener::bind(address).unwrap();
    let mut reader = accepted(&listener);
    assert_eq!(frame(&mut reader).unwrap(), b"three");
    assert_eq!(frame(&mut reader).unwrap(), b"four");
    assert!(sender.warning().contains("takes messages again"));
    assert_eq!(sender.end(PATIENCE), (0, Vec::new()));
}

#[test]
fn a_server_that_has_moved_is_looked_up_again() {
    let listener = TcpListener::bind("127.0.0.33:0").unwrap();
    let address = listener.local_addr().unwrap();
    let target = Target::Tcp(Server {
        host: "logs.example".to_owned(),
        port: address.port(),
        addresses: vec![SocketAddr::new([127, 0, 0, 34].into(), address.port())],
    });
    let sender = Sender::start(target, &[address.ip()]);
    sender.send("one");
    // Where it was found at the start nobody is.
    let warning = sender.warning();
    assert!(warning.contains("tcp://logs.example:"), "{warning}");
    let mut reader = accepted(&listener);
    assert_eq!(frame(&mut reader).unwrap(), b"one");
    assert!(sender.warning().contains("takes messages again"));
    assert_eq!(sender.end(PATIENCE), (0, Vec::new()));
}

#[test]
fn a_daemon_that_comes_back_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let sender = Sender::to(&format!("unix:{}", path.display()), None);
    sender.send("one");
    assert!(sender.warning().contains("takes no messages"));
    for message in ["one", "two"] {
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = [0; 100];
        let count = socket.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..count], message.as_bytes());
        assert!(sender.warning().contains("takes messages again"));
        drop(socket);
        fs_err::remove_file(&path).unwrap();
        sender.send("two");
        assert!(sender.warning().contains("takes no messages"));
    }
    assert_eq!(sender.end(Duration::ZERO).0, 1);
}

#[test]
fn what_has_no_room_is_dropped_counted_and_told() {
    let address = vacant("127.0.0.32");
    let sender = Sender::to(&format!("tcp://{address}"), None);
    for number in 0..ROOM + 1_000 {
        sender.send(number.to_string());
    }
    assert!(sender.warning().contains("takes no messages"));
    let listener = TcpListener::bind(address).unwrap();
    let mut reader = accepted(&listener);
    // The next message that it gets says how many it did not.
    assert_eq!(frame(&mut reader).unwrap(), b"1000 dropped");
    for number in 0..ROOM {
        assert_eq!(frame(&mut reader).unwrap(), number.to_string().into_bytes());
    }
    sender.send("the next");
    assert_eq!(frame(&mut reader).unwrap(), b"the next");
    assert_eq!(sender.end(PATIENCE).0, 1_000);
    assert_eq!(frame(&mut reader), None);
}

#[test]
fn a_server_that_reads_nothing_keeps_nobody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = Sender::to(&format!("tcp://127.0.0.1:{port}"), None);
    // More than the two ends of a connection hold.
    for _ in 0..4_000 {
        sender.send(vec![b'x'; 8 << 10]);
    }
    let (mut stream, _) = listener.accept().unwrap();
    let (missing, _) = sender.end(Duration::from_millis(300));
    assert!((1..4_000).contains(&missing), "{missing}");
    // And what it takes is whole as far as it goes.
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"8192 ");
}
