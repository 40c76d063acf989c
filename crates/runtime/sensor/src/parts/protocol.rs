//! Frames between the parts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bulkhead_probes::{Filter, Lane, Losses};
use serde::{Deserialize, Serialize};

use super::outlets::SinkOutlet;
use super::sinks::Delivery;
use crate::canary::Way;
use crate::documents::Document;
use crate::status::{FeatureStatus, HooksStatus, ProgramStatus};
use crate::usage::{Controller, Meter};
use crate::{Allowance, Runtime, Status, View};

/// The first frame, from the hands. Descriptors in this order: the ring buffers, the snapshots that there
/// are, the way to the sinks and to who asks for names, two accounts of each part, the files that the program
/// wants read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    /// Nanoseconds since 1970 at which the machine started.
    pub(super) boot: u64,
    /// The numbers of the parts, as in [`PARTS`].
    pub(super) parts: [u32; PARTS.len()],
    /// What the parts may use up together.
    pub(super) allowance: Allowance,
    /// Bytes of all ring buffers.
    pub(super) ring_bytes: u64,
    /// What became of the probes.
    pub(super) features: Vec<FeatureStatus>,
    /// The programs in the kernel.
    pub(super) watch: Watch,
    /// Lanes, by number.
    pub(super) lanes: Vec<u8>,
    /// How many snapshots there are, of processes first.
    pub(super) snapshots: u8,
    /// How many files the program gave along.
    pub(super) files: u8,
    /// What the program told itself: its own form.
    pub(super) words: Vec<u8>,
}

/// The programs in the kernel, and what those about calls hang on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watch {
    pub(super) hooks: HooksStatus,
    pub(super) programs: Vec<ProgramStatus>,
}

/// The parts by name, in the order in which they are told of.
pub(super) const PARTS: [&str; 3] = ["hands", "engine", "sinks"];

/// The first frame to the sinks, from the hands. Descriptors in this order: the outputs that are files, the
/// listeners, the way to who asks for names, the way to the hands, the files that there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begin {
    /// The outputs.
    pub(super) outputs: Vec<SinkOutlet>,
    /// What each listener answers.
    pub(super) listeners: Vec<Answers>,
    /// The time between signs of life; none where they are switched off.
    pub(super) canary: Option<Duration>,
    /// The ways that signs go: those whose probes work.
    pub(super) ways: Vec<Way>,
    /// What the program told itself: its own form.
    pub(super) words: Vec<u8>,
    /// Name servers that were said.
    pub(super) name_servers: Vec<SocketAddr>,
    /// Whether there is `resolv.conf(5)`, and `hosts(5)`.
    pub(super) files: (bool, bool),
}

/// What a listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answers {
    /// Everything about the sensor, and metrics.
    All,
    /// Metrics alone.
    Metrics,
}

/// What the engine tells the sinks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Told {
    /// Bytes for an output.
    Delivery(Delivery),
    /// A sign of life came to it, of a round, on a way.
    Canary(u32, Way),
    /// What it is like.
    Status(Box<Status>),
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
    /// Runs of these that the kernel passed over.
    PassedOver,
    /// Report what this keeps from now on.
    Calls(Filter),
    /// What the programs cost, where that is counted.
    Costs,
    /// The file that tells the control groups of a process.
    Membership(u32),
    /// The accounts of control groups.
    Usage(Vec<(Controller, String)>),
}

/// What the hands answer, with the descriptors beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// What the descriptors are, in order.
    Documents(Vec<(Document, Runtime)>),
    /// Which of the files there are: passwd, group, the maps of users and of groups.
    Accounts([bool; 4]),
    /// The figures.
    Losses(Figures),
    /// By program.
    PassedOver(BTreeMap<String, u64>),
    /// By the kernel's number of a program: how often it ran, and for how many nanoseconds.
    Costs(Vec<(u32, u64, u64)>),
    /// The descriptor is what was asked for.
    File,
    /// What the descriptors are, in order.
    Meters(Vec<Meter>),
    /// There is nothing.
    Nothing,
    /// The sensor ends. Comes unasked, so it may stand before an answer.
    End,
    /// The rule files anew: for each none where its descriptor comes along, else why there is none. Comes
    /// unasked.
    Files(Vec<Option<String>>),
    /// What was asked for is reported, by these.
    Watching(Watch),
    /// It could not be done, and why.
    Refused(String),
}

/// What was made and lost, in numbers alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Processor, lane, produced, lost of these.
    pub(super) produced: Vec<(u32, u8, u64, u64)>,
    /// Hierarchy, control group, lane, lost.
    pub(super) lost: Vec<(u32, u64, u8, u64)>,
}

impl From<Losses> for Figures {
    fn from(losses: Losses) -> Self {
        let lanes = |(processor, lanes): (&u32, &[bulkhead_probes::LaneCount; 4])| {
            let counts = Lane::ALL.iter().zip(*lanes);
            counts
                .map(|(lane, count)| (*processor, *lane as u8, count.produced, count.lost))
                .collect::<Vec<_>>()
        };
        let by_group = losses.by_cgroup.into_iter();
        Self {
            produced: losses.by_cpu.iter().flat_map(lanes).collect(),
            lost: by_group
                .map(|((hierarchy, group, lane), lost)| (hierarchy, group, lane as u8, lost))
                .collect(),
        }
    }
}
