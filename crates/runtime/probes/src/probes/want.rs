//! Setting which calls are reported, and which of each.
//!
//! Plans and filters lie in their maps twice. What is new is written to the half that no program reads, and then
//! one number is changed, which every program reads once for a record: each call is judged by what was there before
//! or by what is new, never by parts of both.

use std::collections::HashMap;

use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{Array, MapError};
use aya::programs::Program;
use aya::programs::raw_trace_point::RawTracePointLink;

use super::{Probes, SIGNALS, failed};
use crate::ProbesError;
use crate::abi::{LANES, Lane};
use crate::calls::SystemCall;
use crate::filter::{
    CALL_FILTER_BYTES, CallFilter, FILTERS, Filter, MOST_NAMES, NAME_KEY_BYTES, keys, vocabulary,
};
use crate::plan::{PLAN_BYTES, Plan};

/// Numbers of calls in each half of a table of plans (`CALLS` of `bpf/maps.h`).
const CALLS: u32 = 512;

/// Processes that can be exempt (`EXEMPT`).
const EXEMPT: usize = 4;

/// Numbers in `struct settings`.
const SETTINGS: usize = EXEMPT + 1 + LANES + 1;

/// What the maps hold.
#[derive(Default)]
pub(super) struct Wanting {
    exempt: [u32; EXEMPT],
    /// Bytes of each ring buffer.
    rings: [u32; LANES],
    /// The process that gives signs of life.
    canary: Option<u32>,
    generation: u8,
    /// How often what is wanted was changed.
    version: u64,
    /// Keys of the table of names, by generation.
    names: [Vec<NameKey>; 2],
    /// Whether calls of those who ask for names are reported.
    askers: bool,
    /// While it is held, signals are reported.
    signals: Option<RawTracePointLink>,
}

impl Wanting {
    /// Nothing yet.
    pub(super) fn new(rings: [u32; LANES], canary: Option<u32>) -> Self {
        Wanting { rings, canary, ..Wanting::default() }
    }
}

type NameKey = Key<[u8; NAME_KEY_BYTES]>;

/// A call that is wanted, what is looked at, and which of them are.
pub(super) type Wanted<'a> = (SystemCall, Plan, Option<CallFilter<'a>>);

/// A plan and the number of its filter, by the place of the call.
type Plans = Vec<[u8; PLAN_BYTES]>;

impl Probes {
    /// Reports what a filter keeps from now on, with the plans of the table of calls, and no other calls but the sign
    /// of life. It takes the place of what was wanted before at one moment.
    pub fn want(&mut self, filter: &Filter) -> Result<(), ProbesError> {
        if filter.names.len() > MOST_NAMES {
            let reason =
                format!("{} names, where there is room for {MOST_NAMES}", filter.names.len());
            return Err(ProbesError::Map { what: "the filter", reason });
        }
        let mut wanted = Vec::new();
        for (name, clauses) in &filter.calls {
            let calls = self.calls.wanted(name);
            if calls.is_empty() {
                return Err(ProbesError::UnknownCall(name.clone()));
            }
            for call in calls {
                let judged =
                    clauses.as_deref().and_then(|clauses| CallFilter::new(filter, call, clauses));
                // What most calls are dropped by is asked first, before anything is read.
                let successes_only = judged.is_some_and(|judged| judged.wants_success());
                let askers_only = filter.of_askers.contains(name);
                let plan = Plan { successes_only, askers_only, ..call.plan.clone() };
                wanted.push((call.clone(), plan, judged));
            }
        }
        self.install(filter, &wanted)
    }

    /// Reports all of these calls from now on, as the table of calls plans them.
    pub fn want_named(&mut self, names: &[&str]) -> Result<(), ProbesError> {
        self.want(&Filter::of_calls(names.iter().copied()))
    }

    /// Reports all of these calls from now on, with the plans given.
    pub fn want_planned<'a>(
        &mut self,
        wanted: impl IntoIterator<Item = (&'a str, Plan)>,
    ) -> Result<(), ProbesError> {
        let mut plans = Vec::new();
        for (name, plan) in wanted {
            let call = self.calls.named(name);
            let call = call.ok_or_else(|| ProbesError::UnknownCall(name.to_owned()))?;
            plans.push((call.clone(), plan, None));
        }
        self.install(&Filter::default(), &plans)
    }

    /// Processes that are not watched from now on.
    pub fn set_exempt(&mut self, processes: &[u32]) -> Result<(), ProbesError> {
        if processes.len() > EXEMPT {
            let reason = format!("{} processes, where {EXEMPT} can be exempt", processes.len());
            return Err(ProbesError::Map { what: "the settings", reason });
        }
        let mut exempt = [0_u32; EXEMPT];
        exempt.iter_mut().zip(processes).for_each(|(to, from)| *to = *from);
        self.wanting.exempt = exempt;
        self.write_settings()
    }

    /// Has signals reported or not. Where the kernel refused their program, that was said when it was loaded.
    fn want_signals(&mut self, wanted: bool) -> Result<(), ProbesError> {
        let what = "the signals";
        if !wanted {
            // Dropping its link detaches it.
            self.wanting.signals = None;
        }
        let Some(Program::RawTracePoint(program)) = self.kernel.program_mut(SIGNALS) else {
            return Err(ProbesError::Missing(SIGNALS));
        };
        if !wanted || self.wanting.signals.is_some() || program.fd().is_err() {
            return Ok(());
        }
        let link = program.attach("signal_deliver").map_err(|error| failed(what, &error))?;
        self.wanting.signals = Some(program.take_link(link).map_err(|error| failed(what, &error))?);
        Ok(())
    }

