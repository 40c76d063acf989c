//! `bulkhead sensor status`.

mod ask;
mod table;

use std::path::Path;
use std::time::Duration;

use bulkhead_probes::{Options, Probes, ProgramStatistics};
use bulkhead_sensor::Status;
use bulkhead_sensor::status::{
    FeatureStatus, FeatureWorth, HooksStatus, ProgramCost, ProgramStatus, SCHEMA_VERSION,
};
use jiff::Timestamp;

use super::listen::SOCKET;
use super::{INCOMPLETE, now, refusal};
use crate::arguments::{Form, SensorStatus};
use crate::commands::TOOL;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// How old what the sensor last said of itself may be. It says something once a second.
const FRESH: Duration = Duration::from_secs(5);

/// Asks the sensor that runs. Without one, loads the probes, tells of each feature what becomes of it, and takes
/// them away again.
pub(super) fn run(arguments: &SensorStatus, terminal: Terminal) -> Result<u8, Failure> {
    let path = arguments.socket.as_deref().unwrap_or(Path::new(SOCKET));
    let status = match ask::status(path)? {
        Some(mut status) => {
            measure(&mut status, arguments.measure, terminal);
            status
        }
        None if arguments.socket.is_some() => {
            let message = format!("no sensor answers at {}", path.display());
            let hint = "start one with this --socket; without --socket it is asked what this kernel would let one see";
            return Err(Failure::new(message, hint));
        }
        None => {
            terminal
                .note(&format!("no sensor answers at {SOCKET}: this is what one could see here"));
            alone(terminal)?
        }
    };
    let age = age(&status, now());
    match arguments.output {
        Form::Json => output::json(&status)?,
        Form::Table => output::standard(&table::table(&status, age, terminal.style()))?,
    }
    Ok(if is_whole(&status, age) { 0 } else { INCOMPLETE })
}

/// How long ago the sensor said this of itself, where that is too long ago.
fn age(status: &Status, now: Timestamp) -> Option<Duration> {
    let written: Timestamp = status.written.parse().ok()?;
    let age = now.duration_since(written).unsigned_abs();
    (status.is_running && age > FRESH).then_some(age)
}

/// Whether all that there is to see is seen.
fn is_whole(status: &Status, age: Option<Duration>) -> bool {
    let refused = status.features.iter().any(|one| one.state == FeatureWorth::Refused);
    let silent = status.canary.is_some_and(|canary| !canary.is_alive);
    !refused && !silent && age.is_none() && status.budget.level == 0
}

/// Lets the kernel count for a while, where the sensor does not already.
fn measure(status: &mut Status, time: Duration, terminal: Terminal) {
    let counts = status.programs.iter().any(|program| program.cost.is_some());
    if counts || time.is_zero() || status.programs.is_empty() {
        return;
    }
    let ids: Vec<u32> = status.programs.iter().map(|program| program.id).collect();
    let measured = Probes::count_costs().and_then(|_counting| {
        let before = ProgramStatistics::of(&ids)?;
        std::thread::sleep(time);
        Ok((before, ProgramStatistics::of(&ids)?))
    });
    let (before, after) = match measured {
        Ok(measured) => measured,
        Err(error) => {
            terminal.warning(&format!("what the probes cost is not known: {error}"), error.hint());
            return;
        }
    };
    let of = |all: &[ProgramStatistics], id: u32| {
        let found = all.iter().find(|one| one.id == id);
        found.map(|one| (one.runs, one.time))
    };
    for program in &mut status.programs {
        let Some((runs, spent)) = of(&after, program.id) else { continue };
        let (earlier, spent_before) = of(&before, program.id).unwrap_or_default();
        let nanoseconds = spent.saturating_sub(spent_before).as_nanos();
        program.cost = Some(ProgramCost {
            runs: runs.saturating_sub(earlier),
            nanoseconds: u64::try_from(nanoseconds).unwrap_or(u64::MAX),
        });
    }
}

/// What a sensor could see.
fn alone(terminal: Terminal) -> Result<Status, Failure> {
    let loaded = Probes::load(&Options::default());
    let (probes, reports) = loaded.inspect_err(|error| refusal::tell(error, terminal))?;
    let programs = probes.statistics().into_iter().map(|program| ProgramStatus {
        name: program.program,
        id: program.id,
        ..ProgramStatus::default()
    });
    Ok(Status {
        schema_version: SCHEMA_VERSION.to_owned(),
        program: TOOL.to_owned(),
        written: now().to_string(),
        features: reports.iter().map(FeatureStatus::from).collect(),
        hooks: HooksStatus::of(&probes),
        programs: programs.collect(),
        ..Status::default()
    })
}
