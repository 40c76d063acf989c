//! `bulkhead k8s` on manifests.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

/// `pipeline` deploys where `operator`, who may everything, lives.
const MANIFESTS: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything}
rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: operators}
roleRef: {kind: ClusterRole, name: everything}
subjects: [{kind: ServiceAccount, name: operator, namespace: tools}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: tools}
rules: [{verbs: [get, create], apiGroups: [apps], resources: [deployments]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pipeline, namespace: tools}
roleRef: {kind: Role, name: deployer}
subjects: [{kind: ServiceAccount, name: pipeline, namespace: build}]
";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().env("HOME", folder).current_dir(folder);
    command.args(["k8s", "rbac"]).args(arguments).output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir(folder.path().join("app")).unwrap();
    fs_err::write(folder.path().join("app/rights.yaml"), MANIFESTS).unwrap();
    fs_err::write(folder.path().join("app/notes.txt"), "no manifest").unwrap();
    folder
}

/// The lines of the result, after the exit code was seen to be this one.
fn lines(output: &Output, code: i32) -> Vec<String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn who_can_names_subjects_and_reasons() {
    let folder = folder();
    let found = lines(&run(folder.path(), &["who-can", "create", "deployments", "app"]), 0);
    assert_eq!(
        found,
        [
            "service account build/pipeline",
            "    in tools, by RoleBinding tools/pipeline: Role deployer has get, create deployments of apps",
            "service account tools/operator",
            "    everywhere, by ClusterRoleBinding operators: ClusterRole everything has * * of *",
            "",
            "2 subjects can create deployments.apps. Members of the group system:masters always can.",
        ]
    );
    let elsewhere = ["who-can", "create", "deployments", "app", "-n", "shop", "-o", "json"];
    let answer: Value = serde_json::from_slice(&run(folder.path(), &elsewhere).stdout).unwrap();
    assert_eq!(answer["holders"].as_array().unwrap().len(), 1);
    assert_eq!(answer["holders"][0]["subject"], "service account tools/operator");
}

/// Every cluster has `cluster-admin`; what other roles grant that the files do not have is not known.
#[test]
fn bindings_to_roles_that_the_files_do_not_have() {
    let folder = folder();
    let binding = |name: &str, role: &str| {
        format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n\
             metadata: {{name: {name}}}\nroleRef: {{kind: ClusterRole, name: {role}}}\n\
             subjects: [{{kind: User, name: {name}}}]\n"
        )
    };
    fs_err::write(folder.path().join("eve.yaml"), binding("eve", "cluster-admin")).unwrap();
    let found = lines(&run(folder.path(), &["who-can", "get", "/metrics", "eve.yaml"]), 0);
    assert_eq!(found[0], "user eve");
    let found = lines(&run(folder.path(), &["paths", "eve.yaml"]), 0);
    assert_eq!(found[0], "user eve");
    fs_err::write(folder.path().join("ann.yaml"), binding("ann", "edit")).unwrap();
    let output = run(folder.path(), &["who-can", "get", "secrets", "ann.yaml"]);
    lines(&output, 3);
    let said = "not assessed: ClusterRoleBinding ann: ClusterRole edit is not in what was given";
    assert!(String::from_utf8_lossy(&output.stderr).contains(said));
}

/// A cluster whose API server asks a policy file, too.
#[test]
fn who_can_reads_policies_of_attributes() {
    let folder = folder();
    let policy = |spec: &str| {
        format!(
            "{{\"apiVersion\":\"abac.authorization.kubernetes.io/v1beta1\",\"kind\":\"Policy\",\"spec\":{spec}}}\n"
        )
    };
    let text =
        policy(r#"{"user":"kim","namespace":"tools","resource":"deployments","apiGroup":"apps"}"#)
            + &policy(
                r#"{"user":"lee","namespace":"*","resource":"*","apiGroup":"*","readonly":true}"#,
            );
    fs_err::write(folder.path().join("policy.jsonl"), &text).unwrap();
    let asked = ["who-can", "create", "deployments", "app", "--abac-policy", "policy.jsonl"];
    let found = lines(&run(folder.path(), &asked), 0);
    assert_eq!(found[4..6], ["user kim", "    in tools, by ABAC: policy.jsonl:1"]);
    assert!(found[7].starts_with("3 subjects can create deployments.apps."), "{found:?}");
    fs_err::write(folder.path().join("policy.jsonl"), text + "{\n").unwrap();
    let output = run(folder.path(), &[&asked[..], &["-o", "json"]].concat());
    assert_eq!(output.status.code(), Some(3));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["attributes"][0]["subject"], "user kim");
    assert!(answer["not_assessed"].to_string().contains("policy.jsonl:3: "), "{answer}");
}

#[test]
fn paths_show_each_step_with_its_rights() {
    let folder = folder();
    let found = lines(&run(folder.path(), &["paths", "app"]), 0);
    assert_eq!(
        found[..6],
        [
            "service account build/pipeline",
            "    runs a Pod as a service account → every service account in namespace tools",
            "        RoleBinding tools/pipeline grants Role deployer: get, create deployments of apps",
            "    is or has → service account tools/operator",
            "    holds every right → every right in the cluster",
            "        ClusterRoleBinding operators grants ClusterRole everything: * * of *",
        ]
    );
    let to = ["paths", "app", "--to", "account:tools/operator", "-o", "json"];
    let answer: Value = serde_json::from_slice(&run(folder.path(), &to).stdout).unwrap();
    assert_eq!(answer["paths"].as_array().unwrap().len(), 1);
    assert_eq!(answer["paths"][0]["steps"][0]["escalation"], "create-workload");
}

