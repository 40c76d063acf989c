//! Loading the programs, and setting what they report.

mod load;
mod snapshot;
mod statistics;

use std::collections::BTreeSet;
use std::os::fd::{AsFd as _, OwnedFd};

use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{Array, HashMap, Map, MapData, ProgramArray};
use aya::{Btf, Ebpf, EbpfError, EbpfLoader};

pub use snapshot::read_snapshot;
pub use statistics::{LaneCount, Losses, ProgramStatistics};

use crate::ProbesError;
use crate::abi::{LANES, Lane};
use crate::calls::SystemCalls;
use crate::feature::{Feature, FeatureReport, FeatureState};
use crate::plan::{CANARY_CALL, PLAN_BYTES, Plan};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/probes.o"));

/// Numbers of calls in each half of the map of plans (`CALLS` of `bpf/maps.h`).
const CALLS: u32 = 512;

/// Processes that can be exempt (`EXEMPT`).
const EXEMPT: usize = 4;

/// Names of ring buffers, by lane.
const RINGS: [&str; LANES] = ["ring_process", "ring_network", "ring_file", "ring_other"];

/// Programs that others go on to, by `enum step`.
const STEPS: &[(u32, &str)] = &[
    (0, "step_end"),
    (1, "step_text"),
    (2, "step_object"),
    (3, "step_directory"),
    (4, "step_address"),
    (5, "step_message"),
    (6, "step_given"),
    (7, "step_received"),
    (8, "step_filter"),
    (9, "step_same_name"),
    (10, "step_identity"),
    (11, "step_process"),
    (12, "step_cgroups"),
    (13, "step_standard"),
    (14, "step_program"),
    (15, "step_memory"),
    (16, "step_copy"),
    (17, "step_begin"),
];

/// Features, their programs, and the tracepoint or iterator that each belongs to.
const PROGRAMS: &[(Feature, &str, &str)] = &[
    (Feature::EntryCopies, "enter_call", "sys_enter"),
    (Feature::Calls, "exit_call", "sys_exit"),
    (Feature::Execute, "process_executes", "sched_process_exec"),
    (Feature::Fork, "process_forks", "sched_process_fork"),
    (Feature::Exit, "process_exits", "sched_process_exit"),
    (Feature::Rings, "ring_submits", "io_uring_submit_req"),
    (Feature::Rings, "ring_completes", "io_uring_complete"),
    (Feature::Moves, "process_moves", "cgroup_attach_task"),
    (Feature::Tasks, "every_task", "task"),
    (Feature::Descriptors, "every_descriptor", "task_file"),
];

/// How to load.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of each ring buffer, by lane: powers of two, of a page at least.
    pub rings: [u32; LANES],
    /// Features that are not wanted.
    pub off: BTreeSet<Feature>,
    /// Processes that are not watched: our own. More than four are an error.
    pub exempt: Vec<u32>,
    /// Bytes of payload at most, where a plan does not say otherwise.
    pub payload: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            rings: [8 << 20, 8 << 20, 8 << 20, 4 << 20],
            off: BTreeSet::new(),
            exempt: Vec::new(),
            payload: 128,
        }
    }
}

/// The programs in the kernel. When this is dropped, or its process dies, they are gone.
pub struct Probes {
    kernel: Ebpf,
    steps: Option<ProgramArray<MapData>>,
    calls: SystemCalls,
    payload: u32,
}

impl Probes {
    /// Loads and attaches what the kernel takes, and says of each feature what became of it. No call is
    /// reported before [`Probes::want`].
    pub fn load(options: &Options) -> Result<(Self, Vec<FeatureReport>), ProbesError> {
        let unavailable = |error: &dyn std::error::Error| ProbesError::Unavailable(chain(error));
        let calls = SystemCalls::embedded()?;
        let btf = Btf::from_sys_fs().map_err(|error| unavailable(&error))?;
        let mut loader = EbpfLoader::new();
        loader.btf(Some(&btf));
        for (name, size) in RINGS.iter().zip(options.rings) {
            loader.map_max_entries(name, size);
        }
        let kernel = loader.load(OBJECT).map_err(|error| match &error {
            EbpfError::MapError(_) | EbpfError::BtfError(_) => unavailable(&error),
            _ => ProbesError::Object(chain(&error)),
        })?;
        let mut probes = Probes { kernel, steps: None, calls, payload: options.payload };
        probes.set_exempt(&options.exempt)?;
        probes.set_operations()?;
        let mut reports = probes.load_steps()?;
        for feature in Feature::ALL {
            let off = options.off.contains(feature);
            let state = if off { FeatureState::Off } else { probes.start(*feature, &btf) };
            reports.push(FeatureReport { feature: *feature, state });
        }
        Ok((probes, reports))
    }

    /// The system calls that there are.
    pub fn calls(&self) -> &SystemCalls {
        &self.calls
    }

