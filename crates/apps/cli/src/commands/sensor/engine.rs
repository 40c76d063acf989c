//! The process that makes events of records and holds rules against them.

mod losses;
mod record;
mod rules;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use bulkhead_rules::Matching;
use bulkhead_sensor::{Bounds, Engine};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::terminal::Terminal;

use watch::Telling;

/// What the engine is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Hold rules against events; the files of these names come along.
    Watch { rules: Vec<String>, forms: Vec<Form>, all: bool, hostname: String },
    /// Record the events that rules ask for; all that are described where there are none.
    Capture { rules: Vec<String> },
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
    let (mut engine, setup) = Engine::begin(Bounds::DEFAULT)?;
    for missing in setup.confinement {
        terminal.warning(missing, None);
    }
    match serde_json::from_slice(&setup.words)? {
        Task::Watch { rules, forms, all, hostname } => {
            let set = rules::load(&rules, setup.files, terminal)?;
            rules::name_addresses(&mut engine, &set, terminal)?;
            engine.want(rules::calls(Some(&set)))?;
            let matching = if all { Matching::All } else { Matching::First };
            watch::watch(&mut engine, &set, matching, &Telling { forms, hostname })?;
        }
        Task::Capture { rules } => {
            let set = if rules.is_empty() {
                None
            } else {
                Some(rules::load(&rules, setup.files, terminal)?)
            };
            if let Some(set) = &set {
                rules::name_addresses(&mut engine, set, terminal)?;
            }
            engine.want(rules::calls(set.as_ref()))?;
            record::record(&mut engine)?;
        }
    }
    Ok(ExitCode::from(losses::told_losses(&mut engine, terminal)?))
}
