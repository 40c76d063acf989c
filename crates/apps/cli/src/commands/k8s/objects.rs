//! Objects from files.

use std::path::PathBuf;

use bulkhead_limits::{Budget, Limits};
use bulkhead_manifests::Options;
use bulkhead_objects::{Objects, Problem};

use crate::terminal::Terminal;

/// Objects, and whether they are all that was asked for.
pub(super) struct Loaded {
    pub(super) objects: Objects,
    /// What was not assessed, and why.
    pub(super) not_assessed: Vec<String>,
}

/// Reads the manifests.
pub(super) fn load(paths: &[PathBuf]) -> Loaded {
    let objects =
        bulkhead_manifests::read(paths, &Options::default(), &Budget::new(Limits::DEFAULT));
    let problem = |problem: &Problem| {
        let place = problem.position.map_or_else(String::new, |(line, _)| format!(":{line}"));
        format!("{}{place}: {}", problem.file, problem.message)
    };
    Loaded { not_assessed: objects.problems.iter().map(problem).collect(), objects }
}

impl Loaded {
    /// Says what was not assessed, and gives the exit code.
    pub(super) fn finish(&self, terminal: Terminal) -> u8 {
        for reason in &self.not_assessed {
            terminal
                .warning(&format!("not assessed: {}", bulkhead_report::printable(reason)), None);
        }
        if self.not_assessed.is_empty() { 0 } else { super::INCOMPLETE }
    }
}
