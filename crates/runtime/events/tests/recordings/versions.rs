//! Recordings of older versions are read for ever.

use bulkhead_events::Field;

use crate::replay;

/// What `version-1.events` holds. It is never written anew: what it says must stay so.
const VERSION_1: &str = include_str!("version-1.txt");

/// The same of version 2, which knows the node.
const VERSION_2: &str = include_str!("version-2.txt");

/// And of version 3, which knows what containers share with the host, and how they are asked whether they are well.
const VERSION_3: &str = include_str!("version-3.txt");

/// And of version 4, which knows a container's address and what a kubelet asks it by.
const VERSION_4: &str = include_str!("version-4.txt");

#[test]
fn version_1_is_read() {
    check(include_bytes!("version-1.events"), VERSION_1);
}

#[test]
fn version_2_is_read() {
    check(include_bytes!("version-2.events"), VERSION_2);
}

#[test]
fn version_3_is_read() {
    check(include_bytes!("version-3.events"), VERSION_3);
}

#[test]
fn version_4_is_read() {
    check(include_bytes!("version-4.events"), VERSION_4);
}

fn check(recording: &[u8], expected: &str) {
    let (events, problem) = replay(recording);
    assert!(problem.is_none(), "{problem:?}");
    let mut events = events.iter();
    for line in expected.lines() {
        let event = events.next().expect("an event for each line");
        for pair in line.split("; ") {
            let (name, expected) = pair.split_once(" = ").expect("a field and what it says");
            let shown = Field::parse(name).expect("a field").extract(event).to_string();
            assert_eq!(shown, expected, "{name}");
        }
    }
    assert!(events.next().is_none(), "a line for each event");
}
