//! Rules held against events as they happen.

use bulkhead_events::Event;
use bulkhead_rules::{Matching, RuleSet, Scanner};
use bulkhead_sensor::status::AlertStatus;
use bulkhead_sensor::{Delivery, Engine, Moment};

use super::losses::Losses;
use super::upkeep::Upkeep;
use super::{Form, PATIENCE};
use crate::commands::alert;
use crate::commands::sensor::notice::Telling;
use crate::failure::Failure;

/// Tells of each rule that an event meets, and how many there were.
fn tell(
    telling: &Telling,
    engine: &Engine,
    set: &RuleSet,
    scanner: &mut Scanner<'_>,
    event: &Event,
) -> Result<u64, Failure> {
    let mut count = 0;
    for rule in scanner.scan(event) {
        count += 1;
        for (output, form) in (0..).zip(&telling.forms) {
            let mut line = match form {
                Form::Text => alert::text(set, rule, event),
                Form::Json => {
                    let mut alert = alert::json(set, rule, event);
                    alert["hostname"] = serde_json::Value::from(telling.hostname.as_str());
                    alert.to_string()
                }
            };
            line.push('\n');
            engine.deliver(Delivery { output, bytes: line.into_bytes() })?;
        }
    }
    Ok(count)
}

/// Holds rules against each event until there are no more.
pub(super) fn watch(
    engine: &mut Engine,
    set: &RuleSet,
    matching: Matching,
    telling: &Telling,
    upkeep: &mut Upkeep<'_>,
) -> Result<(), Failure> {
    let mut alerts = AlertStatus::default();
    let mut scanner = Scanner::new(set, matching);
    let mut losses = Losses::default();
    loop {
        let mut is_idle = false;
        match engine.next(PATIENCE)? {
            Moment::Event(event) => {
                alerts.events += 1;
                alerts.emitted += tell(telling, engine, set, &mut scanner, &event)?;
            }
            Moment::Lost(lane, count) => losses.add(lane, count),
            Moment::Idle => is_idle = true,
            Moment::End => return Ok(()),
        }
        upkeep.look(engine, is_idle, alerts)?;
    }
}
