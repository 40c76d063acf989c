//! `bulkhead rules`.

mod check;
mod document;
mod explain;
mod input;
mod list;
mod paths;
mod replay;
mod test;

use std::path::PathBuf;

use bulkhead_limits::{Budget, Limits};
use bulkhead_report::printable;
use bulkhead_rules::{Loaded, Problem, Rule, RuleFile, RuleSet, Selection, Weight};

use crate::arguments::Rules;
use crate::failure::Failure;
use crate::terminal::Terminal;

pub(crate) use paths::rule_paths;

pub(crate) fn run(command: &Rules, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Rules::Check(arguments) => check::run(arguments, terminal),
        Rules::Test(arguments) => test::run(arguments, terminal),
        Rules::Replay(arguments) => replay::run(arguments, terminal),
        Rules::Explain(arguments) => explain::run(arguments, terminal),
        Rules::List(arguments) => list::run(arguments, terminal),
    }
}

/// What stands for the rules that come with the program where rule files are named.
pub(crate) const SHIPPED: &str = "shipped";

/// Reads rule files as the sensor does.
fn load(files: &[PathBuf], selection: &Selection) -> Result<Loaded, Failure> {
    let read = |file: &PathBuf| {
        let name = file.display().to_string();
        let bytes = if name == SHIPPED { Vec::new() } else { fs_err::read(file)? };
        Ok::<_, std::io::Error>((name, bytes))
    };
    let read: Vec<_> = rule_paths(files)?.iter().map(read).collect::<Result<_, _>>()?;
    Ok(bulkhead_rules::load(&rule_files(&read), selection, &Budget::new(Limits::DEFAULT)))
}

/// The files of these names, with what they hold. The rules that come with the program stand where they are
/// named, and alone where nothing is.
pub(crate) fn rule_files(read: &[(String, Vec<u8>)]) -> Vec<RuleFile<'_>> {
    if read.is_empty() {
        return bulkhead_rules::SHIPPED.to_vec();
    }
    let mut files = Vec::new();
    for (name, bytes) in read {
        if name == SHIPPED {
            files.extend_from_slice(bulkhead_rules::SHIPPED);
        } else {
            files.push(RuleFile { name, bytes });
        }
    }
    files
}

/// The rules of files, or what is wrong with them.
fn rule_set(
    files: &[PathBuf],
    selection: &Selection,
    terminal: Terminal,
) -> Result<RuleSet, Failure> {
    let loaded = load(files, selection)?;
    show(&loaded.problems, Weight::Error, terminal);
    loaded.set.ok_or_else(broken)
}

/// Warns of switches that fit no rule.
pub(crate) fn warn_of_idle(selection: &Selection, rules: &[Rule], terminal: Terminal) {
    for switch in selection.idle(rules) {
        let message = format!("no rule fits {}", printable(&switch.to_string()));
        let hint =
            "`bulkhead rules list` shows names and tags; `*` stands for any characters of a name";
        terminal.warning(&message, Some(hint));
    }
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
            Weight::Blind | Weight::Warning => {
                terminal.warning(&printable(&message), hint.as_deref());
            }
        }
    }
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{check, explain, list, test};
    use crate::output::schema;

    #[test]
    fn the_committed_schemas_are_those_of_the_types() -> Result<(), Box<dyn std::error::Error>> {
        schema::check("rules-check-1.json", &schema::of::<check::Checked>())?;
        schema::check("rules-explain-1.json", &schema::of::<explain::Explained>())?;
        schema::check("rules-fields-1.json", &schema::of::<list::Fields>())?;
        schema::check("rules-list-1.json", &schema::of::<list::Listed>())?;
        schema::check("rules-test-1.json", &schema::of::<test::Tested>())
    }
}
