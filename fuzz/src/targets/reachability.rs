//! Clusters out of manifests, and observed traffic.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_reachability::{Cluster, Reachability, read_flows, suggest};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "reachability", run: cluster, seeds: seeds_of_clusters, data: &[] },
    Target { name: "netpol-flows", run: flows, seeds: seeds_of_flows, data: &[] },
];

const LIMITS: Limits =
    Limits { problems: 20, file_bytes: 1 << 20, entries: 10_000, ..Limits::DEFAULT };

/// Past this many pods a mutation only costs time.
const PODS: usize = 50;

/// Decides for whatever is read; succeeds where something can be reached under a policy.
fn cluster(bytes: &[u8]) -> bool {
    let cluster = read(bytes);
    if cluster.pods.len() > PODS || cluster.policies.len() > PODS {
        return false;
    }
    let reachability = Reachability::new(&cluster);
    let connections = reachability.connections();
    // Groups leave nothing out; what passes between pods of one workload they alone show.
    assert!(connections.is_empty() || !reachability.grouped_connections().is_empty());
    !connections.is_empty() && !cluster.policies.is_empty()
}

fn read(bytes: &[u8]) -> Cluster {
    let mut objects = Objects::new();
    objects.add("fuzz.yaml", bytes, &Budget::new(LIMITS));
    Cluster::of(&objects)
}

/// Reads flows and suggests policies for them; succeeds where one was read.
fn flows(bytes: &[u8]) -> bool {
    let read_flows = read_flows(bytes, &Budget::new(LIMITS));
    if read_flows.flows.len() > PODS {
        return false;
    }
    let suggestion = suggest(&read(SHOP.as_bytes()), &read_flows.flows);
    let mut objects = Objects::new();
    objects.add("suggested.yaml", suggestion.manifests.as_bytes(), &Budget::new(LIMITS));
    assert!(objects.problems.is_empty(), "what is suggested can be read: {}", suggestion.manifests);
    !read_flows.flows.is_empty()
}

const SHOP: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n\
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}\n---\n\
    apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: shop, labels: {app: db}}\nspec: {}\n";

const POLICIES: &str = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n\
    spec:\n  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from: [{ipBlock: {cidr: 10.0.0.0/8, except: \
    [10.1.0.0/16]}}, {namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: In, values: \
    [db]}]}}]\n    ports: [{port: http}, {port: 53, endPort: 60, protocol: UDP}]\n---\n\
    apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec:\n  priority: \
    5\n  subject: {namespaces: {}}\n  egress: [{name: r, action: Pass, to: [{networks: [0.0.0.0/0]}], ports: \
    [{portRange: {start: 1, end: 9, protocol: TCP}}]}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s, \
    namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n---\napiVersion: \
    networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {defaultBackend: {service: \
    {name: s, port: {number: 80}}}}\n";

fn seeds_of_clusters() -> Vec<Vec<u8>> {
    vec![format!("{SHOP}{POLICIES}").into_bytes()]
}

fn seeds_of_flows() -> Vec<Vec<u8>> {
    vec![
        br#"{"source":{"namespace":"shop","workload":"web"},"destination":{"namespace":"shop","pod":"db"},"port":5432}"#.to_vec(),
        br#"{"flow":{"verdict":"FORWARDED","IP":{"source":"10.0.0.1","destination":"203.0.113.5"},"l4":{"UDP":{"destination_port":53}},"source":{"namespace":"shop","pod_name":"web","labels":["k8s:app=web"]},"destination":{"labels":["reserved:world"]}}}"#.to_vec(),
        br#"{"source":{"namespace":"kube-system","labels":{"k8s-app":"kube-dns"}},"destination":{"namespace":"shop","workload":"web"},"protocol":"SCTP","port":1}"#.to_vec(),
    ]
}
