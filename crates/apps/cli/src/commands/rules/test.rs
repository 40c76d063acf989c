//! `bulkhead rules test`.

use std::fmt::Write as _;

use bulkhead_report::printable;
use bulkhead_rules::{RuleSet, Selection, Trial, TrialOutcome, Weight};
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{Part, SCHEMA_VERSION, Where};
use super::explain::decisive;
use super::{broken, counted, load, show, warn_of_idle};
use crate::arguments::{RulesCheck, RulesForm};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit codes beside 0 and 1.
const FAILED: u8 = 2;
const NOTHING: u8 = 3;

/// Failures of one test are shown for so many events: a test can repeat its own.
const SHOWN: usize = 10;

/// What came of the tests of rule files.
#[derive(Serialize, JsonSchema)]
pub(super) struct Tested {
    schema_version: &'static str,
    tests: Vec<Test>,
    failed: usize,
    /// Tests that were not run, as `--switch` or `--priority` leave out their rules.
    not_run: usize,
}

#[derive(Serialize, JsonSchema)]
struct Test {
    name: String,
    rule: String,
    place: Where,
    /// Whether one of the events was to meet the rule, or none.
    expects_alert: bool,
    passed: bool,
    /// Where it failed: the events that came otherwise than expected, with what decided.
    events: Vec<Event>,
}

#[derive(Serialize, JsonSchema)]
struct Event {
    /// Counted from 1.
    number: usize,
    holds: bool,
    decisive: Vec<Part>,
}

pub(crate) fn run(arguments: &RulesCheck, terminal: Terminal) -> Result<u8, Failure> {
    let selection = arguments.choice.selection();
    let loaded = load(&arguments.files, &tested(selection.clone()))?;
    if arguments.warnings {
        show(&loaded.problems, Weight::Warning, terminal);
    }
    show(&loaded.problems, Weight::Blind, terminal);
    show(&loaded.problems, Weight::Error, terminal);
    let set = loaded.set.ok_or_else(broken)?;
    warn_of_idle(&selection, set.rules(), terminal);
    let (all, failed) = match arguments.output {
        RulesForm::Text => text(&set)?,
        RulesForm::Json => {
            let tests: Vec<Test> =
                trials(&set).map(|trial| test(trial, &set.try_out(trial))).collect();
            let failed = tests.iter().filter(|test| !test.passed).count();
            let all = tests.len();
            let not_run = set.trials().len().saturating_sub(all);
            output::json(&Tested { schema_version: SCHEMA_VERSION, tests, failed, not_run })?;
            (all, failed)
        }
    };
    Ok(match (all, failed) {
        (0, _) => NOTHING,
        (_, 0) => 0,
        _ => FAILED,
    })
}

/// Whose tests are run: those of rules that their files switch off, too.
fn tested(mut selection: Selection) -> Selection {
    let everything = Selection::everything();
    selection.switches.splice(..0, everything.switches);
    selection
}

/// The tests of the rules that are used.
fn trials(set: &RuleSet) -> impl Iterator<Item = &Trial> {
    let is_used = |trial: &&Trial| set.rule(&trial.rule).is_none_or(|rule| rule.off.is_none());
    set.trials().iter().filter(is_used)
}

fn test(trial: &Trial, outcome: &TrialOutcome) -> Test {
    let events = unexpected(trial, outcome).map(|(number, explanation)| Event {
        number,
        holds: explanation.holds,
        decisive: Part::decisive(explanation),
    });
    Test {
        name: trial.name.clone(),
        rule: trial.rule.clone(),
        place: Where::from(&trial.place),
        expects_alert: trial.alerts,
        passed: outcome.passed,
        events: events.collect(),
    }
}

/// The events of a failed test that came otherwise than expected, the first of them.
fn unexpected<'o>(
    trial: &Trial,
    outcome: &'o TrialOutcome,
) -> impl Iterator<Item = (usize, &'o bulkhead_rules::Explanation)> {
    let (alerts, passed) = (trial.alerts, outcome.passed);
    let events = (1..).zip(&outcome.explanations);
    events.filter(move |(_, explanation)| !passed && explanation.holds != alerts).take(SHOWN)
}

fn text(set: &RuleSet) -> Result<(usize, usize), Failure> {
    let mut text = String::new();
    let mut failed = 0_usize;
    let mut all = 0_usize;
    for trial in trials(set) {
        all = all.saturating_add(1);
        let outcome = set.try_out(trial);
        let verdict = if outcome.passed { "ok" } else { "FAILED" };
        let _infallible = writeln!(text, "{verdict:6} {}", printable(&trial.name));
        if outcome.passed {
            continue;
        }
        failed = failed.saturating_add(1);
        let expected = if trial.alerts { "no event meets" } else { "an event meets" };
        let _infallible =
            writeln!(text, "       {}: {expected} `{}`", trial.place, printable(&trial.rule));
        for (number, explanation) in unexpected(trial, &outcome) {
            let _infallible = writeln!(text, "       event {number}:");
            decisive(explanation, "         ", &mut text);
        }
    }
    let _infallible = write!(text, "{}, {failed} failed", counted(all, "test"));
    match set.trials().len().saturating_sub(all) {
        0 => text.push('\n'),
        not_run => {
            let _infallible = writeln!(text, ", {not_run} not run since their rules are left out");
        }
    }
    output::standard(&text)?;
    Ok((all, failed))
}
