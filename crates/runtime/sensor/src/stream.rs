//! The records of all lanes, in the order in which things happened.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::Duration;

use bulkhead_probes::{Lane, ProbesError, Record, RecordError, Ring};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::loss::Ledger;

/// The reading ends of the ring buffers. Needs no rights: descriptors are enough.
pub struct Stream {
    lanes: Vec<Held>,
    ledger: Ledger,
    /// Records that could not be read, and why the last of them.
    broken: (u64, Option<RecordError>),
}

/// A lane, and its next record.
struct Held {
    ring: Ring,
    bytes: Vec<u8>,
    /// When it was made; none where the lane is empty.
    time: Option<u64>,
}

impl Held {
    /// Takes the next record where there is none; false where there is nothing to take.
    fn fill(&mut self) -> bool {
        let Self { ring, bytes, time } = self;
        time.is_none()
            && ring.take(|record| {
                bytes.clear();
                bytes.extend_from_slice(record);
                // What is no record has no time, and goes first.
                *time = Some(Record::read(bytes).map_or(0, |record| record.header.time.get()));
            })
    }
}

impl Stream {
    /// From descriptors of [`bulkhead_probes::Probes::ring`].
    pub fn open(rings: Vec<(Lane, OwnedFd)>) -> Result<Self, ProbesError> {
        let open = |(lane, descriptor)| {
            Ok(Held { ring: Ring::open(lane, descriptor)?, bytes: Vec::new(), time: None })
        };
        let lanes = rings.into_iter().map(open).collect::<Result<_, ProbesError>>()?;
        Ok(Self { lanes, ledger: Ledger::default(), broken: (0, None) })
    }

    /// Hands over the next record, with the count of those before it in its lane that were found lost; false
    /// where there is none now.
    ///
    /// A record of one lane may have been made because of one in another lane, which is then there before
    /// it. So every empty lane is looked at again once another has a record, and only then the oldest goes.
    pub fn next(&mut self, reader: impl FnOnce(&Record<'_>, u64)) -> bool {
        loop {
            let took = self.lanes.iter_mut().map(Held::fill).filter(|took| *took).count();
            if took == 0 {
                break;
            }
        }
        let waiting = self.lanes.iter_mut().filter(|lane| lane.time.is_some());
        let Some(oldest) = waiting.min_by_key(|lane| lane.time) else { return false };
        oldest.time = None;
        match Record::read(&oldest.bytes) {
            Ok(record) => {
                let missing = self.ledger.enter(&record);
                reader(&record, missing);
            }
            Err(error) => {
                self.broken = (self.broken.0.saturating_add(1), Some(error));
            }
        }
        true
    }

    /// Waits until a lane has something, or another descriptor, or the time is over. Whether the other one has
    /// something to read, or its end.
    pub fn wait(
        &self,
        other: Option<BorrowedFd<'_>>,
        patience: Duration,
    ) -> Result<bool, rustix::io::Errno> {
        let lanes = self.lanes.iter().map(|lane| lane.ring.as_fd());
        let mut descriptors: Vec<PollFd<'_>> = lanes
            .chain(other)
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();
        let patience = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut descriptors, Some(&patience)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(false),
            Err(error) => return Err(error),
        }
        let came = |descriptor: &PollFd<'_>| !descriptor.revents().is_empty();
        Ok(other.is_some() && descriptors.last().is_some_and(came))
    }

    /// What was delivered and lost.
    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// How many records could not be read, and why the last of them.
    pub fn broken(&self) -> (u64, Option<RecordError>) {
        self.broken
    }
}
