//! `bulkhead rules list`.

use std::fmt::Write as _;

use bulkhead_events::Kind;
use bulkhead_probes::{Options, Probes};
use bulkhead_report::printable;
use bulkhead_rules::{Coverage, RuleSet, Selection};
use bulkhead_sensor::status::FeatureStatus;
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{SCHEMA_VERSION, Where, Worth};
use super::{counted, rule_set, warn_of_idle};
use crate::arguments::{RulesForm, RulesList};
use crate::commands::sight::sight;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The exit code where a rule can be met by nothing that is seen.
const INCOMPLETE: u8 = 3;

/// Rules, in the order in which they are held against events.
#[derive(Serialize, JsonSchema)]
pub(super) struct Listed {
    schema_version: &'static str,
    rules: Vec<Listing>,
}

#[derive(Serialize, JsonSchema)]
struct Listing {
    name: String,
    priority: &'static str,
    /// Whether its file has it switched on.
    is_enabled: bool,
    /// Why events are not held against it; absent where they are.
    off: Option<String>,
    place: Where,
    description: String,
    tags: Vec<String>,
    /// The kinds of events that can meet it.
    kinds: Vec<&'static str>,
    /// What it is worth on this kernel, where that was asked for.
    coverage: Option<Worth>,
}

/// The fields of events.
#[derive(Serialize, JsonSchema)]
pub(super) struct Fields {
    schema_version: &'static str,
    fields: Vec<FieldListing>,
}

#[derive(Serialize, JsonSchema)]
struct FieldListing {
    name: &'static str,
    /// What may or must stand behind the name: `[NUMBER]`, `[NAME]`; empty where nothing does.
    argument: &'static str,
    /// `text`, `number`, `duration`, `time`, `boolean`, `address`, `network`, `domain` or `bytes`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether it ever has a value. The others are known, so that rules for Falco are read that ask for them.
    has_values: bool,
    description: &'static str,
}

pub(crate) fn run(arguments: &RulesList, terminal: Terminal) -> Result<u8, Failure> {
    if arguments.fields {
        fields(arguments.output)?;
        return Ok(0);
    }
    // What meets a rule that is off is told, too.
    let set = rule_set(&arguments.files, &Selection::everything(), terminal)?;
    let selection = arguments.choice.selection();
    warn_of_idle(&selection, set.rules(), terminal);
    let mut listed = listed(&set, &selection);
    if arguments.coverage {
        let (probes, reports) = Probes::load(&Options::default())?;
        drop(probes);
        let features: Vec<FeatureStatus> = reports.iter().map(FeatureStatus::from).collect();
        let coverage = set.coverage(&sight(&features));
        for (listing, (rule, coverage)) in listed.rules.iter_mut().zip(coverage) {
            let coverage = selection.off(rule).map_or(coverage, Coverage::Off);
            listing.coverage = Some(Worth::of(&coverage));
        }
    }
    if arguments.used {
        listed.rules.retain(|rule| rule.off.is_none());
    }
    match arguments.output {
        RulesForm::Json => output::json(&listed)?,
        RulesForm::Text => output::standard(&text(&listed))?,
    }
    let blind = |listing: &Listing| listing.coverage.as_ref().is_some_and(Worth::is_blind);
    Ok(if listed.rules.iter().any(blind) { INCOMPLETE } else { 0 })
}

fn fields(form: RulesForm) -> Result<(), Failure> {
    let fields = bulkhead_events::fields();
    let fields = fields.map(|row| FieldListing {
        name: row.name,
        argument: row.selection.shown(),
        kind: row.kind.name(),
        has_values: !row.is_empty(),
        description: row.description,
    });
    let fields = Fields { schema_version: SCHEMA_VERSION, fields: fields.collect() };
    if form == RulesForm::Json {
        return output::json(&fields);
    }
    let mut text = String::new();
    for field in &fields.fields {
        let name = [field.name, field.argument].concat();
        let _infallible = writeln!(text, "{name:42} {:9} {}", field.kind, field.description);
    }
    let empty = fields.fields.iter().filter(|field| !field.has_values).count();
    let _infallible = writeln!(
        text,
        "{}, of which {empty} never have a value",
        counted(fields.fields.len(), "field")
    );
    output::standard(&text)
}

fn listed(set: &RuleSet, selection: &Selection) -> Listed {
    let rules = set.rules().iter().map(|rule| Listing {
        name: rule.name.to_string(),
        priority: rule.priority.name(),
        is_enabled: rule.enabled,
        off: selection.off(rule).map(|off| off.to_string()),
        place: Where::from(&rule.place),
        description: rule.description.clone(),
        tags: rule.tags.clone(),
        kinds: set.kinds(rule).into_iter().map(Kind::name).collect(),
        coverage: None,
    });
    Listed { schema_version: SCHEMA_VERSION, rules: rules.collect() }
}

fn text(listed: &Listed) -> String {
    let mut text = String::new();
    for rule in &listed.rules {
        let off = rule.off.as_deref().map(|off| format!("  (off: {})", printable(off)));
        let (name, off) = (printable(&rule.name), off.unwrap_or_default());
        let _infallible = writeln!(text, "{:13} {name}{off}", rule.priority);
        if let Some(coverage) = &rule.coverage {
            text += &coverage.lines("              ");
            continue;
        }
        let _infallible = writeln!(text, "{:13} {}", "", rule.kinds.join(" "));
        let _infallible = writeln!(text, "{:13} {}", "", printable(&rule.tags.join(" ")));
    }
    text
}
