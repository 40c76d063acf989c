//! `cargo xtask bench rules`: a recording held against Falco's rules, against only decoding it; `cargo xtask bench
//! memory`: what the engine holds while a stream of events passes.

use std::process::Command;

use bulkhead_end_to_end::target_folder;

use crate::machine;
use crate::process::{command, show_and_run};

/// The events that memory has to stay flat over.
pub(crate) const EVENTS: &str = "100000000";

/// Prints the ratio, the goal and the speeds.
pub(crate) fn run() -> anyhow::Result<()> {
    let rules = super::data()?.join("fixtures/falco-rules");
    show_and_run(benches()?.arg("rules").arg(rules))
}

/// Prints resident memory now and then, and fails where it grows.
pub(crate) fn memory(events: &str) -> anyhow::Result<()> {
    show_and_run(benches()?.args(["memory", events]))
}

fn benches() -> anyhow::Result<Command> {
    machine::prepare_build()?;
    let arguments = ["build", "--profile", "ci", "--package", "bulkhead-benches"];
    show_and_run(command("cargo").args(arguments))?;
    Ok(command(target_folder()?.join("ci/bulkhead-benches")))
}
