//! `bulkhead rules replay`.

use std::fmt::Write as _;

use bulkhead_alerts::{Alert, Document, Record};
use bulkhead_rules::{Matching, Scanner};

use super::input::for_each_event;
use super::{rule_set, warn_of_idle};
use crate::arguments::{RulesForm, RulesReplay};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit code where a recording could not be read to its end.
const INCOMPLETE: u8 = 3;

pub(crate) fn run(arguments: &RulesReplay, terminal: Terminal) -> Result<u8, Failure> {
    let selection = arguments.choice.selection();
    let set = rule_set(&arguments.rules, &selection, terminal)?;
    warn_of_idle(&selection, set.rules(), terminal);
    let matching = if arguments.all { Matching::All } else { Matching::First };
    let mut scanner = Scanner::new(&set, matching);
    let ended = for_each_event(&arguments.events, |event| {
        let mut lines = String::new();
        for rule in scanner.scan(event) {
            let record = Record::Alert(Box::new(Alert::new(&set, rule, event)));
            let line = match arguments.output {
                RulesForm::Text => bulkhead_alerts::text(&record),
                RulesForm::Json => bulkhead_alerts::json(&Document::new(&record, None)),
            };
            let _infallible = writeln!(lines, "{line}");
        }
        output::standard(&lines)
    })?;
    match ended {
        None => Ok(0),
        Some(error) => {
            let message = format!("{}: {error}", arguments.events.display());
            terminal.warning(&message, Some("what comes before that place was replayed"));
            Ok(INCOMPLETE)
        }
    }
}
