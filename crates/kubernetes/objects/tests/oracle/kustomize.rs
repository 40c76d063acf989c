//! Kustomizations that we wrote, built by both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Files, build_kustomization};

use serde_json::Value;

use super::answers::{ask, json, normal};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        Path::new(path).is_file().then(|| fs_err::read(path).unwrap())
    }

    fn is_folder(&self, path: &str) -> bool {
        Path::new(path).is_dir()
    }
}

/// Folders with a case each: those that hold a kustomization at their top.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kustomizations");
    let mut cases: Vec<PathBuf> = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let overlay = path.join("overlay");
            if overlay.is_dir() { overlay } else { path }
        })
        .collect();
    cases.sort();
    cases
}

#[test]
fn kustomizations_are_built_as_kustomize_does() {
    let cases = cases();
    assert!(!cases.is_empty());
    let mut arguments = vec!["kustomize"];
    arguments.extend(cases.iter().map(|path| path.to_str().unwrap()));
    let Some(answers) = ask(&arguments, Vec::new()) else { return };
    assert_eq!(answers.len(), cases.len());
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(answers) {
        let budget = Budget::new(Limits::DEFAULT);
        let ours = build_kustomization(case.to_str().unwrap(), &Disk, &budget);
        let ours: Result<Vec<_>, _> = ours.map(|nodes| nodes.iter().map(json).collect());
        match (ours, answer.get("objects")) {
            (Ok(ours), Some(theirs)) => {
                let theirs = normal(theirs.clone());
                let case = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
                differences(&case.to_string(), &ours.into(), &theirs, &mut wrong);
            }
            (Err(_), None) if case.to_string_lossy().contains("/refused-") => {}
            (ours, _) => {
                let ours = ours.err();
                wrong.push(format!("{}: {ours:?}, and {:?}", case.display(), answer.get("error")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where two values differ.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let side = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or(Value::Null)
                };
                differences(&format!("{path}.{key}"), &side(ours), &side(theirs), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(&format!("{path}[{index}]"), ours, theirs, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: {ours}, and {theirs}")),
    }
}

/// Files by their text alone.
struct Doubling;

impl Files for Doubling {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let level: u32 = path.strip_suffix("/kustomization.yaml")?.parse().ok()?;
        if level == 20 {
            return Some(b"resources: []\n".to_vec());
        }
        let below = level + 1;
        Some(format!("resources: [../{below}, ../{below}]\n").into_bytes())
    }

    fn is_folder(&self, path: &str) -> bool {
        path.parse::<u32>().is_ok()
    }
}

#[test]
fn bases_that_double_on_every_level_are_given_up() {
    let built = build_kustomization("0", &Doubling, &Budget::new(Limits::DEFAULT));
    assert!(built.is_err());
}
