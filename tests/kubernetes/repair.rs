//! Repairs of live objects: done, refused, taken back, cut short. Whatever happens, the object is mended
//! and well, or as it was.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::Kubernetes;
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_posture::{Catalogue, Settings};
use bulkhead_remediation::{
    Choice, Event, FIELD_MANAGER, LiveRepairs, Outcome, Patience, Record, Records,
    RemediationError, State, go_on, roll_back,
};
use rustix::process::{Signal, getpid, kill_process};
use serde_json::{Value, json};

use crate::webhook::Webhook;
use crate::{kubernetes, world};

const NAMESPACE: &str = "shop";

/// What tells a child of this test what to do: the kubeconfig, the records, the object, the event at
/// which it kills itself.
const CHILD: &str = "BULKHEAD_TEST_REPAIR";

#[test]
fn repairs_end_well_or_not_at_all() {
    if let Ok(orders) = std::env::var(CHILD) {
        return child(&orders);
    }
    let Some(mut kubernetes) = kubernetes() else { return };
    let kubeconfig = kubernetes.admin().unwrap();
    let bench = Bench::new(&kubeconfig);
    world::create_namespace(&bench.cluster, NAMESPACE);

    bench.becomes_ready();
    bench.never_becomes_ready();
    bench.is_taken_back_on_demand();
    bench.meets_another_manager();
    bench.is_kept_by_somebody_else();
    bench.is_not_allowed(&kubernetes);
    bench.meets_a_webhook(&kubernetes);
    bench.is_killed_between_any_two_steps(&kubeconfig);
    bench.loses_the_server(&mut kubernetes);
}

