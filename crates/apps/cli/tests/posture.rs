//! `bulkhead k8s scan` and `bulkhead k8s controls` of the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: nginx
          image: nginx
          securityContext:
            privileged: true
";

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    let output = command.env_clear().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_failure_says_what_where_and_how_bad() {
    let folder = folder(&[("web.yaml", WEB)]);
    let (_, text, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "-o", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let privileged = findings.iter().find(|it| it["rule"] == "privileged-container").unwrap();
    assert_eq!(privileged["subject"]["name"], "web");
    assert_eq!(privileged["location"]["path"], "web.yaml");
    let path = "spec.template.spec.containers[0].securityContext.privileged";
    let expected = json!({ "type": "control", "place": path, "line": 15, "columns": [13, 29] });
    assert_eq!(privileged["detail"], expected);
    let posture = &report["posture"];
    assert_eq!(posture["objects"]["Deployment"], 1);
    let verdicts = |name: &str| posture["verdicts"][name].as_u64().unwrap();
    assert!(verdicts("fail") > 0 && verdicts("fail") <= findings.len() as u64);
    assert!(verdicts("pass") > 0);
    let texts = posture["controls"].as_array().unwrap();
    assert!(texts.iter().any(|it| it["id"] == "privileged-container" && it["fix"] != ""));

    let (_, table, _) = run(folder.path(), &["k8s", "scan", "web.yaml"]);
    assert!(table.contains(&format!("web.yaml:15  {path} is true")), "{table}");
    let (_, table, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "--severity", "low"]);
    assert!(!table.contains("privileged-container"), "{table}");
}

#[test]
fn gates_and_what_cannot_be_read_decide_the_exit_code() {
    let folder = folder(&[("web.yaml", WEB), ("broken.yaml", "kind: [Pod\n")]);
    let (code, ..) = run(folder.path(), &["k8s", "scan", "web.yaml", "--fail-on", "low"]);
    assert_eq!(code, 2);
    let (code, text, errors) = run(folder.path(), &["k8s", "scan", "."]);
    assert_eq!(code, 3, "{errors}");
    assert!(text.contains("broken.yaml:") && text.contains("Deployment shop/web"), "{text}");
}

#[test]
fn every_control_that_is_listed_is_explained() {
    let folder = folder(&[]);
    let (code, text, _) = run(folder.path(), &["k8s", "controls", "list", "-o", "json"]);
    assert_eq!(code, 0);
    let families: Value = serde_json::from_str(&text).unwrap();
    let controls = families.as_array().unwrap().iter().filter_map(|it| it["controls"].as_array());
    let ids: BTreeSet<&str> = controls.flatten().map(|it| it["id"].as_str().unwrap()).collect();
    assert!(ids.len() >= 150, "{}", ids.len());
    let (_, table, _) = run(folder.path(), &["k8s", "controls", "list", "--family", "rbac"]);
    assert!(!table.contains("privileged-container"));
    for id in ids.iter().step_by(40) {
        let (code, text, _) = run(folder.path(), &["k8s", "controls", "explain", id]);
        assert_eq!(code, 0);
        assert!(text.starts_with(id) && text.contains("\nRisk\n") && text.contains("\nFix\n"));
    }
    let (code, _, error) = run(folder.path(), &["k8s", "controls", "explain", "absent"]);
    assert!(code == 1 && error.contains("controls list"), "{error}");
    let (code, _, error) = run(folder.path(), &["k8s", "controls", "list", "--family", "absent"]);
    assert!(code == 1 && error.contains("pod_security"), "{error}");
}

