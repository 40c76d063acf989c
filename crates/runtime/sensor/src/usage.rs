//! What containers use up, by the kernel's own accounts of control groups.
//!
//! [`Meters::open`] opens files by a fixed list of names below the hierarchies of control groups, with the
//! rights of root, and reads nothing; [`Usage::read`] makes numbers of their bytes, without any rights.
//!
//! The files of the first version are those of the kernel's `admin-guide/cgroup-v1`, those of the second of
//! `admin-guide/cgroup-v2.rst`. Both may be there at once, each with other controllers.

mod membership;
mod numbers;
mod watch;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use membership::{Controller, groups};
pub(crate) use watch::UsageWatch;

use numbers::{by_device, flat, number};

/// Bytes of an account at most: a line for each block device is the longest.
const BYTES: u64 = 64 << 10;

/// A file that the kernel keeps an account in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Meter {
    /// `cpuacct.usage`: nanoseconds.
    LegacyProcessor,
    /// `cpuacct.stat`: user and system, in hundredths of a second.
    LegacyProcessorKinds,
    /// `cpu.stat` of the first version.
    LegacyThrottle,
    /// `memory.usage_in_bytes`.
    LegacyMemory,
    /// `memory.max_usage_in_bytes`.
    LegacyMemoryPeak,
    /// `memory.limit_in_bytes`.
    LegacyMemoryLimit,
    /// `memory.failcnt`: how often the limit was met.
    LegacyMemoryRefused,
    /// `memory.oom_control`.
    LegacyOutOfMemory,
    /// `blkio.throttle.io_service_bytes`.
    LegacyDeviceBytes,
    /// `blkio.throttle.io_serviced`.
    LegacyDeviceOperations,
    /// `cpu.stat` of the second version.
    Processor,
    /// `memory.current`.
    Memory,
    /// `memory.peak`.
    MemoryPeak,
    /// `memory.max`.
    MemoryLimit,
    /// `memory.events`.
    MemoryEvents,
    /// `io.stat`.
    Devices,
    /// `pids.current`, alike in both versions.
    Tasks,
    /// `pids.max`, alike in both versions.
    TaskLimit,
    /// `pids.events`, alike in both versions.
    TasksRefused,
}

/// The files of each controller.
const FILES: &[(Controller, &str, Meter)] = &[
    (Controller::Accounting, "cpuacct.usage", Meter::LegacyProcessor),
    (Controller::Accounting, "cpuacct.stat", Meter::LegacyProcessorKinds),
    (Controller::Processor, "cpu.stat", Meter::LegacyThrottle),
    (Controller::Memory, "memory.usage_in_bytes", Meter::LegacyMemory),
    (Controller::Memory, "memory.max_usage_in_bytes", Meter::LegacyMemoryPeak),
    (Controller::Memory, "memory.limit_in_bytes", Meter::LegacyMemoryLimit),
    (Controller::Memory, "memory.failcnt", Meter::LegacyMemoryRefused),
    (Controller::Memory, "memory.oom_control", Meter::LegacyOutOfMemory),
    (Controller::Devices, "blkio.throttle.io_service_bytes", Meter::LegacyDeviceBytes),
    (Controller::Devices, "blkio.throttle.io_serviced", Meter::LegacyDeviceOperations),
    (Controller::Tasks, "pids.current", Meter::Tasks),
    (Controller::Tasks, "pids.max", Meter::TaskLimit),
    (Controller::Tasks, "pids.events", Meter::TasksRefused),
    (Controller::Unified, "cpu.stat", Meter::Processor),
    (Controller::Unified, "memory.current", Meter::Memory),
    (Controller::Unified, "memory.peak", Meter::MemoryPeak),
    (Controller::Unified, "memory.max", Meter::MemoryLimit),
    (Controller::Unified, "memory.events", Meter::MemoryEvents),
    (Controller::Unified, "io.stat", Meter::Devices),
    (Controller::Unified, "pids.current", Meter::Tasks),
    (Controller::Unified, "pids.max", Meter::TaskLimit),
    (Controller::Unified, "pids.events", Meter::TasksRefused),
];

/// What a container used up, and may. Empty where the kernel keeps no account of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Time of processors.
    pub cpu_nanoseconds: Option<u64>,
    /// Of it, in programs.
    pub cpu_user_nanoseconds: Option<u64>,
    /// Of it, in the kernel.
    pub cpu_system_nanoseconds: Option<u64>,
    /// Periods in which there was a limit and something to do.
    pub cpu_periods: Option<u64>,
    /// Of these, those in which the limit was met.
    pub cpu_throttled_periods: Option<u64>,
    /// How long tasks were kept waiting by the limit.
    pub cpu_throttled_nanoseconds: Option<u64>,
    /// Memory, with the cache of files.
    pub memory_bytes: Option<u64>,
    /// The most that it ever was.
    pub memory_peak_bytes: Option<u64>,
    /// What it may be.
    pub memory_limit_bytes: Option<u64>,
    /// How often that was met.
    pub memory_limit_hits: Option<u64>,
    /// Processes that were killed for want of memory.
    pub oom_kills: Option<u64>,
    /// Bytes read from block devices.
    pub read_bytes: Option<u64>,
    /// Bytes written to them.
    pub written_bytes: Option<u64>,
    /// How often they were read from.
    pub reads: Option<u64>,
    /// How often they were written to.
    pub writes: Option<u64>,
    /// Tasks: processes and their threads.
    pub tasks: Option<u64>,
    /// How many there may be.
    pub task_limit: Option<u64>,
    /// How often one more was refused.
    pub tasks_refused: Option<u64>,
}

