//! What was lost, told while it happens and at the end.

use std::collections::BTreeMap;

use bulkhead_alerts::{BlindRule, Loss, Record};
use bulkhead_probes::{Lane, SystemCalls};
use bulkhead_rules::RuleSet;
use bulkhead_sensor::Engine;

use super::alerts::Alerts;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// How long losses that were told are not told again, in nanoseconds.
pub(super) const QUIET: u64 = 10_000_000_000;

/// What to do about runs that were passed over.
pub(super) const KEEP_WHOLE: &str = "it preempts its own code: start the sensor anew without `--hooks functions`, so that it hangs on what is not \
     preempted, or have the kernel preempt less (`preempt=none`)";

/// Rules that a record names as blind at most.
const BLIND: usize = 200;

/// The exit code where something was not assessed.
const INCOMPLETE: u8 = 3;

/// Losses that are told while they happen, but not each.
#[derive(Debug, Default)]
pub(super) struct Losses {
    lanes: BTreeMap<Lane, Gap>,
    /// When the last event happened that was seen.
    seen: u64,
    told: Option<u64>,
    /// Lost records of each lane that were told.
    sum: BTreeMap<Lane, u64>,
    /// What the kernel counted of containers when losses were last told.
    counted: BTreeMap<(String, Lane), u64>,
}

/// Records of one lane that were lost since losses were last told.
#[derive(Debug)]
struct Gap {
    lost: u64,
    /// The last event before it.
    since: u64,
    /// The first event behind it; none came yet.
    until: Option<u64>,
}

impl Losses {
    /// So many records of a lane were found lost.
    pub(super) fn add(&mut self, lane: Lane, count: u64) {
        let gap = self.lanes.entry(lane).or_insert(Gap { lost: 0, since: self.seen, until: None });
        gap.lost = gap.lost.saturating_add(count);
        gap.until = None;
    }

    /// An event was seen.
    pub(super) fn seen(&mut self, time: u64) {
        self.seen = time;
        for gap in self.lanes.values_mut() {
            gap.until.get_or_insert(time);
        }
    }

    /// Tells what was lost, where that was not done just now.
    pub(super) fn tell_due(
        &mut self,
        engine: &mut Engine,
        set: &RuleSet,
        alerts: &Alerts<'_>,
    ) -> Result<(), Failure> {
        if self.lanes.is_empty() {
            return Ok(());
        }
        let now = alerts.now();
        if self.told.is_some_and(|told| now.saturating_sub(told) < QUIET) {
            return Ok(());
        }
        self.told = Some(now);
        self.tell_all(engine, set, alerts)
    }

    /// Tells what was lost and not told yet: to whoever reads the alerts, and to whoever runs the sensor.
    pub(super) fn tell_all(
        &mut self,
        engine: &mut Engine,
        set: &RuleSet,
        alerts: &Alerts<'_>,
    ) -> Result<(), Failure> {
        if self.lanes.is_empty() {
            return Ok(());
        }
        let counted = engine.losses()?.by_container;
        for (lane, gap) in std::mem::take(&mut self.lanes) {
            let more = counted.iter().filter(|((_, of), _)| *of == lane).map(|(key, count)| {
                let before = self.counted.get(key).copied().unwrap_or_default();
                (key.0.clone(), count.saturating_sub(before))
            });
            let loss = Loss {
                lane: name(lane),
                lost: gap.lost,
                since: gap.since,
                until: gap.until.unwrap_or_else(|| alerts.now()),
                containers: more.filter(|(_, count)| *count > 0).collect(),
                rules: blind(set, lane),
            };
            alerts.tell(engine, &Record::Loss(loss))?;
            let sum = self.sum.entry(lane).or_default();
            *sum = sum.saturating_add(gap.lost);
            warn(lane, gap.lost);
        }
        self.counted = counted;
        Ok(())
    }

    /// Tells what was lost to the very end: behind the last record that was read, only the kernel counts.
    pub(super) fn tell_end(
        &mut self,
        engine: &mut Engine,
        set: &RuleSet,
        alerts: &Alerts<'_>,
    ) -> Result<(), Failure> {
        let mut lost = BTreeMap::<Lane, u64>::new();
        // What was made since the last one was read is not lost: nobody was to be told of it any more.
        for (_, lane, _, of_lane) in engine.losses()?.by_kernel {
            let sum = lost.entry(lane).or_default();
            *sum = sum.saturating_add(of_lane);
        }
        for (lane, lost) in lost {
            let gap = self.lanes.get(&lane).map_or(0, |gap| gap.lost);
            let known = self.sum.get(&lane).map_or(gap, |sum| sum.saturating_add(gap));
            if lost > known {
                self.add(lane, lost.saturating_sub(known));
            }
        }
        self.tell_all(engine, set, alerts)
    }

    /// Tells whoever runs the sensor alone.
    pub(super) fn warn(&mut self, now: u64) {
        if self.told.is_none_or(|told| now.saturating_sub(told) >= QUIET) {
            self.told = Some(now);
            for (lane, gap) in std::mem::take(&mut self.lanes) {
                warn(lane, gap.lost);
            }
        }
    }
}

fn warn(lane: Lane, count: u64) {
    let message = format!("{count} records of the lane {lane:?} were lost");
    let hint = "rules that need them are blind to what they told";
    Terminal::default().warning(&message, Some(hint));
}

fn name(lane: Lane) -> String {
    format!("{lane:?}").to_lowercase()
}

/// The rules that are met by what comes through a lane.
fn blind(set: &RuleSet, lane: Lane) -> Vec<BlindRule> {
    let Ok(calls) = SystemCalls::embedded() else { return Vec::new() };
    let needs = |rule: &&bulkhead_rules::Rule| {
        let mut kinds = set.kinds(rule).into_iter();
        // What is no system call is of processes: their beginning and their end.
        kinds.any(|kind| {
            calls.told_as(kind.name()).next().map_or(Lane::Process, |call| call.plan.lane) == lane
        })
    };
    let rules = set.rules().iter().filter(needs).take(BLIND);
    rules.map(|rule| BlindRule(rule.name.to_string())).collect()
}

/// Tells what was lost, by lane and container; 3 where anything was.
pub(super) fn told_losses(engine: &mut Engine, terminal: Terminal) -> Result<u8, Failure> {
    let losses = engine.losses()?;
    let passed_over: u64 = losses.passed_over.values().sum();
    if passed_over > 0 {
        let programs: Vec<&str> = losses.passed_over.keys().map(String::as_str).collect();
        let message = format!(
            "the kernel passed over {passed_over} runs of programs, and what these would have told is lost: {}",
            programs.join(", ")
        );
        terminal.warning(&message, Some(KEEP_WHOLE));
    }
    let lost: u64 = losses.by_kernel.iter().map(|(.., lost)| lost).sum();
    if lost == 0 {
        return Ok(if passed_over > 0 { INCOMPLETE } else { 0 });
    }
    let produced: u64 = losses.by_kernel.iter().map(|(_, _, produced, _)| produced).sum();
    terminal.warning(&format!("{lost} of {produced} records were lost"), None);
    for ((container, lane), count) in &losses.by_container {
        let of = if container.is_empty() { "the host" } else { container };
        terminal.warning(&format!("{count} of them by {of}, lane {lane:?}"), None);
    }
    Ok(INCOMPLETE)
}
