//! Roles and bindings, and audit logs.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_rbac::{
    Graph, Place, Policy, Reach, Source, Suggestion, Uses, Where, escalations, idle,
};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "audit-log", run: audit_log, seeds: seeds_of_logs, data: &[] },
    Target { name: "rbac-graph", run: graph, seeds: seeds_of_graphs, data: &[] },
];

const LIMITS: Limits =
    Limits { problems: 20, file_bytes: 1 << 20, entries: 10_000, ..Limits::DEFAULT };

/// Reads a log and suggests roles for it; succeeds where a request was allowed. What is suggested must
/// allow it.
fn audit_log(bytes: &[u8]) -> bool {
    let budget = Budget::new(LIMITS);
    let mut uses = Uses::default();
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        if uses.add("log", number, line, &budget).is_err() {
            break;
        }
    }
    let graph = Graph::new(Vec::new(), Vec::new(), Source::Server);
    assert!(idle(&graph, &uses).is_empty());
    let suggestion = Suggestion::new(&graph, &uses);
    let after = suggestion.graph(&graph);
    for (identity, request) in uses.requests() {
        if !suggestion.left_out.contains_key(&identity.user) {
            assert!(after.allowed(identity, request).is_some(), "{identity:?} {request}");
        }
    }
    suggestion.manifests().is_ok() && !suggestion.roles.is_empty()
}

/// Reads manifests and follows their rights; succeeds where they lead somewhere.
fn graph(bytes: &[u8]) -> bool {
    let mut objects = Objects::new();
    objects.add("fuzz.yaml", bytes, &Budget::new(LIMITS));
    let policy = Policy::of(&objects.objects, Source::Files);
    let graph = Graph::new(policy.roles, policy.bindings, Source::Files);
    let Ok(escalations) = escalations() else { return false };
    let reach = Reach::new(&graph, &policy.inventory, &escalations);
    !reach.paths(&Place::Everything(Where::Cluster)).is_empty()
}

fn seeds_of_logs() -> Vec<Vec<u8>> {
    let event = |rest: &str| {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"stage\":\"ResponseComplete\",{rest},\
             \"requestReceivedTimestamp\":\"2026-01-01T00:00:00Z\",\
             \"annotations\":{{\"authorization.k8s.io/decision\":\"allow\"}}}}\n"
        )
    };
    let resource = event(
        "\"verb\":\"get\",\"user\":{\"username\":\"ann\",\"groups\":[\"system:authenticated\"]},\
         \"objectRef\":{\"resource\":\"pods\",\"namespace\":\"shop\",\"name\":\"web\",\"subresource\":\"log\"}",
    );
    let acting = event(
        "\"verb\":\"patch\",\"user\":{\"username\":\"a/b\"},\"impersonatedUser\":{\"username\":\
         \"system:serviceaccount:a:b\",\"groups\":[\"x\"],\"extra\":{\"k\":[\"v\"]},\"uid\":\"1\"},\
         \"responseStatus\":{\"code\":201},\"objectRef\":{\"resource\":\"jobs\",\"apiGroup\":\"batch\"}",
    );
    let address =
        event("\"verb\":\"get\",\"user\":{\"username\":\"bob\"},\"requestURI\":\"/metrics?x=1\"");
    let denied = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"verb\":\"get\",\"user\":{},\
                  \"responseStatus\":{\"code\":403}}\n";
    let list = "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{\"verb\":\"list\",\
                \"user\":{\"username\":\"eve\"},\"requestURI\":\"/api\",\"responseStatus\":{\"code\":200}},{}]}\n";
    let broken = "{}\n[\nnull".to_owned();
    let texts = [resource, acting, address, denied.to_owned(), list.to_owned(), broken];
    texts.into_iter().map(String::into_bytes).collect()
}

fn seeds_of_graphs() -> Vec<Vec<u8>> {
    let role = "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":\
                {\"name\":\"a\",\"labels\":{\"x\":\"y\"}},\"rules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\
                \"resources\":[\"*\"]},{\"verbs\":[\"get\"],\"nonResourceURLs\":[\"/a*\"]}],\
                \"aggregationRule\":null}";
    let binding = |kind: &str, subject: &str| {
        format!(
            "{{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"{kind}\",\"metadata\":{{\"name\":\
             \"b\",\"namespace\":\"n\"}},\"roleRef\":{{\"kind\":\"ClusterRole\",\"name\":\"a\"}},\
             \"subjects\":[{subject}]}}"
        )
    };
    let everything = format!(
        "{role}\n---\n{}\n",
        binding(
            "ClusterRoleBinding",
            "{\"kind\":\"ServiceAccount\",\"name\":\"s\",\"namespace\":\"n\"}"
        )
    );
    let namespaced = format!(
        "{role}\n---\n{}\n",
        binding("RoleBinding", "{\"kind\":\"Group\",\"name\":\"system:serviceaccounts:n\"}")
    );
    let aggregated = "kind: ClusterRole\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: a}\n\
                      aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: x, operator: \
                      NotIn, values: [y]}]}, {}]}\n";
    let texts = [everything, namespaced, aggregated.to_owned(), "kind: Role\n".to_owned()];
    texts.into_iter().map(String::into_bytes).collect()
}
