//! Scans of a cluster by the binary: whole, with lists that are forbidden, cut short, and against a snapshot.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bulkhead_cluster::{Cluster, Method};
use serde_json::{Value, json};

use crate::command::{
    Ended, base, create, create_shipped_role, deployment, grant, kubeconfig, run, wait_until,
    wait_until_allowed,
};
use crate::{kubernetes, world};

#[test]
fn clusters_are_scanned_with_the_shipped_role_and_no_more() {
    let Some(kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    furnish(&admin);
    create_shipped_role(&admin, "scan-role.yaml", "bulkhead-scan", |_| {});
    grant(&admin, "bulkhead-scan", "auditor", None);
    // The same, but for policies and bindings.
    create_shipped_role(&admin, "scan-role.yaml", "half", |rules| {
        for rule in rules {
            let resources = rule["resources"].as_array_mut().unwrap();
            resources.retain(|it| it != "networkpolicies" && it != "clusterrolebindings");
        }
    });
    grant(&admin, "half", "half-blind", None);
    let nodes = json!({ "verb": "list", "resource": "nodes" });
    wait_until_allowed(&admin, "auditor", &nodes);
    wait_until_allowed(&admin, "half-blind", &nodes);

    let folder = tempfile::tempdir().unwrap();
    let bench = Bench { folder: folder.path(), auditor: kubeconfig(&kubernetes, "auditor") };
    bench.scans_whole();
    bench.tells_what_is_forbidden(&kubeconfig(&kubernetes, "half-blind"));
    bench.survives_a_server_that_goes_away();
    bench.answers_questions_about_rights_and_reach();
    bench.tells_what_changed(&admin);
}

struct Bench<'a> {
    folder: &'a Path,
    auditor: String,
}

