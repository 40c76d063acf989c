//! Rules held against events as they happen.

use bulkhead_events::Event;
use bulkhead_rules::{Matching, RuleSet, Scanner};
use bulkhead_sensor::{Delivery, Engine, Moment};

use super::losses::Losses;
use super::{Form, PATIENCE};
use crate::commands::alert;
use crate::failure::Failure;

/// How alerts leave.
pub(super) struct Telling {
    /// The form of each output, by its place.
    pub(super) forms: Vec<Form>,
    /// The name of this node.
    pub(super) hostname: String,
}

impl Telling {
    /// Tells of each rule that an event meets.
    fn tell(
        &self,
        engine: &Engine,
        set: &RuleSet,
        scanner: &mut Scanner<'_>,
        event: &Event,
    ) -> Result<(), Failure> {
        for rule in scanner.scan(event) {
            for (output, form) in (0..).zip(&self.forms) {
                let mut line = match form {
                    Form::Text => alert::text(set, rule, event),
                    Form::Json => {
                        let mut alert = alert::json(set, rule, event);
                        alert["hostname"] = serde_json::Value::from(self.hostname.as_str());
                        alert.to_string()
                    }
                };
                line.push('\n');
                engine.deliver(&Delivery { output, bytes: line.into_bytes() })?;
            }
        }
        Ok(())
    }
}

/// Holds rules against each event until there are no more.
pub(super) fn watch(
    engine: &mut Engine,
    set: &RuleSet,
    matching: Matching,
    telling: &Telling,
) -> Result<(), Failure> {
    let mut scanner = Scanner::new(set, matching);
    let mut losses = Losses::default();
    loop {
        match engine.next(PATIENCE)? {
            Moment::Event(event) => telling.tell(engine, set, &mut scanner, &event)?,
            Moment::Lost(lane, count) => losses.add(lane, count),
            Moment::Idle => {}
            Moment::End => return Ok(()),
        }
    }
}