    /// Reports these calls from now on, with the plans given, on both tables of numbers, and no others but the
    /// sign of life ([`crate::CANARY_CALL`]).
    pub fn want<'a>(
        &mut self,
        wanted: impl IntoIterator<Item = (&'a str, Plan)>,
    ) -> Result<(), ProbesError> {
        let mut plans = vec![[0; PLAN_BYTES]; 2 * CALLS as usize];
        let mut wraps = false;
        let canary = self.calls.named(CANARY_CALL).and_then(|call| call.x86_64);
        if let Some(slot) = canary.and_then(|number| plans.get_mut(number as usize)) {
            *slot = Plan::canary().bytes(0);
        }
        for (name, plan) in wanted {
            let call = self.calls.named(name);
            let call = call.ok_or_else(|| ProbesError::UnknownCall(name.to_owned()))?;
            let places = [call.x86_64, call.i386.map(|number| number.saturating_add(CALLS))];
            for place in places.into_iter().flatten() {
                if let Some(slot) = plans.get_mut(place as usize) {
                    *slot = plan.bytes(self.payload);
                }
            }
            wraps |= plan.lane == Lane::Network;
        }
        // The one call of 32-bit programs for all of sockets; which it stands for is looked at when it comes.
        let wrapper = self.calls.named("socketcall").and_then(|call| call.i386);
        let wrapper =
            wrapper.and_then(|number| plans.get_mut(number.saturating_add(CALLS) as usize));
        if let (true, Some(slot)) = (wraps, wrapper) {
            *slot = Plan { copies: true, ..Plan::of_lane(Lane::Network) }.bytes(0);
        }
        let map = self.kernel.map_mut("plans").ok_or(ProbesError::Missing("plans"))?;
        let mut map: Array<_, [u8; PLAN_BYTES]> =
            map.try_into().map_err(|error| failed("the map of plans", &error))?;
        for (place, plan) in (0..).zip(&plans) {
            map.set(place, plan, 0).map_err(|error| failed("the map of plans", &error))?;
        }
        Ok(())
    }

    /// Reports these calls as the table of calls plans them.
    pub fn want_named(&mut self, names: &[&str]) -> Result<(), ProbesError> {
        let mut wanted = Vec::new();
        for name in names {
            let call = self.calls.named(name);
            let call = call.ok_or_else(|| ProbesError::UnknownCall((*name).to_owned()))?;
            wanted.push((*name, call.plan.clone()));
        }
        self.want(wanted)
    }

    /// Adds the start of paths to sets of wanted names, a bit each.
    pub fn want_prefix(&mut self, prefix: &[u8], sets: u16) -> Result<(), ProbesError> {
        let mut text = [0; 256];
        let length = prefix.len().min(text.len());
        text.iter_mut().zip(prefix).for_each(|(to, from)| *to = *from);
        let bits = u32::try_from(length).unwrap_or_default().saturating_mul(8);
        let map = self.kernel.map_mut("prefixes").ok_or(ProbesError::Missing("prefixes"))?;
        let mut map: LpmTrie<_, [u8; 256], u32> =
            map.try_into().map_err(|error| failed("the map of prefixes", &error))?;
        map.insert(&Key::new(bits, text), u32::from(sets), 0)
            .map_err(|error| failed("the map of prefixes", &error))
    }

    /// Adds last components of paths, of 63 bytes at most, to sets of wanted names. False where the name is too
    /// long: then want the calls without names.
    pub fn want_last_name(&mut self, name: &[u8], sets: u16) -> Result<bool, ProbesError> {
        let mut key = [0; 64];
        if name.len() >= key.len() {
            return Ok(false);
        }
        key.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        let map = self.kernel.map_mut("last_names").ok_or(ProbesError::Missing("last_names"))?;
        let mut map: HashMap<_, [u8; 64], u32> =
            map.try_into().map_err(|error| failed("the map of names", &error))?;
        map.insert(key, u32::from(sets), 0).map_err(|error| failed("the map of names", &error))?;
        Ok(true)
    }

    /// Processes that are not watched from now on.
    pub fn set_exempt(&mut self, processes: &[u32]) -> Result<(), ProbesError> {
        if processes.len() > EXEMPT {
            let reason = format!("{} processes, where {EXEMPT} can be exempt", processes.len());
            return Err(ProbesError::Map { what: "the settings", reason });
        }
        let mut exempt = [0_u32; EXEMPT];
        exempt.iter_mut().zip(processes).for_each(|(to, from)| *to = *from);
        let map = self.kernel.map_mut("settings").ok_or(ProbesError::Missing("settings"))?;
        let mut map: Array<_, [u32; EXEMPT]> =
            map.try_into().map_err(|error| failed("the settings", &error))?;
        map.set(0, exempt, 0).map_err(|error| failed("the settings", &error))
    }

    /// The descriptor of a lane's ring buffer, for [`crate::Ring::open`] here or in another process.
    pub fn ring(&self, lane: Lane) -> Result<OwnedFd, ProbesError> {
        let name = RINGS.get(lane as usize).copied().ok_or(ProbesError::Missing("ring"))?;
        let Some(Map::RingBuf(data)) = self.kernel.map(name) else {
            return Err(ProbesError::Missing("ring"));
        };
        let copied = data.fd().as_fd().try_clone_to_owned();
        copied.map_err(|error| failed("a ring buffer", &error))
    }
}

fn failed(what: &'static str, error: &dyn std::error::Error) -> ProbesError {
    ProbesError::Map { what, reason: chain(error) }
}

/// An error with all of its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
