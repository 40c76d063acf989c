//! Rules held against events as they happen.

use bulkhead_rules::{Matching, RuleSet, Scanner};
use bulkhead_sensor::{Engine, Moment};

use super::PATIENCE;
use super::alerts::Alerts;
use super::losses::Losses;
use super::upkeep::Upkeep;
use crate::failure::Failure;

/// Holds rules against each event until there are no more.
pub(super) fn watch(
    engine: &mut Engine,
    set: &RuleSet,
    matching: Matching,
    alerts: &mut Alerts<'_>,
    upkeep: &mut Upkeep<'_>,
) -> Result<(), Failure> {
    let mut events = 0_u64;
    let mut scanner = Scanner::new(set, matching);
    let mut losses = Losses::default();
    loop {
        let mut is_idle = false;
        match engine.next(PATIENCE)? {
            Moment::Event(event) => {
                events = events.saturating_add(1);
                losses.seen(event.time);
                for rule in scanner.scan(&event) {
                    alerts.met(engine, set, rule, &event)?;
                }
            }
            Moment::Lost(lane, count) => losses.add(lane, count),
            Moment::Idle => {
                is_idle = true;
                alerts.pass(engine)?;
            }
            Moment::End => {
                losses.tell_end(engine, set, alerts)?;
                return alerts.end(engine);
            }
        }
        losses.tell_due(engine, set, alerts)?;
        upkeep.look(engine, is_idle, alerts.status(events))?;
    }
}
