//! Getting each program into the kernel, and saying why one did not.

use aya::Btf;
use aya::maps::{Array, MapData, ProgramArray};
use aya::programs::{Program, ProgramError, RawTracePoint, TracePoint};

use super::{PROGRAMS, Probes, SIGNALS, STEPS, chain, failed};
use crate::ProbesError;
use crate::feature::{Feature, FeatureReport, FeatureState, VERDICT, hint};

impl Probes {
    /// Loads the programs that others go on to. Only those that were refused are reported: each is a part of
    /// records, no feature of its own.
    pub(super) fn load_steps(&mut self) -> Result<Vec<FeatureReport>, ProbesError> {
        let map = self.kernel.take_map("steps").ok_or(ProbesError::Missing("steps"))?;
        let mut map = ProgramArray::try_from(map).map_err(|error| failed("the steps", &error))?;
        let mut refused = Vec::new();
        for (number, name) in STEPS {
            if let Err(reason) = self.load_step(&mut map, *number, name) {
                let feature = Feature::Step(name);
                let hint = hint(&reason, feature);
                let state = FeatureState::Refused { reason, hint };
                refused.push(FeatureReport { feature, state });
            }
        }
        // The kernel empties the table when nobody holds it any more.
        self.steps = Some(map);
        Ok(refused)
    }

    fn load_step(
        &mut self,
        map: &mut ProgramArray<MapData>,
        number: u32,
        name: &str,
    ) -> Result<(), String> {
        let program = self.kernel.program_mut(name);
        match program {
            Some(Program::RawTracePoint(program)) => patiently(|| program.load()),
            Some(Program::TracePoint(program)) => patiently(|| program.load()),
            _ => return Err(format!("the compiled probes have no {name}")),
        }
        .map_err(|error| reason(&error))?;
        let program = self.kernel.program(name).ok_or("the program is gone")?;
        let descriptor = program.fd().map_err(|error| reason(&error))?;
        map.set(number, descriptor, 0).map_err(|error| chain(&error))
    }

    /// Loads the programs of a feature, and attaches those that are no iterators and always wanted.
    pub(super) fn start(&mut self, feature: Feature, btf: &Btf) -> FeatureState {
        for (_, name, place) in PROGRAMS.iter().filter(|(of, ..)| *of == feature) {
            if let Err(reason) = self.start_program(name, place, btf) {
                let hint = hint(&reason, feature);
                return FeatureState::Refused { reason, hint };
            }
        }
        FeatureState::Loaded
    }

    fn start_program(&mut self, name: &str, place: &str, btf: &Btf) -> Result<(), String> {
        let (group, place) = place.split_once('/').unwrap_or(("", place));
        let started = match self.kernel.program_mut(name) {
            Some(Program::RawTracePoint(program)) if name == SIGNALS => {
                patiently(|| program.load())
            }
            Some(Program::RawTracePoint(program)) => {
                patiently(|| program.load()).and_then(|()| attach(program, place))
            }
            Some(Program::TracePoint(program)) => {
                patiently(|| program.load()).and_then(|()| attach_to_perf(program, group, place))
            }
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

/// Tracepoints that have the second name before Linux 6.3.
const FORMER_NAMES: &[(&str, &str)] = &[("io_uring_submit_req", "io_uring_submit_sqe")];

fn attach(program: &mut RawTracePoint, place: &str) -> Result<(), ProgramError> {
    let former = FORMER_NAMES.iter().find(|(name, _)| *name == place);
    let attached = match (program.attach(place), former) {
        (Err(_), Some((_, former))) => program.attach(former),
        (attached, _) => attached,
    };
    attached.map(drop)
}

fn attach_to_perf(program: &mut TracePoint, group: &str, place: &str) -> Result<(), ProgramError> {
    program.attach(group, place).map(drop)
}

/// How often a program is given to the kernel again that put it off.
const ATTEMPTS: u32 = 5;

/// The verifier gives up where a signal waits for the thread, and says that it is to be tried again.
fn patiently(mut load: impl FnMut() -> Result<(), ProgramError>) -> Result<(), ProgramError> {
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
fn reason(error: &ProgramError) -> String {
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
