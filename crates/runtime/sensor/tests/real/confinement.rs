//! What each process of the sensor cannot do any more. The test executes itself again, once for each.

use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;

use bulkhead_sensor::{Part, confine};
use bulkhead_testing::skip;

const PART: &str = "BULKHEAD_TEST_PART";

const PARTS: [(&str, Part); 3] =
    [("hands", Part::Hands), ("engine", Part::Engine), ("sinks", Part::Sinks)];

/// What the child does: a test below, run once more in a process of its own.
#[expect(clippy::print_stdout, reason = "its parent reads it")]
fn child(name: &str) {
    let part = PARTS.iter().find(|(other, _)| *other == name).unwrap().1;
    let mine = tempfile::NamedTempFile::new().unwrap();
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let parent = rustix::process::getppid().unwrap();
    // Confinement is of one thread, and the harness has others: all is tried on this one.
    confine(part).unwrap();
    let attempts: [(&str, bool); 10] = [
        ("read-file", fs_err::read("/etc/passwd").is_ok()),
        ("write-file", fs_err::write(mine.path(), "x").is_ok()),
        ("read-root-file", fs_err::read("/etc/shadow").is_ok()),
        ("connect", TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()),
        ("datagram", UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).is_ok()),
        ("local-socket", UnixStream::pair().is_ok()),
        ("execute", Command::new("/bin/true").status().is_ok()),
        ("signal", rustix::process::test_kill_process(parent).is_ok()),
        ("become-root", rustix::thread::set_thread_uid(rustix::fs::Uid::ROOT).is_ok()),
        ("capabilities", !rustix::thread::capabilities(None).unwrap().permitted.is_empty()),
    ];
    let can: Vec<&str> = attempts.iter().filter(|(_, done)| *done).map(|(name, _)| *name).collect();
    println!("CAN {}", can.join(" "));
}

fn check(part: &str, expected: &str) {
    if let Ok(name) = std::env::var(PART) {
        return child(&name);
    }
    if !rustix::process::geteuid().is_root() {
        skip("giving up rights needs some");
        return;
    }
    // The harness calls the thread of a test after it.
    let test = std::thread::current().name().unwrap().to_owned();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", &test, "--nocapture"]).env(PART, part);
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let can = text.lines().find_map(|line| line.split_once("CAN ")).map(|(_, can)| can);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(can, Some(expected), "{part}: {text} {error}");
}

#[test]
fn hands_have_rights_and_no_network() {
    check("hands", "read-file write-file read-root-file signal become-root capabilities");
}

#[test]
fn the_engine_has_nothing() {
    check("engine", "");
}

#[test]
fn sinks_have_the_network_only() {
    check("sinks", "connect datagram local-socket");
}
