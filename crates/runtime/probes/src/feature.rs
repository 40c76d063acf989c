//! What the probes can tell, and whether the kernel at hand lets them.

use std::fmt;

/// A part of the probes that can be there or not.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Feature {
    /// Programs that processes run.
    Execute,
    /// Processes that are made.
    Fork,
    /// Processes that end.
    Exit,
    /// System calls that return.
    Calls,
    /// Copies of arguments at entry, for comparison.
    EntryCopies,
    /// Operations of `io_uring`.
    Rings,
    /// Processes that are moved to another cgroup.
    Moves,
    /// Signals that reach processes. Attached while somebody wants them.
    Signals,
    /// Processes that were there at start.
    Tasks,
    /// What descriptors stood for at start.
    Descriptors,
    /// Paths, credentials, sockets and the like in records of calls, a step each.
    Step(&'static str),
}

/// What became of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FeatureState {
    /// It works.
    Loaded,
    /// It was switched off.
    Off,
    /// The kernel refused it.
    Refused {
        /// What the kernel said.
        reason: String,
        /// What a person can do, or what is lost.
        hint: &'static str,
    },
}

/// One line of the list that a start prints.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FeatureReport {
    /// Which.
    pub feature: Feature,
    /// What became of it.
    pub state: FeatureState,
}

impl Feature {
    /// Those that can be switched off.
    /// Entry comes before exit: a call that is under way at start has no copy, rather than an old one.
    pub const ALL: &[Feature] = &[
        Feature::Execute,
        Feature::Fork,
        Feature::Exit,
        Feature::EntryCopies,
        Feature::Calls,
        Feature::Rings,
        Feature::Moves,
        Feature::Signals,
        Feature::Tasks,
        Feature::Descriptors,
    ];

    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Execute => "execute",
            Feature::Fork => "fork",
            Feature::Exit => "exit",
            Feature::Calls => "calls",
            Feature::EntryCopies => "entry-copies",
            Feature::Rings => "io-uring",
            Feature::Moves => "cgroup-moves",
            Feature::Signals => "signals",
            Feature::Tasks => "tasks-at-start",
            Feature::Descriptors => "descriptors-at-start",
            Feature::Step(program) => program,
        }
    }

    /// What is not seen without it.
    pub fn loss(self) -> &'static str {
        match self {
            Feature::Execute => "programs that start are not seen",
            Feature::Fork => "children are known only once they do something",
            Feature::Exit => "ends of processes, their codes and what they used up are not seen",
            Feature::Calls => "no system call is seen: files, network and privileges are blind",
            Feature::EntryCopies => "arguments that are swapped during a call are not noticed",
            Feature::Rings => "what is done through io_uring is not seen",
            Feature::Moves => "moves between cgroups are noticed only with the next event",
            Feature::Signals => "signals that processes get are not seen",
            Feature::Tasks => {
                "processes older than the sensor are known only once they do something"
            }
            Feature::Descriptors => "files and sockets opened before the start are not listed",
            Feature::Step(_) => "records end before this part",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What stands before the verdict of the kernel's verifier in a reason.
pub(crate) const VERDICT: &str = "the verifier says: ";

/// Why the kernel refused, in words for people.
pub(crate) fn hint(reason: &str, feature: Feature) -> &'static str {
    let reason = reason.to_ascii_lowercase();
    if reason.contains(VERDICT) {
        // "Permission denied" is of an access that the verifier does not follow: nobody's rights change that.
        feature.loss()
    } else if reason.contains("tracefs not found") {
        "mount the kernel's list of tracepoints: `mount -t tracefs tracefs /sys/kernel/tracing`, or from the host in a container"
    } else if reason.contains("operation not permitted")
        || reason.contains("permission denied (os error")
    {
        "run as root (CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE), outside a container that forbids bpf, without kernel lockdown"
    } else if reason.contains("btf") && !reason.contains("unknown btf type") {
        "the kernel has no type information: it needs CONFIG_DEBUG_INFO_BTF"
    } else {
        feature.loss()
    }
}
