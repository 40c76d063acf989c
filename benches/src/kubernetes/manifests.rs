//! Objects to measure with.

use std::fmt::Write as _;

/// Deployments as people write them, some 670 bytes each, none of them hardened.
pub(super) fn deployments(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let _ = write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\n  namespace: team-{}\n  labels:\n    \
             app: web-{number}\n    tier: front\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: \
             web-{number}\n  template:\n    metadata:\n      labels:\n        app: web-{number}\n        tier: front\n    \
             spec:\n      containers:\n        - name: web\n          image: registry.example.com/team/web:1.{}\n          \
             ports:\n            - name: http\n              containerPort: 8080\n          resources:\n            requests:\n              cpu: 100m\n  \
             \x20           memory: 64Mi\n          volumeMounts:\n            - name: cache\n              mountPath: \
             /cache\n      volumes:\n        - name: cache\n          emptyDir: {{}}\n---\n",
            number % 100,
            number % 30,
        );
    }
    text
}

/// The same as one `List` of JSON, as `kubectl get -o json` writes it.
pub(super) fn list(count: usize) -> String {
    let mut text = String::from("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n");
    for number in 0..count {
        let separator = if number == 0 { "" } else { ",\n" };
        let _ = write!(
            text,
            "{separator}{{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {{\"name\": \
             \"web-{number}\", \"namespace\": \"team-{}\", \"labels\": {{\"app\": \"web-{number}\"}}}}, \"spec\": \
             {{\"replicas\": 3, \"selector\": {{\"matchLabels\": {{\"app\": \"web-{number}\"}}}}, \"template\": \
             {{\"metadata\": {{\"labels\": {{\"app\": \"web-{number}\"}}}}, \"spec\": {{\"containers\": [{{\"name\": \
             \"web\", \"image\": \"registry.example.com/team/web:1.{}\", \"ports\": [{{\"containerPort\": 8080}}], \
             \"resources\": {{\"requests\": {{\"cpu\": \"100m\"}}}}}}]}}}}}}}}",
            number % 100,
            number % 30,
        );
    }
    text + "\n]}\n"
}

/// Each pod has an application of its own, as each `StatefulSet` names each of its pods.
pub(super) fn network(pods: usize, policies: usize) -> String {
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
    for policy in 0..policies {
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
