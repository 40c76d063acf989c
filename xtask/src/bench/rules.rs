//! `cargo xtask bench rules`: a recording held against Falco's rules, against only decoding it.

use bulkhead_end_to_end::target_folder;

use crate::machine;
use crate::process::{command, show_and_run};

/// Prints the ratio, the goal and the speeds.
pub(crate) fn run() -> anyhow::Result<()> {
    machine::prepare_build()?;
    let arguments = ["build", "--profile", "ci", "--package", "bulkhead-benches"];
    show_and_run(command("cargo").args(arguments))?;
    let rules = super::data()?.join("fixtures/falco-rules");
    show_and_run(command(target_folder()?.join("ci/bulkhead-benches")).arg("rules").arg(rules))
}