impl Bench<'_> {
    fn run(&self, arguments: &[&str]) -> Ended {
        run(self.folder, arguments)
    }

    fn ask(&self, arguments: &[&str]) -> Ended {
        let cluster = ["--cluster", "--kubeconfig", &self.auditor];
        self.run(&[arguments, &cluster].concat())
    }

    /// Everything but Secrets, which are not asked for; a snapshot gives the same again.
    fn scans_whole(&self) {
        let arguments = ["k8s", "scan", "--snapshot", "cluster.snapshot", "-o", "json"];
        let ended = self.ask(&arguments);
        let live = ended.json();
        assert_eq!(collections(&live), ["secrets".to_owned()].into(), "{}", ended.errors);
        assert_eq!(ended.code, 3, "{}", ended.errors);
        let privileged = findings(&live, "privileged-container");
        assert_eq!(privileged, ["Deployment shop/web".to_owned()].into());
        assert_eq!(live["target"]["kind"], "cluster");
        // No manager of fields, no audit log and no snapshot shows who asked with which key.
        assert!(!ended.text.contains("PRIVATE KEY"), "a secret in the report");

        let again = self.run(&["k8s", "scan", "cluster.snapshot", "-o", "json"]);
        assert_eq!(again.code, ended.code, "{}", again.errors);
        let replayed = again.json();
        assert_eq!(replayed["target"]["kind"], "snapshot");
        assert_eq!(ids(&live), ids(&replayed));
        for part in ["verdicts", "objects"] {
            assert_eq!(live["posture"][part], replayed["posture"][part], "{part}");
        }
        assert_eq!(live["not_assessed"], replayed["not_assessed"]);
    }

    /// What may not be listed is named, and nothing is said to be missing for it.
    fn tells_what_is_forbidden(&self, half_blind: &str) {
        let cluster = ["k8s", "scan", "--cluster", "--kubeconfig", half_blind];
        let ended = self.run(&[&cluster[..], &["-o", "json"]].concat());
        assert_eq!(ended.code, 3, "{}", ended.errors);
        let report = ended.json();
        let expected = [
            "secrets",
            "networkpolicies.networking.k8s.io",
            "clusterrolebindings.rbac.authorization.k8s.io",
        ];
        assert_eq!(collections(&report), expected.map(str::to_owned).into());
        let open = report["posture"]["not_checkable"].as_array().unwrap();
        assert!(
            open.iter().any(|it| it["subject"]["name"] == "web" && lacks(it, "policies")),
            "{open:?}"
        );
        assert_eq!(findings(&report, "network-policy-missing"), BTreeSet::new());
        let table = self.run(&cluster);
        assert_eq!(table.code, 3);
        assert!(table.text.contains("networkpolicies.networking.k8s.io"), "{}", table.text);
        assert!(table.text.contains("forbidden"), "{}", table.text);
    }

    /// The rest is not assessed then; what was read is judged.
    fn survives_a_server_that_goes_away(&self) {
        let tap = Tap::start(&self.auditor, 64 << 10);
        let cut = self.folder.join("cut.kubeconfig");
        fs_err::write(&cut, &tap.kubeconfig).unwrap();
        let arguments =
            ["k8s", "scan", "--cluster", "--kubeconfig", "cut.kubeconfig", "-o", "json"];
        let ended = self.run(&arguments);
        assert_eq!(ended.code, 3, "{} {}", ended.text, ended.errors);
        let report = ended.json();
        let collections = collections(&report);
        assert!(collections.len() > 5, "{collections:?}");
        assert!(!collections.contains("namespaces"), "nothing was read before: {collections:?}");
        let causes = report["not_assessed"].to_string();
        assert!(causes.contains("gives no answer"), "{causes}");
        assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
        // From the first answer on it is an error with a hint.
        let ended = self.run(&arguments);
        assert_eq!(ended.code, 1, "{}", ended.text);
        assert!(ended.errors.contains("gives no answer"), "{}", ended.errors);
    }

    fn answers_questions_about_rights_and_reach(&self) {
        let reach = self.ask(&["k8s", "netpol", "reach", "-o", "json"]);
        assert_eq!(reach.code, 0, "{}", reach.errors);
        assert!(reach.text.contains("shop/web"), "{}", reach.text);
        let who = self.ask(&["k8s", "rbac", "who-can", "list", "nodes", "-o", "json"]);
        assert_eq!(who.code, 0, "{}", who.errors);
        let holders = who.json()["holders"].to_string();
        assert!(holders.contains("auditor") && holders.contains("half-blind"), "{holders}");
        let who = self.ask(&["k8s", "rbac", "who-can", "get", "secrets", "-o", "json"]);
        assert!(!who.json()["holders"].to_string().contains("auditor"), "{}", who.text);
        let paths = self.ask(&["k8s", "rbac", "paths", "-o", "json"]);
        // A path may lead over a Secret, and these are not for the auditor.
        assert_eq!(paths.code, 3, "{}", paths.errors);
        assert!(paths.errors.contains("secrets is forbidden"), "{}", paths.errors);
        assert!(paths.text.contains("climber"), "{}", paths.text);
    }

    /// One Deployment is mended, one comes, one goes.
    fn tells_what_changed(&self, admin: &Cluster) {
        let diff =
            || self.ask(&["k8s", "diff", "cluster.snapshot", "-o", "json", "--fail-on", "new"]);
        let same = diff();
        let difference = same.json();
        assert_eq!((&difference["new"], &difference["fixed"]), (&json!([]), &json!([])));
        assert_eq!(difference["drift"], json!({ "added": [], "removed": [], "changed": [] }));
        assert_eq!(same.code, 3, "Secrets were not asked for: {}", same.errors);

        let deployments = format!("{}/namespaces/shop/deployments", base("apps"));
        let mended = json!([{ "name": "web", "image": "registry.example.com/web:1.2",
            "securityContext": { "privileged": false } }]);
        let change = json!({ "spec": { "template": { "spec": { "containers": mended } } } });
        admin.ask::<Value>(Method::Merge, &format!("{deployments}/web"), Some(&change)).unwrap();
        admin.ask::<Value>(Method::Delete, &format!("{deployments}/old"), None).unwrap();
        create(
            admin,
            "apps",
            "deployments",
            "shop",
            &deployment("fresh", &json!({ "securityContext": { "privileged": true } })),
        );
        let ended = diff();
        assert_eq!(ended.code, 2, "{}", ended.errors);
        let difference = ended.json();
        let lines = |list: &str| -> BTreeSet<(String, String)> {
            let list = difference[list].as_array().unwrap();
            let text = |it: &Value| it.as_str().unwrap().to_owned();
            list.iter().map(|it| (text(&it["control"]), text(&it["object"]))).collect()
        };
        let line = |object: &str| ("privileged-container".to_owned(), object.to_owned());
        assert!(lines("fixed").contains(&line("Deployment shop/web")), "{difference}");
        assert!(lines("new").contains(&line("Deployment shop/fresh")), "{difference}");
        assert!(lines("fixed").iter().any(|(_, object)| object == "Deployment shop/old"));
        let drift = json!({
            "added": ["Deployment shop/fresh"], "removed": ["Deployment shop/old"],
            "changed": ["Deployment shop/web"],
        });
        assert_eq!(difference["drift"], drift);
        let fields = difference["fields"].as_array().unwrap();
        let place = "spec.template.spec.containers[0].securityContext.privileged";
        let field = fields.iter().find(|it| it["path"] == place).unwrap();
        let expected = json!({ "object": "Deployment shop/web", "path": place,
            "before": "true", "after": "false" });
        assert_eq!(*field, expected, "{fields:?}");
    }
}

