//! What the engine tells of itself: to whoever asks, and to whoever reads alerts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bulkhead_alerts::{Notice, Record};
use bulkhead_events::Kind;
use bulkhead_rules::{Coverage, Gap, Priority, RuleSet};
use bulkhead_sensor::status::{AlertStatus, RuleStatus, RuleWorth, RulesStatus, Task};
use bulkhead_sensor::{Engine, Step, Turn};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::losses::{KEEP_WHOLE, QUIET};
use crate::commands::TOOL;
use crate::commands::sensor::telling::Telling;
use crate::commands::sensor::{nanoseconds, now};
use crate::commands::sight::sight;
use crate::failure::Failure;

/// Events between two looks at the clock, which costs more than an event that no rule wants.
const EVENTS: u32 = 128;

/// Rules that a status lists at most.
const RULES: usize = 4096;

/// The sensor's care for itself.
pub(super) struct Upkeep<'a> {
    task: Task,
    set: Option<Arc<RuleSet>>,
    telling: &'a Telling,
    counts_costs: bool,
    started: Timestamp,
    left: u32,
    rules: RulesStatus,
    /// Runs of programs that were passed over and not told of yet, and when others were.
    passed_over: BTreeMap<String, u64>,
    told: Option<Duration>,
}

impl<'a> Upkeep<'a> {
    pub(super) fn new(
        engine: &Engine,
        set: Option<Arc<RuleSet>>,
        telling: &'a Telling,
        counts_costs: bool,
    ) -> Self {
        Self {
            task: if telling.forms.is_empty() { Task::Capture } else { Task::Watch },
            rules: set.as_deref().map(|set| rules(engine, set)).unwrap_or_default(),
            set,
            telling,
            counts_costs,
            started: now(),
            left: 0,
            passed_over: BTreeMap::new(),
            told: None,
        }
    }

    /// Other rules are in force.
    pub(super) fn replace(&mut self, engine: &Engine, set: Arc<RuleSet>) {
        self.rules = rules(engine, &set);
        self.set = Some(set);
    }

    /// Called for every event, and whenever there is none.
    pub(super) fn look(
        &mut self,
        engine: &mut Engine,
        is_idle: bool,
        alerts: AlertStatus,
    ) -> Result<(), Failure> {
        self.left = self.left.saturating_sub(1);
        if !is_idle && self.left > 0 {
            return Ok(());
        }
        self.left = EVENTS;
        let Some(tended) = engine.tend(since_boot())? else { return Ok(()) };
        if let Some((turn, step)) = tended.turn {
            self.turn(engine, turn, &step)?;
        }
        self.pass_over(engine, tended.passed_over)?;
        let mut status = engine.status()?;
        if self.counts_costs {
            engine.add_costs(&mut status)?;
        }
        TOOL.clone_into(&mut status.program);
        status.is_running = true;
        status.started = self.started.to_string();
        status.written = now().to_string();
        status.task = self.task;
        status.rules = self.rules.clone();
        status.alerts = alerts;
        Ok(engine.report(status)?)
    }

    /// Tells what is given up or taken up again, and what that does to rules.
    fn turn(&mut self, engine: &Engine, turn: Turn, step: &Step) -> Result<(), Failure> {
        let before = std::mem::take(&mut self.rules);
        self.rules = self.set.as_deref().map(|set| rules(engine, set)).unwrap_or_default();
        self.tell(engine, notice(turn, step, &before, &self.rules))
    }

