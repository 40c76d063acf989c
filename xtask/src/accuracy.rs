//! `cargo xtask accuracy`: our controls of Kubernetes objects against the rules of other tools.

use anyhow::ensure;
use bulkhead_end_to_end::{Agreement, Report};

/// Prints the agreement with every library of rules in the test data.
pub(crate) fn run() -> anyhow::Result<()> {
    let agreement = Agreement::measure()?;
    ensure!(
        agreement.cases() > 0,
        "the test data has no cases; hint: BULKHEAD_TEST_DATA names the folder that holds `fixtures/posture`"
    );
    print!("{}", Report(&agreement));
    Ok(())
}
