//! What programs about system calls hang on: all calls, or the functions of those that are wanted.

use super::functions::{Functions, Told};
use super::want::Wanted;
use super::{PROGRAMS, Probes};
use crate::ProbesError;
use crate::abi::Lane;
use crate::feature::Feature;
use crate::obstacle::{self, Places};
use crate::plan::CANARY_CALL;
use crate::preemption::Preemption;

/// What programs about system calls hang on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hooks {
    /// The kernel's functions of the calls that are wanted: others cost nothing. Programs there may be preempted, and
    /// are then passed over for others, so they are for kernels that preempt none of their own code.
    Functions,
    /// The raw tracepoints at entry and end of all calls.
    Tracepoints,
    /// The same tracepoints by way of perf, for Linux 7.0 and later, which may preempt programs on raw ones.
    PerfTracepoints,
}

impl Hooks {
    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Hooks::Functions => "functions",
            Hooks::Tracepoints => "tracepoints",
            Hooks::PerfTracepoints => "perf-tracepoints",
        }
    }
}

/// What hangs, and on what.
pub(super) struct Hanging {
    pub(super) hooks: Hooks,
    /// Why it is nothing cheaper.
    pub(super) why: Option<String>,
    functions: Option<Functions>,
    is_copied: bool,
}

impl Hanging {
    pub(super) fn new(hooks: Hooks, why: Option<String>) -> Self {
        Self { hooks, why, functions: None, is_copied: false }
    }

    /// The kernel's numbers of programs on functions, and these.
    pub(super) fn programs(&self) -> impl Iterator<Item = (u32, String)> {
        self.functions.iter().flat_map(Functions::programs)
    }
}

/// What is wanted, as far as it misses no call on this kernel, else what costs least there; and why it is nothing cheaper.
pub(super) fn choose(wanted: Option<Hooks>, places: &Places) -> (Hooks, Option<String>) {
    let name = rustix::system::uname();
    let version = name.release().to_str().ok().and_then(obstacle::version);
    if version.is_some_and(|version| version >= (7, 0)) {
        let why = "programs on functions and raw tracepoints may be preempted since Linux 7.0";
        return (Hooks::PerfTracepoints, Some(why.to_owned()));
    }
    if let Some(hooks) = wanted {
        return (hooks, None);
    }
    let (release, version) = (name.release().to_string_lossy(), name.version().to_string_lossy());
    let places = places.preemption.clone().unwrap_or_else(|| Preemption::of(&release));
    let why = match places.is_possible(&version) {
        Some(false) => return (Hooks::Functions, None),
        Some(true) => "this kernel may preempt programs on functions",
        None => "nothing tells whether this kernel may preempt programs on functions",
    };
    (Hooks::Tracepoints, Some(why.to_owned()))
}

impl Probes {
    /// Tries whether programs can hang on functions; where not, all calls are told by tracepoints.
    pub(super) fn hang_on_functions(&mut self, places: &Places, is_copied: bool) {
        match Functions::load(&mut self.kernel, places) {
            Ok(functions) => {
                self.hanging.functions = Some(functions);
                self.hanging.is_copied = is_copied;
            }
            Err(why) => {
                self.hanging.hooks = Hooks::Tracepoints;
                self.hanging.why =
                    Some(format!("the kernel takes no programs on functions: {why}"));
            }
        }
    }

    /// Whether the programs of a feature hang on functions instead of their tracepoint.
    pub(super) fn is_on_functions(&self, feature: Feature) -> bool {
        matches!(feature, Feature::Calls | Feature::EntryCopies) && self.hanging.functions.is_some()
    }

    /// Sees to it that all of these calls are told of, before they are asked for. Where a function takes no program, all
    /// calls are told by tracepoints from here on; the error is that those are refused as well.
    pub(super) fn hang_for(&mut self, wanted: &[Wanted<'_>]) -> Result<(), ProbesError> {
        let Some(functions) = &mut self.hanging.functions else { return Ok(()) };
        let is_copied = self.hanging.is_copied;
        let told = |call, is_copied| Told { call, is_copied, askers_only: false };
        let sign_of_life = self.calls.named(CANARY_CALL).map(|call| told(call, false));
        let wraps = wanted.iter().any(|(_, plan, _)| plan.lane == Lane::Network);
        let wrapping = self.calls.named("socketcall").filter(|_| wraps);
        let wrapping = wrapping.map(|call| told(call, is_copied));
        let calls = wanted.iter().map(|(call, plan, _)| Told {
            askers_only: plan.askers_only,
            ..told(call, plan.copies && is_copied)
        });
        let why =
            match functions.follow(&mut self.kernel, calls.chain(wrapping).chain(sign_of_life)) {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
        self.hanging.hooks = Hooks::Tracepoints;
        self.hanging.why = Some(format!("not all functions that are wanted take a program: {why}"));
        let refused = |reason| ProbesError::Map { what: "the tracepoints of all calls", reason };
        let btf = functions.kernel_types().map_err(refused)?;
        for (feature, name, place) in PROGRAMS {
            if *feature == Feature::Calls || (*feature == Feature::EntryCopies && is_copied) {
                self.start_program(name, place, &btf).map_err(refused)?;
            }
        }
        self.hanging.functions = None;
        Ok(())
    }

    /// Takes away what hangs on functions of calls that are not wanted any more.
    pub(super) fn leave_functions(&mut self) {
        if let Some(functions) = &mut self.hanging.functions {
            functions.leave();
        }
    }
}
