//! The reading end of a ring buffer.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use aya::maps::{Map, MapData, RingBuf};

use crate::ProbesError;
use crate::abi::Lane;

/// Takes records out of one lane. It needs the descriptor and nothing else: no privileges.
pub struct Ring {
    lane: Lane,
    buffer: RingBuf<MapData>,
}

impl Ring {
    /// From a descriptor of [`crate::Probes::ring`], in whichever process it arrived.
    pub fn open(lane: Lane, descriptor: OwnedFd) -> Result<Self, ProbesError> {
        let failed = |error: &dyn std::fmt::Display| ProbesError::Map {
            what: "a ring buffer",
            reason: error.to_string(),
        };
        let data = MapData::from_fd(descriptor).map_err(|error| failed(&error))?;
        let buffer = RingBuf::try_from(Map::RingBuf(data)).map_err(|error| failed(&error))?;
        Ok(Ring { lane, buffer })
    }

    /// Which one.
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// Hands the next record's bytes to a reader; false where there is none now. Wait by polling the descriptor.
    pub fn take(&mut self, reader: impl FnOnce(&[u8])) -> bool {
        let Some(item) = self.buffer.next() else { return false };
        reader(&item);
        true
    }
}

impl AsFd for Ring {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.buffer.as_fd()
    }
}
