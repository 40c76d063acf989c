//! What was or would be done, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use bulkhead_objects::Object;
use bulkhead_posture::Strategy;
use bulkhead_remediation::{
    Difference, FileRepair, LiveRepair, ObjectRepair, Open, Record, State, Target,
};
use bulkhead_report::printable;
use schemars::JsonSchema;
use serde::Serialize;

use super::accepted::Accepted;
use crate::arguments::Form;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The version of the JSON.
const SCHEMA_VERSION: &str = "1.0";

/// Repairs, and what stays as it is.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report {
    schema_version: &'static str,
    /// Whether anything was to be changed.
    applied: bool,
    /// What is or would be changed.
    pub(super) changes: Vec<Change>,
    /// What stays as it is.
    pub(super) open: Vec<Open>,
    /// What stays because exceptions answer it.
    pub(super) accepted: Vec<Accepted>,
    /// What could not be looked at, and why.
    pub(super) not_assessed: Vec<String>,
}

/// One file or one object of a cluster.
#[derive(Serialize, JsonSchema)]
pub(super) struct Change {
    /// The file, or the object.
    target: String,
    /// The record, by which it can be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `planned`, `refused`, `failed`, or the state of the record.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    objects: Vec<ObjectRepair>,
    /// A unified diff.
    #[serde(skip_serializing_if = "String::is_empty")]
    diff: String,
}

impl Change {
    pub(super) fn of_file(file: FileRepair) -> Self {
        let diff = diff(&file.path, &file.difference());
        Self::planned(&file.path, file.objects, diff)
    }

    pub(super) fn of_object(plan: &LiveRepair) -> Self {
        let text = |value: &serde_json::Value| {
            serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
        };
        let (before, after) = (text(&plan.before), text(&plan.after));
        let diff = diff(&plan.repair.object, &Difference::of(&before, &after));
        Self::planned(&plan.repair.object, vec![plan.repair.clone()], diff)
    }

    fn planned(target: &str, objects: Vec<ObjectRepair>, diff: String) -> Self {
        let target = target.to_owned();
        Self { target, id: None, state: "planned", reason: None, objects, diff }
    }

    /// An object of which nothing can be told.
    pub(super) fn unplanned(object: &Object, failure: &Failure) -> Self {
        let mut change = Self::planned(&object.to_string(), Vec::new(), String::new());
        change.failed(failure);
        change
    }

    pub(super) fn of_record(record: &Record) -> Self {
        let target = match &record.target {
            Target::File(file) => file.path.display().to_string(),
            Target::Object(object) => object.object.clone(),
        };
        let mut change = Self::planned(&target, record.objects.clone(), String::new());
        change.record(record);
        change
    }

    pub(super) fn record(&mut self, record: &Record) {
        self.id = Some(record.id.clone());
        self.state = record.state.name();
        self.reason.clone_from(&record.reason);
    }

    pub(super) fn refused(&mut self, reason: &str) {
        self.state = "refused";
        self.reason = Some(reason.to_owned());
    }

    pub(super) fn failed(&mut self, failure: &Failure) {
        self.state = "failed";
        self.reason = Some(failure.message().to_owned());
    }

    fn is_well(&self) -> bool {
        self.state == "planned" || self.state == State::Done.name()
    }
}

impl Report {
    pub(super) const fn new(applied: bool) -> Self {
        let schema_version = SCHEMA_VERSION;
        Self {
            schema_version,
            applied,
            changes: Vec::new(),
            open: Vec::new(),
            accepted: Vec::new(),
            not_assessed: Vec::new(),
        }
    }

    /// Whether all was done that can be done without anybody's answer, and all that was asked for.
    pub(super) fn is_complete(&self, asked: impl Fn(&str) -> bool) -> bool {
        self.not_assessed.is_empty()
            && self.changes.iter().all(Change::is_well)
            && self.open.iter().all(|open| !open.refused && !asked(&open.control))
    }

    pub(super) fn write(&self, form: Form, terminal: Terminal) -> Result<(), Failure> {
        for reason in &self.not_assessed {
            terminal.warning(&format!("not assessed: {}", printable(reason)), None);
        }
        match form {
            Form::Json => output::json(self),
            Form::Table => output::as_it_comes(|out| self.table(terminal.style().colour, out)),
        }
    }

