//! `bulkhead k8s scan`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bulkhead_model::Severity;
use bulkhead_objects::{Object, Objects};
use bulkhead_posture::{Catalogue, Cluster, Remark, Settings, Verdict};
use bulkhead_report::printable;
use serde::Serialize;

use super::objects;
use crate::arguments::{Form, K8sScan};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

/// The version of the JSON.
const SCHEMA_VERSION: &str = "1.0";

/// The exit code where a gate was hit.
const GATE: u8 = 2;

/// What the controls say.
#[derive(Serialize)]
struct Posture {
    schema_version: &'static str,
    objects: usize,
    /// How often each verdict was given.
    verdicts: BTreeMap<&'static str, u64>,
    /// The worst first.
    failures: Vec<Statement>,
    not_checkable: Vec<Statement>,
    not_assessed: Vec<String>,
}

/// One control about one object.
#[derive(Serialize)]
struct Statement {
    control: &'static str,
    severity: Severity,
    title: String,
    object: String,
    file: String,
    places: Vec<Spot>,
}

/// A field that decided.
#[derive(Serialize)]
struct Spot {
    path: String,
    line: u32,
    reason: String,
}

pub(super) fn run(arguments: &K8sScan, terminal: Terminal) -> Result<u8, Failure> {
    let loaded = objects::read(&arguments.objects.paths);
    let mut posture = judge(&loaded.objects)?;
    posture.not_assessed.clone_from(&loaded.not_assessed);
    let hit = arguments
        .fail_on
        .is_some_and(|least| posture.failures.iter().any(|failure| failure.severity >= least));
    if !arguments.severity.is_empty() {
        posture.failures.retain(|failure| arguments.severity.contains(&failure.severity));
    }
    match arguments.output {
        Form::Json => {
            let text = serde_json::to_string_pretty(&posture)?;
            output::standard(&format!("{text}\n"))?;
        }
        Form::Table => output::standard(&posture.table())?,
    }
    let incomplete = loaded.finish(terminal);
    let open = if posture.not_checkable.is_empty() { 0 } else { super::INCOMPLETE };
    Ok(if hit { GATE } else { incomplete.max(open) })
}

fn judge(objects: &Objects) -> Result<Posture, Failure> {
    let catalogue = Catalogue::built_in()?;
    // Files are seldom all of a cluster: what they do not name may be there.
    let settings = Settings { complete: false, ..Settings::default() };
    let cluster = Cluster::new(&objects.objects, &settings);
    let mut posture = Posture {
        schema_version: SCHEMA_VERSION,
        objects: objects.objects.len(),
        verdicts: Verdict::ALL.map(|verdict| (verdict.name(), 0)).into(),
        failures: Vec::new(),
        not_checkable: Vec::new(),
        not_assessed: Vec::new(),
    };
    let mut places = objects.places();
    cluster.judge_all(&objects.objects, |judgement| {
        *posture.verdicts.entry(judgement.verdict.name()).or_default() += 1;
        let into = match judgement.verdict {
            Verdict::Fail => &mut posture.failures,
            Verdict::NotCheckable => &mut posture.not_checkable,
            Verdict::Pass | Verdict::NotApplicable => return,
        };
        let Some(object) = judgement.object else { return };
        let mut spot = |remark: &Remark<'_>| {
            let path = remark.place.path();
            let line = places.locate(object, &path).map_or(object.origin.line, |at| at.line);
            Spot { path: path.to_string(), line, reason: remark.reason.to_string() }
        };
        let text = catalogue.get(judgement.control.id);
        into.push(Statement {
            control: judgement.control.id,
            severity: text.map(|text| text.severity).unwrap_or_default(),
            title: text.map(|text| text.title.clone()).unwrap_or_default(),
            object: object.to_string(),
            file: file(objects, object),
            places: judgement.remarks.iter().map(&mut spot).collect(),
        });
    });
    let order = |a: &Statement, b: &Statement| {
        let key = |it: &Statement| (it.file.clone(), it.object.clone(), it.control);
        b.severity.cmp(&a.severity).then_with(|| key(a).cmp(&key(b)))
    };
    posture.failures.sort_by(order);
    posture.not_checkable.sort_by(order);
    Ok(posture)
}

/// Where people mend it: the template that a chart rendered it from, else the file.
fn file(objects: &Objects, object: &Object) -> String {
    let template = object.origin.template.as_ref().map(ToString::to_string);
    let path = || objects.file(object).map(|file| file.path.to_string());
    template.or_else(path).unwrap_or_default()
}

impl Posture {
    fn table(&self) -> String {
        let mut text = String::new();
        let count = |verdict: Verdict| self.verdicts.get(verdict.name()).copied().unwrap_or(0);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} objects: {} failures, {} not checkable, {} passed",
            self.objects,
            count(Verdict::Fail),
            count(Verdict::NotCheckable),
            count(Verdict::Pass)
        );
        for (title, statements) in
            [("failures", &self.failures), ("not checkable", &self.not_checkable)]
        {
            if !statements.is_empty() {
                let _ = writeln!(text, "\n{title}");
            }
            for statement in statements {
                statement.lines(&mut text);
            }
        }
        text
    }
}

impl Statement {
    fn lines(&self, text: &mut String) {
        let (severity, object) = (self.severity.to_string(), printable(&self.object));
        let _ = writeln!(text, "{severity:<10}  {}  {}", self.control, self.title);
        let _ = writeln!(text, "{:10}  {object}", "");
        for spot in &self.places {
            let (file, path, reason) =
                (printable(&self.file), printable(&spot.path), printable(&spot.reason));
            let _ = writeln!(text, "{:10}    {file}:{}  {path} {reason}", "", spot.line);
        }
    }
}