/// Where control groups are mounted.
#[derive(Debug, Clone)]
pub struct Meters {
    root: PathBuf,
}

impl Meters {
    /// Below the root of the host: `/`, but in tests.
    pub fn below(root: &Path) -> Self {
        Self { root: root.join("sys/fs/cgroup") }
    }

    /// Opens the accounts of a control group that has these paths, and no others: a path that leaves its
    /// hierarchy, or goes through a link, opens nothing.
    pub fn open(&self, groups: &[(Controller, String)]) -> Vec<(Meter, OwnedFd)> {
        let mut opened = Vec::new();
        for (controller, path) in groups {
            let Some(folder) = self.folder(*controller, path) else { continue };
            for (_, name, meter) in FILES.iter().filter(|(of, ..)| of == controller) {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
                if let Ok(file) = openat(&folder, *name, flags, Mode::empty()) {
                    opened.push((*meter, file));
                }
            }
        }
        opened
    }

    fn folder(&self, controller: Controller, path: &str) -> Option<OwnedFd> {
        let relative = path.trim_start_matches('/');
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        controller.mounts().iter().find_map(|mount| {
            let hierarchy = openat(CWD, self.root.join(mount), flags, Mode::empty()).ok()?;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            openat2(hierarchy, relative, flags, Mode::empty(), resolve).ok()
        })
    }
}

impl Usage {
    /// From open files, in any order.
    pub fn read(meters: impl IntoIterator<Item = (Meter, OwnedFd)>) -> Self {
        let mut usage = Self::default();
        for (meter, file) in meters {
            let mut bytes = Vec::new();
            // What cannot be read is not known: the group may be gone.
            if File::from(file).take(BYTES).read_to_end(&mut bytes).is_ok() {
                usage.enter(meter, &bytes);
            }
        }
        usage
    }

    /// Enters what one file tells. What is not as it should be tells nothing.
    pub fn enter(&mut self, meter: Meter, bytes: &[u8]) {
        let of = |key: &str| flat(bytes, key);
        match meter {
            Meter::LegacyProcessor => self.cpu_nanoseconds = number(bytes),
            Meter::LegacyProcessorKinds => {
                self.cpu_user_nanoseconds = of("user").and_then(|ticks| ticks.checked_mul(TICK));
                self.cpu_system_nanoseconds =
                    of("system").and_then(|ticks| ticks.checked_mul(TICK));
            }
            Meter::LegacyThrottle => {
                self.cpu_periods = of("nr_periods");
                self.cpu_throttled_periods = of("nr_throttled");
                self.cpu_throttled_nanoseconds = of("throttled_time");
            }
            Meter::LegacyMemory | Meter::Memory => self.memory_bytes = number(bytes),
            Meter::LegacyMemoryPeak | Meter::MemoryPeak => self.memory_peak_bytes = number(bytes),
            Meter::LegacyMemoryLimit => {
                self.memory_limit_bytes = number(bytes).filter(|limit| *limit < UNLIMITED);
            }
            Meter::LegacyMemoryRefused => self.memory_limit_hits = number(bytes),
            Meter::LegacyOutOfMemory => self.oom_kills = of("oom_kill"),
            Meter::LegacyDeviceBytes => {
                self.read_bytes = by_device(bytes, "Read");
                self.written_bytes = by_device(bytes, "Write");
            }
            Meter::LegacyDeviceOperations => {
                self.reads = by_device(bytes, "Read");
                self.writes = by_device(bytes, "Write");
            }
            Meter::Processor => {
                let nanoseconds = |key: &str| of(key).and_then(|micro| micro.checked_mul(1000));
                self.cpu_nanoseconds = nanoseconds("usage_usec");
                self.cpu_user_nanoseconds = nanoseconds("user_usec");
                self.cpu_system_nanoseconds = nanoseconds("system_usec");
                // Only where the controller is enabled; what the first version told of it stands.
                self.cpu_periods = of("nr_periods").or(self.cpu_periods);
                self.cpu_throttled_periods = of("nr_throttled").or(self.cpu_throttled_periods);
                self.cpu_throttled_nanoseconds =
                    nanoseconds("throttled_usec").or(self.cpu_throttled_nanoseconds);
            }
            Meter::MemoryLimit => self.memory_limit_bytes = number(bytes),
            Meter::MemoryEvents => {
                self.memory_limit_hits = of("max");
                self.oom_kills = of("oom_kill");
            }
            Meter::Devices => {
                self.read_bytes = by_device(bytes, "rbytes");
                self.written_bytes = by_device(bytes, "wbytes");
                self.reads = by_device(bytes, "rios");
                self.writes = by_device(bytes, "wios");
            }
            Meter::Tasks => self.tasks = number(bytes),
            Meter::TaskLimit => self.task_limit = number(bytes),
            Meter::TasksRefused => self.tasks_refused = of("max"),
        }
    }
}

/// Nanoseconds of the unit that `cpuacct.stat` counts in: `USER_HZ` is 100 on every machine of Linux that we
/// run on.
const TICK: u64 = 10_000_000;

/// What `memory.limit_in_bytes` has where there is no limit: the largest number of whole pages, of whichever
/// size.
const UNLIMITED: u64 = 1 << 62;
