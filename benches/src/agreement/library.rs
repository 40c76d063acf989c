//! The libraries of rules with their cases, as their projects keep them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use bulkhead_objects::Quantity;
use bulkhead_posture::{AmountBounds, Settings};
use serde_json::Value;

/// A project's rules.
pub(super) struct Library {
    /// The name of its table.
    pub(super) name: &'static str,
    archive: &'static str,
    case: fn(&Path) -> Option<Case>,
}

/// A case of a rule: its objects and whether the rule fails it.
pub(super) struct Case {
    pub(super) rule: String,
    pub(super) name: String,
    /// A file, or a folder of them.
    pub(super) input: PathBuf,
    pub(super) fails: bool,
    /// Whether the rule says that it could not look.
    pub(super) undecided: bool,
    pub(super) settings: Settings,
}

pub(super) const LIBRARIES: [Library; 2] = [
    Library {
        name: "kubescape",
        archive: "fixtures/posture/kubescape-rules.tar.gz",
        case: kubescape,
    },
    Library { name: "polaris", archive: "fixtures/posture/polaris-checks.tar.gz", case: polaris },
];

impl Library {
    /// Unpacks the library and hands out its cases.
    pub(super) fn each_case(&self, each: impl FnMut(Case)) -> anyhow::Result<()> {
        let Some(archive) = bulkhead_testing::data(self.archive) else { return Ok(()) };
        let folder = tempfile::tempdir()?;
        let mut tar = Command::new("tar");
        let status = tar.arg("xzf").arg(archive).current_dir(folder.path()).status()?;
        ensure!(status.success(), "{} cannot be unpacked: {status}", self.archive);
        let files = bulkhead_testing::files_below(folder.path());
        files.iter().filter_map(|path| (self.case)(path)).for_each(each);
        Ok(())
    }
}

/// `rules/RULE/test/CASE/{input,expected.json,data.json}`.
fn kubescape(path: &Path) -> Option<Case> {
    let folder = path.parent().filter(|_| path.ends_with("expected.json"))?;
    let input = Some(folder.join("input")).filter(|input| input.is_dir())?;
    // A few expectations are no JSON; they cannot be held against anything.
    let alerts: Value = serde_json::from_slice(&fs_err::read(path).ok()?).ok()?;
    // A single alert is now and then written without its list.
    let alerts = match alerts {
        Value::Array(alerts) => alerts,
        Value::Object(alert) => vec![Value::Object(alert)],
        _ => Vec::new(),
    };
    Some(Case {
        rule: name(folder.parent()?.parent()?),
        name: name(folder),
        input,
        fails: !alerts.is_empty(),
        undecided: !alerts.is_empty() && alerts.iter().all(was_not_collected),
        settings: settings(&folder.join("data.json")),
    })
}

/// What the rules say of a node whose files their collector could not read.
fn was_not_collected(alert: &Value) -> bool {
    let message = alert["alertMessage"].as_str().unwrap_or_default();
    message.starts_with("Failed to analyze")
}

/// Parameters of a case, in our terms.
fn settings(path: &Path) -> Settings {
    let mut settings = Settings::default();
    let data = fs_err::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let data: Value = data.unwrap_or_default();
    let list = |name: &str| -> Option<Vec<String>> {
        let list = data.get("postureControlInputs")?.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    settings.allowed_registries = list("imageRepositoryAllowList").unwrap_or_default();
    settings.unpinned_registries = list("imageDigestExemptRepositories").unwrap_or_default();
    let denied = [list("publicRegistries"), list("untrustedRegistries")];
    settings.denied_registries = denied.into_iter().flatten().flatten().collect();
    settings.amounts = bounds(|name| list(name).and_then(|values| values.into_iter().next()));
    // No list at all is theirs for the usual one.
    if let Some(labels) = list("recommendedLabels").filter(|labels| !labels.is_empty()) {
        settings.management_labels = labels;
    }
    if let Some(labels) = list("k8sRecommendedLabels").filter(|labels| !labels.is_empty()) {
        settings.common_labels = labels;
    }
    settings
}

/// `cpu_request_max` and its like.
fn bounds(value: impl Fn(&str) -> Option<String>) -> Vec<AmountBounds> {
    let mut bounds = Vec::new();
    for resource in ["cpu", "memory"] {
        for (limits, of) in [(true, "limit"), (false, "request")] {
            let quantity = |end: &str| {
                let amount = value(&format!("{resource}_{of}_{end}"));
                amount.filter(|amount| !amount.is_empty()).as_deref().map(Quantity::new)
            };
            let (least, most) = (quantity("min"), quantity("max"));
            if least.is_some() || most.is_some() {
                bounds.push(AmountBounds { resource: resource.to_owned(), limits, least, most });
            }
        }
    }
    bounds
}

/// `test/checks/CHECK/{success,failure,mutated}*.yaml`; what it mutated is a success.
fn polaris(path: &Path) -> Option<Case> {
    let file = name(path);
    let in_checks = path.ancestors().any(|folder| folder.ends_with("test/checks"));
    let fails = file.starts_with("failure");
    let is_case = fails || file.starts_with("success") || file.starts_with("mutated");
    (in_checks && is_case).then(|| Case {
        rule: path.parent().map(name).unwrap_or_default(),
        name: file,
        input: path.to_owned(),
        fails,
        undecided: false,
        settings: Settings::default(),
    })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
