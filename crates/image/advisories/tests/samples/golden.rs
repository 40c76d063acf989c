//! What vuls made of documents: its detections of each bulletin or vulnerability.

use std::collections::BTreeSet;

use bulkhead_advisories::{Catalogue, Item, read_record};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::FixState;
use serde_json::Value;

use super::{archive, records};

/// Scope, module, package and fix; no fix for what is affected without one.
type Detection = (String, Option<String>, String, Option<String>);

/// The detections anywhere below a value.
fn detections(value: &Value, scope: &str, found: &mut BTreeSet<Detection>) {
    match value {
        Value::Object(members) if value["type"] == "version" && value["version"].is_object() => {
            let version = &members["version"];
            let class = version["fix_status"]["class"].as_str().unwrap_or("unfixed");
            let kind = version["package"]["type"].as_str().unwrap();
            let name = version["package"][kind]["name"].as_str().unwrap();
            let (module, name) = match name.split_once("::") {
                Some((module, name)) => (Some(module.to_owned()), name.to_owned()),
                None => (None, name.to_owned()),
            };
            let name = if kind == "source" { format!("{name}.src") } else { name };
            let ranges = version["affected"]["range"].as_array().into_iter().flatten();
            let fixes: Vec<&str> = ranges.filter_map(|range| range["lt"].as_str()).collect();
            for fix in &fixes {
                let fix = fix.strip_prefix("0:").unwrap_or(fix).to_owned();
                found.insert((scope.to_owned(), module.clone(), name.clone(), Some(fix)));
            }
            if class == "unfixed" && fixes.is_empty() {
                found.insert((scope.to_owned(), module, name, None));
            }
        }
        Value::Object(members) => {
            members.values().for_each(|member| detections(member, scope, found));
        }
        Value::Array(items) => items.iter().for_each(|item| detections(item, scope, found)),
        _ => {}
    }
}

fn expected(document: &Value) -> BTreeSet<Detection> {
    let mut found = BTreeSet::new();
    for detection in document["detections"].as_array().into_iter().flatten() {
        let scope = detection["ecosystem"].as_str().unwrap();
        let scope = scope.replace("oracle:", "ol:").replace("redhat:", "rhel:");
        detections(detection, &scope, &mut found);
    }
    found
}

/// What our readers say of this bulletin or vulnerability.
fn found(items: &[Item], id: &str) -> BTreeSet<Detection> {
    let mut found = BTreeSet::new();
    for row in records(items).iter().filter(|record| record.id == id).flat_map(|it| &it.affected) {
        let fix = row.versions.upper_bounds().last();
        let fix = fix.map(|fix| fix.strip_prefix("0:").unwrap_or(fix).to_owned());
        let is_open = matches!(row.state, FixState::Affected | FixState::WillNotFix);
        if fix.is_some() || is_open {
            let (scope, name) = (row.key.scope().to_string(), row.key.name().to_owned());
            found.insert((scope, row.module.clone(), name, fix));
        }
    }
    found
}

/// Reads the documents of one folder and holds them against the answers of another. vuls takes what
/// is said of extended support (by the repositories that it names), too: `is_whole` where it has no
/// more than we take.
fn check(feed: &str, inputs: &str, answers: &str, is_whole: bool) {
    let Some(files) = archive::files("vuls-data-update", &[inputs, answers]) else { return };
    let catalogue = Catalogue::embedded().unwrap();
    let source = catalogue.feed(feed).unwrap();
    let mut items = Vec::new();
    for (path, content) in files.iter().filter(|(path, _)| path.starts_with(inputs)) {
        let budget = Budget::new(Limits::DEFAULT);
        let sink = &mut |item| items.push(item);
        read_record(source, path, content, &budget, sink)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let mut compared = 0;
    for (path, content) in files.iter().filter(|(path, _)| path.starts_with(answers)) {
        let document: Value = serde_json::from_slice(content).unwrap();
        let Some(id) = document["id"].as_str() else { continue };
        let (found, expected) = (found(&items, id), expected(&document));
        if found.is_empty() && !is_whole {
            continue;
        }
        let invented: Vec<_> = found.difference(&expected).take(5).collect();
        assert!(invented.is_empty(), "{path}: {invented:?}");
        let missing: Vec<_> = expected.difference(&found).take(5).collect();
        assert!(!is_whole || missing.is_empty(), "{path}: {missing:?}");
        compared += 1;
    }
    assert!(compared > 0, "{feed}: no answer was about a document");
}

#[test]
fn oracle_is_read_as_by_vuls() {
    check(
        "oracle-oval",
        "pkg/fetch/oracle/linux/testdata/fixtures/com.oracle",
        "pkg/extract/oracle/linux/testdata/golden/happy/data/",
        true,
    );
}

#[test]
fn red_hat_is_read_as_by_vuls() {
    check(
        "redhat-csaf",
        "pkg/extract/redhat/csaf/testdata/fixtures/csaf/",
        "pkg/extract/redhat/csaf/testdata/golden/data/",
        false,
    );
    check(
        "redhat-vex",
        "pkg/extract/redhat/vex/v1/testdata/fixtures/vex/",
        "pkg/extract/redhat/vex/v1/testdata/golden/data/",
        false,
    );
}
