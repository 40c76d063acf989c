//! `bulkhead rules list`.

use std::fmt::Write as _;

use bulkhead_report::printable;

use super::{ALL, rule_set};
use crate::arguments::RulesList;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(crate) fn run(arguments: &RulesList, terminal: Terminal) -> Result<u8, Failure> {
    let mut text = String::new();
    if arguments.fields {
        for row in bulkhead_events::fields() {
            let _infallible = writeln!(text, "{:34} {}", row.name, row.description);
        }
    } else {
        let set = rule_set(&arguments.files, ALL, terminal)?;
        for rule in set.rules() {
            let kinds: Vec<_> =
                set.kinds(rule).into_iter().map(bulkhead_events::Kind::name).collect();
            let state = if rule.enabled { "" } else { "  (off)" };
            let _infallible =
                writeln!(text, "{:13} {}{state}", rule.priority.name(), printable(&rule.name));
            let _infallible = writeln!(text, "{:13} {}", "", kinds.join(" "));
            let _infallible = writeln!(text, "{:13} {}", "", printable(&rule.tags.join(" ")));
        }
    }
    output::standard(&text)?;
    Ok(0)
}
