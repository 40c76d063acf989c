//! Recordings of older versions are read for ever.

use bulkhead_events::Field;

use crate::replay;

/// What `version-1.events` holds. It is never written anew: what it says must stay so.
const VERSION_1: &str = include_str!("version-1.txt");

#[test]
fn version_1_is_read() {
    let (events, problem) = replay(include_bytes!("version-1.events"));
    assert!(problem.is_none(), "{problem:?}");
    let mut events = events.iter();
    for line in VERSION_1.lines() {
        let event = events.next().expect("an event for each line");
        for pair in line.split("; ") {
            let (name, expected) = pair.split_once(" = ").expect("a field and what it says");
            let shown = Field::parse(name).expect("a field").extract(event).to_string();
            assert_eq!(shown, expected, "{name}");
        }
    }
    assert!(events.next().is_none(), "a line for each event");
}
