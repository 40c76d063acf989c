//! What was lost, told while it happens and at the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bulkhead_probes::Lane;
use bulkhead_sensor::Engine;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// How long losses that were told are not told again.
const QUIET: Duration = Duration::from_secs(10);

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// Losses that are told while they happen, but not each.
#[derive(Debug, Default)]
pub(super) struct Losses {
    lost: BTreeMap<Lane, u64>,
    told: Option<Instant>,
}

impl Losses {
    #[expect(clippy::disallowed_methods, reason = "applications read the clock")]
    pub(super) fn add(&mut self, lane: Lane, count: u64) {
        let lost = self.lost.entry(lane).or_default();
        *lost = lost.saturating_add(count);
        let now = Instant::now();
        if self.told.is_none_or(|told| now.duration_since(told) >= QUIET) {
            self.told = Some(now);
            for (lane, count) in std::mem::take(&mut self.lost) {
                let message = format!("{count} records of the lane {lane:?} were lost");
                let hint = "rules that need them are blind to what they told";
                Terminal::default().warning(&message, Some(hint));
            }
        }
    }
}

/// Tells what was lost, by lane and container; 3 where anything was.
pub(super) fn told_losses(engine: &mut Engine, terminal: Terminal) -> Result<u8, Failure> {
    let losses = engine.losses()?;
    let lost: u64 = losses.by_lane.iter().map(|(_, _, tally)| tally.lost()).sum();
    if lost == 0 {
        return Ok(0);
    }
    let produced: u64 = losses.by_lane.iter().map(|(_, _, tally)| tally.produced).sum();
    terminal.warning(&format!("{lost} of {produced} records were lost"), None);
    for ((container, lane), count) in &losses.by_container {
        let of = if container.is_empty() { "the host" } else { container };
        terminal.warning(&format!("{count} of them by {of}, lane {lane:?}"), None);
    }
    Ok(INCOMPLETE)
}
