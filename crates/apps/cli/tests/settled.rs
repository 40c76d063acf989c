//! What judging is told of beforehand: values of charts, and what the organisation decides.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, cost-centre: a1}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: nginx
          image: docker.io/library/nginx:1.27
          resources: {limits: {memory: 8Gi, cpu: 1}}
";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, path: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().env("PATH", path).current_dir(folder).args(arguments);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The controls that fail.
fn failing(text: &str) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(text).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn charts_are_judged_with_the_values_that_are_given() {
    let Some(helm) = bulkhead_testing::tool("helm") else { return };
    let template = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\n\
                    spec:\n  containers:\n    - name: a\n      image: {{ required \"an image is needed\" .Values.image }}\n      \
                    securityContext: {privileged: {{ .Values.privileged }}}\n";
    let folder = folder(&[
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("chart/values.yaml", "privileged: false\n"),
        ("chart/templates/pod.yaml", template),
        ("live.yaml", "image: registry.example/a:1\nprivileged: true\n"),
        ("plain.yaml", DEPLOYMENT),
    ]);
    let run = |arguments: &[&str]| run(folder.path(), helm.parent().unwrap(), arguments);
    let scan = ["k8s", "scan", "chart", "-o", "json"];
    // A template that fails is not checkable, with its reason.
    let (code, text, _) = run(&scan);
    assert_eq!(code, 3, "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let gap = &report["not_assessed"][0];
    assert_eq!((&gap["what"], &gap["file"]), (&"manifest".into(), &"chart".into()), "{text}");
    assert!(gap["cause"].as_str().unwrap().contains("an image is needed"), "{gap}");

    let release = ["--release-name", "live", "--release-namespace", "shop"];
    let (code, text, errors) = run(&[&scan[..], &["--values", "live.yaml"], &release].concat());
    assert_eq!(code, 0, "{text} {errors}");
    assert!(failing(&text).contains("privileged-container"));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["findings"][0]["subject"]["name"], "live");
    assert_eq!(report["findings"][0]["subject"]["namespace"], "shop");
    let less = ["--values", "live.yaml", "--set", "privileged=false"];
    let (code, text, _) = run(&[&scan[..], &less].concat());
    assert_eq!(code, 0, "{text}");
    assert!(!failing(&text).contains("privileged-container"));

    // Nothing is fetched for values, and values for nothing are told.
    for absent in ["absent.yaml", "https://charts.example/values.yaml"] {
        let (code, _, errors) = run(&[&scan[..], &["--values", absent]].concat());
        assert_eq!(code, 1, "{errors}");
        assert!(errors.contains(absent) && errors.contains("on this machine"), "{errors}");
    }
    let (_, _, errors) = run(&["k8s", "scan", "plain.yaml", "--set", "a=b"]);
    assert!(errors.contains("nothing that was read is a chart"), "{errors}");
}

#[test]
fn what_the_organisation_decides_is_judged_by_every_command() {
    let settings = "allowed-registry: [registry.example/team]\nresource-bounds: [limits.memory=64Mi..4Gi]\n\
                    management-label: [cost-centre]\n";
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("bulkhead.yaml", settings)]);
    let run = |arguments: &[&str]| run(folder.path(), Path::new(""), arguments);
    let decided = ["image-registry-not-allowed", "amount-outside-bounds"];
    let scan = ["k8s", "scan", "web.yaml", "-o", "json"];
    let (_, text, errors) = run(&scan);
    let found = failing(&text);
    assert!(decided.iter().all(|it| found.contains(*it)), "{found:?} {errors}");
    // The label stands on the Deployment; its pods have none of those that count.
    assert!(found.contains("management-labels-missing"), "{found:?}");

    // A flag wins over the file, before and behind the command.
    let other = ["--allowed-registry", "docker.io/library", "--management-label", "app"];
    for arguments in [[&scan[..], &other].concat(), [&["k8s"], &other[..], &scan[1..]].concat()] {
        let (_, text, errors) = run(&arguments);
        let found = failing(&text);
        assert!(!found.contains("image-registry-not-allowed"), "{errors}");
        assert!(!found.contains("management-labels-missing"), "{errors}");
        assert!(found.contains("amount-outside-bounds"), "{errors}");
    }
    // Without the file nothing of it holds.
    let (_, text, _) = run(&[&scan[..], &["--config", "/dev/null"]].concat());
    let found = failing(&text);
    assert!(decided.iter().all(|it| !found.contains(*it)), "{found:?}");

    let (_, text, _) = run(&["k8s", "controls", "explain", "image-registry-not-allowed"]);
    assert!(
        text.contains("--allowed-registry") && text.contains("registry.example/team"),
        "{text}"
    );
    let (_, text, _) = run(&["k8s", "controls", "explain", "image-registry-denied"]);
    assert!(text.contains("denied-registry") && text.contains("nothing"), "{text}");
    let (_, text, _) = run(&["config", "show"]);
    let line = text.lines().find(|line| line.starts_with("allowed-registry")).unwrap();
    assert!(line.contains("bulkhead.yaml:1"), "{line}");

    let (code, _, errors) = run(&[&scan[..], &["--resource-bounds", "limits.cpu=2..1"]].concat());
    assert_eq!(code, 1);
    assert!(errors.contains("more at least than at most"), "{errors}");
}

/// What a control says of its settings names flags that there are.
#[test]
fn settings_of_controls_are_flags() {
    let folder = folder(&[]);
    let run = |arguments: &[&str]| run(folder.path(), Path::new(""), arguments);
    let (_, text, _) = run(&["k8s", "controls", "list", "-o", "json"]);
    let families: Value = serde_json::from_str(&text).unwrap();
    let controls = families.as_array().unwrap().iter();
    let controls = controls.flat_map(|family| family["controls"].as_array().unwrap());
    let named: BTreeSet<&str> = controls
        .flat_map(|control| control["settings"].as_array().into_iter().flatten())
        .map(|name| name.as_str().unwrap())
        .collect();
    assert!(named.len() >= 6, "{named:?}");
    let (_, help, _) = run(&["k8s", "scan", "--help"]);
    for name in named {
        assert!(help.contains(&format!("--{name} ")), "no flag --{name}");
    }
}
