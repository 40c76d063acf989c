//! What policies mean that say it in an unusual way.

use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_reachability::{Cluster, Reachability};

const TWO_PODS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {tier: inner}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db, ports: [{containerPort: 5432}]}]}
---
";

/// The connections between the pods, and what was not assessed.
fn check(policies: &str, connections: &[&str], not_assessed: &[&str]) {
    let mut objects = Objects::new();
    let text = format!("{TWO_PODS}{policies}");
    objects.add("manifests.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    let cluster = Cluster::of(&objects);
    let reachability = Reachability::new(&cluster);
    let found = reachability.connections();
    let found: Vec<String> = found
        .iter()
        .map(|it| format!("{} => {} : {}", it.source, it.destination, it.connections))
        .filter(|line| line.matches("shop/").count() == 2)
        .collect();
    assert_eq!(found, connections, "{policies}");
    let told: Vec<&str> = cluster.not_assessed.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(told, not_assessed, "{policies}");
}

#[test]
fn ports_the_wrong_way_round_are_none() {
    let policy = |ports: &str| {
        format!(
            "
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: inner}}
spec:
  priority: 5
  subject: {{namespaces: {{matchLabels: {{tier: inner}}}}}}
  ingress:
    - {{action: Allow, from: [{{namespaces: {{}}}}], ports: {ports}}}
    - {{action: Deny, from: [{{namespaces: {{}}}}]}}
"
        )
    };
    let told = &["9 to 1 are no ports; taken for none"];
    check(
        &policy("[{portRange: {start: 9, end: 1}}, {portNumber: {port: 80}}]"),
        &["shop/db[Pod] => shop/web[Pod] : TCP 80", "shop/web[Pod] => shop/db[Pod] : TCP 80"],
        told,
    );
    check(&policy("[{portRange: {start: 9, end: 1}}]"), &[], told);
}

#[test]
fn policies_of_secondary_networks_govern_what_they_have_rules_for() {
    let network = "
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: back, namespace: shop}
spec: {config: '{\"cniVersion\": \"0.3.1\", \"name\": \"back\", \"type\": \"macvlan\"}'}
---
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop, labels: {app: one}, annotations: {k8s.v1.cni.cncf.io/networks: back}}
spec: {containers: [{name: one, image: one}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop, labels: {app: two}, annotations: {k8s.v1.cni.cncf.io/networks: back}}
spec: {containers: [{name: two, image: two}]}
---
apiVersion: k8s.cni.cncf.io/v1beta1
kind: MultiNetworkPolicy
metadata: {name: one, namespace: shop, annotations: {k8s.v1.cni.cncf.io/policy-for: back}}
spec:
  podSelector: {matchLabels: {app: one}}
";
    let cases = [
        ("  egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]", vec!["two => one"], 1),
        ("  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]", vec!["one => two"], 0),
        ("  policyTypes: [Ingress, Egress]", vec![], 0),
    ];
    for (rules, expected, told) in cases {
        let mut objects = Objects::new();
        let text = format!("{network}{rules}");
        objects.add("manifests.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
        let cluster = Cluster::of(&objects);
        let found = Reachability::new(&cluster).connections();
        let found: Vec<String> = found
            .iter()
            .filter(|it| it.network != 0)
            .map(|it| format!("{} => {} : {}", it.source, it.destination, it.connections))
            .collect();
        let expected: Vec<String> = expected
            .iter()
            .filter_map(|it| it.split_once(" => "))
            .map(|(from, to)| format!("shop/{from}[Pod] => shop/{to}[Pod] : All Connections"))
            .collect();
        assert_eq!(found, expected, "{rules}");
        assert_eq!(cluster.not_assessed.len(), told, "{rules}: {:?}", cluster.not_assessed);
    }
}

#[test]
fn networks_are_called_by_their_definitions() {
    let definition = |namespace: &str, name: &str, called: &str| {
        format!(
            "
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{config: '{{\"cniVersion\": \"0.3.1\", \"name\": \"{called}\", \"type\": \"macvlan\"}}'}}
---"
        )
    };
    let names = |definitions: &[String]| -> Vec<String> {
        let mut objects = Objects::new();
        objects.add("n.yaml", definitions.concat().as_bytes(), &Budget::new(Limits::DEFAULT));
        let cluster = Cluster::of(&objects);
        cluster.networks.iter().skip(1).map(|network| network.name.to_string()).collect()
    };
    assert_eq!(names(&[definition("a", "back", "vlan7")]), ["back"]);
    // One network, two names; two networks, one name.
    assert_eq!(names(&[definition("a", "x", "vlan7"), definition("b", "y", "vlan7")]), ["vlan7"]);
    assert_eq!(
        names(&[definition("a", "back", "vlan7"), definition("b", "back", "vlan8")]),
        ["vlan7", "vlan8"]
    );
}

