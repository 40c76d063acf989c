//! `bulkhead rules test`.

use std::fmt::Write as _;

use bulkhead_report::printable;
use bulkhead_rules::Weight;

use super::explain::decisive;
use super::{ALL, broken, counted, load, show};
use crate::arguments::RulesCheck;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit codes beside 0 and 1.
const FAILED: u8 = 2;
const NOTHING: u8 = 3;

pub(crate) fn run(arguments: &RulesCheck, terminal: Terminal) -> Result<u8, Failure> {
    let loaded = load(&arguments.files, ALL)?;
    if arguments.warnings {
        show(&loaded.problems, Weight::Warning, terminal);
    }
    show(&loaded.problems, Weight::Error, terminal);
    let set = loaded.set.ok_or_else(broken)?;
    let mut text = String::new();
    let mut failed = 0_usize;
    for trial in set.trials() {
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
        for (number, explanation) in outcome.explanations.iter().enumerate() {
            if explanation.holds != trial.alerts {
                let _infallible = writeln!(text, "       event {}:", number.saturating_add(1));
                decisive(explanation, "         ", &mut text);
            }
        }
    }
    let all = set.trials().len();
    let _infallible = writeln!(text, "{}, {failed} failed", counted(all, "test"));
    output::standard(&text)?;
    Ok(match (all, failed) {
        (0, _) => NOTHING,
        (_, 0) => 0,
        _ => FAILED,
    })
}
