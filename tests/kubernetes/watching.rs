//! The watch of a cluster by the binary: what it tells of changes, of what it cannot see, and how it ends.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::Kubernetes;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::command::{
    base, command, create, create_shipped_role, deployment, grant, kubeconfig, run, wait_until,
    wait_until_allowed,
};
use crate::gateway::Gateway;
use crate::{kubernetes, world};

/// How long is waited for a line, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long the answers of a slow server take.
const SLOWNESS: Duration = Duration::from_millis(50);

#[test]
fn clusters_are_watched_with_the_shipped_role() {
    let Some(mut kubernetes) = kubernetes() else { return };
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    wait_until("the server has made its own Service", || {
        let path = "/api/v1/namespaces/default/services/kubernetes";
        admin.ask::<Value>(Method::Get, path, None).is_ok()
    });
    world::create_namespace(&admin, "shop");
    create(&admin, "apps", "deployments", "shop", &deployment("web", &json!({})));
    create_shipped_role(&admin, "scan-role.yaml", "bulkhead-scan", |_| {});
    grant(&admin, "bulkhead-scan", "auditor", None);
    create_shipped_role(&admin, "scan-role.yaml", "half", |rules| {
        for rule in rules {
            rule["resources"].as_array_mut().unwrap().retain(|it| it != "networkpolicies");
        }
    });
    grant(&admin, "half", "half-blind", None);
    let nodes = json!({ "verb": "watch", "resource": "nodes" });
    wait_until_allowed(&admin, "auditor", &nodes);
    wait_until_allowed(&admin, "half-blind", &nodes);

    let folder = tempfile::tempdir().unwrap();
    let auditor = kubeconfig(&kubernetes, "auditor");
    let gateway = Gateway::start(&auditor);
    let through = folder.path().join("gateway.kubeconfig");
    fs_err::write(&through, &gateway.kubeconfig).unwrap();

    let arguments = ["k8s", "watch", "--kubeconfig", "gateway.kubeconfig", "-o", "json"];
    let mut watch =
        Watching::start(folder.path(), &[&arguments[..], &["--fail-on", "high"]].concat());
    let started = watch.next("started", |_| true);
    assert_eq!(started["answered"], 0, "{started}");
    assert_eq!(resources(&started), ["secrets"], "{started}");

    tells_of_changes(&admin, &mut watch);
    tells_of_exceptions(&admin, &mut watch);
    tells_of_what_others_need(&admin, &mut watch);

    goes_on_where_it_broke(&admin, &gateway, &mut watch);
    lists_anew_what_was_forgotten(&mut kubernetes, &gateway, &mut watch);

    // What it knows at its end is what a scan finds.
    let scan =
        run(folder.path(), &["k8s", "scan", "--cluster", "--kubeconfig", &auditor, "-o", "json"]);
    let (code, ended) = watch.end();
    assert_eq!(code, 2, "a failure that --fail-on names appeared: {ended}");
    assert_eq!(ended["exit_code"], 2);
    let report = scan.json();
    let count = |list: &Value| list.as_array().map_or(0, Vec::len) as u64;
    assert_eq!(ended["failing"], count(&report["findings"]), "{ended}");
    assert_eq!(ended["answered"], count(&report["suppressed"]), "{ended}");

    // However long a server takes to list: a duration begins after it.
    let slow = Gateway::start_slow(&kubeconfig(&kubernetes, "half-blind"), SLOWNESS);
    let half_blind = folder.path().join("half-blind.kubeconfig");
    fs_err::write(&half_blind, &slow.kubeconfig).unwrap();
    tells_what_is_forbidden(folder.path(), half_blind.to_str().unwrap());
    holds_against_a_base(folder.path(), &auditor, &admin, &report);
}

fn tells_of_changes(admin: &Cluster, watch: &mut Watching) {
    create(admin, "apps", "deployments", "shop", &deployment("job", &privileged(true)));
    let appeared = watch.next("appeared", |it| is_about(it, "privileged-container", "job"));
    assert_eq!(appeared["finding"]["subject"]["namespace"], "shop");
    assert_eq!(appeared["finding"]["rating"]["severity"], "critical");
    change(
        admin,
        "job",
        &json!({ "spec": { "template": { "spec": { "containers": [
        { "name": "web", "image": "registry.example.com/web:1.2",
          "securityContext": { "privileged": false } }] } } } }),
    );
    let gone = watch.next("gone", |it| is_about(it, "privileged-container", "job"));
    assert_eq!(gone["now"], "mended");
    let path = format!("{}/namespaces/shop/deployments/job", base("apps"));
    admin.ask::<Value>(Method::Delete, &path, None).unwrap();
    let gone = watch.next("gone", |it| it["finding"]["subject"]["name"] == "job");
    assert_eq!(gone["now"], "deleted");
}

