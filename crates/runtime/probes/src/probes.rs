//! Loading the programs, and setting what they report.

mod cast;
mod functions;
mod hooks;
mod load;
mod snapshot;
mod statistics;
mod tracing;
mod want;

use std::collections::BTreeSet;
use std::os::fd::{AsFd as _, OwnedFd};

use aya::maps::{Map, MapData, ProgramArray};
use aya::{Btf, Ebpf, EbpfError, EbpfLoader, Endianness};

use hooks::Hanging;
pub use hooks::Hooks;
pub use snapshot::read_snapshot;
pub use statistics::{LaneCount, Losses, ProgramStatistics};

use crate::ProbesError;
use crate::abi::{LANES, Lane};
use crate::calls::SystemCalls;
use crate::feature::{Feature, FeatureReport, FeatureState};
use crate::obstacle::{Obstacle, Places};

static OBJECT: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/probes.o"));

/// The same for kernels that may preempt programs on raw tracepoints.
static PREEMPTIBLE: &[u8] = aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/preemptible.o"));

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
    (8, "step_open"),
    (9, "step_identity"),
    (10, "step_process"),
    (11, "step_cgroups"),
    (12, "step_standard"),
    (13, "step_program"),
    (14, "step_memory"),
    (15, "step_sender"),
    (16, "step_copy"),
    (18, "step_report"),
    (19, "step_vectors"),
    (20, "step_lane"),
];

/// What calls go on to of which numbers alone do not say that they are wanted.
const JUDGE: (u32, &str) = (17, "step_judge");

/// The iterator that finds who is connected to a name server.
const ASKERS: &str = "every_asker";

/// The program at the end of all calls.
const CALLS: &str = "exit_call";

/// The program that is attached only while it is wanted.
const SIGNALS: &str = "signal_arrives";

/// Features, their programs, and the tracepoint behind its group, or the iterator, that each belongs to.
const PROGRAMS: &[(Feature, &str, &str)] = &[
    (Feature::EntryCopies, "enter_call", "raw_syscalls/sys_enter"),
    (Feature::Calls, CALLS, "raw_syscalls/sys_exit"),
    (Feature::Execute, "process_executes", "sched/sched_process_exec"),
    (Feature::Fork, "process_forks", "sched/sched_process_fork"),
    (Feature::Exit, "process_exits", "sched/sched_process_exit"),
    (Feature::Rings, "ring_submits", "io_uring/io_uring_submit_req"),
    (Feature::Rings, "ring_completes", "io_uring/io_uring_complete"),
    (Feature::Moves, "process_moves", "cgroup/cgroup_attach_task"),
    (Feature::Signals, SIGNALS, "signal/signal_deliver"),
    (Feature::Tasks, "every_task", "task"),
    (Feature::Descriptors, "every_descriptor", "task_file"),
    (Feature::Descriptors, ASKERS, "task_file"),
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
    /// The process that gives signs of life: of its threads, too, begins and ends are told.
    pub canary: Option<u32>,
    /// Bytes of payload at most, where a plan does not say otherwise.
    pub payload: u32,
    /// Where the kernel tells of itself.
    pub places: Places,
    /// What programs about system calls hang on; where nothing is said, what costs least on this kernel.
    pub hooks: Option<Hooks>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            rings: [4 << 20, 4 << 20, 4 << 20, 2 << 20],
            off: BTreeSet::new(),
            exempt: Vec::new(),
            canary: None,
            payload: 128,
            places: Places::default(),
            hooks: None,
        }
    }
}

/// The programs in the kernel. When this is dropped, or its process dies, they are gone.
pub struct Probes {
    kernel: Ebpf,
    steps: Option<ProgramArray<MapData>>,
    hanging: Hanging,
    calls: SystemCalls,
    payload: u32,
    wanting: want::Wanting,
}

impl Probes {
    /// Loads and attaches what the kernel takes, and says of each feature what became of it. No call is
    /// reported before [`Probes::want`].
    pub fn load(options: &Options) -> Result<(Self, Vec<FeatureReport>), ProbesError> {
        let unavailable = |error: &dyn std::error::Error| ProbesError::Unavailable {
            reason: chain(error),
            obstacles: options.places.obstacles(),
        };
        // Others would be taken for our own, and not watched.
        let is_about_us = !options.exempt.is_empty() || options.canary.is_some();
        if is_about_us && options.places.have_other_numbers() {
            let (reason, obstacles) = (Obstacle::Numbers.to_string(), options.places.obstacles());
            return Err(ProbesError::Unavailable { reason, obstacles });
        }
        let calls = SystemCalls::embedded()?;
        let btf = Btf::parse_file(&options.places.types, Endianness::default());
        let btf = btf.map_err(|error| unavailable(&error))?;
        let mut loader = EbpfLoader::new();
        loader.btf(Some(&btf));
        for (name, size) in RINGS.iter().zip(options.rings) {
            loader.map_max_entries(name, size);
        }
        let (hooks, why) = hooks::choose(options.hooks, &options.places);
        let object = if hooks == Hooks::PerfTracepoints { PREEMPTIBLE } else { OBJECT };
        let kernel =
            loader.load(&cast::with_casts(object, &btf)).map_err(|error| match &error {
                EbpfError::MapError(_) | EbpfError::BtfError(_) => unavailable(&error),
                _ => ProbesError::Object(chain(&error)),
            })?;
        let mut probes = Probes {
            kernel,
            steps: None,
            hanging: Hanging::new(hooks, why),
            calls,
            payload: options.payload,
            wanting: want::Wanting::new(options.rings, options.canary),
        };
        probes.set_exempt(&options.exempt)?;
        probes.set_operations()?;
        let mut reports = probes.load_steps()?;
        // Without this one nothing is told of any call. A kernel that is closed or old refuses it as it does most of
        // the others, each with words of its own.
        let begins = Feature::Step("step_report");
        if let Some(FeatureState::Refused { reason, .. }) =
            reports.iter().find(|report| report.feature == begins).map(|report| &report.state)
        {
            let (reason, obstacles) = (reason.clone(), options.places.obstacles());
            if !obstacles.is_empty() {
                return Err(ProbesError::Unavailable { reason, obstacles });
            }
        }
        if hooks == Hooks::Functions && !options.off.contains(&Feature::Calls) {
            let is_copied = !options.off.contains(&Feature::EntryCopies);
            probes.hang_on_functions(&options.places, is_copied);
        }
        if hooks == Hooks::PerfTracepoints {
            // Where it may not, each feature says what it does not find, and what to do.
            let _ = tracing::mount_list();
        }
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

    /// What programs about system calls hang on, and why it is nothing cheaper.
    pub fn hooks(&self) -> (Hooks, Option<&str>) {
        (self.hanging.hooks, self.hanging.why.as_deref())
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
