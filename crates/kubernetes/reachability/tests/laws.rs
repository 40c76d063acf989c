//! What must hold of every cluster: one question at a time gets the answer that all at once give.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::net::IpAddr;

use bulkhead_objects::{Labels, Name};
use bulkhead_reachability::{
    Action, Addresses, Cluster, Condition, Connections, ContainerPort, End, Namespaces, Network,
    Party, Peer, Pod, Pods, Policy, Ports, Protocol, Reachability, Requirement, Rule, Selector,
    Tier, Workload,
};
use proptest::prelude::*;

const KEYS: [&str; 2] = ["app", "tier"];
const VALUES: [&str; 3] = ["a", "b", "c"];
const NAMESPACES: [&str; 3] = ["one", "two", "three"];

fn labels() -> impl Strategy<Value = Labels> {
    prop::collection::vec((prop::sample::select(&KEYS), prop::sample::select(&VALUES)), 0..3)
        .prop_map(|pairs| Labels::new(pairs.into_iter().map(|(k, v)| (k.into(), v.into()))))
}

fn selector() -> impl Strategy<Value = Selector> {
    let values = || prop::collection::vec(prop::sample::select(&VALUES), 1..3);
    let condition = (0..4_u8, values()).prop_map(|(which, values)| {
        let values = values.into_iter().map(Name::new).collect();
        match which {
            0 => Condition::In(values),
            1 => Condition::NotIn(values),
            2 => Condition::Exists,
            _ => Condition::DoesNotExist,
        }
    });
    let requirement = (prop::sample::select(&KEYS), condition)
        .prop_map(|(key, condition)| Requirement { key: key.into(), condition });
    prop::collection::vec(requirement, 0..2).prop_map(Selector::new)
}

fn pods() -> impl Strategy<Value = Pods> {
    let namespaces = prop_oneof![
        prop::sample::select(&NAMESPACES).prop_map(|name| Namespaces::Named(name.into())),
        selector().prop_map(Namespaces::Matching),
    ];
    (namespaces, selector()).prop_map(|(namespaces, pods)| Pods { namespaces, pods })
}

fn connections() -> impl Strategy<Value = Connections> {
    (prop::sample::select(&Protocol::ALL), 70..90_u16, 0..8_u16)
        .prop_map(|(protocol, first, more)| Connections::ports(protocol, first, first + more))
}

fn rule(actions: &'static [Action]) -> impl Strategy<Value = Rule> {
    let block = prop::sample::select(&["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "fd00::/8"])
        .prop_map(|block| Peer::Addresses(Addresses::block(block).unwrap()));
    let peer = prop_oneof![3 => pods().prop_map(Peer::Pods), 1 => block];
    let named = (
        prop::option::of(prop::sample::select(&Protocol::ALL)),
        prop::sample::select(&["web", "dns"]),
    )
        .prop_map(|(protocol, name)| Ports::Named { protocol, name: name.into() });
    let ports = prop_oneof![connections().prop_map(Ports::Numbers), named];
    (
        prop::sample::select(actions),
        prop::option::of(prop::collection::vec(peer, 0..3)),
        prop::option::of(prop::collection::vec(ports, 1..3)),
    )
        .prop_map(|(action, peers, ports)| Rule { name: None, action, peers, ports })
}

fn policy() -> impl Strategy<Value = Policy> {
    let tier = prop_oneof![
        (0..3_i64).prop_map(|priority| Tier::Admin { priority }),
        Just(Tier::Network),
        Just(Tier::Baseline)
    ];
    tier.prop_flat_map(|tier| {
        let actions: &[Action] = match tier {
            Tier::Admin { .. } => &[Action::Allow, Action::Deny, Action::Pass],
            Tier::Baseline => &[Action::Allow, Action::Deny],
            _ => &[Action::Allow],
        };
        let rules = || prop::option::of(prop::collection::vec(rule(actions), 0..3));
        (pods(), rules(), rules(), "[a-z]{4}").prop_map(move |(subject, ingress, egress, name)| {
            Policy {
                tier,
                namespace: None,
                name: Name::new(&name),
                origin: None,
                subject,
                ingress,
                egress,
            }
        })
    })
}

fn pod() -> impl Strategy<Value = (usize, Labels, Vec<ContainerPort>)> {
    let port =
        (prop::sample::select(&["web", "dns"]), prop::sample::select(&Protocol::ALL), 75..80_u16)
            .prop_map(|(name, protocol, port)| ContainerPort {
                name: Some(name.into()),
                protocol,
                port,
            });
    (0..NAMESPACES.len(), labels(), prop::collection::vec(port, 0..2))
}

fn cluster() -> impl Strategy<Value = Cluster> {
    let namespaces = prop::collection::vec(labels(), NAMESPACES.len());
    let pods = prop::collection::vec(pod(), 1..6);
    (namespaces, pods, prop::collection::vec(policy(), 0..6)).prop_map(
        |(labels, pods, policies)| {
            let namespaces = NAMESPACES.into_iter().map(Name::new).zip(labels).collect();
            let workload =
                |(index, (namespace, _, _)): (usize, &(usize, Labels, Vec<_>))| Workload {
                    namespace: NAMESPACES[*namespace].into(),
                    name: Name::new(&format!("pod-{index}")),
                    kind: "Pod".into(),
                };
            let workloads = pods.iter().enumerate().map(workload).collect();
            let pod = |(workload, (_, labels, ports))| Pod {
                workload,
                labels,
                ports,
                primary: 0,
                secondary: Vec::new(),
                addresses: Vec::new(),
            };
            let pods = pods.into_iter().enumerate().map(pod).collect();
            let networks = vec![Network::pods()];
            Cluster { namespaces, workloads, pods, policies, networks, ..Cluster::default() }
        },
    )
}

/// What the list of connections says of two parties.
fn listed(
    reachability: &Reachability<'_>,
    cluster: &Cluster,
    source: Party,
    destination: Party,
) -> Connections {
    let is = |end: &End<'_>, party: Party| match (end, party) {
        (End::Workload(workload), Party::Pod(pod)) => **workload == cluster.workloads[pod],
        (End::Outside(addresses), Party::Address(address)) => addresses.contains(address),
        _ => false,
    };
    let all = reachability.connections();
    let meant = all.iter().filter(|it| is(&it.source, source) && is(&it.destination, destination));
    meant.fold(Connections::none(), |all, it| all.union(&it.connections))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_explanation_agrees_with_the_list(cluster in cluster()) {
        let reachability = Reachability::new(&cluster);
        let outside = ["10.1.2.3", "10.9.9.9", "8.8.8.8", "fd00::1"];
        let addresses = outside.map(|text| Party::Address(text.parse::<IpAddr>().unwrap()));
        let parties: Vec<Party> = (0..cluster.pods.len()).map(Party::Pod).chain(addresses).collect();
        for source in &parties {
            for destination in parties.iter().filter(|it| *it != source) {
                let asked = Connections::all();
                let Ok(explained) = reachability.explain(*source, *destination, &asked) else { continue };
                let listed = listed(&reachability, &cluster, *source, *destination);
                prop_assert_eq!(&explained[0].allowed, &listed, "{:?} to {:?}", source, destination);
                for side in [&explained[0].egress, &explained[0].ingress].into_iter().flatten() {
                    // Each port is accounted for, by what settles it.
                    let settled = side.steps.iter().fold(Connections::none(), |all, step| {
                        all.union(&step.connections)
                    });
                    prop_assert!(settled.is_all());
                }
            }
        }
    }
}
