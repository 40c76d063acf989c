//! The alerts that leave the engine, and those that are held back.

use bulkhead_alerts::{Alert, AlertId, Bounds, Record, Sieve, Verdict};
use bulkhead_events::Event;
use bulkhead_rules::{Rule, RuleSet};
use bulkhead_sensor::Engine;
use bulkhead_sensor::status::AlertStatus;

use super::Now;
use crate::commands::sensor::telling::Telling;
use crate::failure::Failure;

/// The stream of alerts on its way to the outputs.
pub(super) struct Alerts<'a> {
    telling: &'a Telling,
    sieve: Sieve,
    now: Now,
}

impl<'a> Alerts<'a> {
    /// None yet.
    pub(super) fn new(telling: &'a Telling, bounds: Bounds, now: Now) -> Self {
        Self { telling, sieve: Sieve::new(bounds), now }
    }

    /// How many there were.
    pub(super) fn status(&self, events: u64) -> AlertStatus {
        let totals = self.sieve.totals();
        AlertStatus { events, emitted: totals.told, suppressed: totals.held }
    }

    /// What time it is for events, in nanoseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.now.nanoseconds()
    }

    /// A rule was met: it is told, or counted.
    pub(super) fn met(
        &mut self,
        engine: &Engine,
        set: &RuleSet,
        rule: &Rule,
        event: &Event,
    ) -> Result<(), Failure> {
        let id = AlertId::new(rule, event);
        let key = id.key(event);
        let verdict = self.sieve.enter(&rule.name, rule.priority, &id, key, event.time);
        self.sums(engine)?;
        match verdict {
            Verdict::Tell => {
                self.tell(engine, &Record::Alert(Box::new(Alert::new(set, rule, event))))
            }
            Verdict::Hold => Ok(()),
        }
    }

    /// Nothing happens: what was held back long enough is summed up.
    pub(super) fn pass(&mut self, engine: &Engine) -> Result<(), Failure> {
        self.sieve.pass(self.now());
        self.sums(engine)
    }

    /// Sums up everything that was held back.
    pub(super) fn end(&mut self, engine: &Engine) -> Result<(), Failure> {
        self.sieve.empty();
        self.sums(engine)
    }

    fn sums(&mut self, engine: &Engine) -> Result<(), Failure> {
        self.sieve.sums().into_iter().try_for_each(|sum| self.tell(engine, &Record::Sum(sum)))
    }

    /// Hands a record to every output.
    pub(super) fn tell(&self, engine: &Engine, record: &Record) -> Result<(), Failure> {
        for delivery in self.telling.deliveries(record) {
            engine.deliver(delivery)?;
        }
        Ok(())
    }
}