    fn install(&mut self, filter: &Filter, wanted: &[Wanted<'_>]) -> Result<(), ProbesError> {
        self.hang_for(wanted)?;
        let generation = self.wanting.generation ^ 1;
        let (plans, filters) = tables(wanted, self.payload);
        self.write("plans", generation, &plans)?;
        self.write("filters", generation, &filters)?;
        self.wanting.version = self.wanting.version.wrapping_add(1);
        self.write("vocabularies", generation, &[vocabulary(filter, self.wanting.version)])?;
        self.write_names(filter, generation)?;
        self.wanting.generation = generation;
        self.write_settings()?;
        self.leave_functions();
        self.want_signals(filter.signals)?;
        // From here on each connection is noted; until here there was nobody to do it.
        let asks = !filter.of_askers.is_empty();
        if asks && !self.wanting.askers {
            self.find_askers()?;
        }
        self.wanting.askers = asks;
        Ok(())
    }

    /// Writes a generation of a table.
    fn write<T: aya::Pod>(
        &mut self,
        name: &'static str,
        generation: u8,
        rows: &[T],
    ) -> Result<(), ProbesError> {
        let map = self.kernel.map_mut(name).ok_or(ProbesError::Missing(name))?;
        let mut map: Array<_, T> = map.try_into().map_err(|error| failed(name, &error))?;
        let of_each = map.len() / 2;
        let first = u32::from(generation).saturating_mul(of_each);
        for (place, row) in (0..of_each).zip(rows) {
            map.set(first.saturating_add(place), row, 0).map_err(|error| failed(name, &error))?;
        }
        Ok(())
    }

    fn write_names(&mut self, filter: &Filter, generation: u8) -> Result<(), ProbesError> {
        let map = self.kernel.map_mut("names").ok_or(ProbesError::Missing("names"))?;
        let mut map: LpmTrie<_, [u8; NAME_KEY_BYTES], u64> =
            map.try_into().map_err(|error| failed("names", &error))?;
        let Some(held) = self.wanting.names.get_mut(usize::from(generation)) else { return Ok(()) };
        // Those of two changes ago, which no program looks for any more.
        for key in held.drain(..) {
            match map.remove(&key) {
                Ok(()) | Err(MapError::KeyNotFound) => {}
                Err(error) => return Err(failed("names", &error)),
            }
        }
        for (text, bits, facts) in keys(filter, generation) {
            let key = Key::new(bits, text);
            map.insert(&key, facts, 0).map_err(|error| failed("names", &error))?;
            held.push(key);
        }
        Ok(())
    }

    fn write_settings(&mut self) -> Result<(), ProbesError> {
        let mut settings = [0; SETTINGS];
        let numbers = self.wanting.exempt.into_iter().chain([self.wanting.generation.into()]);
        settings
            .iter_mut()
            .zip(numbers.chain(self.wanting.rings).chain(self.wanting.canary))
            .for_each(|(to, from)| *to = from);
        let map = self.kernel.map_mut("settings").ok_or(ProbesError::Missing("settings"))?;
        let mut map: Array<_, [u32; SETTINGS]> =
            map.try_into().map_err(|error| failed("the settings", &error))?;
        map.set(0, settings, 0).map_err(|error| failed("the settings", &error))
    }
}

/// The plans of all places, and the filters that they name, each once. Where there is no room for another filter,
/// all of the call is reported.
fn tables(wanted: &[Wanted<'_>], payload: u32) -> (Plans, Vec<[u8; CALL_FILTER_BYTES]>) {
    let mut plans = vec![[0; PLAN_BYTES]; 2 * CALLS as usize];
    let mut filters: Vec<[u8; CALL_FILTER_BYTES]> = Vec::new();
    let mut known: HashMap<[u8; CALL_FILTER_BYTES], u16> = HashMap::new();
    let mut wraps = false;
    if let Some(slot) = plans.get_mut(CANARY as usize) {
        *slot = Plan::canary().bytes(0, 0);
    }
    for (call, plan, judged) in wanted {
        let mut number = 0;
        if let Some(bytes) = judged.map(|judged| judged.bytes()) {
            number = known.get(&bytes).copied().unwrap_or(0);
            if number == 0 && filters.len() < FILTERS {
                filters.push(bytes);
                number = u16::try_from(filters.len()).unwrap_or(0);
                known.insert(bytes, number);
            }
        }
        let places = [call.x86_64, call.i386.map(|number| number.saturating_add(CALLS))];
        for place in places.into_iter().flatten() {
            if let Some(slot) = plans.get_mut(place as usize) {
                *slot = plan.bytes(payload, number);
            }
        }
        wraps |= plan.lane == Lane::Network;
    }
    // The one call of 32-bit programs for all of sockets; which it stands for is looked at when it comes.
    if let (true, Some(slot)) = (wraps, plans.get_mut((CALLS + SOCKETCALL) as usize)) {
        *slot = Plan { copies: true, ..Plan::of_lane(Lane::Network) }.bytes(0, 0);
    }
    (plans, filters)
}

/// The number of the call that is a sign of life (`CANARY_CALL` of `bpf/maps.h`, [`crate::CANARY_CALL`]).
const CANARY: u32 = 121;

/// The number of `socketcall(2)`.
const SOCKETCALL: u32 = 102;
