//! Repairs of a cluster by the binary, under the role for them in one namespace.

use std::path::Path;

use bulkhead_cluster::{Cluster, Method};
use serde_json::{Value, json};

use crate::command::{
    Ended, command, create, create_shipped_role, deployment, grant, kubeconfig, run, wait_until,
    wait_until_allowed,
};
use crate::{kubernetes, world};

const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";
const TOOLS: &str = "/apis/apps/v1/namespaces/shop/deployments/tools";

#[test]
fn clusters_are_mended_with_the_shipped_roles_and_no_more() {
    let Some(kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    // A policy that the server fills in belongs to whoever made the object.
    let fetched = json!({ "imagePullPolicy": "Always" });
    for namespace in ["shop", "closed"] {
        world::create_namespace(&admin, namespace);
        create(&admin, "apps", "deployments", namespace, &deployment("web", &fetched));
    }
    let mut tools = deployment("tools", &fetched);
    let exception = "reason=it pings; owner=ops; until=2999-01-01";
    tools["metadata"]["annotations"] =
        json!({ "bulkhead.io/except.privilege-escalation-allowed": exception });
    create(&admin, "apps", "deployments", "shop", &tools);
    for path in [WEB, TOOLS, "/apis/apps/v1/namespaces/closed/deployments/web"] {
        become_well(&admin, path);
    }
    create_shipped_role(&admin, "scan-role.yaml", "bulkhead-scan", |_| {});
    create_shipped_role(&admin, "repair-role.yaml", "bulkhead-repair", |_| {});
    grant(&admin, "bulkhead-scan", "mender", None);
    grant(&admin, "bulkhead-repair", "mender", Some("shop"));
    let nodes = json!({ "verb": "list", "resource": "nodes" });
    let patch =
        json!({ "verb": "patch", "group": "apps", "resource": "deployments", "namespace": "shop" });
    for attributes in [nodes, patch] {
        wait_until_allowed(&admin, "mender", &attributes);
    }

    let folder = tempfile::tempdir().unwrap();
    let bench = Bench {
        folder: folder.path(),
        kubeconfig: kubeconfig(&kubernetes, "mender"),
        admin: &admin,
    };
    bench.plans();
    let (web, tools) = bench.applies();
    bench.changes_nothing_twice();
    bench.takes_back(&web, &tools);
    bench.is_refused_elsewhere();
}

struct Bench<'a> {
    folder: &'a Path,
    kubeconfig: String,
    admin: &'a Cluster,
}

