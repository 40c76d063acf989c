//! Rules of others, the controls that judge the same, and how often the answers are equal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bulkhead_objects::{Body, Object};
use bulkhead_posture::{Cluster, Settings, Verdict, control};
use serde::Deserialize;
use serde_json::Value;

use crate::common::{objects_below, unpacked};
use crate::node_facts;

/// The least share of equal answers, in hundredths.
const AGREEMENT: usize = 98;

#[derive(Debug, Deserialize)]
struct Table {
    rules: BTreeMap<String, Row>,
}

/// A rule of others: controls, or the reason why there are none.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Row {
    control: Option<String>,
    controls: Vec<String>,
    none: Option<String>,
    /// JSON pointers to files of nodes, with their kinds.
    pub(crate) files: BTreeMap<String, String>,
    /// Cases whose answers differ on purpose, with the reason.
    differs: BTreeMap<String, String>,
}

impl Row {
    fn ids(&self) -> BTreeSet<&str> {
        self.control.iter().chain(&self.controls).map(String::as_str).collect()
    }
}

/// A case of a rule: its objects and whether the rule fails it.
struct Case {
    rule: String,
    name: String,
    folder: PathBuf,
    fails: bool,
    settings: Settings,
}

#[derive(Debug, Default)]
struct Score {
    mapped: BTreeSet<String>,
    unmapped: BTreeSet<String>,
    cases: usize,
    /// Cases of which we say that we cannot judge them.
    not_assessed: Vec<String>,
    differing: Vec<String>,
    /// By control: both fail, only ours, only theirs.
    by_control: BTreeMap<String, [usize; 3]>,
}

#[test]
fn answers_are_those_of_others() {
    let (kubescape, polaris) = (kubescape(), polaris());
    if kubescape.is_empty() && polaris.is_empty() {
        return;
    }
    let mut score = Score::default();
    compare(&table("kubescape"), kubescape, &mut score);
    compare(&table("polaris"), polaris, &mut score);
    for (control, [both, ours, theirs]) in &score.by_control {
        let share = |part: usize, all: usize| (100 * part).checked_div(all).unwrap_or(100);
        let (precision, recall) = (share(*both, both + ours), share(*both, both + theirs));
        println!("{control}: precision {precision} %, recall {recall} %");
    }
    println!(
        "{} rules mapped, {} not: {:#?}",
        score.mapped.len(),
        score.unmapped.len(),
        score.unmapped
    );
    let equal = score.cases - score.differing.len();
    println!("{equal} of {} cases equal", score.cases);
    for differing in &score.differing {
        println!("{differing}");
    }
    println!("{} not assessed: {:#?}", score.not_assessed.len(), score.not_assessed);
    let silent: Vec<_> =
        score.differing.iter().filter(|differing| !differing.contains(": because ")).collect();
    // A library grows: a new case may differ before somebody has looked at it.
    let few = score.cases / 100;
    assert!(silent.len() <= few, "differences without a reason: {silent:#?}");
    assert!(100 * equal >= AGREEMENT * score.cases, "{equal} of {} cases equal", score.cases);
    assert!(score.mapped.len() >= 90, "{} rules mapped", score.mapped.len());
}

/// Every row names controls that exist, or a reason.
#[test]
fn tables_name_controls_or_reasons() {
    for name in ["kubescape", "polaris"] {
        for (rule, row) in table(name).rules {
            let ids = row.ids();
            assert_eq!(ids.is_empty(), row.none.is_some(), "{rule}: controls or a reason why none");
            for id in ids {
                assert!(control(id).is_some(), "{rule}: no control {id}");
            }
        }
    }
}

fn table(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/agreement/{name}.yaml"));
    serde_saphyr::from_str(&fs_err::read_to_string(path).unwrap()).unwrap()
}

fn compare(table: &Table, cases: Vec<Case>, score: &mut Score) {
    for case in cases {
        let Some(row) = table.rules.get(&case.rule).filter(|row| row.none.is_none()) else {
            let known = table.rules.get(&case.rule).and_then(|row| row.none.as_deref());
            let reason = known.unwrap_or("not in the table");
            score.unmapped.insert(format!("{}: {reason}", case.rule));
            continue;
        };
        score.mapped.insert(case.rule.clone());
        let (ids, Answer { failing, open }) = (row.ids(), answer(&case, row));
        let fails = !failing.is_empty();
        if !fails && open {
            score.not_assessed.push(format!("{}/{}", case.rule, case.name));
            continue;
        }
        score.cases += 1;
        for id in ids {
            let counts = score.by_control.entry(id.to_owned()).or_default();
            match (fails, case.fails) {
                (true, true) => counts[0] += 1,
                (true, false) => counts[1] += 1,
                (false, true) => counts[2] += 1,
                (false, false) => {}
            }
        }
        if fails != case.fails {
            let reason = row
                .differs
                .get(&case.name)
                .map_or(String::new(), |reason| format!(": because {reason}"));
            let who = if fails { "ours alone fails" } else { "theirs alone fails" };
            score.differing.push(format!("{}/{}: {who} {failing:?}{reason}", case.rule, case.name));
        }
    }
}