/// A cluster and a folder of records.
struct Bench {
    cluster: Cluster,
    catalogue: Catalogue,
    choice: Choice,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(kubeconfig: &Path) -> Self {
        Self {
            cluster: Cluster::connect(Some(kubeconfig), None).unwrap(),
            catalogue: Catalogue::built_in().unwrap(),
            choice: Choice::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn records(&self) -> Records {
        Records::open(self.folder.path()).unwrap()
    }

    /// A Deployment that is well, as a controller would tell.
    fn deploy(&self, name: &str) -> Value {
        let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments");
        self.cluster
            .ask::<Value>(
                Method::Post,
                &format!("{path}?fieldManager=owner"),
                Some(&deployment(name)),
            )
            .unwrap();
        self.play(name, true);
        self.get(name)
    }

    fn get(&self, name: &str) -> Value {
        self.cluster.ask(Method::Get, &path(name), None).unwrap()
    }

    /// Plays the controller: the newest form runs, or does not.
    fn play(&self, name: &str, well: bool) {
        play(&self.cluster, name, well);
    }

    fn carry_out(
        &self,
        name: &str,
        listen: &mut dyn FnMut(Event),
    ) -> Result<Outcome, RemediationError> {
        self.with(|repairs| {
            let mut plan = plan(repairs, name);
            assert!(plan.repair.steps.len() > 3, "{:?} {:?}", plan.repair, plan.open);
            repairs.carry_out(&mut plan, &self.records(), "2026-11-28T00:00:00Z", listen)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&LiveRepairs<'_>) -> T) -> T {
        with(&self.cluster, &self.catalogue, &self.choice, act)
    }

    /// Goes on from the records, as the next run does.
    fn go_on(&self) -> Vec<Record> {
        let records = self.records();
        let (all, broken) = records.all().unwrap();
        assert!(broken.is_empty());
        let open = all.into_iter().filter(|record| !record.state.is_final());
        open.map(|mut record| {
            self.with(|repairs| go_on(&mut record, &records, Some(repairs), &mut |_| {})).unwrap();
            record
        })
        .collect()
    }

    fn becomes_ready(&self) {
        let before = self.deploy("ready");
        let outcome = self
            .carry_out("ready", &mut |event| {
                if event == Event::Sent {
                    self.play("ready", true);
                }
            })
            .unwrap();
        let record = recorded(outcome);
        assert_eq!((record.state, &record.reason), (State::Done, &None));
        let after = self.get("ready");
        let container = &after["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
        assert_ne!(before["metadata"]["generation"], after["metadata"]["generation"]);
        // What others own is theirs as before; what is new is ours.
        assert_eq!(managers(&before, true), managers(&after, true));
        assert_eq!(managers(&after, false).len(), managers(&before, false).len() + 1);
        // A second run changes nothing: what is left belongs to others.
        let version = after["metadata"]["resourceVersion"].clone();
        self.with(|repairs| {
            let mut plan = plan(repairs, "ready");
            let outcome = (!plan.repair.steps.is_empty()).then(|| {
                let records = self.records();
                repairs.carry_out(&mut plan, &records, "2026-11-28T00:00:05Z", &mut |_| {})
            });
            assert!(matches!(outcome, None | Some(Ok(Outcome::Refused(_)))), "{outcome:?}");
        });
        assert_eq!(self.get("ready")["metadata"]["resourceVersion"], version);
    }

    fn never_becomes_ready(&self) {
        let before = self.deploy("never");
        let outcome = self
            .carry_out("never", &mut |event| {
                if event == Event::Sent {
                    self.play("never", false);
                }
            })
            .unwrap();
        let record = recorded(outcome);
        assert_eq!(record.state, State::RolledBack, "{:?}", record.reason);
        assert!(record.reason.unwrap().contains("0 of 2"));
        assert_same(&before, &self.get("never"));
    }

    /// Two repairs, the second of which is taken back: the first one stays.
    fn is_taken_back_on_demand(&self) {
        self.deploy("twice");
        let well = |event| {
            if event == Event::Sent {
                self.play("twice", true);
            }
        };
        let first = recorded(self.carry_out("twice", &mut { well }).unwrap());
        assert_eq!(first.state, State::Done);
        let between = self.get("twice");
        let mut choice = Choice::default();
        choice.answers.insert("writable-root-file-system".to_owned(), "yes".to_owned());
        let records = self.records();
        with(&self.cluster, &self.catalogue, &choice, |repairs| {
            let mut plan = plan(repairs, "twice");
            let outcome =
                repairs.carry_out(&mut plan, &records, "2026-11-28T00:00:01Z", &mut { well });
            let mut second = recorded(outcome.unwrap());
            assert_eq!(second.state, State::Done, "{:?}", second.reason);
            assert_ne!(between["spec"], self.get("twice")["spec"]);
            roll_back(&mut second, &records, Some(repairs), &mut |_| {}).unwrap();
            assert_eq!(second.state, State::RolledBack);
        });
        assert_same(&between, &self.get("twice"));
    }

    fn meets_another_manager(&self) {
        self.deploy("conflict");
        let configuration = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "conflict" },
            "spec": { "template": { "spec": { "containers": [{
                "name": "web", "securityContext": { "allowPrivilegeEscalation": true },
            }] } } },
        });
        let apply = format!("{}?fieldManager=other", path("conflict"));
        self.cluster.ask::<Value>(Method::Apply, &apply, Some(&configuration)).unwrap();
        self.play("conflict", true);
        let before = self.get("conflict");
        let mut choice = Choice::default();
        choice.controls.insert("privilege-escalation-allowed".to_owned());
        let records = self.records();
        let outcome = with(&self.cluster, &self.catalogue, &choice, |repairs| {
            let mut plan = plan(repairs, "conflict");
            repairs.carry_out(&mut plan, &records, "2026-11-28T00:00:04Z", &mut |_| {}).unwrap()
        });
        assert!(refused(outcome).contains("conflict"));
        assert_eq!(before, self.get("conflict"), "not even its version is another one");
        drop(records);
        // What is nobody's is mended beside it.
        let well = |event| {
            if event == Event::Sent {
                self.play("conflict", true);
            }
        };
        let record = recorded(self.carry_out("conflict", &mut { well }).unwrap());
        assert_eq!(record.state, State::Done, "{:?}", record.reason);
        let mut steps = record.objects.iter().flat_map(|object| &object.steps);
        assert!(steps.all(|step| step.control != "privilege-escalation-allowed"));
        let template = &self.get("conflict")["spec"]["template"]["spec"];
        let escalation = &template["containers"][0]["securityContext"]["allowPrivilegeEscalation"];
        assert_eq!(escalation, true);
    }

    fn is_kept_by_somebody_else(&self) {
        self.deploy("kept");
        let label = json!({ "metadata": { "labels": { "app.kubernetes.io/managed-by": "Helm" } } });
        self.cluster.ask::<Value>(Method::Merge, &path("kept"), Some(&label)).unwrap();
        self.with(|repairs| {
            let plan = plan(repairs, "kept");
            assert_eq!(plan.repair.steps, []);
            assert!(plan.open.iter().any(|open| open.reason.contains("Helm keeps it")));
        });
    }

    fn is_not_allowed(&self, kubernetes: &Kubernetes) {
        let before = self.deploy("forbidden");
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let role = json!({ "metadata": { "name": "looks" }, "rules": [
            { "verbs": ["get", "list"], "apiGroups": ["", "apps"], "resources": ["pods", "deployments"] },
        ] });
        self.cluster
            .ask::<Value>(Method::Post, &format!("{rbac}/clusterroles"), Some(&role))
            .unwrap();
        let binding = json!({ "metadata": { "name": "looks" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "looks" },
            "subjects": [{ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "looker" }],
        });
        let bindings = format!("{rbac}/clusterrolebindings");
        self.cluster.ask::<Value>(Method::Post, &bindings, Some(&binding)).unwrap();
        let looker = world::client(kubernetes, "looker", None);
        // The authoriser reads roles through a watch of its own.
        let may_look = || looker.ask::<Value>(Method::Get, &path("forbidden"), None).is_ok();
        wait_until("the role counts", may_look);
        let outcome = with(&looker, &self.catalogue, &self.choice, |repairs| {
            let mut plan = plan(repairs, "forbidden");
            repairs
                .carry_out(&mut plan, &self.records(), "2026-11-28T00:00:02Z", &mut |_| {})
                .unwrap()
        });
        assert!(refused(outcome).contains("403"));
        assert_eq!(before, self.get("forbidden"));
    }

    /// A webhook that lets dry runs pass and nothing else.
    fn meets_a_webhook(&self, kubernetes: &Kubernetes) {
        let before = self.deploy("rejected");
        let webhook = Webhook::start(kubernetes).unwrap();
        webhook.install(&self.cluster, "rejected");
        let mut recorded = Vec::new();
        let outcome = self.carry_out("rejected", &mut |event| recorded.push(event)).unwrap();
        assert!(refused(outcome).contains("not today"));
        assert_eq!(
            recorded,
            [Event::Tried, Event::Recorded(State::Applying), Event::Recorded(State::Abandoned)]
        );
        assert_eq!(before, self.get("rejected"));
        webhook.remove(&self.cluster);
    }

    /// `kill -9` of the program at each of its steps, on the way to the end and on the way back.
    fn is_killed_between_any_two_steps(&self, kubeconfig: &Path) {
        for (well, steps) in [(true, 5), (false, 7)] {
            for step in 1..=steps {
                let name = format!("killed-{}-{step}", if well { "well" } else { "ill" });
                let before = self.deploy(&name);
                let orders = json!([kubeconfig, self.folder.path(), name, step, well]);
                let status = Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "repair::repairs_end_well_or_not_at_all"])
                    .env(CHILD, orders.to_string())
                    .status()
                    .unwrap();
                let signal = std::os::unix::process::ExitStatusExt::signal(&status);
                assert_eq!(signal, Some(9), "{name}: {status}");
                let after: Vec<_> = self.go_on().iter().map(|record| record.state).collect();
                let now = self.get(&name);
                let is_mended = self.with(|repairs| plan(repairs, &name).repair.steps.len() < 2);
                match after.last() {
                    // Killed before it was written down, or behind its end.
                    None if step == 1 => assert_eq!(before, now, "{name}"),
                    None if well => assert!(is_mended, "{name}"),
                    None | Some(State::RolledBack) => assert_same(&before, &now),
                    Some(State::Done) => assert!(well && is_mended, "{name}"),
                    Some(State::Abandoned) => assert_eq!(before, now, "{name}"),
                    Some(state) => panic!("{name}: {state:?}"),
                }
                assert!(self.go_on().is_empty(), "{name}: something is left to do");
            }
        }
    }