/// An annotation answers, and no longer does when it is taken off.
fn tells_of_exceptions(admin: &Cluster, watch: &mut Watching) {
    create(admin, "apps", "deployments", "shop", &deployment("agent", &privileged(true)));
    watch.next("appeared", |it| is_about(it, "privileged-container", "agent"));
    let key = "bulkhead.io/except.privileged-container";
    let annotated = json!({ "metadata": { "annotations": {
        key: "reason=it drives a device; owner=platform; until=2999-01-01" } } });
    change(admin, "agent", &annotated);
    let answered = watch.next("answered", |it| is_about(it, "privileged-container", "agent"));
    assert_eq!(answered["by"]["owner"], "platform");
    assert_eq!(answered["by"]["source"]["key"], key);
    let bare = json!({ "metadata": { "annotations": { key: null } } });
    change(admin, "agent", &bare);
    watch.next("appeared", |it| is_about(it, "privileged-container", "agent"));
    change(admin, "agent", &annotated);
    watch.next("answered", |it| is_about(it, "privileged-container", "agent"));
}

/// A change of one object touches the verdicts of another.
fn tells_of_what_others_need(admin: &Cluster, watch: &mut Watching) {
    let policy = json!({ "metadata": { "name": "web" }, "spec": {
        "podSelector": { "matchLabels": { "app": "web" } },
        "policyTypes": ["Ingress", "Egress"] } });
    create(admin, "networking.k8s.io", "networkpolicies", "shop", &policy);
    let gone = watch.next("gone", |it| is_about(it, "ingress-traffic-open", "web"));
    assert_eq!(gone["now"], "mended");
    let labels = json!({ "metadata": { "labels": {
        "pod-security.kubernetes.io/enforce": "restricted" } } });
    let path = "/api/v1/namespaces/shop";
    admin.ask::<Value>(Method::Merge, path, Some(&labels)).unwrap();
    let gone = watch.next("gone", |it| it["finding"]["subject"]["kind"] == "Namespace");
    assert_eq!(gone["finding"]["subject"]["name"], "shop");
}

/// What happens while it is blind is told when it sees again: the server knows what that was.
fn goes_on_where_it_broke(admin: &Cluster, gateway: &Gateway, watch: &mut Watching) {
    gateway.close();
    let blind = watch.next("blind", |it| it["resources"].to_string().contains("deployments.apps"));
    assert!(blind["reason"].as_str().unwrap().contains("gives no answer"), "{blind}");
    let path = format!("{}/namespaces/shop/deployments/web", base("apps"));
    admin.ask::<Value>(Method::Delete, &path, None).unwrap();
    gateway.open();
    let gone = watch.next("gone", |it| it["finding"]["subject"]["name"] == "web");
    assert_eq!(gone["now"], "deleted");
    watch.see_all();
}

/// A server that is started again, and knows nothing of what was before.
fn lists_anew_what_was_forgotten(
    kubernetes: &mut Kubernetes,
    gateway: &Gateway,
    watch: &mut Watching,
) {
    let admin = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    gateway.close();
    watch.next("blind", |it| it["resources"].to_string().contains("deployments.apps"));
    let path = format!("{}/namespaces/shop/deployments/agent", base("apps"));
    admin.ask::<Value>(Method::Delete, &path, None).unwrap();
    create(&admin, "apps", "deployments", "shop", &deployment("unseen", &privileged(true)));
    kubernetes.kill_server();
    kubernetes.forget_history().unwrap();
    kubernetes.start_server().unwrap();
    gateway.open();
    let sees = watch.next("sees", |it| it["resources"].to_string().contains("deployments.apps"));
    assert_eq!(sees["listed_anew"], true, "{sees}");
    watch.see_all();
    watch.next("gone", |it| it["finding"]["subject"]["name"] == "agent");
    watch.next("appeared", |it| is_about(it, "privileged-container", "unseen"));
    create(&admin, "apps", "deployments", "shop", &deployment("late", &privileged(true)));
    watch.next("appeared", |it| is_about(it, "privileged-container", "late"));
}

/// It says what it may not see, and takes nothing for missing; people read lines.
fn tells_what_is_forbidden(folder: &Path, half_blind: &str) {
    let arguments = ["k8s", "watch", "--cluster", "--kubeconfig", half_blind, "--duration", "0"];
    let ended = run(folder, &[&arguments[..], &["-o", "json", "--base", "none"]].concat());
    assert_eq!(ended.code, 3, "{}", ended.errors);
    let lines = ended.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    let forbidden = ["networkpolicies.networking.k8s.io", "secrets"];
    assert_eq!(resources(&lines[0]), forbidden, "{}", lines[0]);
    assert!(lines[0]["not_assessed"].to_string().contains("forbidden"), "{}", lines[0]);
    let fails = |control: &str| lines.iter().any(|it| it["finding"]["rule"] == control);
    assert!(fails("privileged-container") && !fails("ingress-traffic-open"));

    let ended = run(folder, &arguments);
    assert_eq!(ended.code, 3, "{}", ended.errors);
    let first = ended.text.lines().next().unwrap();
    assert!(first.contains("started") && first.contains("not checkable"), "{}", ended.text);
    assert!(
        ended.text.contains("networkpolicies.networking.k8s.io of the cluster"),
        "{}",
        ended.text
    );
    assert!(ended.text.lines().any(|line| line.contains("ended  ")), "{}", ended.text);
}

