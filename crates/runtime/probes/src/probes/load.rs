//! Getting each program into the kernel, and saying why one did not.

use aya::maps::{Array, MapData, ProgramArray};
use aya::programs::{Program, ProgramError};
use aya::{Btf, Ebpf};

use super::{CALLS, JUDGE, PROGRAMS, Probes, SIGNALS, STEPS, chain, failed};
use crate::ProbesError;
use crate::feature::{Feature, FeatureReport, FeatureState, VERDICT, hint};

impl Probes {
    /// Loads the programs that others go on to. Only those that were refused are reported: each is a part of
    /// records, no feature of its own.
    pub(super) fn load_steps(&mut self) -> Result<Vec<FeatureReport>, ProbesError> {
        let map = self.kernel.take_map("steps").ok_or(ProbesError::Missing("steps"))?;
        let map = ProgramArray::try_from(map).map_err(|error| failed("the steps", &error))?;
        // The kernel empties the table when nobody holds it any more.
        self.steps = Some(map);
        let mut refused = Vec::new();
        for (number, name) in STEPS {
            if let Err(reason) = self.load_step(*number, name) {
                let feature = Feature::Step(name);
                let hint = hint(&reason, feature);
                let state = FeatureState::Refused { reason, hint };
                refused.push(FeatureReport { feature, state });
            }
        }
        Ok(refused)
    }

    fn load_step(&mut self, number: u32, name: &str) -> Result<(), String> {
        let program = self.kernel.program_mut(name);
        match program {
            Some(Program::RawTracePoint(program)) => patiently(|| program.load()),
            Some(Program::TracePoint(program)) => patiently(|| program.load()),
            _ => return Err(format!("the compiled probes have no {name}")),
        }
        .map_err(|error| reason(&error))?;
        let map = self.steps.as_mut().ok_or("there is no table of steps")?;
        set_step(&self.kernel, map, number, name)
    }

    /// Loads the programs of a feature, and attaches those that are no iterators and always wanted.
    pub(super) fn start(&mut self, feature: Feature, btf: &Btf) -> FeatureState {
        if self.is_on_functions(feature) {
            return FeatureState::Loaded;
        }
        for (_, name, place) in PROGRAMS.iter().filter(|(of, ..)| *of == feature) {
            if let Err(reason) = self.start_program(name, place, btf) {
                let hint = hint(&reason, feature);
                return FeatureState::Refused { reason, hint };
            }
        }
        FeatureState::Loaded
    }

    pub(super) fn start_program(
        &mut self,
        name: &str,
        place: &str,
        btf: &Btf,
    ) -> Result<(), String> {
        if name == CALLS {
            self.load_step(JUDGE.0, JUDGE.1)?;
        }
        let (group, place) = place.split_once('/').unwrap_or(("", place));
        let started = match self.kernel.program_mut(name) {
            Some(Program::RawTracePoint(program)) if name == SIGNALS => {
                patiently(|| program.load())
            }
            Some(Program::RawTracePoint(program)) => patiently(|| program.load())
                .and_then(|()| attach_by(place, |name| program.attach(name))),
            Some(Program::TracePoint(program)) => patiently(|| program.load())
                .and_then(|()| attach_by(place, |name| program.attach(group, name))),
            Some(Program::BtfTracePoint(program)) => {
                patiently(|| program.load(place, btf)).and_then(|()| program.attach().map(drop))
            }
            Some(Program::Iter(program)) => patiently(|| program.load(place, btf)),
            _ => return Err(format!("the compiled probes have no {name}")),
        };
        started.map_err(|error| reason(&error))
    }

    /// Tells the programs which system call does the same as an operation of `io_uring`.
    pub(super) fn set_operations(&mut self) -> Result<(), ProbesError> {
        let operations = self.calls.operations.clone();
        let map = self.kernel.map_mut("operations").ok_or(ProbesError::Missing("operations"))?;
        let mut map: Array<_, u32> =
            map.try_into().map_err(|error| failed("the map of operations", &error))?;
        for (opcode, number) in operations {
            map.set(opcode, number.saturating_add(1), 0)
                .map_err(|error| failed("the map of operations", &error))?;
        }
        Ok(())
    }
}

/// Puts a program that is loaded into a table of steps.
pub(super) fn set_step(
    kernel: &Ebpf,
    map: &mut ProgramArray<MapData>,
    number: u32,
    name: &str,
) -> Result<(), String> {
    let program = kernel.program(name).ok_or("the program is gone")?;
    let descriptor = program.fd().map_err(|error| reason(&error))?;
    map.set(number, descriptor, 0).map_err(|error| chain(&error))
}

/// Tracepoints that have the second name before Linux 6.3.
const FORMER_NAMES: &[(&str, &str)] = &[("io_uring_submit_req", "io_uring_submit_sqe")];

/// Attaches by the name of a tracepoint, else by its former one.
fn attach_by<T>(
    place: &str,
    mut attach: impl FnMut(&str) -> Result<T, ProgramError>,
) -> Result<(), ProgramError> {
    let former = FORMER_NAMES.iter().find(|(name, _)| *name == place);
    let attached = match (attach(place), former) {
        (Err(_), Some((_, former))) => attach(former),
        (attached, _) => attached,
    };
    attached.map(drop)
}

/// How often a program is given to the kernel again that put it off.
const ATTEMPTS: u32 = 5;

/// The verifier gives up where a signal waits for the thread, and says that it is to be tried again.
pub(super) fn patiently(
    mut load: impl FnMut() -> Result<(), ProgramError>,
) -> Result<(), ProgramError> {
    let put_off = |result: &Result<(), ProgramError>| {
        matches!(result, Err(ProgramError::LoadError { io_error, .. })
            if io_error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let mut result = load();
    for _ in 1..ATTEMPTS {
        if !put_off(&result) {
            break;
        }
        result = load();
    }
    result
}

/// What the kernel said, in one line: of the verifier's log only its verdict.
pub(super) fn reason(error: &ProgramError) -> String {
    let ProgramError::LoadError { io_error, verifier_log } = error else { return chain(error) };
    let log = verifier_log.to_string();
    let is_sum = |line: &str| {
        ["processed ", "insns processed ", "verification time ", "stack depth "]
            .iter()
            .any(|sum| line.starts_with(sum))
    };
    let verdict = log.lines().rev().find(|line| !line.is_empty() && !is_sum(line));
    match verdict {
        Some(verdict) => format!("{io_error}; {VERDICT}{}", verdict.trim()),
        None => io_error.to_string(),
    }
}
