//! Our own cases: `content/controls/cases`. Each change of a base flips the verdict, in every list of
//! containers and every kind of workload.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use bulkhead_objects::{Object, Quantity};
use bulkhead_posture::{
    AmountBounds, Cluster, Flags, Kubelet, NodeFile, NodeFileKind, Settings, Verdict, controls,
    judge_kubelet, judge_node_file,
};
use serde_json::{Map, Value, json};

use crate::common::{objects, value, wrapped};
use crate::edit::{Scene, is_about};

struct Case {
    id: String,
    scene: Scene,
    body: Value,
    settings: Settings,
}

#[test]
fn every_control_has_cases() {
    let cases: Vec<_> = cases().into_iter().map(|case| case.id).collect();
    let with_cases: BTreeSet<_> = cases.iter().map(String::as_str).collect();
    let ids: BTreeSet<_> = controls().map(|control| control.id).collect();
    let without: Vec<_> = ids.difference(&with_cases).collect();
    let unknown: Vec<_> = with_cases.difference(&ids).collect();
    assert!(
        without.is_empty() && unknown.is_empty(),
        "without cases {without:?}, unknown {unknown:?}"
    );
    assert_eq!(cases.len(), with_cases.len(), "a control has cases twice");
}

#[test]
fn each_change_flips_the_verdict() {
    let mut wrong = Vec::new();
    for case in cases() {
        if let Some(lines) = case.body.get("kubelet") {
            on_node(&case, lines, &mut wrong);
        } else if let Some(files) = case.body.get("file") {
            on_node(&case, files, &mut wrong);
        } else {
            flips(&case, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

/// Nothing fails in the application, whichever control looks at it.
#[test]
fn the_application_passes_every_control() {
    let text = fs_err::read_to_string(folder().join("bases/application.yaml")).unwrap();
    let (read, settings) = (objects(&text), Settings::default());
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let cluster = Cluster::new(&read.objects, &settings);
    let mut failing = Vec::new();
    cluster.judge_all(&read.objects, |judgement| {
        if matches!(judgement.verdict, Verdict::Fail | Verdict::NotCheckable) {
            let places: Vec<_> = judgement
                .remarks
                .iter()
                .map(|it| format!("{} {:?}", it.place.path(), it.reason))
                .collect();
            failing.push(format!(
                "{}: {} {places:?}",
                judgement.object.unwrap(),
                judgement.control.id
            ));
        }
    });
    assert!(failing.is_empty(), "{failing:#?}");
}

/// The case, its changes and what they lead to.
fn flips(case: &Case, wrong: &mut Vec<String>) {
    let edits = |name: &str| -> Vec<Map<String, Value>> {
        let list = if case.body.is_array() && name == "fail" {
            Some(&case.body)
        } else {
            case.body.get(name)
        };
        let list = list.and_then(Value::as_array).cloned().unwrap_or_default();
        list.into_iter().map(|edit| edit.as_object().unwrap().clone()).collect()
    };
    let expected = [
        (Verdict::Fail, edits("fail")),
        (Verdict::NotApplicable, edits("not_applicable")),
        (Verdict::NotCheckable, edits("not_checkable")),
        (Verdict::Pass, edits("pass")),
    ];
    let mut expect = |verdict: Verdict, edit: &Map<String, Value>| {
        for (what, scene) in variations(case, edit, verdict) {
            let (found, places) = judged(case, &scene);
            if found != verdict {
                let id = &case.id;
                wrong.push(format!(
                    "{id}, {what}: {found} instead of {verdict} {places:?} after {edit:?}"
                ));
            }
        }
        let elsewhere = case.body.get("elsewhere").is_some();
        if verdict == Verdict::Fail && !elsewhere {
            let scene = case.scene.edited(edit);
            let (_, places) = judged(case, &scene);
            // The place is at what was changed, or around it.
            let own: Vec<_> = edit.keys().filter(|key| is_own(key)).collect();
            let near = places.iter().any(|place| own.iter().any(|key| is_about(place, key)));
            if !own.is_empty() && !near {
                wrong.push(format!("{}: {places:?} is not where {own:?} is", case.id));
            }
        }
    };
    if edits("pass").is_empty() {
        expect(Verdict::Pass, &Map::new());
    }
    assert!(!edits("fail").is_empty(), "{}: nothing that fails", case.id);
    for (verdict, edits) in expected {
        for edit in &edits {
            expect(verdict, edit);
        }
    }
    // A pod without containers has nothing that a control of containers is about.
    let of_containers =
        |edit: &Map<String, Value>| edit.keys().all(|key| key.starts_with("spec.containers[0]"));
    let about_containers =
        case.scene.target()["kind"] == "Pod" && edits("fail").iter().all(of_containers);
    if edits("not_applicable").is_empty() && about_containers {
        let empty = json!({"spec.containers": [], "spec.initContainers": null});
        expect(Verdict::NotApplicable, empty.as_object().unwrap());
    }
    // An object of a kind that no control reads.
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "a", "namespace": "shop"}});
    let (found, _) = judged(case, &Scene::of(vec![lease]));
    if found != Verdict::NotApplicable && case.id != "default-namespace-used" {
        wrong.push(format!("{}: {found} of a Lease", case.id));
    }
}

fn is_own(key: &str) -> bool {
    !["+", "on", "partial"].contains(&key) && !key.contains('/')
        || key.starts_with("metadata")
        || key.starts_with("--")
        || key.contains("[\"")
}

/// A changed scene, and for a Pod the same change in other lists of containers and kinds.
fn variations(case: &Case, edit: &Map<String, Value>, verdict: Verdict) -> Vec<(String, Scene)> {
    let plain = case.scene.edited(edit);
    let mut all = vec![("itself".to_owned(), plain.clone())];
    let alone = case.body.get("alone").is_some() || case.body.get("only").is_some();
    if plain.target()["kind"] != "Pod" || edit.contains_key("on") {
        return all;
    }
    let only = case.body.get("only").and_then(Value::as_array);
    for list in ["initContainers", "ephemeralContainers"] {
        let about = only.is_none_or(|only| only.iter().any(|own| own == list));
        let in_containers = edit.keys().any(|key| key.starts_with("spec.containers[0]"));
        if about && in_containers && verdict == Verdict::Fail {
            let moved = edit.iter().map(|(key, value)| {
                (key.replace("spec.containers[0]", &format!("spec.{list}[0]")), value.clone())
            });
            let mut scene = case.scene.clone();
            let first = scene.target()["spec"]["containers"][0].clone();
            scene.target_mut()["spec"][list] = json!([first]);
            all.push((list.to_owned(), scene.edited(&moved.collect())));
        }
    }
    if !alone {
        for (kind, object) in wrapped(plain.target()) {
            let mut scene = plain.clone();
            *scene.target_mut() = object;
            all.push((kind.to_owned(), scene));
        }
    }
    all
}

/// The verdict of the case's control on the target of a scene, and the places that decided it.
fn judged(case: &Case, scene: &Scene) -> (Verdict, Vec<String>) {
    let texts = scene.texts();
    let read = objects(&texts[scene.position()]);
    let all: Vec<Object> = texts.iter().flat_map(|text| known_objects(text)).collect();
    let settings = Settings { complete: !scene.partial, ..case.settings.clone() };
    let cluster = Cluster::new(&all, &settings);
    let mut answer = (Verdict::NotApplicable, Vec::new());
    cluster.judge(&read.objects[0], |judgement| {
        if judgement.control.id == case.id {
            let object = judgement.object.unwrap();
            let places = judgement.remarks.iter().map(|remark| {
                let path = remark.place.path();
                let located = read.locate(object, &path).unwrap();
                assert!(
                    located.line >= object.origin.line,
                    "{}: {path} lies before its object",
                    case.id
                );
                path.to_string()
            });
            answer = (judgement.verdict, places.collect());
        }
    });
    answer
}

/// The objects of a text. Most stand in many scenes, and are read once.
fn known_objects(text: &str) -> Vec<Object> {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Vec<Object>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        known.entry(text.to_owned()).or_insert_with(|| objects(text).objects).clone()
    })
}