/// What failed in a report from before is not told again; what does no longer is.
fn holds_against_a_base(folder: &Path, auditor: &str, admin: &Cluster, report: &Value) {
    fs_err::write(folder.join("base.json"), report.to_string()).unwrap();
    create(admin, "apps", "deployments", "shop", &deployment("later", &privileged(true)));
    let path = format!("{}/namespaces/shop/deployments/late", base("apps"));
    admin.ask::<Value>(Method::Delete, &path, None).unwrap();
    let arguments = ["k8s", "watch", "--kubeconfig", auditor, "--duration", "0", "-o", "json"];
    let ended = run(folder, &[&arguments[..], &["--base", "base.json"]].concat());
    let lines = ended.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<Value> = lines.filter(|it| it["finding"].is_object()).collect();
    let told_of = |event: &str, control: &str, name: &str| {
        told.iter().any(|it| it["event"] == event && is_about(it, control, name))
    };
    assert!(told_of("appeared", "privileged-container", "later"), "{}", ended.text);
    assert!(told_of("gone", "privileged-container", "late"), "{}", ended.text);
    let names: Vec<&Value> = told.iter().map(|it| &it["finding"]["subject"]["name"]).collect();
    assert!(names.iter().all(|name| *name == "later" || *name == "late"), "{names:?}");
}

fn privileged(privileged: bool) -> Value {
    json!({ "securityContext": { "privileged": privileged } })
}

fn change(admin: &Cluster, name: &str, change: &Value) {
    let path = format!("{}/namespaces/shop/deployments/{name}", base("apps"));
    admin.ask::<Value>(Method::Merge, &path, Some(change)).unwrap();
}

/// Whether an event is about this control and an object of this name.
fn is_about(event: &Value, control: &str, name: &str) -> bool {
    let rule = event["finding"]["rule"].as_str().unwrap_or_default();
    event["finding"]["subject"]["name"] == name && rule == control
}

/// The kinds that are not seen.
fn resources(event: &Value) -> Vec<String> {
    let parts = event["not_assessed"].as_array().unwrap().iter();
    parts.filter_map(|it| it["resource"].as_str()).map(str::to_owned).collect()
}

/// A watch that runs, and the lines that it wrote and nobody asked for yet.
struct Watching {
    process: Child,
    lines: Receiver<String>,
    unread: VecDeque<Value>,
    schema: jsonschema::Validator,
    /// The kinds that it is blind to.
    unseen: BTreeSet<String>,
}

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(folder, arguments);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        let path = bulkhead_testing::repository().join("content/schemas/k8s-watch-1.json");
        let schema: Value = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        Self { process, lines, unread: VecDeque::new(), schema, unseen: BTreeSet::new() }
    }

    /// The next such event, whatever comes before it.
    fn next(&mut self, event: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let is_it = |it: &Value| it["event"] == event && is_wanted(it);
        loop {
            if let Some(at) = self.unread.iter().position(is_it) {
                return self.unread.drain(..=at).next_back().unwrap();
            }
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                let errors = self.errors();
                panic!("no {event} came: {:#?} {errors}", self.unread);
            };
            self.keep(&line);
        }
    }

    /// Waits until every kind that was lost is seen again.
    fn see_all(&mut self) {
        while !self.unseen.is_empty() {
            let line = self.lines.recv_timeout(PATIENCE);
            self.keep(&line.unwrap_or_else(|_| panic!("still not seen: {:?}", self.unseen)));
        }
    }

    fn keep(&mut self, line: &str) {
        let event: Value = serde_json::from_str(line).unwrap();
        if let Err(error) = self.schema.validate(&event) {
            panic!("{error}: {event}");
        }
        let resources = event["resources"].as_array().into_iter().flatten();
        let resources = resources.map(|it| it.as_str().unwrap().to_owned());
        match event["event"].as_str() {
            Some("blind") => self.unseen.extend(resources),
            Some("sees") => resources.for_each(|it| assert!(self.unseen.remove(&it), "{it}")),
            _ => {}
        }
        self.unread.push_back(event);
    }

    fn errors(&mut self) -> String {
        let _ = self.process.kill();
        let mut text = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Ends it by SIGTERM: its exit code, and its last line.
    fn end(mut self) -> (i32, Value) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, Signal::TERM).unwrap();
        let ended = self.next("ended", |_| true);
        (self.process.wait().unwrap().code().unwrap(), ended)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
