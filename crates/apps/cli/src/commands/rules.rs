//! `bulkhead rules`.

mod check;
mod explain;
mod input;
mod list;
mod replay;
mod test;

use std::path::PathBuf;

use bulkhead_limits::{Budget, Limits};
use bulkhead_report::printable;
use bulkhead_rules::{Loaded, Options, Priority, Problem, RuleFile, RuleSet, Weight};

use crate::arguments::Rules;
use crate::failure::Failure;
use crate::terminal::Terminal;

pub(crate) fn run(command: &Rules, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Rules::Check(arguments) => check::run(arguments, terminal),
        Rules::Test(arguments) => test::run(arguments, terminal),
        Rules::Replay(arguments) => replay::run(arguments, terminal),
        Rules::Explain(arguments) => explain::run(arguments, terminal),
        Rules::List(arguments) => list::run(arguments, terminal),
    }
}

/// Reads rule files as the sensor does.
fn load(files: &[PathBuf], options: Options) -> Result<Loaded, Failure> {
    let read = |file: &PathBuf| fs_err::read(file).map(|bytes| (file.display().to_string(), bytes));
    let read: Vec<_> = files.iter().map(read).collect::<Result<_, _>>()?;
    let files: Vec<_> = read.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    Ok(bulkhead_rules::load(&files, options, &Budget::new(Limits::DEFAULT)))
}

/// The rules of files, also those that are switched off.
const ALL: Options = Options { minimum: Priority::Debug, disabled: true };

/// The rules of files, or what is wrong with them.
fn rule_set(files: &[PathBuf], options: Options, terminal: Terminal) -> Result<RuleSet, Failure> {
    let loaded = load(files, options)?;
    show(&loaded.problems, Weight::Error, terminal);
    loaded.set.ok_or_else(broken)
}

pub(crate) fn broken() -> Failure {
    Failure::new("the files make no rule set", "mend what is named above")
}

/// Writes problems to standard error.
pub(crate) fn show(problems: &[Problem], weight: Weight, terminal: Terminal) {
    for problem in problems.iter().filter(|problem| problem.weight == weight) {
        let message = problem.to_string();
        let hint = problem.hint.as_deref().map(printable);
        match weight {
            Weight::Error => terminal.error(&printable(&message), hint.as_deref()),
            Weight::Warning => terminal.warning(&printable(&message), hint.as_deref()),
        }
    }
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
