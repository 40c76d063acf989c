//! `bulkhead rules check`.

use std::fmt::Write as _;

use bulkhead_rules::{Loaded, Selection, Weight};
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{SCHEMA_VERSION, Trouble};
use super::{broken, counted, load, show, warn_of_idle};
use crate::arguments::{RulesCheck, RulesForm};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// What rule files hold, and what is wrong with them.
#[derive(Serialize, JsonSchema)]
pub(super) struct Checked {
    schema_version: &'static str,
    /// Whether they make a rule set.
    is_usable: bool,
    files: Vec<File>,
    problems: Vec<Trouble>,
    /// How many rules are in use, and how many switched off. Absent where the files make no rule set.
    rules: Option<Rules>,
}

#[derive(Serialize, JsonSchema)]
struct File {
    name: String,
    rules: usize,
    macros: usize,
    lists: usize,
    tests: usize,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize, JsonSchema)]
struct Rules {
    in_use: usize,
    off: usize,
    /// What `--switch` says and no rule fits.
    idle_switches: Vec<String>,
}

pub(crate) fn run(arguments: &RulesCheck, terminal: Terminal) -> Result<u8, Failure> {
    let loaded = load(&arguments.files, &Selection::everything())?;
    let selection = arguments.choice.selection();
    if let Some(set) = &loaded.set {
        warn_of_idle(&selection, set.rules(), terminal);
    }
    let checked = checked(&loaded, &selection);
    match arguments.output {
        RulesForm::Json => output::json(&checked)?,
        RulesForm::Text => {
            if arguments.warnings {
                show(&loaded.problems, Weight::Warning, terminal);
            }
            show(&loaded.problems, Weight::Blind, terminal);
            show(&loaded.problems, Weight::Error, terminal);
            let warnings =
                loaded.problems.iter().filter(|problem| problem.weight == Weight::Warning);
            let hidden = if arguments.warnings { 0 } else { warnings.count() };
            output::standard(&text(&checked, hidden))?;
        }
    }
    if checked.is_usable { Ok(0) } else { Err(broken()) }
}

fn checked(loaded: &Loaded, selection: &Selection) -> Checked {
    let files = loaded.files.iter().map(|file| {
        let of = |weight: Weight| {
            let problems = loaded.problems.iter();
            problems
                .filter(|problem| problem.weight == weight && problem.place.file == file.file)
                .count()
        };
        File {
            name: file.file.to_string(),
            rules: file.rules,
            macros: file.macros,
            lists: file.lists,
            tests: file.tests,
            errors: of(Weight::Error),
            warnings: of(Weight::Warning).saturating_add(of(Weight::Blind)),
        }
    });
    let rules = loaded.set.as_ref().map(|set| {
        let off = set.rules().iter().filter(|rule| selection.off(rule).is_some()).count();
        let idle = selection.idle(set.rules()).into_iter().map(ToString::to_string).collect();
        Rules { in_use: set.rules().len().saturating_sub(off), off, idle_switches: idle }
    });
    Checked {
        schema_version: SCHEMA_VERSION,
        is_usable: rules.is_some(),
        files: files.collect(),
        problems: loaded.problems.iter().map(Trouble::from).collect(),
        rules,
    }
}

/// `hidden` warnings were not shown.
fn text(checked: &Checked, hidden: usize) -> String {
    let mut text = String::new();
    for file in &checked.files {
        let counts = [
            (file.rules, "rule"),
            (file.macros, "macro"),
            (file.lists, "list"),
            (file.tests, "test"),
            (file.errors, "error"),
            (file.warnings, "warning"),
        ];
        let counts: Vec<_> = counts.into_iter().map(|(count, noun)| counted(count, noun)).collect();
        let _infallible = writeln!(text, "{}: {}", file.name, counts.join(", "));
    }
    if let Some(rules) = &checked.rules {
        let in_use = counted(rules.in_use, "rule");
        let _infallible = writeln!(text, "{in_use} in use, {} switched off", rules.off);
    }
    if hidden > 0 {
        let warnings = counted(hidden, "warning");
        let _infallible = writeln!(text, "{warnings} not shown; `--warnings` shows them");
    }
    text
}
