//! `bulkhead rules check`.

use std::fmt::Write as _;

use bulkhead_rules::Weight;

use super::{ALL, broken, counted, load, show};
use crate::arguments::RulesCheck;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &RulesCheck, terminal: Terminal) -> Result<u8, Failure> {
    let loaded = load(&arguments.files, ALL)?;
    if arguments.warnings {
        show(&loaded.problems, Weight::Warning, terminal);
    }
    show(&loaded.problems, Weight::Error, terminal);
    let mut text = String::new();
    for file in &loaded.files {
        let of = |weight: Weight| {
            let problems = loaded.problems.iter();
            problems
                .filter(|problem| problem.weight == weight && problem.place.file == file.file)
                .count()
        };
        let counts = [
            (file.rules, "rule"),
            (file.macros, "macro"),
            (file.lists, "list"),
            (file.tests, "test"),
            (of(Weight::Error), "error"),
            (of(Weight::Warning), "warning"),
        ];
        let counts: Vec<_> = counts.into_iter().map(|(count, noun)| counted(count, noun)).collect();
        let _infallible = writeln!(text, "{}: {}", file.file, counts.join(", "));
    }
    if let Some(set) = &loaded.set {
        let off = set.rules().iter().filter(|rule| !rule.enabled).count();
        let on = set.rules().len().saturating_sub(off);
        let _infallible = writeln!(text, "{} in use, {off} switched off", counted(on, "rule"));
    }
    output::standard(&text)?;
    if loaded.set.is_some() { Ok(0) } else { Err(broken()) }
}
