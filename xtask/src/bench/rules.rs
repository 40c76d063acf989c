//! `cargo xtask bench rules`: a recording held against Falco's rules, against only decoding it; `cargo xtask bench
//! memory`: what the engine holds while a stream of events passes.

use super::inside;
use crate::process::show_and_run;

/// The events that memory has to stay flat over.
pub(crate) const EVENTS: &str = "100000000";

/// Prints the ratio, the goal and the speeds.
pub(crate) fn run() -> anyhow::Result<()> {
    let rules = super::data()?.join("fixtures/falco-rules");
    show_and_run(inside()?.arg("rules").arg(rules))
}

/// Prints resident memory now and then, and fails where it grows.
pub(crate) fn memory(events: &str) -> anyhow::Result<()> {
    show_and_run(inside()?.args(["memory", events]))
}