/// Our answer to a case.
#[derive(Default)]
struct Answer {
    /// The mapped controls that fail on something.
    failing: BTreeSet<&'static str>,
    /// Something could not be judged, or not be read.
    open: bool,
}

fn answer(case: &Case, row: &Row) -> Answer {
    let ids = row.ids();
    let read = objects_below(&case.folder);
    let own = |object: &Object| object.type_name.group.is_empty();
    let unknown = |object: &Object| matches!(object.body, Body::Unknown(_)) && own(object);
    let mut answer = Answer { open: read.objects.iter().any(unknown), ..Answer::default() };
    let mut note = |id: &'static str, verdict: Verdict| match verdict {
        Verdict::Fail if ids.contains(id) => {
            answer.failing.insert(id);
        }
        Verdict::NotCheckable if ids.contains(id) => answer.open = true,
        _ => {}
    };
    let cluster = Cluster::new(&read.objects, &case.settings);
    cluster.judge_all(&read.objects, |judgement| note(judgement.control.id, judgement.verdict));
    node_facts::judge(&case.folder, row, &mut note);
    answer
}

/// `rules/RULE/test/CASE/{input,expected.json,data.json}`.
fn kubescape() -> Vec<Case> {
    let Some(folder) = unpacked("fixtures/posture/kubescape-rules.tar.gz") else {
        return Vec::new();
    };
    let folder = folder.keep();
    let expected = bulkhead_testing::files_below(&folder);
    let expected = expected.iter().filter(|path| path.ends_with("expected.json"));
    let cases = expected.filter_map(|path| {
        let case = path.parent().filter(|case| case.join("input").is_dir())?;
        let rule = case.parent()?.parent()?.file_name()?.to_str()?.to_owned();
        // A few expectations are no JSON; they cannot be held against anything.
        let alerts: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).ok()?;
        Some(Case {
            rule,
            name: case.file_name()?.to_str()?.to_owned(),
            folder: case.join("input"),
            fails: alerts.as_array().is_some_and(|alerts| !alerts.is_empty()),
            settings: settings(&case.join("data.json")),
        })
    });
    cases.collect()
}

/// Parameters of a case, in our terms.
fn settings(path: &Path) -> Settings {
    let mut settings = Settings::default();
    let Ok(bytes) = fs_err::read(path) else { return settings };
    let data: Value = serde_json::from_slice(&bytes).unwrap();
    let inputs = &data["postureControlInputs"];
    let list = |name: &str| -> Option<Vec<String>> {
        let list = inputs.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    settings.allowed_registries = list("imageRepositoryAllowList").unwrap_or_default();
    settings.unpinned_registries = list("imageDigestExemptRepositories").unwrap_or_default();
    settings.denied_registries = [list("publicRegistries"), list("untrustedRegistries")]
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    // No list at all is theirs for the usual one.
    if let Some(labels) = list("recommendedLabels").filter(|labels| !labels.is_empty()) {
        settings.management_labels = labels;
    }
    if let Some(labels) = list("k8sRecommendedLabels").filter(|labels| !labels.is_empty()) {
        settings.common_labels = labels;
    }
    settings
}

/// `test/checks/CHECK/{success,failure}*.yaml`.
fn polaris() -> Vec<Case> {
    let Some(folder) = unpacked("fixtures/posture/polaris-checks.tar.gz") else {
        return Vec::new();
    };
    let mut cases = Vec::new();
    for path in bulkhead_testing::files_below(folder.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let fails = name.starts_with("failure");
        let in_checks = path.ancestors().any(|folder| folder.ends_with("test/checks"));
        if !in_checks || !(fails || name.starts_with("success")) {
            continue;
        }
        let rule = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        // Each file is a case of its own.
        let folder = tempfile::tempdir().unwrap().keep();
        fs_err::copy(&path, folder.join(&name)).unwrap();
        cases.push(Case { rule, name, folder, fails, settings: Settings::default() });
    }
    cases
}
