//! Events written down.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use bulkhead_events::RecordingWriter;
use bulkhead_sensor::status::AlertStatus;
use bulkhead_sensor::{Delivery, Engine, Moment};

use super::losses::Losses;
use super::upkeep::Upkeep;
use super::{Now, PATIENCE};
use crate::failure::Failure;

/// Bytes of a recording that are handed on together.
const BATCH: usize = 256 << 10;

/// Records every event until there are no more.
pub(super) fn record(
    engine: &mut Engine,
    upkeep: &mut Upkeep<'_>,
    now: Now,
) -> Result<(), Failure> {
    let batch = Batch::default();
    let mut losses = Losses::default();
    let mut events = AlertStatus::default();
    let mut recording = RecordingWriter::new(batch.clone())?;
    loop {
        let mut least = BATCH;
        match engine.next(PATIENCE)? {
            Moment::Event(event) => {
                events.events += 1;
                recording.write(&event)?;
            }
            Moment::Lost(lane, count) => {
                losses.add(lane, count);
                losses.warn(now.nanoseconds());
            }
            // A recording keeps to the calls that it began with.
            Moment::Files(_) => {}
            Moment::Idle => least = 1,
            Moment::End => {
                batch.pass_on(engine, 1)?;
                return Ok(());
            }
        }
        batch.pass_on(engine, least)?;
        upkeep.look(engine, least == 1, events)?;
    }
}

/// Bytes on their way to the recording, which the sinks write.
#[derive(Debug, Clone, Default)]
struct Batch(Rc<RefCell<Vec<u8>>>);

impl Batch {
    /// Hands them on where there are that many.
    fn pass_on(&self, engine: &Engine, least: usize) -> Result<(), Failure> {
        if self.0.borrow().len() < least {
            return Ok(());
        }
        let bytes = self.0.take();
        Ok(engine.deliver(Delivery { output: 0, bytes })?)
    }
}

impl Write for Batch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