/// What somebody answers for is shown as answered in every form, and what has expired is told.
#[test]
fn exceptions_on_objects_and_in_files_answer_alike() {
    let annotated = WEB.replace(
        "  namespace: shop\n",
        "  namespace: shop\n  annotations:\n    bulkhead.io/except.privileged-container: \"reason=needs the node; \
         owner=platform; until=2999-01-01\"\n    bulkhead.io/except.image-tag-mutable: \"reason=soon; until=2020-01-01\"\n    \
         bulkhead.io/except.seccomp-profile-missing: because\n",
    );
    let ignore = "exceptions:\n- {id: single-replica, objects: [Deployment/shop/*], reason: a test}\n\
                  - {id: cpu-limit-missing, objects: [Pod/*/*], reason: another}\n\
                  - {id: CVE-2019-10744, reason: of another scan}\n";
    let folder = folder(&[("web.yaml", &annotated), ("bulkhead-exceptions.yaml", ignore)]);
    let (_, text, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "-o", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let rules = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().unwrap();
        list.iter().map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
    };
    let answered = report["suppressed"].as_array().unwrap();
    let names: BTreeSet<&str> =
        answered.iter().map(|it| it["finding"]["rule"].as_str().unwrap()).collect();
    assert_eq!(names, ["privileged-container", "single-replica"].into());
    let by =
        &answered.iter().find(|it| it["finding"]["rule"] == "privileged-container").unwrap()["by"];
    let source = json!({
        "type": "annotation", "object": "Deployment shop/web", "file": "web.yaml", "line": 7,
        "key": "bulkhead.io/except.privileged-container",
    });
    assert_eq!((&by["source"], &by["owner"]), (&source, &json!("platform")));
    let open = rules(&report["findings"]);
    for control in ["image-tag-mutable", "seccomp-profile-missing", "cpu-limit-missing"] {
        assert!(open.contains(control), "{control}: {open:?}");
    }
    assert!(!open.contains("privileged-container") && !open.contains("single-replica"));

    let (code, table, _) = run(
        folder.path(),
        &["k8s", "scan", "web.yaml", "--show-suppressed", "--fail-on", "critical"],
    );
    assert_ne!(code, 2, "an answered finding hit the gate");
    for part in [
        "needs the node · owner: platform · until 2999-01-01",
        "expired 2020-01-01",
        "\"because\" is not understood",
        "cpu-limit-missing: does not apply: it is about another product",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(!table.contains("CVE-2019-10744"), "{table}");
    for format in ["sarif", "junit", "html"] {
        let (_, text, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "-o", format]);
        assert!(text.contains("needs the node"), "{format}");
    }
    let (_, text, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "--ignorefile", "none"]);
    assert!(!text.contains("another product"), "{text}");
}

#[test]
fn forms_that_make_no_sense_are_refused_and_explanations_are_given() {
    let folder = folder(&[("web.yaml", WEB)]);
    for format in ["cyclonedx", "spdx"] {
        let (code, _, error) = run(folder.path(), &["k8s", "scan", "web.yaml", "-o", format]);
        assert!(code == 1 && error.contains("lists software"), "{format}: {error}");
    }
    run(folder.path(), &["k8s", "scan", "web.yaml", "-o", "json=report.json"]);
    let (code, text, _) = run(folder.path(), &["explain", "privileged-container", "report.json"]);
    assert_eq!(code, 0);
    assert!(text.contains("web.yaml:15") && text.contains("fix  "), "{text}");
    let (_, page, _) = run(folder.path(), &["k8s", "scan", "web.yaml", "-o", "html"]);
    assert!(page.contains("<svg class=\"map\"") && page.contains("Who can reach whom"));
}

#[test]
fn a_baseline_tells_new_from_known() {
    let folder = folder(&[("web.yaml", WEB)]);
    run(folder.path(), &["k8s", "scan", "web.yaml", "-o", "json=base.json"]);
    fs_err::copy(folder.path().join("web.yaml"), folder.path().join("old.yaml")).unwrap();
    let schema = bulkhead_testing::repository().join("content/schemas/k8s-diff-1.json");
    let schema: Value = serde_json::from_slice(&fs_err::read(schema).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let diff = |base: &str| -> (i32, Value) {
        let arguments = ["k8s", "diff", base, "web.yaml", "--fail-on", "new", "-o", "json"];
        let (code, text, error) = run(folder.path(), &arguments);
        let difference = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{error}"));
        let mistakes: Vec<_> = schema.iter_errors(&difference).map(|it| it.to_string()).collect();
        assert_eq!(mistakes, Vec::<String>::new());
        (code, difference)
    };
    let (code, same) = diff("base.json");
    assert_ne!(code, 2);
    assert_eq!((&same["new"], &same["fixed"]), (&json!([]), &json!([])));
    assert!(same["unchanged"].as_u64().unwrap() > 10);
    let other =
        WEB.replace("privileged: true", "runAsUser: 0").replace("image: nginx", "image: a/b:1");
    fs_err::write(folder.path().join("web.yaml"), other).unwrap();
    let controls = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().unwrap();
        list.iter().map(|it| it["control"].as_str().unwrap().to_owned()).collect()
    };
    for base in ["base.json", "old.yaml"] {
        let (code, difference) = diff(base);
        assert_eq!(code, 2, "{difference}");
        assert!(controls(&difference["fixed"]).contains("privileged-container"), "{difference}");
        assert!(controls(&difference["fixed"]).contains("image-tag-mutable"), "{difference}");
        assert!(!controls(&difference["new"]).contains("single-replica"), "{difference}");
        let drift = &difference["drift"]["changed"];
        let expected =
            if base == "old.yaml" { json!(["Deployment shop/web"]) } else { Value::Null };
        assert_eq!(drift, &expected);
    }
    let (_, table, _) = run(folder.path(), &["k8s", "diff", "base.json", "web.yaml"]);
    assert!(table.contains("fail → nothing"), "{table}");
}
