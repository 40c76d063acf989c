//! Rules held against events as they happen, and other rules once their files change.

use std::fs::File;
use std::sync::Arc;

use bulkhead_alerts::{Record, Rules};
use bulkhead_events::Event;
use bulkhead_rules::{Matching, RuleSet, Scanner};
use bulkhead_sensor::{Engine, Moment, SensorError};

use super::alerts::Alerts;
use super::losses::Losses;
use super::rules::Source;
use super::upkeep::Upkeep;
use super::{PATIENCE, rules};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// What events are held against rules with.
pub(super) struct Watch<'a> {
    pub(super) engine: &'a mut Engine,
    /// Where the rules come from.
    pub(super) source: Source,
    pub(super) matching: Matching,
    pub(super) alerts: Alerts<'a>,
    pub(super) upkeep: Upkeep<'a>,
    pub(super) losses: Losses,
    pub(super) events: u64,
}

/// Rules that are to follow those in force.
struct Next {
    set: Arc<RuleSet>,
    /// Events until then are the others'.
    from: u64,
}

/// Why events are not held against a set of rules any more.
enum Turn {
    End,
    /// Another set follows, from this event on.
    Next(Arc<RuleSet>, Option<Box<Event>>),
}

impl Watch<'_> {
    /// Holds rules against each event until there are no more.
    pub(super) fn run(mut self, mut set: Arc<RuleSet>) -> Result<(), Failure> {
        let mut first = None;
        while let Turn::Next(next, event) = self.hold(&set, first)? {
            self.upkeep.replace(self.engine, Arc::clone(&next));
            let count = next.rules().iter().filter(|rule| rule.off.is_none()).map(|_| 1_u64).sum();
            let told = Rules {
                time: self.alerts.now(),
                loaded: Some(count),
                problems: Vec::new(),
                count: 0,
            };
            self.alerts.tell(self.engine, &Record::Rules(told))?;
            Terminal::default().note(&format!("{count} rules are in force"));
            (set, first) = (next, event);
        }
        self.losses.tell_end(self.engine, &set, &self.alerts)?;
        self.alerts.end(self.engine)
    }

    /// Holds one set against events, each of which is held against one set alone: the old one until the kernel
    /// reports what the new one asks for, the new one from then on. What both ask for is reported all the time.
    fn hold(&mut self, set: &RuleSet, first: Option<Box<Event>>) -> Result<Turn, Failure> {
        let mut scanner = Scanner::new(set, self.matching);
        let mut next: Option<Next> = None;
        let mut first = first;
        loop {
            let moment = match first.take() {
                Some(event) => Moment::Event(event),
                None => self.engine.next(PATIENCE)?,
            };
            let mut is_idle = false;
            match moment {
                Moment::Event(event) => {
                    if let Some(next) = next.take_if(|next| event.time > next.from) {
                        return self.turn(next, Some(event));
                    }
                    self.events = self.events.saturating_add(1);
                    self.losses.seen(event.time);
                    for rule in scanner.scan(&event) {
                        self.alerts.met(self.engine, set, rule, &event)?;
                    }
                }
                Moment::Lost(lane, count) => self.losses.add(lane, count),
                Moment::Files(files) => {
                    let latest = next.take();
                    next = self.prepare(set, files)?.or(latest);
                }
                Moment::Idle => {
                    is_idle = true;
                    self.alerts.pass(self.engine)?;
                    if let Some(next) = next.take() {
                        return self.turn(next, None);
                    }
                }
                Moment::End => return Ok(Turn::End),
            }
            self.losses.tell_due(self.engine, set, &self.alerts)?;
            self.upkeep.look(self.engine, is_idle, self.alerts.status(self.events))?;
        }
    }

    /// From here on another set is held against events, and the kernel reports what that one asks for alone.
    fn turn(&mut self, next: Next, first: Option<Box<Event>>) -> Result<Turn, Failure> {
        self.engine.want(rules::filter(&[&next.set])?)?;
        Ok(Turn::Next(next.set, first))
    }

    /// Reads changed files. What is wrong with them is told, and the rules in force stay.
    fn prepare(
        &mut self,
        set: &RuleSet,
        files: Vec<Result<File, String>>,
    ) -> Result<Option<Next>, Failure> {
        let terminal = Terminal::default();
        let read = self.source.load_again(files, self.alerts.now(), terminal);
        let next = match read {
            Ok(next) => next,
            Err(refused) => {
                self.alerts.tell(self.engine, &Record::Rules(refused))?;
                return Ok(None);
            }
        };
        rules::name_addresses(self.engine, &next, terminal)?;
        match self.engine.want(rules::filter(&[set, &next])?) {
            Ok(()) => Ok(Some(Next { set: Arc::new(next), from: self.alerts.now() })),
            Err(SensorError::Refused { cause }) => {
                terminal.error(
                    &format!("the kernel refuses what the new rules ask for: {cause}"),
                    None,
                );
                self.engine.want(rules::filter(&[set])?)?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}
