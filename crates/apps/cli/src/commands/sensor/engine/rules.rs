//! The rules that the engine holds against events.

use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use bulkhead_alerts::{RuleProblem, Rules};
use bulkhead_events::Kind;
use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{Filter, SystemCalls};
use bulkhead_rules::{Loaded, RuleSet, Selection, Weight};
use bulkhead_sensor::Engine;

use crate::commands::rules::{SHIPPED, broken, rule_files, show, warn_of_idle};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// How long the first answer of a name server is waited for. A later one counts from then on.
const PATIENCE_WITH_NAMES: Duration = Duration::from_millis(500);

/// Where rules come from, and which of them are used.
pub(super) struct Source {
    /// The names of the rule files, as the user gave them.
    pub(super) names: Vec<String>,
    pub(super) selection: Selection,
}

/// What becomes of the rules where files are broken.
const STAY: &str = "the last rules stay in force; mend what is named above";

impl Source {
    /// Reads rule files.
    pub(super) fn load(&self, files: Vec<File>, terminal: Terminal) -> Result<RuleSet, Failure> {
        let loaded = self.read(files, terminal)?;
        loaded.set.ok_or_else(broken)
    }

    /// Reads rule files again, after they changed: the rules, or what is wrong, which is told as well.
    pub(super) fn load_again(
        &self,
        files: Vec<Result<File, String>>,
        time: u64,
        terminal: Terminal,
    ) -> Result<RuleSet, Rules> {
        let refused = |file: &str, message: String| {
            terminal.error(&format!("{file}: {message}"), Some(STAY));
            let problem = RuleProblem { file: file.to_owned(), message, ..RuleProblem::default() };
            Rules { time, loaded: None, problems: vec![problem], count: 1 }
        };
        let given = self.names.iter().filter(|name| *name != SHIPPED);
        let mut opened = Vec::new();
        for (name, file) in given.zip(files) {
            opened.push(file.map_err(|cause| refused(name, cause))?);
        }
        let loaded =
            self.read(opened, terminal).map_err(|error| refused("rules", error.to_string()))?;
        loaded.set.ok_or_else(|| {
            terminal.error("the changed files make no rule set", Some(STAY));
            Rules::new(time, None, &loaded.problems)
        })
    }

    fn read(&self, files: Vec<File>, terminal: Terminal) -> std::io::Result<Loaded> {
        let mut read = Vec::new();
        let mut files = files.into_iter();
        for name in &self.names {
            let mut bytes = Vec::new();
            if name != SHIPPED
                && let Some(file) = files.next()
            {
                file.take(Limits::DEFAULT.file_bytes).read_to_end(&mut bytes)?;
            }
            read.push((name.clone(), bytes));
        }
        let budget = Budget::new(Limits::DEFAULT);
        let loaded = bulkhead_rules::load(&rule_files(&read), &self.selection, &budget);
        show(&loaded.problems, Weight::Error, terminal);
        if let Some(set) = &loaded.set {
            warn_of_idle(&self.selection, set.rules(), terminal);
        }
        Ok(loaded)
    }
}

/// Has addresses called by the names that rules say, and tells which of them lead nowhere.
pub(super) fn name_addresses(
    engine: &mut Engine,
    set: &RuleSet,
    terminal: Terminal,
) -> Result<(), Failure> {
    let names = set.domain_names().into_iter().collect();
    for name in engine.call_by_names(names, PATIENCE_WITH_NAMES)? {
        let message = format!(
            "{name} leads to no address yet: until it does, rules that name it are not met"
        );
        terminal.warning(&message, Some("--name-server says who knows it"));
    }
    Ok(())
}

/// What the kernel is to report: what one of these sets wants; without any, all calls whose arguments are described.
pub(super) fn filter(sets: &[&RuleSet]) -> Result<Filter, Failure> {
    let calls = SystemCalls::embedded()?;
    if sets.is_empty() {
        let described = Kind::all().filter(|kind| kind.parameters().len() > 1);
        return Ok(bulkhead_sensor::everything(described.map(Kind::name), &calls));
    }
    Ok(bulkhead_sensor::filter(sets, &calls))
}
