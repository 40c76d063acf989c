//! Every failing case of every control, in JSON and in YAML full of comments.

use std::collections::BTreeMap;

use bulkhead_posture::{Catalogue, Settings, Strategy, Verdict};
use bulkhead_remediation::Choice;
use serde_json::{Map, Value};

use crate::check::{answers, read, repaired, verdicts};
use crate::common::value;
use crate::edit::Scene;
use crate::yaml::commented;

/// Cases whose repair needs more than its answer, and why.
const OTHERWISE: [(&str, &str); 4] = [
    ("binding-anonymous", "the one subject goes, and a binding without subjects is a failure, too"),
    ("binding-everybody", "the same"),
    ("binding-system-masters", "the same"),
    ("metadata-service-reachable", "a rule for everybody has no range to except anything from"),
];

#[test]
fn each_case_is_mended() {
    let catalogue = Catalogue::built_in().unwrap();
    let folder = bulkhead_testing::repository().join("content/controls/cases");
    let files = bulkhead_testing::files_below(&folder);
    let mut left = BTreeMap::new();
    let mut mended = 0;
    for path in files.iter().filter(|path| path.parent() == Some(&folder)) {
        let file = value(&fs_err::read_to_string(path).unwrap());
        for (id, body) in file["cases"].as_object().unwrap() {
            if body.get("kubelet").is_some() || body.get("file").is_some() {
                continue;
            }
            for scene in scenes(&file, body) {
                match mend(&catalogue, id, body, &scene) {
                    Ok(true) => mended += 1,
                    Ok(false) => {}
                    Err(reason) => {
                        left.insert(id.clone(), reason);
                    }
                }
            }
        }
    }
    for (id, _) in OTHERWISE {
        assert!(left.remove(id).is_some(), "{id} is mended");
    }
    assert!(left.is_empty(), "{} not mended: {left:#?}", left.len());
    assert!(mended > 150, "{mended}");
}

/// Whether a case is mended; false where its control is for people.
fn mend(catalogue: &Catalogue, id: &str, body: &Value, scene: &Scene) -> Result<bool, String> {
    let list = |name: &str| -> Vec<String> {
        let list = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let settings = Settings {
        complete: !scene.partial,
        allowed_registries: list("allowed"),
        denied_registries: list("denied"),
        ..Settings::default()
    };
    let mut choice = Choice { answers: answers(catalogue), ..Choice::default() };
    choice.controls.insert(id.to_owned());
    let mut outcome = Ok(false);
    let usual = choice.answers[id].clone();
    let others = ANSWERS.iter().filter(|(own, _)| *own == id).map(|(_, answer)| *answer);
    for answer in [usual.as_str()].into_iter().chain(others) {
        choice.answers.insert(id.to_owned(), answer.to_owned());
        outcome = mend_by(catalogue, id, scene, &settings, &choice);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn mend_by(
    catalogue: &Catalogue,
    id: &str,
    scene: &Scene,
    settings: &Settings,
    choice: &Choice,
) -> Result<bool, String> {
    let repair = &catalogue.get(id).unwrap().repair;
    let texts: Vec<_> = scene
        .texts()
        .iter()
        .map(|text| {
            // What another object makes is mended there.
            let mut object = value(text);
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.remove("ownerReferences");
            }
            serde_json::to_string_pretty(&object).unwrap()
        })
        .collect();
    let json = texts.join("\n---\n");
    let yaml: Vec<_> = texts.iter().map(|text| commented(&value(text))).collect();
    let windows = yaml.join("---\n").replace('\n', "\r\n");
    for text in [json, windows] {
        let (plan, after) = repaired(&text, settings, catalogue, choice);
        let after = verdicts(&read("a.yaml", &after), settings);
        let own = after.get(&(scene.position(), static_id(id)));
        if repair.strategy == Strategy::Never {
            assert!(plan.files.is_empty(), "{id}");
            continue;
        }
        if own == Some(&Verdict::Fail) || own.is_none() && plan.files.is_empty() {
            let reasons: Vec<_> = plan.open.iter().map(|open| open.reason.as_str()).collect();
            return Err(format!("{reasons:?}"));
        }
    }
    Ok(repair.strategy != Strategy::Never)
}

fn static_id(id: &str) -> &'static str {
    bulkhead_posture::control(id).unwrap().id
}

/// Answers that fit where the usual ones do not.
const ANSWERS: [(&str, &str); 5] = [
    ("disruption-budget-above-replicas", "1"),
    ("disruption-budget-blocks", "1"),
    ("pod-security-label-invalid", "latest"),
    ("service-load-balancer-open", "10.0.0.0/8"),
    ("single-replica", "2"),
];

fn scenes(file: &Value, body: &Value) -> Vec<Scene> {
    let text = |name: &str| {
        let own = body.get(name).or_else(|| file.get(name));
        own.and_then(Value::as_str).unwrap().to_owned()
    };
    let base = bulkhead_testing::repository()
        .join(format!("content/controls/cases/bases/{}.yaml", text("base")));
    let scene = Scene::read(&fs_err::read_to_string(base).unwrap(), &text("on"));
    let edits = if body.is_array() { Some(body) } else { body.get("fail") };
    let edits = edits.and_then(Value::as_array).cloned().unwrap_or_default();
    let edits = edits.iter().map(|edit| edit.as_object().unwrap().clone());
    edits.map(|edit: Map<String, Value>| scene.edited(&edit)).collect()
}
