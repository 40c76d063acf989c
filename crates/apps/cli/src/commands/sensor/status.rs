//! What this kernel lets the sensor see.

use std::io::Write as _;

use bulkhead_probes::{FeatureState, Options, Probes};

use crate::failure::Failure;
use crate::terminal::Terminal;

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// Loads the probes, tells of each feature what became of it, and takes them away again.
pub(super) fn run(_terminal: Terminal) -> Result<u8, Failure> {
    let (probes, reports) = Probes::load(&Options::default())?;
    let mut output = anstream::stdout();
    let mut complete = true;
    for report in &reports {
        match &report.state {
            FeatureState::Loaded => writeln!(output, "works    {}", report.feature)?,
            FeatureState::Off => writeln!(output, "off      {}", report.feature)?,
            FeatureState::Refused { reason, hint } => {
                complete = false;
                writeln!(output, "refused  {}: {reason}; {hint}", report.feature)?;
            }
        }
    }
    let programs = probes.statistics().len();
    writeln!(output, "{programs} programs in the kernel, none of them after this command")?;
    Ok(if complete { 0 } else { INCOMPLETE })
}
