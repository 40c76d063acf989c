//! What was made, what was lost, and what it cost.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::time::Duration;

use aya::maps::{HashMap, PerCpuArray};
use aya::programs::{ProgramFd, ProgramInfo};
use aya::sys::{Stats, enable_stats};

use super::{PROGRAMS, Probes, failed};
use crate::ProbesError;
use crate::abi::{CPU_ROOM, LANES, Lane};

/// Records since the start, by CPU, lane and cgroup.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Made and lost records of each CPU, as records name it, by lane: what was delivered is the difference.
    pub by_cpu: BTreeMap<u32, [LaneCount; LANES]>,
    /// Lost records of cgroups: (hierarchy, cgroup, lane). A thousand are kept, the latest.
    pub by_cgroup: BTreeMap<(u32, u64, Lane), u64>,
}

/// Records of one CPU and lane.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LaneCount {
    /// Made, lost ones included.
    pub produced: u64,
    /// Those that the ring buffer had no room for.
    pub lost: u64,
}

impl Losses {
    /// All CPUs together.
    pub fn lane(&self, lane: Lane) -> LaneCount {
        let counts = self.by_cpu.values().filter_map(|lanes| lanes.get(lane as usize));
        counts.fold(LaneCount::default(), |sum, count| LaneCount {
            produced: sum.produced.saturating_add(count.produced),
            lost: sum.lost.saturating_add(count.lost),
        })
    }
}

/// What one CPU counted: made records by lane, then lost ones.
fn lanes(numbers: &[u64; 2 * LANES]) -> [LaneCount; LANES] {
    let (produced, lost) = numbers.split_at(LANES);
    let mut lanes = [LaneCount::default(); LANES];
    for ((lane, produced), lost) in lanes.iter_mut().zip(produced).zip(lost) {
        *lane = LaneCount { produced: *produced, lost: *lost };
    }
    lanes
}

/// What a program cost since it was loaded, while the kernel counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProgramStatistics {
    /// Its name in `bpf/`, or the function of the kernel that it hangs on.
    pub program: String,
    /// The kernel's number for it.
    pub id: u32,
    /// How often it ran. One that others go on to is counted with them.
    pub runs: u64,
    /// How long, in sum.
    pub time: Duration,
}

impl ProgramStatistics {
    /// What the kernel counted for programs of whichever process, by their numbers.
    pub fn of(ids: &[u32]) -> Result<Vec<Self>, ProbesError> {
        let mut found = Vec::new();
        for info in aya::programs::loaded_programs() {
            let info = info.map_err(|error| failed("the programs in the kernel", &error))?;
            if ids.contains(&info.id()) {
                let program = info.name_as_str().unwrap_or_default();
                found.push(Self::new(program, &info));
            }
        }
        Ok(found)
    }

    fn new(program: &str, info: &ProgramInfo) -> Self {
        Self {
            program: program.to_owned(),
            id: info.id(),
            runs: info.run_count(),
            time: info.run_time(),
        }
    }
}

impl Probes {
    /// What was made and lost since the start.
    pub fn losses(&self) -> Result<Losses, ProbesError> {
        let what = "the counts of records";
        let map = self.kernel.map("counts").ok_or(ProbesError::Missing("counts"))?;
        let counts: PerCpuArray<_, [u64; 2 * LANES]> =
            map.try_into().map_err(|error| failed(what, &error))?;
        let mut by_cpu = BTreeMap::new();
        for room in 0..counts.len() {
            let of_room = counts.get(&room, 0).map_err(|error| failed(what, &error))?;
            let counted = (room << CPU_ROOM..).zip(of_room.iter());
            // Most kernels let no program interrupt another: then all that is made is made in the first.
            let counted = counted.filter(|(_, numbers)| room == 0 || **numbers != [0; 2 * LANES]);
            by_cpu.extend(counted.map(|(cpu, numbers)| (cpu, lanes(numbers))));
        }
        let map = self.kernel.map("losses").ok_or(ProbesError::Missing("losses"))?;
        let losses: HashMap<_, [u64; 2], u64> =
            map.try_into().map_err(|error| failed(what, &error))?;
        let mut by_cgroup = BTreeMap::new();
        for entry in &losses {
            let ([cgroup, rest], lost) = entry.map_err(|error| failed(what, &error))?;
            let (hierarchy, lane) = (rest & u64::from(u32::MAX), rest >> 32);
            if let (Ok(hierarchy), Some(lane)) =
                (u32::try_from(hierarchy), u8::try_from(lane).ok().and_then(Lane::of))
            {
                by_cgroup.insert((hierarchy, cgroup, lane), lost);
            }
        }
        Ok(Losses { by_cpu, by_cgroup })
    }

    /// Runs that the kernel passed over since the start, by program: it was under way on that processor, and preempted or
    /// interrupted. What they would have told is in no other count. Found among all programs in the kernel, by number,
    /// since each program on a function is held by its link alone: descriptors are few.
    pub fn passed_over(&self) -> BTreeMap<String, u64> {
        let loaded = PROGRAMS.iter().filter_map(|(_, name, _)| {
            let info = self.kernel.program(name)?.info().ok()?;
            Some((info.id(), (*name).to_owned()))
        });
        let names: BTreeMap<u32, String> = loaded.chain(self.hanging.programs()).collect();
        let mut sums = BTreeMap::<String, u64>::new();
        // Programs of others may be gone before they are looked at.
        for info in aya::programs::loaded_programs().flatten() {
            let Some(name) = names.get(&info.id()) else { continue };
            let runs = info.fd().map_or(0, |program| runs_passed_over(&program));
            if runs > 0 {
                let sum = sums.entry(name.clone()).or_default();
                *sum = sum.saturating_add(runs);
            }
        }
        sums
    }

    /// Lets the kernel count what programs cost, as long as the descriptor is held. Counting costs, too.
    pub fn count_costs() -> Result<OwnedFd, ProbesError> {
        enable_stats(Stats::RunTime).map_err(|error| failed("the statistics of programs", &error))
    }

    /// What each program cost while the kernel counted.
    pub fn statistics(&self) -> Vec<ProgramStatistics> {
        let loaded = self.kernel.programs().filter_map(|(name, program)| {
            Some(ProgramStatistics::new(name, &program.info().ok()?))
        });
        let mut all: Vec<_> = loaded.collect();
        let mut names: BTreeMap<u32, String> = self.hanging.programs().collect();
        let ids: Vec<u32> = names.keys().copied().collect();
        for found in ProgramStatistics::of(&ids).unwrap_or_default() {
            let program = names.remove(&found.id).unwrap_or(found.program);
            all.push(ProgramStatistics { program, ..found });
        }
        all
    }
}

/// By what `/proc` tells of its descriptor (`bpf_prog_show_fdinfo` of `kernel/bpf/syscall.c`), since Linux 5.12.
fn runs_passed_over(program: &ProgramFd) -> u64 {
    let place = format!("/proc/self/fdinfo/{}", program.as_fd().as_raw_fd());
    let text = fs_err::read_to_string(place).unwrap_or_default();
    let runs = text.lines().find_map(|line| line.strip_prefix("recursion_misses:"));
    runs.and_then(|runs| runs.trim().parse().ok()).unwrap_or_default()
}
