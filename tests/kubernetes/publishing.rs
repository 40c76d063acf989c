//! Results of scans as objects of the cluster, by the published definitions of `OpenReports`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_cluster::{Cluster, Method};
use serde_json::{Value, json};

use crate::command::{
    create, create_shipped_role, deployment, grant, kubeconfig, run, wait_until, wait_until_allowed,
};
use crate::{kubernetes, world};

/// The release whose definitions are installed.
const MODULE: &str = "github.com/openreports/reports-api@v0.2.1";

const API: &str = "/apis/openreports.io/v1alpha1";

#[test]
fn results_are_published_as_one_object_a_namespace() {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let Some(kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    furnish(&admin);
    create_shipped_role(&admin, "scan-role.yaml", "bulkhead-scan", |_| {});
    grant(&admin, "bulkhead-scan", "auditor", None);
    wait_until_allowed(&admin, "auditor", &json!({ "verb": "list", "resource": "nodes" }));
    let auditor = kubeconfig(&kubernetes, "auditor");
    let scan = || {
        let arguments = ["k8s", "scan", "--cluster", "--kubeconfig", &auditor, "--publish"];
        run(
            folder.path(),
            &[&arguments[..], &["-o", "json", "-o", "openreports=list.json"]].concat(),
        )
    };

    let ended = scan();
    assert_eq!(ended.code, 1, "{}", ended.errors);
    assert!(ended.errors.contains("github.com/openreports/reports-api"), "{}", ended.errors);
    install(&admin, &definitions(&go, folder.path()));
    let ended = scan();
    assert_eq!(ended.code, 1, "{}", ended.errors);
    assert!(ended.errors.contains("report-role.yaml"), "{}", ended.errors);
    create_shipped_role(&admin, "report-role.yaml", "bulkhead-report", |_| {});
    grant(&admin, "bulkhead-report", "auditor", None);
    let reports = json!({ "verb": "patch", "group": "openreports.io", "resource": "reports" });
    wait_until_allowed(&admin, "auditor", &reports);

    let ended = scan();
    assert_eq!(ended.code, 3, "Secrets were not asked for: {}", ended.errors);
    let report = ended.json();
    tells_what_the_scan_found(&admin, &report);
    is_taken_without_an_unknown_field(&admin, &folder.path().join("list.json"));

    // The next scan writes over what the last one wrote.
    let mended = json!({ "spec": { "template": { "spec": { "containers": [
        { "name": "web", "image": "registry.example.com/web:1.2",
          "securityContext": { "privileged": false } }] } } } });
    let path = "/apis/apps/v1/namespaces/shop/deployments/web";
    admin.ask::<Value>(Method::Merge, path, Some(&mended)).unwrap();
    assert_eq!(scan().code, 3);
    let own = report_of(&admin, "shop");
    assert_eq!(results(&own, "privileged-container", "fail").len(), 0, "{own}");
    assert_eq!(own["metadata"]["managedFields"].as_array().unwrap().len(), 1, "{own}");
}

fn tells_what_the_scan_found(admin: &Cluster, report: &Value) {
    let all: Value = admin.ask(Method::Get, &format!("{API}/reports"), None).unwrap();
    let places: Vec<&str> = all["items"].as_array().unwrap().iter().map(namespace).collect();
    let namespaces: Value = admin.ask(Method::Get, "/api/v1/namespaces", None).unwrap();
    let names = namespaces["items"].as_array().unwrap().iter();
    let names: BTreeSet<&str> = names.map(|it| it["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(places.iter().copied().collect::<BTreeSet<_>>(), names);
    assert_eq!(places.len(), names.len(), "one a namespace");

    let own = report_of(admin, "shop");
    let failed = results(&own, "privileged-container", "fail");
    let [result] = failed[..] else { panic!("{failed:?}") };
    assert_eq!(result["severity"], "critical");
    assert_eq!(
        result["resources"],
        json!([{ "kind": "Deployment", "name": "web", "namespace": "shop" }])
    );
    let skipped = results(&own, "privileged-container", "skip");
    assert_eq!(skipped[0]["properties"]["owner"], "platform", "{skipped:?}");
    assert_eq!(skipped[0]["resources"][0]["name"], "agent");
    let counts = &report["posture"]["namespaces"]["shop"];
    let number = |value: &Value| value.as_u64().unwrap();
    let summary = &own["summary"];
    assert_eq!(number(&summary["fail"]) + number(&summary["skip"]), number(&counts["fail"]));
    assert_eq!((&summary["pass"], &summary["error"]), (&counts["pass"], &counts["not_checkable"]));
    assert!(number(&summary["pass"]) > 0 && number(&summary["skip"]) == 1, "{summary}");

    let path = format!("{API}/clusterreports/bulkhead-posture");
    let whole: Value = admin.ask(Method::Get, &path, None).unwrap();
    let gaps = results(&whole, "not-assessed", "error");
    assert!(gaps.iter().any(|it| it["message"].to_string().contains("secrets")), "{gaps:?}");
}

/// A server that is asked to refuses fields that the definitions do not have.
fn is_taken_without_an_unknown_field(admin: &Cluster, list: &Path) {
    let list: Value = serde_json::from_slice(&fs_err::read(list).unwrap()).unwrap();
    let items = list["items"].as_array().unwrap();
    assert!(items.len() > 1);
    for item in items {
        let mut copy = item.clone();
        copy["metadata"]["name"] = json!("copy");
        let place = match item["metadata"]["namespace"].as_str() {
            Some(namespace) => format!("namespaces/{namespace}/reports"),
            None => "clusterreports".to_owned(),
        };
        let path = format!("{API}/{place}?fieldValidation=Strict&dryRun=All");
        admin.ask::<Value>(Method::Post, &path, Some(&copy)).unwrap();
    }
}

fn furnish(admin: &Cluster) {
    world::create_namespace(admin, "shop");
    let privileged = json!({ "securityContext": { "privileged": true } });
    create(admin, "apps", "deployments", "shop", &deployment("web", &privileged));
    let mut agent = deployment("agent", &privileged);
    agent["metadata"]["annotations"] = json!({ "bulkhead.io/except.privileged-container":
        "reason=it drives a device; owner=platform; until=2999-01-01" });
    create(admin, "apps", "deployments", "shop", &agent);
}

/// The files of definitions, out of the module that their publisher has made.
fn definitions(go: &Path, folder: &Path) -> PathBuf {
    let mut command = Command::new(go);
    command
        .args(["mod", "download", "-json", MODULE])
        .current_dir(folder)
        .env("GOFLAGS", "-mod=mod");
    let output = command.output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let folder = said["Dir"].as_str().unwrap_or_else(|| panic!("{said}"));
    Path::new(folder).join("config/crd")
}

fn install(admin: &Cluster, folder: &Path) {
    for name in ["openreports.io_reports.yaml", "openreports.io_clusterreports.yaml"] {
        let text = fs_err::read(folder.join(name)).unwrap();
        let definition: Value = serde_saphyr::from_slice(&text).unwrap();
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        admin.ask::<Value>(Method::Post, path, Some(&definition)).unwrap();
    }
    wait_until("the reports are served", || {
        ["reports", "clusterreports"]
            .iter()
            .all(|plural| admin.ask::<Value>(Method::Get, &format!("{API}/{plural}"), None).is_ok())
    });
}

fn report_of(admin: &Cluster, namespace: &str) -> Value {
    let path = format!("{API}/namespaces/{namespace}/reports/bulkhead-posture");
    admin.ask(Method::Get, &path, None).unwrap()
}

fn results<'a>(report: &'a Value, control: &str, outcome: &str) -> Vec<&'a Value> {
    let results = report["results"].as_array().unwrap().iter();
    results.filter(|it| it["policy"] == control && it["result"] == outcome).collect()
}

fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap()
}