    fn table(&self, colour: bool, out: &mut dyn Write) -> io::Result<()> {
        for change in &self.changes {
            for line in change.diff.lines() {
                writeln!(out, "{}", painted(line, colour))?;
            }
            let id = change.id.as_deref().unwrap_or_default();
            writeln!(out, "{:<12}  {id}  {}", change.state, printable(&change.target))?;
            if let Some(reason) = &change.reason {
                writeln!(out, "{:12}  {}", "", printable(reason))?;
            }
            for object in &change.objects {
                let controls: Vec<_> =
                    object.steps.iter().map(|step| step.control.as_str()).collect();
                let name = printable(&object.object);
                writeln!(out, "{:12}  {name}: {}", "", controls.join(", "))?;
            }
        }
        self.accepted_table(out)?;
        self.open_table(out)?;
        let repaired: usize = self
            .changes
            .iter()
            .filter(|change| change.is_well())
            .flat_map(|change| &change.objects)
            .map(|object| object.steps.len())
            .sum();
        let verb = if self.applied { "mended" } else { "would be mended" };
        let count =
            |wanted: &dyn Fn(&Open) -> bool| self.open.iter().filter(|it| wanted(it)).count();
        let asks = count(&|open| !open.refused && open.strategy == Strategy::Ask);
        let refused = count(&|open| open.refused);
        let never = self.open.len() - asks - refused;
        let accepted = self.accepted.len();
        writeln!(
            out,
            "{repaired} failures {verb}, {asks} ask first, {refused} cannot be written here, {never} are for people, \
             {accepted} accepted"
        )
    }

    /// What exceptions answer.
    fn accepted_table(&self, out: &mut dyn Write) -> io::Result<()> {
        for Accepted { control, object, by } in &self.accepted {
            let reason = by.reason.as_deref().unwrap_or("no reason is given");
            let (object, reason) = (printable(object), printable(reason));
            writeln!(out, "{:<12}  {object}: {control}: {reason}", "accepted")?;
        }
        Ok(())
    }

    /// What stays as it is, by control.
    fn open_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut by_control: BTreeMap<(bool, Strategy, &str, &str), Vec<&Open>> = BTreeMap::new();
        for open in self.open.iter().filter(|it| it.refused || it.strategy != Strategy::Never) {
            let key = (!open.refused, open.strategy, open.control.as_str(), open.reason.as_str());
            by_control.entry(key).or_default().push(open);
        }
        for ((asks, _, control, reason), open) in by_control {
            let label = if asks { "asks" } else { "refused" };
            writeln!(out, "{label:<12}  {control}: {}", printable(reason))?;
            if let Some(first) = open.first().filter(|_| asks) {
                let value = match first.value {
                    None => "yes",
                    Some(bulkhead_posture::Wanted::Number) => "NUMBER",
                    Some(bulkhead_posture::Wanted::Quantity) => "QUANTITY",
                    Some(bulkhead_posture::Wanted::Text) => "TEXT",
                };
                writeln!(out, "{:12}  --set {control}={value}", "")?;
            }
            for open in open {
                writeln!(out, "{:12}    {}", "", printable(&open.object))?;
            }
        }
        Ok(())
    }
}

/// The lines that differ, with some around them.
fn diff(name: &str, difference: &Difference<'_>) -> String {
    let name = printable(name);
    let mut text = format!("--- {name}\n+++ {name}\n");
    for hunk in difference.hunks() {
        let _ = writeln!(text, "{}", hunk.header());
        for (sign, line) in hunk.lines() {
            let _ = writeln!(text, "{sign}{}", printable(line.trim_end_matches(['\r', '\n'])));
        }
    }
    text
}

/// The sign says what colour says.
fn painted(line: &str, colour: bool) -> String {
    let code = match line.as_bytes().first() {
        Some(b'+') => "32",
        Some(b'-') => "31",
        Some(b'@') => "36",
        _ => "",
    };
    if colour && !code.is_empty() { format!("\x1b[{code}m{line}\x1b[0m") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::output::schema;

    #[test]
    fn the_schema_is_that_of_the_types() -> Result<(), Box<dyn std::error::Error>> {
        schema::check("k8s-fix-1.json", &schema::of::<Report>())
    }
}
