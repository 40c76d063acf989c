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
