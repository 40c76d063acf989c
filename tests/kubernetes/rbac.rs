//! Our answers against those of the API server itself, on random roles.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use bulkhead_cluster::{Cluster, Collection, Listing, Method};
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::{Object, Objects};
use bulkhead_rbac::{Catalogue, Graph, Groups, Policy, Role, Source, read_attribute_policies};
use serde_json::{Value, json};

use crate::kubernetes;
use crate::questions::{Maker, NAMESPACES, kinds};
use crate::world::{create_binding, create_namespace, create_role, wait_for_authoriser};

const QUESTIONS: usize = 5_000;

/// Of a policy file.
const LINES: usize = 40;

#[test]
fn answers_are_those_of_the_api_server() {
    let Some(mut kubernetes) = kubernetes() else { return };
    kubernetes.start_controllers().unwrap();
    let cluster = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    let mut maker = Maker::new(0x5eed);
    let (roles, bindings) = maker.policy();
    for namespace in NAMESPACES {
        create_namespace(&cluster, namespace);
    }
    for role in &roles {
        create_role(&cluster, role);
    }
    for binding in &bindings {
        create_binding(&cluster, binding);
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
    let kinds = kinds(&questions);
    assert!(kinds.iter().all(|(_, count)| *count > 20), "{kinds:?}");
    for ((identity, request), theirs) in questions.iter().zip(theirs) {
        for graph in [&live, &computed] {
            let ours = graph.allowed(identity, request);
            assert_eq!(ours.is_some(), theirs, "{identity:?} asks to {request}: {ours:?}");
        }
    }
}

/// What a policy file of ABAC allows beside roles.
#[test]
fn answers_by_attributes_are_those_of_the_api_server() {
    let Some(mut kubernetes) = kubernetes() else { return };
    let mut maker = Maker::new(0xabac);
    let file = maker.attributes(LINES);
    let (policies, problems) = read_attribute_policies(file.as_bytes());
    assert_eq!((policies.len(), problems), (LINES, Vec::new()));
    kubernetes.kill_server();
    kubernetes.authorize_by(&file).unwrap();
    kubernetes.start_server().unwrap();
    let cluster = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    let own = Policy::of(&rights(&cluster), Source::Server);
    let own = Graph::new(own.roles, own.bindings, Source::Server);

    let (roles, bindings) = maker.policy();
    let questions = maker.questions(&Graph::new(roles, bindings, Source::Files), 1_000);
    let theirs = cluster.reviews(&questions).unwrap();
    let mut by_attributes = 0;
    for ((identity, request), theirs) in questions.iter().zip(theirs) {
        let by_role = own.allowed(identity, request).is_some();
        let by_policy = policies.iter().find(|(_, policy)| policy.allows(identity, request));
        by_attributes += usize::from(!by_role && theirs);
        let ours = by_role || by_policy.is_some();
        assert_eq!(ours, theirs, "{identity:?} asks to {request}: {by_policy:?}\n{file}");
    }
    assert!((200..800).contains(&by_attributes), "{by_attributes} are allowed by attributes");
}

/// All roles and bindings, those of the server itself included.
pub(crate) fn rights(cluster: &Cluster) -> Vec<Object> {
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
            wait_for_authoriser(cluster);
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("not as the controller aggregates: {differ:#?}");
}

/// The groups of resources that we know by heart are those of the server.
#[test]
fn resources_are_those_of_the_api_server() {
    let Some(kubernetes) = kubernetes() else { return };
    let cluster = Cluster::connect(Some(&kubernetes.admin().unwrap()), None).unwrap();
    let groups: Value = cluster.ask(Method::Get, "/apis", None).unwrap();
    let groups = groups["groups"].as_array().unwrap().iter();
    let mut lists = vec![("", "/api/v1".to_owned())];
    lists.extend(groups.map(|group| {
        let version = &group["preferredVersion"]["groupVersion"];
        (group["name"].as_str().unwrap(), format!("/apis/{}", version.as_str().unwrap()))
    }));
    let mut theirs = Groups::new();
    for (group, path) in lists {
        let list: Value = cluster.ask(Method::Get, &path, None).unwrap();
        let mut names: Vec<String> = list["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| resource["name"].as_str().unwrap().to_owned())
            .filter(|name| !name.contains('/'))
            .collect();
        names.sort();
        theirs.insert(group.to_owned(), names);
    }
    assert_eq!(Catalogue::embedded().unwrap().served, theirs);
}
