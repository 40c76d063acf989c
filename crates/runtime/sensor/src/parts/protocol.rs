//! Frames between hands and engine.

use std::net::SocketAddr;

use bulkhead_probes::{Lane, Losses};
use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::{Runtime, View};

/// The first frame, from the hands. Descriptors in this order: the ring buffers, the snapshots that there
/// are, the way to the sinks and to who asks for names, the files that the program wants read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    /// Nanoseconds since 1970 at which the machine started.
    pub(super) boot: u64,
    /// Lanes, by number.
    pub(super) lanes: Vec<u8>,
    /// How many snapshots there are, of processes first.
    pub(super) snapshots: u8,
    /// How many files the program gave along.
    pub(super) files: u8,
    /// What the program told itself: its own form.
    pub(super) words: Vec<u8>,
}

/// The first frame to the sinks. Descriptors in this order: the outputs, the way to who asks for names, the files that
/// there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begin {
    /// How many outputs there are.
    pub(super) outputs: usize,
    /// Name servers that were said.
    pub(super) name_servers: Vec<SocketAddr>,
    /// Whether there is `resolv.conf(5)`, and `hosts(5)`.
    pub(super) files: (bool, bool),
}

/// What the engine asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Question {
    /// Documents of a container of that name.
    Container(String),
    /// The files of accounts that a process sees.
    Accounts(View),
    /// What the kernel's programs made and lost.
    Losses,
    /// Report these system calls from now on.
    Calls(Vec<String>),
}

/// What the hands answer, with the descriptors beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// What the descriptors are, in order.
    Documents(Vec<(Document, Runtime)>),
    /// Which of the two files there are: passwd, group.
    Accounts(bool, bool),
    /// The figures.
    Losses(Figures),
    /// There is nothing.
    Nothing,
    /// The sensor ends. Comes unasked, so it may stand before an answer.
    End,
    /// It was done.
    Done,
    /// It could not be done, and why.
    Refused(String),
}

/// What was made and lost, in numbers alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Processor, lane, produced.
    pub(super) produced: Vec<(u32, u8, u64)>,
    /// Hierarchy, control group, lane, lost.
    pub(super) lost: Vec<(u32, u64, u8, u64)>,
}

impl From<Losses> for Figures {
    fn from(losses: Losses) -> Self {
        let lanes = |(processor, lanes): (u32, &[bulkhead_probes::LaneCount; 4])| {
            let counts = Lane::ALL.iter().zip(*lanes);
            counts.map(|(lane, count)| (processor, *lane as u8, count.produced)).collect::<Vec<_>>()
        };
        let by_group = losses.by_cgroup.into_iter();
        Self {
            produced: (0..).zip(&losses.by_cpu).flat_map(lanes).collect(),
            lost: by_group
                .map(|((hierarchy, group, lane), lost)| (hierarchy, group, lane as u8, lost))
                .collect(),
        }
    }
}
