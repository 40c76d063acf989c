//! `bulkhead k8s diff`: what is otherwise than in a baseline.

mod fields;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bulkhead_model::{Finding, Report, Severity};
use bulkhead_objects::{Name, Node, Object};
use bulkhead_posture::subject;
use bulkhead_report::{json, printable};
use bulkhead_scan::Testimony;
use schemars::JsonSchema;
use serde::Serialize;

use super::objects::{self, Loaded};
use super::scan;
use crate::arguments::{Charts, Form, K8sDiff, Organisation};
use crate::commands::answers;
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;
use fields::{Field, fields};

/// The version of the JSON.
const SCHEMA_VERSION: &str = "1.0";

/// What was found out of one side.
struct Side {
    verdicts: Verdicts,
    /// None where the side is a report, which has no objects.
    loaded: Option<Loaded>,
}

/// What counts of what controls say, by the object and the control: no more of it than is told, since both
/// sides stand in memory.
type Verdicts = BTreeMap<(Name, Name), Said>;

/// What a control says of an object.
#[derive(Clone)]
struct Said {
    standing: Standing,
    severity: Severity,
    place: Name,
}

/// The verdict of a control about an object, and how bad it is. The worst stands for several of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// What would decide it is not there.
    NotCheckable,
    /// It fails, and an exception answers it.
    Answered,
    /// It fails.
    Fail,
}

/// What is otherwise than in a baseline.
#[derive(Serialize, JsonSchema)]
struct Difference {
    /// The version of this form: `1.0`.
    schema_version: &'static str,
    /// The baseline, as it was named.
    base: String,
    /// Fails, and did not.
    new: Vec<Line>,
    /// Failed, and does not.
    fixed: Vec<Line>,
    /// Neither, but otherwise than before.
    changed: Vec<Line>,
    /// How many verdicts are as they were.
    unchanged: usize,
    /// Objects whose judged fields are otherwise; none where the base is a report.
    drift: Option<Drift>,
    /// The fields of these that differ, where both sides have them as they were written.
    fields: Vec<Field>,
    /// How many kinds of things were not assessed now: `bulkhead k8s scan` names them.
    not_assessed: usize,
}

/// What a control says of an object, and said before.
#[derive(Serialize, JsonSchema)]
struct Line {
    /// The control.
    control: String,
    /// The object: `Deployment shop/web`.
    object: String,
    /// How bad a failure is.
    severity: Severity,
    /// What it said; none where it said nothing that counts.
    before: Option<Standing>,
    /// What it says.
    after: Option<Standing>,
    /// Where it stands now; before, where it is gone.
    place: String,
}

/// Objects that came, went and changed.
#[derive(Default, Serialize, JsonSchema)]
struct Drift {
    /// Only there now.
    added: Vec<String>,
    /// Only there before.
    removed: Vec<String>,
    /// There both times, and other fields.
    changed: Vec<String>,
}

pub(super) fn run(
    arguments: &K8sDiff,
    organisation: &Organisation,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let testimony = answers::read_or_find_exceptions(&arguments.ignorefile)?;
    let mut failed = Verdicts::new();
    let mut fail = |finding| note(&mut failed, Standing::Fail, &finding);
    let charts = &arguments.objects.charts;
    let (report, loaded) = base(&arguments.base, charts, organisation, &testimony, &mut fail)?;
    if report.filtered > 0 {
        let left_out = report.filtered;
        terminal.warning(
            &format!("the base left out {left_out} findings: they may count as new"),
            Some("make it without --severity"),
        );
    }
    let base = Side::new(failed, &report, loaded);
    let has_objects = base.loaded.is_some();
    let loaded = objects::load_judged(&arguments.objects, organisation, false, has_objects)?;
    let target = scan::target(&arguments.objects, &loaded);
    let mut failed = Verdicts::new();
    let mut fail = |finding| note(&mut failed, Standing::Fail, &finding);
    let report = scan::report(&loaded, target, testimony, &mut fail)?;
    let (incomplete, not_assessed) = (report.outcome.incomplete, report.not_assessed.len());
    let now = Side::new(failed, &report, Some(loaded));
    let difference = Difference::of(&arguments.base, &base, &now, not_assessed);
    match arguments.output {
        Form::Json => output::json(&difference)?,
        Form::Table => output::standard(&difference.table())?,
    }
    let hit = arguments.fail_on.is_some() && !difference.new.is_empty();
    Ok(match (hit, incomplete) {
        (true, _) => super::GATE,
        (false, true) => super::INCOMPLETE,
        (false, false) => 0,
    })
}

