//! Suggested policies let the observed traffic pass and nothing else, or say what they do not achieve.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_reachability::{Cluster, Reachability, Suggestion, difference, read_flows, suggest};

fn budget() -> Budget {
    Budget::new(Limits::DEFAULT)
}

fn cluster(texts: &[&str]) -> Cluster {
    let mut objects = Objects::new();
    for (index, text) in texts.iter().enumerate() {
        objects.add(&format!("{index}.yaml"), text.as_bytes(), &budget());
    }
    assert!(objects.problems.is_empty(), "{:?}", objects.problems);
    Cluster::of(&objects)
}

fn deployment(namespace: &str, name: &str, labels: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  \
         template:\n    metadata: {{labels: {{{labels}}}}}\n    spec: {{containers: [{{name: c, image: i}}]}}\n---\n"
    )
}

fn shop() -> String {
    [("web", "app: web, pod-template-hash: x1"), ("api", "app: api"), ("db", "app: db, tier: data")]
        .map(|(name, labels)| deployment("shop", name, labels))
        .concat()
}

fn told(source: &str, destination: &str, port: u16) -> String {
    let end = |text: &str| match text.split_once('/') {
        Some((namespace, name)) => format!(r#"{{"namespace":"{namespace}","workload":"{name}"}}"#),
        None => format!(r#"{{"address":"{text}"}}"#),
    };
    format!(r#"{{"source":{},"destination":{},"port":{port}}}"#, end(source), end(destination))
        + "\n"
}

fn suggested(cluster: &Cluster, lines: &str) -> Suggestion {
    let flows = read_flows(lines.as_bytes(), &budget());
    assert!(flows.left_out.is_empty(), "{:?}", flows.left_out);
    suggest(cluster, &flows.flows)
}

/// Connections under the suggested policies, evaluated apart from the suggestion's own proof.
fn passing(manifests: &[&str]) -> Vec<String> {
    let cluster = cluster(manifests);
    let all = Reachability::new(&cluster).connections();
    all.iter()
        .map(|it| format!("{} => {} : {}", it.source, it.destination, it.connections))
        .collect()
}

#[test]
fn observed_traffic_passes_and_nothing_else() {
    let lines = told("203.0.113.9", "shop/web", 8080)
        + &told("shop/web", "shop/api", 80)
        + &told("shop/web", "shop/api", 81)
        + &told("shop/api", "shop/db", 5432)
        + &told("shop/api", "2001:db8::7", 443);
    let suggestion = suggested(&cluster(&[&shop()]), &lines);
    assert_eq!(suggestion.unsettled, []);
    assert_eq!(suggestion.surplus, Vec::<String>::new());
    assert_eq!(
        passing(&[&shop(), &suggestion.manifests]),
        [
            "203.0.113.9 => shop/web[Deployment] : TCP 8080",
            "shop/api[Deployment] => 2001:db8::7 : TCP 443",
            "shop/api[Deployment] => shop/db[Deployment] : TCP 5432",
            "shop/web[Deployment] => shop/api[Deployment] : TCP 80-81",
        ]
    );
    assert!(!suggestion.manifests.contains("pod-template-hash"), "{}", suggestion.manifests);
}

#[test]
fn pods_that_only_flows_tell_of_are_known_by_their_labels() {
    let line = r#"{"source":{"namespace":"shop","workload":"web"},"destination":{"namespace":"kube-system","workload":"coredns","labels":{"k8s-app":"kube-dns"}},"protocol":"UDP","port":53}"#;
    let suggestion = suggested(&cluster(&[&shop()]), line);
    assert_eq!((suggestion.unsettled, suggestion.surplus), (vec![], vec![]));
    let dns = deployment("kube-system", "coredns", "k8s-app: kube-dns");
    assert_eq!(
        passing(&[&shop(), &dns, &suggestion.manifests])
            .iter()
            .filter(|it| it.contains("shop/"))
            .collect::<Vec<_>>(),
        ["shop/web[Deployment] => kube-system/coredns[Deployment] : UDP 53"]
    );
}

#[test]
fn what_cannot_be_had_is_told() {
    let admin = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: stop}\n\
                 spec:\n  priority: 1\n  subject: {namespaces: {}}\n  egress:\n  - {name: never, action: Deny, to: \
                 [{namespaces: {}}], ports: [{portNumber: {port: 80, protocol: TCP}}]}\n";
    let lines = told("shop/web", "shop/api", 80) + &told("shop/nobody", "shop/api", 81);
    let suggestion = suggested(&cluster(&[&shop(), admin]), &lines);
    let unsettled: Vec<String> =
        suggestion.unsettled.iter().map(|(line, reason)| format!("{line}: {reason}")).collect();
    assert_eq!(
        unsettled,
        [
            "1: it would be stopped: TCP 80: denied by AdminNetworkPolicy stop, rule \"never\"",
            "2: the input has no workload shop/nobody, and the flow tells no labels of it",
        ]
    );

    let twins = deployment("shop", "one", "app: same") + &deployment("shop", "two", "app: same");
    let suggestion = suggested(&cluster(&[&twins, &shop()]), &told("shop/web", "shop/one", 80));
    assert_eq!(suggestion.unsettled, []);
    assert_eq!(suggestion.surplus, ["shop/web[Deployment] => shop/two[Deployment] : TCP 80"]);
}

#[test]
fn suggestions_take_the_place_of_what_is_there() {
    let old = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: open, namespace: shop}\n\
               spec: {podSelector: {}, ingress: [{}]}\n";
    let suggestion = suggested(&cluster(&[&shop(), old]), &told("shop/web", "shop/api", 80));
    assert_eq!((suggestion.unsettled, suggestion.surplus), (vec![], vec![]));
}

#[test]
fn differences_are_between_names() {
    let narrow = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: shop}\n\
                  spec:\n  podSelector: {matchLabels: {app: db}}\n  ingress:\n  - from: [{podSelector: {matchLabels: \
                  {app: api}}}, {ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: '::/0'}}]\n    ports: [{port: 5432}]\n";
    let more = shop() + &deployment("shop", "new", "app: new");
    let (before, after) = (cluster(&[&shop()]), cluster(&[&more, narrow]));
    let changes = difference(&Reachability::new(&before), &Reachability::new(&after));
    let shown: Vec<String> = changes
        .iter()
        .filter(|it| !it.of_new_or_gone_workload)
        .map(|it| {
            format!(
                "{:?} {} => {} : {} to {}",
                it.kind, it.source, it.destination, it.before, it.after
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Changed 0.0.0.0-127.255.255.255,::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff => shop/db[Deployment] : All Connections to TCP 5432",
            "Removed 128.0.0.0-255.255.255.255 => shop/db[Deployment] : All Connections to No Connections",
            "Changed shop/api[Deployment] => shop/db[Deployment] : All Connections to TCP 5432",
            "Removed shop/web[Deployment] => shop/db[Deployment] : All Connections to No Connections",
        ]
    );
    assert!(changes.iter().any(|it| it.of_new_or_gone_workload && it.source.contains("shop/new")));
    let same = difference(&Reachability::new(&before), &Reachability::new(&before));
    assert!(same.is_empty());
}
