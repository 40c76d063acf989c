//! `bulkhead rules explain`.

use std::fmt::Write as _;

use bulkhead_report::printable;
use bulkhead_rules::{ExplainedPart, Explanation, Selection};
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{Part, SCHEMA_VERSION};
use super::input::for_each_event;
use super::{rule_set, warn_of_idle};
use crate::arguments::{RulesExplain, RulesForm};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// Which events meet a rule, and why or why not.
#[derive(Serialize, JsonSchema)]
pub(super) struct Explained {
    schema_version: &'static str,
    rule: String,
    /// Why events are not held against it; absent where they are.
    off: Option<String>,
    events: Vec<Event>,
    /// Why the events end before the recording does.
    ended: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Event {
    number: u64,
    kind: &'static str,
    holds: bool,
    /// The comparisons that decide.
    decisive: Vec<Part>,
    /// The whole condition, where that was asked for.
    condition: Option<Part>,
}

pub(crate) fn run(arguments: &RulesExplain, terminal: Terminal) -> Result<u8, Failure> {
    let set = rule_set(&arguments.rules, &Selection::everything(), terminal)?;
    let selection = arguments.choice.selection();
    warn_of_idle(&selection, set.rules(), terminal);
    let Some(rule) = set.rule(&arguments.rule) else {
        return Err(Failure::new(
            format!("there is no rule `{}`", arguments.rule),
            "`bulkhead rules list FILE` names them all",
        ));
    };
    let off = selection.off(rule).map(|off| off.to_string());
    let is_json = arguments.output == RulesForm::Json;
    let mut events = Vec::new();
    let mut text = String::new();
    if let Some(off) = &off {
        let _infallible = writeln!(text, "the rule is off: {}", printable(off));
    }
    let ended = for_each_event(&arguments.events, |event| {
        if arguments.event.is_some_and(|wanted| wanted != event.sequence) {
            return Ok(());
        }
        let explanation = set.explain(rule, event);
        if is_json {
            events.push(Event {
                number: event.sequence,
                kind: event.kind.name(),
                holds: explanation.holds,
                decisive: Part::decisive(&explanation),
                condition: arguments.whole.then(|| Part::whole(&explanation)),
            });
            return Ok(());
        }
        let verdict = if explanation.holds { "meets" } else { "does not meet" };
        let (number, kind) = (event.sequence, event.kind.name());
        let _infallible = writeln!(text, "event {number}, {kind}: {verdict} the rule");
        if arguments.whole {
            whole(&explanation, 1, &mut text);
        } else {
            decisive(&explanation, "  ", &mut text);
        }
        Ok(())
    })?;
    let ended = ended.map(|error| error.to_string());
    if let Some(error) = &ended {
        terminal.warning(&format!("{}: {error}", arguments.events.display()), None);
    }
    if is_json {
        let rule = arguments.rule.clone();
        output::json(&Explained { schema_version: SCHEMA_VERSION, rule, off, events, ended })?;
    } else {
        output::standard(&text)?;
    }
    Ok(0)
}

/// What decides, a comparison a line.
pub(super) fn decisive(explanation: &Explanation, indent: &str, text: &mut String) {
    for part in explanation.decisive() {
        let _infallible = writeln!(text, "{indent}{}", line(part));
    }
}

/// All parts, each below what it is a part of.
fn whole(explanation: &Explanation, depth: usize, text: &mut String) {
    let _infallible = writeln!(text, "{:1$}{2}", "", depth.saturating_mul(2), line(explanation));
    for part in &explanation.parts {
        whole(part, depth.saturating_add(1), text);
    }
}

fn line(explanation: &Explanation) -> String {
    let holds = if explanation.holds { "true " } else { "false" };
    match &explanation.part {
        ExplainedPart::And => format!("{holds}  all of"),
        ExplainedPart::Or => format!("{holds}  one of"),
        ExplainedPart::Not => format!("{holds}  not"),
        ExplainedPart::Macro { name, .. } => format!("{holds}  {name}"),
        ExplainedPart::Check { text, values, place } => {
            let values = values.join(" and ");
            format!("{holds}  {}   (it is {}; {place})", printable(text), printable(&values))
        }
        ExplainedPart::Cut => "…".to_owned(),
    }
}
