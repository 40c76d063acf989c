//! What is written is what is read.

use std::io::Write as _;

use bulkhead_events::{Argument, Event, Kind};
use proptest::prelude::*;

use super::arbitrary;
use crate::{record, replay, samples};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_events_come_back(events in arbitrary::events()) {
        let (read, problem) = replay(&record(&events));
        prop_assert!(problem.is_none(), "{problem:?}");
        prop_assert_eq!(read, events);
    }
}

#[test]
fn the_samples_come_back() {
    let (read, problem) = replay(&record(&samples()));
    assert!(problem.is_none(), "{problem:?}");
    assert_eq!(read, samples());
}

#[test]
fn what_comes_again_is_written_once() {
    let events = samples();
    let again: Vec<Event> = events.iter().cycle().take(events.len() * 100).cloned().collect();
    let (once, often) = (record(&events).len(), record(&again).len());
    let each = (often - once) / (again.len() - events.len());
    assert!(each < 40, "an event that says nothing new takes {each} bytes");
}

#[test]
fn compressed_recordings_are_read_as_they_are() {
    let bytes = record(&samples());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    for compressed in [gzip.finish().unwrap(), zstd::bulk::compress(&bytes, 3).unwrap()] {
        assert!(compressed.len() < bytes.len());
        let (read, problem) = replay(&compressed);
        assert!(problem.is_none(), "{problem:?}");
        assert_eq!(read, samples());
    }
}

/// More names than a recording keeps defined at a time: it forgets, and goes on.
#[test]
fn a_recording_is_longer_than_its_memory() {
    let sample = samples().remove(0);
    let name = |number: u32| {
        let padding = "x".repeat(4_000);
        let path = format!("/{padding}/{number}").into();
        Argument::Path { given: path, resolved: None }
    };
    let events = (0..5_000).map(|number| Event {
        kind: Kind::by_name("rmdir").unwrap(),
        arguments: vec![Argument::Absent, name(number)],
        ..sample.clone()
    });
    let events: Vec<Event> = events.collect();
    let bytes = record(&events);
    assert!(bytes.len() > 16 << 20, "only {} bytes", bytes.len());
    let (read, problem) = replay(&bytes);
    assert!(problem.is_none(), "{problem:?}");
    assert!(read == events);
}