/// A report as it was written, or what a snapshot or manifests give now; without its findings, each of which is
/// given to `take`.
pub(super) fn base(
    path: &Path,
    charts: &Charts,
    organisation: &Organisation,
    testimony: &Testimony,
    take: &mut dyn FnMut(Finding),
) -> Result<(Report, Option<Loaded>), Failure> {
    let is_json = path.extension().is_some_and(|end| end == "json");
    if is_json
        && let Ok(mut reports) = json::read(&fs_err::read(path)?)
        && let Some(mut report) = reports.pop().filter(|report| report.posture.is_some())
    {
        std::mem::take(&mut report.findings).into_iter().for_each(take);
        return Ok((report, None));
    }
    let loaded = objects::read(&[path.to_owned()], charts)?.under(organisation, charts);
    let target = bulkhead_model::Target {
        name: path.display().to_string(),
        kind: "baseline".to_owned(),
        image: None,
    };
    let report = scan::report(&loaded, target, testimony.clone(), take)?;
    Ok((report, Some(loaded)))
}

/// Takes in what a control says of an object: the worst counts.
fn note(verdicts: &mut Verdicts, standing: Standing, finding: &Finding) {
    let object = Name::new(&finding.subject.object().unwrap_or_default());
    let (severity, place) = (finding.rating.severity, Name::new(&finding.location.to_string()));
    let said = Said { standing, severity, place };
    let known = verdicts.entry((object, Name::new(&finding.rule))).or_insert_with(|| said.clone());
    if standing > known.standing {
        *known = said;
    }
}

impl Side {
    /// Of what fails, and a report without it.
    fn new(mut verdicts: Verdicts, report: &Report, loaded: Option<Loaded>) -> Self {
        for answered in &report.suppressed {
            note(&mut verdicts, Standing::Answered, &answered.finding);
        }
        for open in report.posture.iter().flat_map(|posture| &posture.not_checkable) {
            note(&mut verdicts, Standing::NotCheckable, open);
        }
        Self { verdicts, loaded }
    }

    /// An object as it was written; none where it was built of several texts.
    fn node(&self, object: &Object) -> Option<Node<'_>> {
        self.loaded.as_ref()?.objects.node(object)
    }

    fn objects(&self) -> Option<BTreeMap<String, &Object>> {
        let loaded = self.loaded.as_ref()?;
        let objects = loaded.objects.objects.iter();
        Some(objects.map(|it| (subject(it).object().unwrap_or_default(), it)).collect())
    }
}

impl Difference {
    fn of(path: &Path, base: &Side, now: &Side, not_assessed: usize) -> Self {
        let (before, after) = (&base.verdicts, &now.verdicts);
        let mut difference = Self {
            schema_version: SCHEMA_VERSION,
            base: path.display().to_string(),
            new: Vec::new(),
            fixed: Vec::new(),
            changed: Vec::new(),
            unchanged: 0,
            drift: base.objects().zip(now.objects()).map(|(before, after)| drift(&before, &after)),
            fields: Vec::new(),
            not_assessed,
        };
        difference.fields = difference.changed_fields(base, now);
        let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
        for key in keys {
            let (was, is) = (before.get(key), after.get(key));
            let (was_so, is_so) = (was.map(|it| it.standing), is.map(|it| it.standing));
            if was_so == is_so {
                difference.unchanged = difference.unchanged.saturating_add(1);
                continue;
            }
            let Some(said) = is.or(was) else { continue };
            let list = match (was_so, is_so) {
                (_, Some(Standing::Fail)) => &mut difference.new,
                (Some(Standing::Fail), None) => &mut difference.fixed,
                _ => &mut difference.changed,
            };
            list.push(Line {
                control: key.1.to_string(),
                object: key.0.to_string(),
                severity: said.severity,
                before: was_so,
                after: is_so,
                place: said.place.to_string(),
            });
        }
        for list in [&mut difference.new, &mut difference.fixed, &mut difference.changed] {
            list.sort_by_key(|line| std::cmp::Reverse(line.severity));
        }
        difference
    }