/// Two Deployments, a policy, and somebody who may come to more rights.
fn furnish(admin: &Cluster) {
    wait_until("the server has made its own Service", || {
        let path = "/api/v1/namespaces/default/services/kubernetes";
        admin.ask::<Value>(Method::Get, path, None).is_ok()
    });
    world::create_namespace(admin, "shop");
    let unsafe_one = json!({ "securityContext": { "privileged": true } });
    create(admin, "apps", "deployments", "shop", &deployment("web", &unsafe_one));
    create(admin, "apps", "deployments", "shop", &deployment("old", &json!({})));
    let policy = json!({
        "metadata": { "name": "web" },
        "spec": { "podSelector": { "matchLabels": { "app": "web" } }, "policyTypes": ["Ingress"] },
    });
    create(admin, "networking.k8s.io", "networkpolicies", "shop", &policy);
    let role = json!({
        "metadata": { "name": "climber" },
        "rules": [{ "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["clusterroles"], "verbs": ["escalate", "update", "patch"] }],
    });
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    admin.ask::<Value>(Method::Post, path, Some(&role)).unwrap();
    grant(admin, "climber", "climber", None);
}

/// The kinds that were not listed.
fn collections(report: &Value) -> BTreeSet<String> {
    let gaps = report["not_assessed"].as_array().unwrap().iter();
    gaps.filter_map(|gap| gap["resource"].as_str()).map(str::to_owned).collect()
}

/// The objects on which a control fails.
fn findings(report: &Value, control: &str) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|finding| finding["rule"] == control);
    own.map(|finding| {
        let subject = &finding["subject"];
        let text = |key: &str| subject[key].as_str().unwrap().to_owned();
        format!("{} {}/{}", text("kind"), text("namespace"), text("name"))
    })
    .collect()
}

fn ids(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

fn lacks(finding: &Value, what: &str) -> bool {
    finding["text"].to_string().contains(what)
}

/// Passes bytes on to the API server, and is gone once it has sent so many of them back.
struct Tap {
    kubeconfig: String,
}

impl Tap {
    fn start(kubeconfig: &str, bytes: usize) -> Self {
        let mut configuration: Value =
            serde_json::from_slice(&fs_err::read(kubeconfig).unwrap()).unwrap();
        let server = &mut configuration["clusters"][0]["cluster"]["server"];
        let address = server.as_str().unwrap().strip_prefix("https://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        *server = json!(format!("https://{}", listener.local_addr().unwrap()));
        let left = Arc::new(AtomicUsize::new(bytes));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if left.load(Ordering::SeqCst) == 0 {
                    return;
                }
                let (address, left) = (address.clone(), Arc::clone(&left));
                // A side that is gone ends the other one.
                std::thread::spawn(move || pass(&client, &address, &left));
            }
        });
        Self { kubeconfig: configuration.to_string() }
    }
}

fn pass(client: &TcpStream, address: &str, left: &AtomicUsize) -> std::io::Result<()> {
    let server = TcpStream::connect(address)?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let mut part = [0; 4096];
    loop {
        let read = (&server).read(&mut part)?;
        let before = left.load(Ordering::SeqCst);
        left.store(before.saturating_sub(read), Ordering::SeqCst);
        if read == 0 || before <= read {
            server.shutdown(Shutdown::Both)?;
            return client.shutdown(Shutdown::Both);
        }
        let mut client = client;
        client.write_all(&part[..read])?;
    }
}