#[test]
fn logs_show_what_is_not_used_and_what_suffices() {
    let folder = folder();
    let event = |verb: &str, decision: &str| {
        json!({
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "verb": verb,
            "user": { "username": "system:serviceaccount:build:pipeline" },
            "objectRef": { "resource": "deployments", "apiGroup": "apps", "namespace": "tools" },
            "requestReceivedTimestamp": "2026-01-02T03:04:05Z",
            "annotations": { "authorization.k8s.io/decision": decision },
        })
    };
    let log = format!("{}\n{}\n", event("create", "allow"), event("delete", "forbid"));
    fs_err::write(folder.path().join("audit.log"), &log).unwrap();
    let found = lines(&run(folder.path(), &["unused", "--audit-log", "audit.log", "app"]), 0);
    assert_eq!(
        found,
        [
            "ClusterRoleBinding operators: ClusterRole everything to service account tools/operator",
            "    nothing of it was used",
            "RoleBinding tools/pipeline: Role deployer to service account build/pipeline",
            "    not used: get deployments of apps",
            "",
            "2 bindings grant what was not used in 1 allowed and 1 denied requests from \
         2026-01-02T03:04:05Z to 2026-01-02T03:04:05Z.",
        ]
    );
    let output = run(folder.path(), &["suggest", "--audit-log", "audit.log", "app"]);
    let found = lines(&output, 0);
    assert!(found.iter().any(|line| line.starts_with("# 1 requests")), "{found:?}");
    // What is written can be read again, and lets the account do just that.
    fs_err::write(folder.path().join("least.yaml"), &output.stdout).unwrap();
    for (verb, count) in [("create", 1), ("get", 0)] {
        let asked = ["who-can", verb, "deployments", "least.yaml", "-n", "tools", "-o", "json"];
        let output = run(folder.path(), &asked);
        assert_eq!(output.status.code(), Some(0));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["holders"].as_array().unwrap().len(), count, "{answer}");
    }
    fs_err::write(folder.path().join("audit.log"), format!("{log}{{\n")).unwrap();
    let output = run(folder.path(), &["unused", "--audit-log", "audit.log", "app"]);
    lines(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("not assessed: audit.log:3: "));
}

/// As a server rotates its log, and as its webhook is sent it.
#[test]
fn logs_are_read_as_they_are_kept() {
    let folder = folder();
    let event = |verb: &str, time: &str| {
        json!({
            "verb": verb,
            "user": { "username": "system:serviceaccount:build:pipeline" },
            "objectRef": { "resource": "deployments", "apiGroup": "apps", "namespace": "tools" },
            "requestReceivedTimestamp": time,
            "annotations": { "authorization.k8s.io/decision": "allow" },
        })
    };
    let logs = folder.path().join("logs");
    fs_err::create_dir(&logs).unwrap();
    let mut line = event("get", "2026-01-02T00:00:00Z");
    line["kind"] = "Event".into();
    line["apiVersion"] = "audit.k8s.io/v1".into();
    let rotated = logs.join("audit-2026-01-02T01-00-00.000.log");
    fs_err::write(&rotated, format!("{line}\n")).unwrap();
    assert!(std::process::Command::new("gzip").arg(rotated).status().unwrap().success());
    let sent = json!({
        "kind": "EventList",
        "apiVersion": "audit.k8s.io/v1",
        "metadata": {},
        "items": [event("update", "2026-01-01T00:00:00Z"), event("create", "2026-01-03T00:00:00Z")],
    });
    fs_err::write(logs.join("webhook.json"), format!("{sent:#}\n{sent}\n")).unwrap();
    let found = lines(&run(folder.path(), &["unused", "--audit-log", "logs", "app"]), 0);
    assert_eq!(
        found.last().unwrap(),
        "1 binding grants what was not used in 5 allowed and 0 denied requests from \
         2026-01-01T00:00:00Z to 2026-01-03T00:00:00Z."
    );
}

#[test]
fn what_is_not_understood_is_not_assessed_and_mistakes_have_hints() {
    let folder = folder();
    let odd = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: odd}\n\
               roleRef: {kind: Widget, name: x}\n";
    fs_err::write(folder.path().join("app/odd.yml"), odd).unwrap();
    let output = run(folder.path(), &["paths", "app"]);
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("ClusterRoleBinding odd: it cannot grant a Widget"), "{errors}");
    for (arguments, error) in [
        (&["who-can", "get", "deployment", "app"][..], "no resource \"deployment\" is known"),
        (&["who-can", "get", "pods"], "<PATH"),
        (&["paths", "app", "--to", "moon"], "\"moon\" is no goal"),
        (&["paths", "--cluster", "--kubeconfig", "absent"], "cannot use absent"),
        (&["paths", "app", "--kubeconfig", "absent"], "cannot be used with"),
        (&["paths", "app", "--context", "absent"], "cannot be used with"),
        (&["unused", "app"], "--audit-log"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(errors.contains(error), "{arguments:?}: {errors}");
    }
}