/// A route sends to a Service of another namespace where that one grants it.
#[test]
fn routes_follow_grants() {
    const ROUTE: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: out, namespace: edge}
spec:
  parentRefs: [{name: gate}]
  rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]
---
";
    let missing =
        "a backend of it is in another namespace, and no ReferenceGrant of the input allows it";
    for (grant, is_granted) in [
        ("", false),
        (
            "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], to: [{kind: Service}]",
            true,
        ),
        (
            "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], to: [{kind: Service, name: web}]",
            true,
        ),
        (
            "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], to: [{kind: Service, name: db}]",
            false,
        ),
        (
            "from: [{group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: edge}], to: [{kind: Service}]",
            false,
        ),
        (
            "from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{kind: Service}]",
            false,
        ),
    ] {
        let grant = format!(
            "apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{name: g, namespace: shop}}\n\
             spec: {{{grant}}}\n"
        );
        let mut objects = Objects::new();
        let text = format!("{TWO_PODS}{ROUTE}{grant}");
        objects.add("manifests.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
        let cluster = Cluster::of(&objects);
        let entries: Vec<_> = cluster.entries.iter().map(|it| it.ports.to_string()).collect();
        let told: Vec<&str> = cluster.not_assessed.iter().map(|it| it.reason.as_str()).collect();
        if is_granted {
            assert_eq!((entries, told), (vec!["TCP 80".to_owned()], Vec::new()), "{grant}");
        } else {
            assert_eq!((entries, told), (Vec::new(), vec![missing]), "{grant}");
        }
    }
}

/// Until 0.1.1 peers of the same `v1alpha1` were written in other words.
#[test]
fn older_releases_of_the_administrators_policies_are_read() {
    let policy = |peer: &str| {
        format!(
            "
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: inner}}
spec:
  priority: 5
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: db}}}}}}}}
  ingress:
    - {{action: Deny, from: [{peer}]}}
"
        )
    };
    let back = "shop/db[Pod] => shop/web[Pod] : All Connections";
    let forth = "shop/web[Pod] => shop/db[Pod] : All Connections";
    let inner = "{matchLabels: {tier: inner}}";
    let outer = "{matchLabels: {tier: outer}}";
    let all = &[back, forth][..];
    let check = |peer: String, connections: &[&str]| check(&policy(&peer), connections, &[]);
    check(format!("{{namespaces: {inner}}}"), &[back]);
    check(format!("{{namespaces: {outer}}}"), all);
    check(format!("{{namespaces: {{namespaceSelector: {inner}}}}}"), &[back]);
    check(format!("{{namespaces: {{namespaceSelector: {outer}}}}}"), all);
    let pods = |namespaces: &str, selector: &str| {
        format!("{{pods: {{{namespaces}, podSelector: {{matchLabels: {{app: {selector}}}}}}}}}")
    };
    for namespaces in ["namespaceSelector: {}", "namespaces: {namespaceSelector: {}}"] {
        check(pods(namespaces, "web"), &[back]);
        check(pods(namespaces, "gone"), all);
    }
    check(pods(&format!("namespaces: {{namespaceSelector: {outer}}}"), "web"), all);
}

#[test]
fn namespaces_that_are_compared_with_the_subject_are_not_assessed() {
    let policy = "
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: inner}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress:
    - {action: Deny, from: [{namespaces: {notSameLabels: [tier]}}]}
";
    check(
        policy,
        &[
            "shop/db[Pod] => shop/web[Pod] : All Connections",
            "shop/web[Pod] => shop/db[Pod] : All Connections",
        ],
        &["left out: it compares labels with those of its subject, as releases before 0.1.2 could"],
    );
}
