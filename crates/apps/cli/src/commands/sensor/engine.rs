//! The process that makes events of records and holds rules against them.

mod alerts;
mod losses;
mod record;
mod rules;
mod upkeep;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bulkhead_alerts::Bounds;
use bulkhead_rules::{Matching, Selection};
use bulkhead_sensor::{Engine, SensorError};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::allocator;
use crate::failure::Failure;
use crate::terminal::Terminal;

use super::FAILED;
use super::telling::Telling;
use alerts::Alerts;
use losses::Losses;
use rules::Source;
use upkeep::Upkeep;
use watch::Watch;

/// What the engine is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Hold rules against events; the files of these names come along.
    Watch {
        rules: Vec<String>,
        selection: Selection,
        all: bool,
        telling: Telling,
        bounds: Bounds,
        costs: bool,
    },
    /// Record the events that rules ask for; all that are described where there are none.
    Capture { rules: Vec<String>, selection: Selection, costs: bool },
}

/// How long the engine waits for events before it looks whether some were lost.
const PATIENCE: Duration = Duration::from_secs(1);

/// The clock by which events are told.
#[derive(Debug, Clone, Copy)]
struct Now {
    /// When the machine started, in nanoseconds since 1970.
    boot: u64,
}

impl Now {
    /// Nanoseconds since 1970.
    fn nanoseconds(self) -> u64 {
        let passed = clock_gettime(ClockId::Boottime);
        let passed = passed.tv_sec.unsigned_abs() * 1_000_000_000 + passed.tv_nsec.unsigned_abs();
        self.boot.saturating_add(passed)
    }
}

/// Serves as the engine until the hands say that it ends.
pub(super) fn run() -> Result<ExitCode, Failure> {
    let terminal = Terminal::default();
    let (mut engine, setup) = match Engine::begin() {
        // Whoever ended before this one began says why.
        Err(SensorError::Alone) => return Ok(ExitCode::from(FAILED)),
        begun => begun?,
    };
    let now = Now { boot: setup.boot };
    for missing in setup.confinement {
        terminal.warning(missing, None);
    }
    match serde_json::from_slice(&setup.words)? {
        Task::Watch { rules, selection, all, telling, bounds, costs } => {
            let source = Source { names: rules, selection };
            let set = Arc::new(source.load(setup.files, terminal)?);
            engine.want(rules::filter(&[&set])?)?;
            // What happens meanwhile waits in the rings.
            rules::name_addresses(&mut engine, &set, terminal)?;
            // Reading and compiling them took more than they take.
            allocator::give_back();
            let upkeep = Upkeep::new(&engine, Some(Arc::clone(&set)), &telling, costs);
            let watch = Watch {
                engine: &mut engine,
                source,
                matching: if all { Matching::All } else { Matching::First },
                alerts: Alerts::new(&telling, bounds, now),
                upkeep,
                losses: Losses::default(),
                events: 0,
            };
            watch.run(set)?;
        }
        Task::Capture { rules, selection, costs } => {
            let source = Source { names: rules, selection };
            let set = if source.names.is_empty() {
                None
            } else {
                Some(Arc::new(source.load(setup.files, terminal)?))
            };
            engine.want(rules::filter(set.as_deref().as_slice())?)?;
            if let Some(set) = &set {
                rules::name_addresses(&mut engine, set, terminal)?;
            }
            let telling = Telling::default();
            let mut upkeep = Upkeep::new(&engine, set, &telling, costs);
            record::record(&mut engine, &mut upkeep, now)?;
        }
    }
    Ok(ExitCode::from(losses::told_losses(&mut engine, terminal)?))
}