    fn loses_the_server(&self, kubernetes: &mut Kubernetes) {
        let before = self.deploy("lost");
        let error = self.carry_out("lost", &mut |event| {
            if event == Event::Sent {
                kubernetes.kill_server();
            }
        });
        assert!(matches!(error, Err(RemediationError::Cluster(_))), "{error:?}");
        kubernetes.start_server().unwrap();
        self.play("lost", false);
        let settled = self.go_on();
        let states: Vec<_> = settled.iter().map(|record| record.state).collect();
        assert_eq!(states, [State::RolledBack]);
        assert_same(&before, &self.get("lost"));
    }
}

/// Begins a repair and kills itself at a step.
fn child(orders: &str) {
    let (kubeconfig, folder, name, step, well): (PathBuf, PathBuf, String, usize, bool) =
        serde_json::from_str(orders).unwrap();
    let cluster = Cluster::connect(Some(&kubeconfig), None).unwrap();
    let (catalogue, choice) = (Catalogue::built_in().unwrap(), Choice::default());
    let mut steps = 0;
    with(&cluster, &catalogue, &choice, |repairs| {
        let mut plan = plan(repairs, &name);
        let records = Records::open(&folder).unwrap();
        let mut listen = |event: Event| {
            steps += 1;
            if event == Event::Sent {
                play(&cluster, &name, well);
            }
            if steps == step {
                kill_process(getpid(), Signal::KILL).unwrap();
            }
        };
        repairs.carry_out(&mut plan, &records, "2026-11-28T00:00:03Z", &mut listen).unwrap();
    });
}

