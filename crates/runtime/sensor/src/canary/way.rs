//! The ways that a sign of life goes through the kernel.

use std::ffi::CString;

use bulkhead_probes::{CANARY_BIT, CANARY_LANE, Feature, Kind, Lane, Record};
use serde::{Deserialize, Serialize};

/// A way through the kernel: what tells of it, and the ring buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// System calls that are rare and grave.
    Processes,
    /// System calls about the network.
    Network,
    /// System calls about files.
    Files,
    /// All other system calls.
    Others,
    /// Processes that are made.
    Births,
    /// Processes that end.
    Ends,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Processes, Self::Network, Self::Files, Self::Others, Self::Births, Self::Ends];

    /// What is not seen while nothing comes through.
    pub fn title(self) -> &'static str {
        match self {
            Self::Processes => "executions and calls about processes",
            Self::Network => "calls about the network",
            Self::Files => "calls about files",
            Self::Others => "other calls",
            Self::Births => "processes that are made",
            Self::Ends => "processes that end",
        }
    }

    /// The feature of the probes that tells of it.
    pub(crate) fn feature(self) -> Feature {
        match self {
            Self::Births => Feature::Fork,
            Self::Ends => Feature::Exit,
            _ => Feature::Calls,
        }
    }

    /// The lane of the call that goes it; none where it is no call.
    fn lane(self) -> Option<Lane> {
        match self {
            Self::Processes => Some(Lane::Process),
            Self::Network => Some(Lane::Network),
            Self::Files => Some(Lane::File),
            Self::Others => Some(Lane::Other),
            Self::Births | Self::Ends => None,
        }
    }

    /// The number of a process that nobody has, which a call asks for to go this way.
    pub(crate) fn number(self, round: u32) -> Option<i32> {
        let lane = u32::from(self.lane()? as u8).checked_shl(CANARY_LANE)?;
        i32::try_from(round | lane | CANARY_BIT).ok()
    }
}

/// Rounds are numbered by so many bits.
pub(super) const ROUND_BITS: u32 = CANARY_LANE;

/// What the name of a thread begins with that is made and ends for a sign.
const NAME: &str = "sign ";

/// The name of a thread that is made and ends for a round.
pub(crate) fn thread_name(round: u32) -> CString {
    CString::new(format!("{NAME}{round}")).unwrap_or_default()
}

/// What a record tells of the process that gives signs of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// A sign of a round came this way.
    Sign(u32, Way),
    /// One of its threads, which is nothing to anybody.
    Thread,
}

/// What a record tells of the process that gives signs of life, if it does.
pub(crate) fn told(record: &Record<'_>, process: u32) -> Option<Told> {
    let header = record.header;
    if header.process.get() != process {
        return None;
    }
    let way = match record.kind {
        Kind::Call => {
            let [number, ..] = record.arguments()?;
            let number = u32::try_from(number).ok().filter(|number| number & CANARY_BIT != 0)?;
            let way = Way::ALL.into_iter().find(|way| way.lane() == Some(record.lane))?;
            return Some(Told::Sign(number & ((1 << ROUND_BITS) - 1), way));
        }
        Kind::Fork => Way::Births,
        Kind::Exit => Way::Ends,
        _ => return None,
    };
    if header.thread.get() == process {
        return None;
    }
    let name = std::str::from_utf8(record.name()).ok();
    let round = name.and_then(|name| name.strip_prefix(NAME)?.parse().ok());
    Some(round.map_or(Told::Thread, |round| Told::Sign(round, way)))
}
