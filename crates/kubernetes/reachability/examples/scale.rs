//! How the time to decide grows with the pods: the ratio of one run, ten times as many pods under the same
//! 500 policies.

#![expect(clippy::print_stdout, reason = "its output is the measurement")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_reachability::{Cluster, Reachability};

const POLICIES: usize = 500;

fn main() {
    let (few, many) = (measure(1_000), measure(10_000));
    println!("ratio {:.1}", many.as_secs_f64() / few.as_secs_f64());
}

/// The shortest of three runs: from objects to what all groups may reach.
fn measure(pods: usize) -> Duration {
    let mut objects = Objects::new();
    objects.add("cluster.yaml", manifests(pods).as_bytes(), &Budget::new(Limits::DEFAULT));
    assert!(objects.problems.is_empty(), "{:?}", objects.problems);
    let run = || {
        let start = Instant::now();
        let cluster = Cluster::of(&objects);
        let reachability = Reachability::new(&cluster);
        let (groups, connections) =
            (reachability.groups().len(), reachability.grouped_connections().len());
        let time = start.elapsed();
        println!(
            "{pods} pods, {POLICIES} policies: {time:.2?}, {groups} groups, {connections} connections"
        );
        time
    };
    [run(), run(), run()].into_iter().min().unwrap_or_default()
}

/// Each pod has an application of its own, as each `StatefulSet` names each of its pods.
fn manifests(pods: usize) -> String {
    let mut text = String::new();
    for pod in 0..pods {
        let namespace = pod % 100;
        let (app, tier) = (pod / 100 % 50, ["web", "logic", "data"][pod % 3]);
        let _ = write!(
            text,
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-{pod}\n  namespace: n{namespace}\n  labels: \
             {{app: a{app}, tier: {tier}, statefulset.kubernetes.io/pod-name: pod-{pod}}}\nspec:\n  containers:\n  \
             - {{name: main, image: x, ports: [{{name: http, containerPort: 8080}}]}}\n---\n"
        );
    }
    for policy in 0..POLICIES {
        let (namespace, app, other) = (policy % 100, policy / 100 * 2, policy * 7 % 50);
        let port = 8000 + policy % 10;
        let _ = write!(
            text,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{policy}, namespace: \
             n{namespace}}}\nspec:\n  podSelector: {{matchLabels: {{app: a{app}}}}}\n  ingress:\n  - from:\n    - \
             podSelector: {{matchLabels: {{app: a{other}}}}}\n    - namespaceSelector: {{matchLabels: \
             {{kubernetes.io/metadata.name: n{}}}}}\n      podSelector: {{matchLabels: {{tier: web}}}}\n    ports: \
             [{{port: {port}}}, {{port: http}}]\n  egress:\n  - to:\n    - ipBlock: {{cidr: 10.{}.0.0/16}}\n    - \
             namespaceSelector: {{}}\n---\n",
            (namespace + 1) % 100,
            policy % 200,
        );
    }
    text
}
