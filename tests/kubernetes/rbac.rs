//! Our answers against those of the API server itself, on random roles.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use bulkhead_cluster::{Cluster, Collection, Listing, Method};
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Object, Objects};
use bulkhead_rbac::{Binding, Graph, Policy, Role, RoleReference, Source, Subject};
use serde_json::{Value, json};

use crate::kubernetes;
use crate::questions::Maker;

const QUESTIONS: usize = 5_000;

#[test]
fn answers_are_those_of_the_api_server() {
    let Some(mut kubernetes) = kubernetes() else { return };
    kubernetes.start_controllers().unwrap();
    let cluster = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    let mut maker = Maker::new(0x5eed);
    let (roles, bindings) = maker.policy();
    for namespace in maker.namespaces() {
        let body = json!({ "metadata": { "name": namespace } });
        cluster.ask::<Value>(Method::Post, "/api/v1/namespaces", Some(&body)).unwrap();
    }
    for role in &roles {
        create(&cluster, role.namespace.as_deref(), "role", &role_object(role));
    }
    for binding in &bindings {
        create(&cluster, binding.namespace.as_deref(), "rolebinding", &binding_object(binding));
    }
    let computed = Graph::new(roles, bindings, Source::Files);
    wait_for_aggregation(&cluster, &computed);

    let objects = rights(&cluster);
    let live = Policy::of(&objects, Source::Server);
    assert_eq!(live.oddities, []);
    let live = Graph::new(live.roles, live.bindings, Source::Server);
    let policy = Policy::of(&objects, Source::Files);
    let computed = Graph::new(policy.roles, policy.bindings, Source::Files);

    let questions = maker.questions(&live, QUESTIONS);
    assert_eq!(questions.len(), QUESTIONS);
    let theirs = cluster.reviews(&questions).unwrap();
    let allowed = theirs.iter().filter(|allowed| **allowed).count();
    assert!(allowed * 10 >= QUESTIONS * 3, "only {allowed} of {QUESTIONS} are allowed");
    assert!(allowed * 10 <= QUESTIONS * 7, "as many as {allowed} of {QUESTIONS} are allowed");
    let kinds = maker.kinds(&questions);
    assert!(kinds.iter().all(|(_, count)| *count > 20), "{kinds:?}");
    for ((identity, request), theirs) in questions.iter().zip(theirs) {
        for graph in [&live, &computed] {
            let ours = graph.allowed(identity, request);
            assert_eq!(ours.is_some(), theirs, "{identity:?} asks to {request}: {ours:?}");
        }
    }
}

/// All roles and bindings, those of the server itself included.
fn rights(cluster: &Cluster) -> Vec<Object> {
    let mut objects = Objects::new();
    for plural in ["roles", "clusterroles", "rolebindings", "clusterrolebindings"] {
        let collection = Collection { group: "rbac.authorization.k8s.io", version: "v1", plural };
        let listing = cluster
            .list(collection, |page| {
                objects.add(plural, page.as_bytes(), &Budget::new(Limits::DEFAULT));
            })
            .unwrap();
        assert!(matches!(listing, Listing::Whole { .. }), "{listing:?}");
    }
    assert_eq!(objects.problems, []);
    objects.objects
}

fn create(cluster: &Cluster, namespace: Option<&str>, kind: &str, object: &Value) {
    let group = "/apis/rbac.authorization.k8s.io/v1";
    let path = match namespace {
        Some(namespace) => format!("{group}/namespaces/{namespace}/{kind}s"),
        None => format!("{group}/cluster{kind}s"),
    };
    cluster.ask::<Value>(Method::Post, &path, Some(object)).unwrap();
}

fn role_object(role: &Role) -> Value {
    let mut object = json!({
        "metadata": { "name": role.name, "labels": role.labels },
        "rules": role.rules,
    });
    if let Some(selectors) = &role.aggregation {
        let selectors: Vec<Value> = selectors
            .iter()
            .map(|selector| {
                let expressions: Vec<Value> = selector
                    .expressions
                    .iter()
                    .map(|expression| {
                        json!({
                            "key": expression.key,
                            "operator": format!("{:?}", expression.operator),
                            "values": expression.values,
                        })
                    })
                    .collect();
                json!({ "matchLabels": selector.labels, "matchExpressions": expressions })
            })
            .collect();
        object["aggregationRule"] = json!({ "clusterRoleSelectors": selectors });
    }
    object
}

fn binding_object(binding: &Binding) -> Value {
    let api = "rbac.authorization.k8s.io";
    let kind = match &binding.role {
        RoleReference::ClusterRole(_) => "ClusterRole",
        RoleReference::Role(_) => "Role",
    };
    let subjects: Vec<Value> = binding
        .subjects
        .iter()
        .map(|subject| match subject {
            Subject::User(name) => json!({ "kind": "User", "apiGroup": api, "name": name }),
            Subject::Group(name) => json!({ "kind": "Group", "apiGroup": api, "name": name }),
            Subject::ServiceAccount { namespace, name } => {
                json!({ "kind": "ServiceAccount", "namespace": namespace, "name": name })
            }
        })
        .collect();
    json!({
        "metadata": { "name": binding.name },
        "roleRef": { "apiGroup": api, "kind": kind, "name": binding.role.name() },
        "subjects": subjects,
    })
}

/// Waits until the controller has written into each aggregated role what we compute for it.
fn wait_for_aggregation(cluster: &Cluster, graph: &Graph) {
    let expected: BTreeMap<&str, &Role> = graph
        .roles()
        .iter()
        .filter(|role| role.aggregation.is_some())
        .map(|role| (role.name.as_str(), role))
        .collect();
    assert!(expected.values().any(|role| !role.rules.is_empty()));
    let mut differ = Vec::new();
    for _ in 0..150 {
        differ.clear();
        for (name, role) in &expected {
            let path = format!("/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}");
            let stored: Value = cluster.ask(Method::Get, &path, None).unwrap();
            let mut stored: Vec<String> =
                stored["rules"].as_array().into_iter().flatten().map(Value::to_string).collect();
            let mut ours: Vec<String> =
                role.rules.iter().map(|rule| json!(rule).to_string()).collect();
            stored.sort();
            ours.sort();
            if stored != ours {
                differ.push(format!("{name}: {} rules instead of {}", stored.len(), ours.len()));
            }
        }
        if differ.is_empty() {
            // The authoriser reads roles through a watch of its own.
            sleep(Duration::from_secs(1));
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("not as the controller aggregates: {differ:#?}");
}