fn with<T>(
    cluster: &Cluster,
    catalogue: &Catalogue,
    choice: &Choice,
    act: impl FnOnce(&LiveRepairs<'_>) -> T,
) -> T {
    let settings = Settings { complete: false, ..Settings::default() };
    let context = bulkhead_posture::Cluster::new(&[], &settings);
    let patience = Patience { within: Duration::from_secs(3), window: Duration::from_millis(300) };
    act(&LiveRepairs { cluster, catalogue, choice, context: &context, patience, managed: false })
}

fn plan(repairs: &LiveRepairs<'_>, name: &str) -> bulkhead_remediation::LiveRepair {
    let live: Value = repairs.cluster.ask(Method::Get, &path(name), None).unwrap();
    let mut objects = Objects::new();
    objects.add("live.json", live.to_string().as_bytes(), &Budget::new(Limits::DEFAULT));
    repairs.plan(&objects.objects[0], &path(name)).unwrap()
}

fn path(name: &str) -> String {
    format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}")
}

fn play(cluster: &Cluster, name: &str, well: bool) {
    let live: Value = cluster.ask(Method::Get, &path(name), None).unwrap();
    let ready = if well { 2 } else { 0 };
    let status = json!({ "status": {
        "observedGeneration": live["metadata"]["generation"], "replicas": 2,
        "updatedReplicas": ready, "readyReplicas": ready, "availableReplicas": ready,
    } });
    let path = format!("{}/status?fieldManager=controller", path(name));
    cluster.ask::<Value>(Method::Merge, &path, Some(&status)).unwrap();
}

fn deployment(name: &str) -> Value {
    let labels = json!({ "app": name });
    json!({
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [
                    { "name": "web", "image": "example.com/web:1", "resources": {
                        "limits": { "cpu": "1", "memory": "64Mi" },
                    } },
                    { "name": "log", "image": "example.com/log:1" },
                ] },
            },
        },
    })
}

fn recorded(outcome: Outcome) -> Record {
    match outcome {
        Outcome::Recorded(record) => *record,
        Outcome::Refused(reason) => panic!("refused: {reason}"),
    }
}

fn refused(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(reason) => reason,
        Outcome::Recorded(record) => panic!("{record:?}"),
    }
}

/// Who owns which fields, without when; ours left out on request.
fn managers(object: &Value, without_ours: bool) -> Vec<Value> {
    let entries = object["metadata"]["managedFields"].as_array().unwrap().iter();
    // A status is not what a repair is about.
    let entries = entries.filter(|entry| entry.get("subresource").is_none());
    let entries = entries.filter(|entry| !without_ours || entry["manager"] != FIELD_MANAGER);
    let mut entries: Vec<Value> = entries
        .map(|entry| {
            let mut entry = entry.clone();
            entry.as_object_mut().unwrap().remove("time");
            entry
        })
        .collect();
    entries.sort_by_key(Value::to_string);
    entries
}

/// Everything is as it was but for what counts versions, and for the status.
fn assert_same(before: &Value, after: &Value) {
    assert_eq!(before["spec"], after["spec"]);
    assert_eq!(managers(before, false), managers(after, false));
    let metadata = |object: &Value| {
        let mut metadata = object["metadata"].clone();
        for counter in ["resourceVersion", "generation", "managedFields"] {
            metadata.as_object_mut().unwrap().remove(counter);
        }
        metadata
    };
    assert_eq!(metadata(before), metadata(after));
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..100 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not within ten seconds: {what}");
}
