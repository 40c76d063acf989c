//! `bulkhead rules list`.

use std::fmt::Write as _;

use bulkhead_events::Kind;
use bulkhead_probes::{Options, Probes};
use bulkhead_report::printable;
use bulkhead_rules::RuleSet;
use bulkhead_sensor::status::FeatureStatus;
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{SCHEMA_VERSION, Where, Worth};
use super::{ALL, rule_set};
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
    is_enabled: bool,
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
    description: &'static str,
}

pub(crate) fn run(arguments: &RulesList, terminal: Terminal) -> Result<u8, Failure> {
    if arguments.fields {
        fields(arguments.output)?;
        return Ok(0);
    }
    let set = rule_set(&arguments.files, ALL, terminal)?;
    let mut listed = listed(&set);
    if arguments.coverage {
        let (probes, reports) = Probes::load(&Options::default())?;
        drop(probes);
        let features: Vec<FeatureStatus> = reports.iter().map(FeatureStatus::from).collect();
        let coverage = set.coverage(&sight(&features));
        for (listing, (_, coverage)) in listed.rules.iter_mut().zip(&coverage) {
            listing.coverage = Some(Worth::of(coverage));
        }
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
    let fields = fields.map(|row| FieldListing { name: row.name, description: row.description });
    let fields = Fields { schema_version: SCHEMA_VERSION, fields: fields.collect() };
    if form == RulesForm::Json {
        return output::json(&fields);
    }
    let mut text = String::new();
    for field in &fields.fields {
        let _infallible = writeln!(text, "{:34} {}", field.name, field.description);
    }
    output::standard(&text)
}

fn listed(set: &RuleSet) -> Listed {
    let rules = set.rules().iter().map(|rule| Listing {
        name: rule.name.to_string(),
        priority: rule.priority.name(),
        is_enabled: rule.enabled,
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
        let state = if rule.is_enabled { "" } else { "  (off)" };
        let _infallible = writeln!(text, "{:13} {}{state}", rule.priority, printable(&rule.name));
        if let Some(coverage) = &rule.coverage {
            text += &coverage.lines("              ");
            continue;
        }
        let _infallible = writeln!(text, "{:13} {}", "", rule.kinds.join(" "));
        let _infallible = writeln!(text, "{:13} {}", "", printable(&rule.tags.join(" ")));
    }
    text
}