    /// Tells that the kernel passed programs over, where that was not done just now.
    fn pass_over(&mut self, engine: &Engine, more: BTreeMap<String, u64>) -> Result<(), Failure> {
        for (program, runs) in more {
            let sum = self.passed_over.entry(program).or_default();
            *sum = sum.saturating_add(runs);
        }
        let time = since_boot();
        let is_quiet =
            self.told.is_some_and(|told| time.saturating_sub(told) < Duration::from_nanos(QUIET));
        if self.passed_over.is_empty() || is_quiet {
            return Ok(());
        }
        self.told = Some(time);
        let programs = std::mem::take(&mut self.passed_over);
        let runs: u64 = programs.values().sum();
        let message = format!(
            "the kernel passed over {runs} runs of programs, and what these would have told is lost; {KEEP_WHOLE}"
        );
        self.tell(
            engine,
            Notice {
                time: nanoseconds(now()),
                name: "Sensor is passed over".to_owned(),
                priority: Priority::Error,
                message,
                fields: [("sensor.passed_over".to_owned(), json!(programs))].into(),
            },
        )
    }

    fn tell(&self, engine: &Engine, notice: Notice) -> Result<(), Failure> {
        for delivery in self.telling.deliveries(&Record::Notice(notice)) {
            engine.deliver(delivery)?;
        }
        Ok(())
    }
}

/// How long the machine runs, as the kernel's records tell the time.
fn since_boot() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

fn notice(turn: Turn, step: &Step, before: &RulesStatus, after: &RulesStatus) -> Notice {
    let changed: Vec<&RuleStatus> =
        after.affected.iter().filter(|rule| !before.affected.contains(rule)).collect();
    let of = |worth| -> Vec<&str> {
        let rules = changed.iter().filter(|rule| rule.state == worth);
        rules.map(|rule| rule.rule.as_str()).collect()
    };
    let (blind, degraded) = (of(RuleWorth::Blind), of(RuleWorth::Degraded));
    let (name, priority, mut text) = match turn {
        Turn::Down => (
            "Sensor gives up",
            Priority::Warning,
            format!("the sensor gives up {}, to stay within its budget", step.title),
        ),
        Turn::Up => (
            "Sensor takes up again",
            Priority::Notice,
            format!("the sensor takes up again {}", step.title),
        ),
        Turn::Exhausted => (
            "Sensor exceeds its budget",
            Priority::Error,
            "the sensor gave up all that it may, and still uses more than it should".to_owned(),
        ),
    };
    for (count, what) in [(blind.len(), "blind"), (degraded.len(), "degraded")] {
        if count > 0 {
            let rules = if count == 1 { "rule becomes" } else { "rules become" };
            // Writing to a string cannot fail.
            let _ = write!(text, "; {count} {rules} {what}");
        }
    }
    let fields: [(&str, Value); 4] = [
        ("sensor.step", json!(step.name)),
        ("sensor.rules.live", json!(after.live)),
        ("sensor.rules.blind", json!(blind)),
        ("sensor.rules.degraded", json!(degraded)),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
    Notice { time: nanoseconds(now()), name: name.to_owned(), priority, message: text, fields }
}

/// What each rule is worth with what is seen now.
fn rules(engine: &Engine, set: &RuleSet) -> RulesStatus {
    let mut sight = sight(engine.features());
    for step in engine.given_up() {
        let reason = format!("{} are given up to stay within the budget", step.title);
        for kind in step.calls.iter().filter_map(|name| Kind::by_name(name)) {
            sight = sight.without_kind(kind, &reason);
        }
    }
    let told = |gaps: &[Gap]| -> Vec<String> {
        gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.reason)).collect()
    };
    let mut status = RulesStatus::default();
    for (rule, coverage) in set.coverage(&sight) {
        let (state, reasons) = match coverage {
            Coverage::Live => {
                status.live += 1;
                continue;
            }
            Coverage::Off(off) => {
                status.off += 1;
                (RuleWorth::Off, vec![off.to_string()])
            }
            Coverage::Degraded(gaps) => {
                status.degraded += 1;
                (RuleWorth::Degraded, told(&gaps))
            }
            Coverage::Blind(gaps) => {
                status.blind += 1;
                (RuleWorth::Blind, told(&gaps))
            }
        };
        if status.affected.len() < RULES {
            status.affected.push(RuleStatus { rule: rule.name.to_string(), state, reasons });
        }
    }
    status
}