/// A kubelet's command line, or a file of a node, that passes and one that fails.
fn on_node(case: &Case, given: &Value, wrong: &mut Vec<String>) {
    for (name, expected) in [("pass", Verdict::Pass), ("fail", Verdict::Fail)] {
        let given = &given[name];
        let mut found = None;
        let mut note = |judgement: bulkhead_posture::Judgement<'_, '_>| {
            if judgement.control.id == case.id {
                found = Some(judgement.verdict);
            }
        };
        if let Some(line) = given.as_str() {
            let kubelet = Kubelet { flags: Some(Flags::of_command_line(line)), file: None };
            judge_kubelet(&kubelet, &mut note);
        } else {
            let mode = given["mode"].as_u64().map_or(0o600, |mode| u32::try_from(mode).unwrap());
            let text = |name: &str| given[name].as_str().unwrap_or("root").to_owned();
            let (user, group) = (text("user"), text("group"));
            let kind = NodeFileKind::Manifest;
            let file = NodeFile {
                kind,
                path: "/etc/kubernetes/manifests/etcd.yaml",
                mode,
                user: &user,
                group: &group,
            };
            judge_node_file(&file, &mut note);
        }
        if found != Some(expected) {
            wrong.push(format!("{}: {found:?} instead of {expected} for {given}", case.id));
        }
    }
}

fn folder() -> PathBuf {
    bulkhead_testing::repository().join("content/controls/cases")
}

fn amounts(body: &Value) -> Vec<AmountBounds> {
    let list = body.get("amounts").and_then(Value::as_array).cloned().unwrap_or_default();
    let bounds = list.into_iter().map(|it| AmountBounds {
        resource: it["resource"].as_str().unwrap().to_owned(),
        limits: it["limits"].as_bool().unwrap(),
        least: it["least"].as_str().map(Quantity::new),
        most: it["most"].as_str().map(Quantity::new),
    });
    bounds.collect()
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let files = bulkhead_testing::files_below(&folder());
    for path in files.iter().filter(|path| path.parent() == Some(&folder())) {
        let file = value(&fs_err::read_to_string(path).unwrap());
        for (id, body) in file["cases"].as_object().unwrap() {
            let text = |name: &str| {
                let own = body.get(name).or_else(|| file.get(name));
                own.and_then(Value::as_str).unwrap().to_owned()
            };
            let base =
                fs_err::read_to_string(folder().join(format!("bases/{}.yaml", text("base"))))
                    .unwrap();
            let list = |name: &str| -> Vec<String> {
                let list = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
            };
            let settings = Settings {
                allowed_registries: list("allowed"),
                denied_registries: list("denied"),
                amounts: amounts(body),
                ..Settings::default()
            };
            let scene = Scene::read(&base, &text("on"));
            cases.push(Case { id: id.clone(), scene, body: body.clone(), settings });
        }
    }
    cases
}
