//! Recordings: what is written is read, and nothing else.

#![expect(clippy::expect_used, reason = "a test that cannot make its recording must fail")]

mod recordings {
    mod arbitrary;
    mod hostile;
    mod round_trip;
    mod versions;
}

use bulkhead_events::{Event, EventScript, RecordingError, RecordingReader, RecordingWriter};
use bulkhead_limits::{Budget, Limits};

/// Events that have something in every field.
fn samples() -> Vec<Event> {
    let script = include_bytes!("samples.yaml");
    let script = EventScript::read(script, &Budget::new(Limits::DEFAULT)).expect("a script");
    script.events().expect("events")
}

/// A recording of events.
fn record(events: &[Event]) -> Vec<u8> {
    let mut writer = RecordingWriter::new(Vec::new()).expect("writing into memory");
    for event in events {
        writer.write(event).expect("writing into memory");
    }
    writer.into_inner()
}

/// The events of a recording, and why there are no more.
fn replay(bytes: &[u8]) -> (Vec<Event>, Option<RecordingError>) {
    let limits = Limits { file_bytes: 64 << 20, ..Limits::DEFAULT };
    let mut reader = match RecordingReader::open(bytes, &Budget::new(limits)) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut events = Vec::new();
    let problem = loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(event.clone()),
            Ok(None) => break None,
            Err(problem) => break Some(problem),
        }
    };
    (events, problem)
}
