//! What the table of fields holds, and what its fields say.

mod fields {
    mod following;
    mod meaning;
    mod rules;
    mod settings;
}

use bulkhead_events::{Event, EventScript, Field};
use bulkhead_limits::{Budget, Limits};

/// The events of a script.
fn events(script: &str) -> Vec<Event> {
    let script = EventScript::read(script.as_bytes(), &Budget::new(Limits::DEFAULT));
    script.and_then(|script| script.events()).unwrap_or_else(|error| panic!("{error}"))
}

/// Events that together have something in every field.
fn samples() -> Vec<Event> {
    events(include_str!("samples.yaml"))
}

/// What a field of an event says, as rules print it.
fn shown(event: &Event, field: &str) -> String {
    let field = Field::parse(field).unwrap_or_else(|error| panic!("{error}"));
    field.told(event).to_string()
}
