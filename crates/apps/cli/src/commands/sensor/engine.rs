//! The process that makes events of records and holds rules against them.

mod losses;
mod record;
mod rules;
mod upkeep;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use bulkhead_rules::Matching;
use bulkhead_sensor::Engine;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::terminal::Terminal;

use super::notice::Telling;
use upkeep::Upkeep;

/// What the engine is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Hold rules against events; the files of these names come along.
    Watch { rules: Vec<String>, all: bool, telling: Telling, costs: bool },
    /// Record the events that rules ask for; all that are described where there are none.
    Capture { rules: Vec<String>, costs: bool },
}

/// How alerts are written.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Form {
    Text,
    Json,
}

/// How long the engine waits for events before it looks whether some were lost.
const PATIENCE: Duration = Duration::from_secs(1);

/// Serves as the engine until the hands say that it ends.
pub(super) fn run() -> Result<ExitCode, Failure> {
    let terminal = Terminal::default();
    let (mut engine, setup) = Engine::begin()?;
    for missing in setup.confinement {
        terminal.warning(missing, None);
    }
    match serde_json::from_slice(&setup.words)? {
        Task::Watch { rules, all, telling, costs } => {
            let set = rules::load(&rules, setup.files, terminal)?;
            rules::name_addresses(&mut engine, &set, terminal)?;
            engine.want(rules::calls(Some(&set)))?;
            let matching = if all { Matching::All } else { Matching::First };
            let mut upkeep = Upkeep::new(&engine, Some(&set), &telling, costs);
            watch::watch(&mut engine, &set, matching, &telling, &mut upkeep)?;
        }
        Task::Capture { rules, costs } => {
            let set = if rules.is_empty() {
                None
            } else {
                Some(rules::load(&rules, setup.files, terminal)?)
            };
            if let Some(set) = &set {
                rules::name_addresses(&mut engine, set, terminal)?;
            }
            engine.want(rules::calls(set.as_ref()))?;
            let telling = Telling::default();
            let mut upkeep = Upkeep::new(&engine, set.as_ref(), &telling, costs);
            record::record(&mut engine, &mut upkeep)?;
        }
    }
    Ok(ExitCode::from(losses::told_losses(&mut engine, terminal)?))
}