    fn changed_fields(&self, base: &Side, now: &Side) -> Vec<Field> {
        let changed = self.drift.iter().flat_map(|drift| &drift.changed);
        let (Some(before), Some(after)) = (base.objects(), now.objects()) else {
            return Vec::new();
        };
        let differing = changed.filter_map(|name| {
            let old = base.node(before.get(name)?)?;
            Some(fields(name, &old, &now.node(after.get(name)?)?))
        });
        differing.flatten().collect()
    }

    fn table(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} new, {} fixed, {} otherwise, {} unchanged",
            self.new.len(),
            self.fixed.len(),
            self.changed.len(),
            self.unchanged
        );
        let lists = [("new", &self.new), ("fixed", &self.fixed), ("otherwise", &self.changed)];
        for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            let _ = writeln!(text, "\n{title}");
            for line in lines {
                let (severity, object) = (line.severity.to_string(), printable(&line.object));
                let (before, after) = (name(line.before), name(line.after));
                let _ = writeln!(text, "  {severity:<10}  {}  {object}", printable(&line.control));
                let _ =
                    writeln!(text, "  {:10}  {before} → {after}  {}", "", printable(&line.place));
            }
        }
        if let Some(drift) = &self.drift {
            self.drift_table(drift, &mut text);
        }
        if self.not_assessed > 0 {
            let _ = writeln!(text, "\nNot everything was assessed: see `bulkhead k8s scan`.");
        }
        text
    }

    fn drift_table(&self, drift: &Drift, text: &mut String) {
        let mut fields: BTreeMap<&str, Vec<&Field>> = BTreeMap::new();
        for field in &self.fields {
            fields.entry(&field.object).or_default().push(field);
        }
        for (title, objects) in [
            ("objects added", &drift.added),
            ("objects removed", &drift.removed),
            ("objects with other fields", &drift.changed),
        ] {
            if !objects.is_empty() {
                let _ = writeln!(text, "\n{title}");
                for object in objects {
                    let _ = writeln!(text, "  {}", printable(object));
                    for field in fields.get(&**object).into_iter().flatten() {
                        let side = |value: &Option<String>| {
                            let value = value.as_deref().unwrap_or("not set");
                            printable(value).into_owned()
                        };
                        let (before, after) = (side(&field.before), side(&field.after));
                        let _ =
                            writeln!(text, "    {}: {before} → {after}", printable(&field.path));
                    }
                }
            }
        }
    }
}

const fn name(standing: Option<Standing>) -> &'static str {
    match standing {
        None => "nothing",
        Some(Standing::Fail) => "fail",
        Some(Standing::Answered) => "answered",
        Some(Standing::NotCheckable) => "not checkable",
    }
}

/// Objects of which what controls read is otherwise.
fn drift(before: &BTreeMap<String, &Object>, after: &BTreeMap<String, &Object>) -> Drift {
    let mut drift = Drift::default();
    for (name, object) in after {
        match before.get(name) {
            None => drift.added.push(name.clone()),
            Some(old) if is_other(old, object) => drift.changed.push(name.clone()),
            Some(_) => {}
        }
    }
    drift.removed.extend(before.keys().filter(|name| !after.contains_key(*name)).cloned());
    drift
}

/// What the server writes by itself (identity, time) is no drift.
fn is_other(old: &Object, new: &Object) -> bool {
    old.body != new.body
        || old.metadata.labels != new.metadata.labels
        || old.metadata.annotations != new.metadata.annotations
}

#[cfg(test)]
mod tests {
    use super::Difference;
    use crate::output::schema;

    #[test]
    fn the_schema_is_that_of_the_types() -> Result<(), Box<dyn std::error::Error>> {
        schema::check("k8s-diff-1.json", &schema::of::<Difference>())
    }
}
