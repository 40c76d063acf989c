//! Files of events: recordings, and events that people wrote down.

use std::io::BufReader;
use std::path::Path;

use bulkhead_events::{Event, EventScript, RecordingError, RecordingReader};
use bulkhead_limits::{Budget, Limits};

use crate::failure::Failure;

/// Gives each event of a file to `each`. What cannot be read any more ends a recording: what was read
/// before it stands, and the cause is returned.
pub(super) fn for_each_event(
    file: &Path,
    mut each: impl FnMut(&Event) -> Result<(), Failure>,
) -> Result<Option<RecordingError>, Failure> {
    let budget = Budget::new(Limits::DEFAULT);
    let opened = BufReader::new(fs_err::File::open(file)?);
    let mut reader = match RecordingReader::open(opened, &budget) {
        Ok(reader) => reader,
        Err(RecordingError::Other) => {
            for event in &written(file, &budget)? {
                each(event)?;
            }
            return Ok(None);
        }
        Err(error) => return Err(unreadable(file, &error.to_string())),
    };
    loop {
        match reader.next_event() {
            Ok(Some(event)) => each(event)?,
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(error)),
        }
    }
}

fn written(file: &Path, budget: &Budget) -> Result<Vec<Event>, Failure> {
    let text = fs_err::read(file)?;
    EventScript::read(&text, budget)
        .and_then(|script| script.events())
        .map_err(|error| unreadable(file, &error.to_string()))
}

fn unreadable(file: &Path, cause: &str) -> Failure {
    Failure::new(
        format!("{}: {cause}", file.display()),
        "give a recording, or events in YAML as docs/rules.md shows them",
    )
}