impl Bench<'_> {
    fn arguments<'b>(&'b self, arguments: &[&'b str]) -> Vec<&'b str> {
        let fix = ["k8s", "fix", "--cluster", "--kubeconfig", &self.kubeconfig, "--state", "state"];
        [&fix[..], &["-o", "json", "--healthy-within", "60", "--healthy-for", "1"], arguments]
            .concat()
    }

    fn fix(&self, arguments: &[&str]) -> Ended {
        run(self.folder, &self.arguments(arguments))
    }

    fn get(&self, path: &str) -> Value {
        self.admin.ask(Method::Get, path, None).unwrap()
    }

    fn plans(&self) {
        let before = self.get(WEB);
        let ended = self.fix(&["--namespace", "shop"]);
        let plan = ended.json();
        assert_eq!(ended.code, 0, "{plan} {}", ended.errors);
        let states = of_changes(&plan, "state");
        assert!(!states.is_empty() && states.iter().all(|state| state == "planned"), "{plan}");
        assert!(of_changes(&plan, "target").contains(&"Deployment shop/web".to_owned()), "{plan}");
        assert!(plan["changes"].to_string().contains("allowPrivilegeEscalation"));
        let accepted = &plan["accepted"][0];
        assert_eq!(accepted["object"], "Deployment shop/tools", "{plan}");
        assert_eq!(self.get(WEB), before, "a plan changes the object");
    }

    /// Gives the records of both Deployments. No kubelet runs here: the test tells that all is well.
    fn applies(&self) -> (String, String) {
        let before = [WEB, TOOLS].map(|path| generation(&self.get(path)));
        let mut process =
            command(self.folder, &self.arguments(&["--namespace", "shop", "--apply"]))
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
        let mut left: Vec<(&str, i64)> = [WEB, TOOLS].into_iter().zip(before).collect();
        wait_until("both Deployments are changed, or it ended", || {
            left.retain(|(path, before)| {
                let is_changed = generation(&self.get(path)) != *before;
                if is_changed {
                    become_well(self.admin, path);
                }
                !is_changed
            });
            left.is_empty() || process.try_wait().unwrap().is_some()
        });
        let output = process.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{answer} {errors}");
        let states = of_changes(&answer, "state");
        assert!(states.iter().all(|state| state == "done"), "{answer}");
        let escalates = |path: &str| {
            let live = self.get(path);
            let container = &live["spec"]["template"]["spec"]["containers"][0];
            container["securityContext"]["allowPrivilegeEscalation"].clone()
        };
        assert_eq!((escalates(WEB), escalates(TOOLS)), (json!(false), Value::Null));
        let id = |object: &str| {
            let mut changes = answer["changes"].as_array().unwrap().iter();
            let change = changes.find(|change| change["target"] == object).unwrap();
            change["id"].as_str().unwrap().to_owned()
        };
        (id("Deployment shop/web"), id("Deployment shop/tools"))
    }

    fn changes_nothing_twice(&self) {
        let before = self.get(WEB);
        let ended = self.fix(&["--namespace", "shop", "--apply"]);
        assert_eq!((ended.code, &ended.json()["changes"]), (0, &json!([])), "{}", ended.errors);
        assert_eq!(self.get(WEB), before);
        let list = run(self.folder, &["k8s", "fix", "--list", "--state", "state", "-o", "json"]);
        assert_eq!(list.code, 0, "{}", list.errors);
        let targets = of_changes(&list.json(), "target");
        assert!(targets.contains(&"Deployment shop/tools".to_owned()), "{targets:?}");
    }

    fn takes_back(&self, web: &str, tools: &str) {
        let without = run(self.folder, &["k8s", "fix", "--rollback", web, "--state", "state"]);
        assert!(without.code == 1 && without.errors.contains("--cluster"), "{}", without.errors);
        for id in [web, tools] {
            let ended = self.fix(&["--rollback", id]);
            assert_eq!(ended.code, 0, "{}", ended.errors);
            assert_eq!(of_changes(&ended.json(), "state"), ["rolled_back"]);
        }
        for path in [WEB, TOOLS] {
            let live = self.get(path);
            let container = &live["spec"]["template"]["spec"]["containers"][0];
            assert!(container.get("securityContext").is_none_or(|it| *it == json!({})), "{live}");
            let managers = live["metadata"]["managedFields"].to_string();
            assert!(!managers.contains("bulkhead-fix"), "{managers}");
        }
    }

    /// Where the role is not bound nothing is changed, and that is told.
    fn is_refused_elsewhere(&self) {
        let path = "/apis/apps/v1/namespaces/closed/deployments/web";
        let before = self.get(path);
        let ended = self.fix(&["--namespace", "closed", "--apply"]);
        let answer = ended.json();
        assert_eq!(ended.code, 3, "{answer}");
        let states = of_changes(&answer, "state");
        assert!(states.iter().all(|state| state == "failed" || state == "refused"), "{answer}");
        assert!(
            of_changes(&answer, "reason").iter().any(|it| it.contains("forbidden")),
            "{answer}"
        );
        assert_eq!(self.get(path), before);
    }
}

fn of_changes(answer: &Value, key: &str) -> Vec<String> {
    let changes = answer["changes"].as_array().unwrap().iter();
    changes.filter_map(|change| change[key].as_str()).map(str::to_owned).collect()
}

fn generation(object: &Value) -> i64 {
    object["metadata"]["generation"].as_i64().unwrap()
}

/// Plays the controller of a Deployment: its newest form runs.
fn become_well(admin: &Cluster, path: &str) {
    let live: Value = admin.ask(Method::Get, path, None).unwrap();
    let status = json!({ "status": {
        "observedGeneration": live["metadata"]["generation"], "replicas": 2,
        "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
    } });
    let path = format!("{path}/status?fieldManager=controller");
    admin.ask::<Value>(Method::Merge, &path, Some(&status)).unwrap();
}
