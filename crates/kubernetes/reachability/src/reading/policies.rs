//! Policies to their normal form. One that the API server would refuse is left out whole.

use std::collections::BTreeMap;

use bulkhead_objects::{
    AdminEgressPeer, AdminNamespaces, AdminNetworkPolicy, AdminPort, AdminPortRange, Body,
    IntOrString, IpBlock, Name, NetworkPolicy, Object, PolicyPort,
};
use serde::Deserialize;

use super::networks::Attachments;
use super::{Reading, mistake_text};
use crate::{
    Action, Addresses, Connections, Namespaces, Peer, Pods, Policy, Ports, Protocol, Rule,
    Selector, Tier,
};

/// The annotation that says for which networks a `MultiNetworkPolicy` is (Multi Network Policy, 3.1).
const POLICY_FOR: &str = "k8s.v1.cni.cncf.io/policy-for";

/// The one name that a `BaselineAdminNetworkPolicy` may have.
const BASELINE: &str = "default";

/// The largest priority of an `AdminNetworkPolicy`.
const LAST_PRIORITY: i32 = 1000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct MultiNetworkPolicy {
    spec: NetworkPolicy,
}

/// Why a policy is left out.
enum Refused {
    /// The API server does not take it.
    ByServer(String),
    /// It does, and it is not reasoned about here.
    Here(&'static str),
}

impl<T: Into<String>> From<T> for Refused {
    fn from(reason: T) -> Self {
        Self::ByServer(reason.into())
    }
}

impl<'a> Reading<'a> {
    pub(super) fn policies(&mut self, attachments: &Attachments) {
        for object in self.all() {
            let read = match &object.body {
                Body::NetworkPolicy(written) => self.network_policy(object, written, Tier::Network),
                Body::AdminNetworkPolicy(written) => self.admin_policy(object, written),
                _ => continue,
            };
            self.keep(object, read);
        }
        for (object, written) in self.shaped::<MultiNetworkPolicy>("MultiNetworkPolicy") {
            for network in self.networks_of(object, attachments) {
                let read = self.network_policy(object, &written.spec, Tier::Multi { network });
                self.keep(object, read);
            }
        }
        self.note_equal_priorities();
    }

    fn keep(&mut self, object: &Object, read: Result<Policy, Refused>) {
        match (read, object.mistakes.first()) {
            (_, Some(mistake)) => self.refused(object, &mistake_text(mistake)),
            (Err(Refused::ByServer(reason)), None) => self.refused(object, &reason),
            (Err(Refused::Here(reason)), None) => self.note(object, format!("left out: {reason}")),
            (Ok(policy), None) => self.cluster.policies.push(policy),
        }
    }

    fn network_policy(
        &mut self,
        object: &'a Object,
        written: &NetworkPolicy,
        tier: Tier,
    ) -> Result<Policy, Refused> {
        let namespace = Name::new(object.namespace());
        let governs = |direction: &str, otherwise: bool| match written.policy_types.as_deref() {
            Some(types) if !types.is_empty() => types.iter().any(|it| *it == direction),
            _ => otherwise,
        };
        let mut blocks = false;
        let mut rule = |peers: &[bulkhead_objects::Peer], ports: &[PolicyPort]| {
            blocks |= peers.iter().any(|peer| peer.ip_block.is_some());
            Ok::<Rule, Refused>(Rule {
                name: None,
                action: Action::Allow,
                peers: given(peers, |it| peer(it, &namespace, tier))?,
                ports: given(ports, port)?,
            })
        };
        let ingress = written.ingress.iter().map(|it| rule(&it.from, &it.ports));
        let ingress = ingress.collect::<Result<Vec<Rule>, Refused>>()?;
        let egress = written.egress.iter().map(|it| rule(&it.to, &it.ports));
        let egress = egress.collect::<Result<Vec<Rule>, Refused>>()?;
        // Who enforces policies of secondary networks does not agree with their API here: what sets filters in the
        // pod leaves directions without rules alone (multi-networkpolicy-iptables, `getEnabledPolicyTypes`).
        let multi = matches!(tier, Tier::Multi { .. });
        if multi
            && ingress.is_empty()
            && written.policy_types.as_deref().is_none_or(<[_]>::is_empty)
        {
            let reason = "it has neither policyTypes nor rules of ingress: some network plugins stop what reaches its \
                          pods, others do not; taken as not stopped";
            self.note(object, reason.to_owned());
        }
        if let Tier::Multi { network } = tier
            && blocks
            && self.cluster.pods.iter().any(|pod| pod.has_unknown_address(network))
        {
            let name = self.cluster.networks.get(network).map_or("", |network| &network.name);
            let reason = format!(
                "addresses of some pods in {name} are not in the input; what its ipBlock says of these is not \
                 known"
            );
            self.note(object, reason);
        }
        Ok(Policy {
            tier,
            name: object.metadata.name.clone(),
            origin: self.origin(object),
            subject: Pods {
                namespaces: Namespaces::Named(namespace),
                pods: Selector::read(&written.pod_selector)?,
            },
            ingress: governs("Ingress", !multi || !ingress.is_empty()).then_some(ingress),
            egress: governs("Egress", !egress.is_empty()).then_some(egress),
            namespace: Some(Name::new(object.namespace())),
        })
    }

    fn admin_policy(
        &mut self,
        object: &'a Object,
        written: &AdminNetworkPolicy,
    ) -> Result<Policy, Refused> {
        let tier = if object.type_name.kind == "BaselineAdminNetworkPolicy" {
            if object.metadata.name != BASELINE {
                return Err(format!("its name is not {BASELINE:?}").into());
            }
            Tier::Baseline
        } else if (0..=LAST_PRIORITY).contains(&written.priority) {
            Tier::Admin { priority: written.priority.into() }
        } else {
            return Err(format!("its priority is not from 0 to {LAST_PRIORITY}").into());
        };
        let subject =
            namespaced(written.subject.namespaces.as_ref(), written.subject.pods.as_ref())?
                .ok_or("its subject names neither namespaces nor pods")?;
        let rule = |name: &Name, does: &Name, peers, ports: &Option<Box<[AdminPort]>>| {
            Ok::<Rule, Refused>(Rule {
                name: Some(name.clone()),
                action: action(does, tier)?,
                peers: Some(peers),
                ports: given(ports.as_deref().unwrap_or_default(), admin_port)?,
            })
        };
        let ingress = written.ingress.iter().map(|it| {
            let peers = it.from.iter().map(|peer| {
                let pods = namespaced(peer.namespaces.as_ref(), peer.pods.as_ref())?;
                Ok(Peer::Pods(pods.ok_or("a peer of it names neither namespaces nor pods")?))
            });
            let peers = peers.collect::<Result<Vec<Peer>, Refused>>()?;
            rule(&it.name, &it.action, peers, &it.ports)
        });
        let ingress = ingress.collect::<Result<Vec<Rule>, Refused>>()?;
        let mut unknown = Vec::new();
        let egress = written.egress.iter().map(|it| {
            let mut peers = Vec::new();
            for peer in &it.to {
                peers.extend(egress_peer(peer, &mut unknown)?);
            }
            rule(&it.name, &it.action, peers, &it.ports)
        });
        let egress = egress.collect::<Result<Vec<Rule>, Refused>>()?;
        let ports = written.ingress.iter().map(|it| &it.ports);
        let ports = ports.chain(written.egress.iter().map(|it| &it.ports)).flatten().flatten();
        for range in ports.filter_map(|port| port.port_range.as_ref()).filter(|it| is_backwards(it))
        {
            let (start, end) = (range.start, range.end);
            self.note(object, format!("{start} to {end} are no ports; taken for none"));
        }
        for what in unknown {
            self.note(object, format!("{what}; rules say nothing about these peers here"));
        }
        Ok(Policy {
            tier,
            namespace: None,
            name: object.metadata.name.clone(),
            origin: self.origin(object),
            subject,
            ingress: Some(ingress),
            egress: Some(egress),
        })
    }

    /// The networks that a policy of secondary networks is for.
    fn networks_of(&mut self, object: &Object, attachments: &Attachments) -> Vec<usize> {
        let own = Name::new(object.namespace());
        let asked = object.metadata.annotations.get(POLICY_FOR).map_or("", |text| text.as_str());
        let mut networks = Vec::new();
        if asked.trim().is_empty() {
            self.note(
                object,
                format!("it has no annotation {POLICY_FOR}, so it is for no network"),
            );
        }
        for name in asked.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let key = match name.split_once('/') {
                Some((namespace, name)) => (Name::new(namespace), Name::new(name)),
                None => (own.clone(), Name::new(name)),
            };
            if let Some(network) = attachments.secondary.get(&key) {
                networks.push(*network);
            } else {
                self.note(object, format!("it is for {name}, which the input does not define"));
            }
        }
        networks.sort_unstable();
        networks.dedup();
        networks
    }

    /// Which of two with the same priority comes first is not defined (`AdminNetworkPolicy` API, priority).
    fn note_equal_priorities(&mut self) {
        let mut priorities: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for policy in &self.cluster.policies {
            if let Tier::Admin { priority } = policy.tier {
                priorities.entry(priority).or_default().push(policy.to_string());
            }
        }
        for (priority, policies) in priorities.into_iter().filter(|(_, them)| them.len() > 1) {
            let subject = policies.join(", ");
            let reason = format!(
                "they have the same priority {priority}: which goes first is not defined; taken by name"
            );
            self.cluster.not_assessed.push(crate::NotAssessed { subject, reason });
        }
    }
}

/// None where the list is empty, which in policies means everything.
fn given<T, U>(
    list: &[T],
    read: impl Fn(&T) -> Result<U, Refused>,
) -> Result<Option<Vec<U>>, Refused> {
    if list.is_empty() {
        Ok(None)
    } else {
        list.iter().map(read).collect::<Result<_, _>>().map(Some)
    }
}

fn peer(written: &bulkhead_objects::Peer, namespace: &Name, tier: Tier) -> Result<Peer, Refused> {
    let selectors = (&written.namespace_selector, &written.pod_selector);
    match (&written.ip_block, selectors) {
        (Some(block), (None, None)) => {
            let addresses = ip_block(block)?;
            Ok(match tier {
                Tier::Multi { network } => Peer::Attached { network, addresses },
                _ => Peer::Addresses(addresses),
            })
        }
        (Some(_), _) => Err("a peer of it has an ipBlock and selectors at once".into()),
        (None, (None, None)) => Err("a peer of it is empty".into()),
        (None, (namespaces, pods)) => Ok(Peer::Pods(Pods {
            namespaces: match namespaces {
                Some(selector) => Namespaces::Matching(Selector::read(selector)?),
                None => Namespaces::Named(namespace.clone()),
            },
            pods: pods.as_ref().map_or_else(|| Ok(Selector::everything()), Selector::read)?,
        })),
    }
}

fn ip_block(written: &IpBlock) -> Result<Addresses, Refused> {
    let block = |text: &str| {
        Addresses::block(text).ok_or_else(|| format!("{text:?} is no range in CIDR notation"))
    };
    let mut addresses = block(&written.cidr)?;
    for except in &written.except {
        addresses = addresses.minus(&block(except)?);
    }
    Ok(addresses)
}

fn port(written: &PolicyPort) -> Result<Ports, Refused> {
    let protocol = protocol(written.protocol.as_ref())?;
    Ok(match (&written.port, written.end_port) {
        (None, None) => Ports::Numbers(Connections::protocol(protocol)),
        (Some(IntOrString::Int(first)), last) => {
            Ports::Numbers(range(protocol, *first, last.unwrap_or(*first))?)
        }
        (Some(IntOrString::Text(name)), None) => {
            Ports::Named { protocol: Some(protocol), name: name.clone() }
        }
        (None | Some(IntOrString::Text(_)), Some(_)) => {
            return Err("it has an endPort without a port number".into());
        }
    })
}

fn admin_port(written: &AdminPort) -> Result<Ports, Refused> {
    let protocol_of = |name: &Name| protocol(Some(name));
    match (&written.port_number, &written.port_range, &written.named_port) {
        (Some(port), None, None) => {
            Ok(Ports::Numbers(range(protocol_of(&port.protocol)?, port.port, port.port)?))
        }
        (None, Some(ports), None) => {
            let protocol = protocol(ports.protocol.as_ref())?;
            if is_backwards(ports) {
                return Ok(Ports::Numbers(Connections::none()));
            }
            Ok(Ports::Numbers(range(protocol, ports.start, ports.end)?))
        }
        (None, None, Some(name)) => Ok(Ports::Named { protocol: None, name: name.clone() }),
        _ => Err("a port of it is not one of portNumber, portRange and namedPort".into()),
    }
}

/// The API says that the start is below the end, and its schema lets it pass when it is not.
/// (`AdminNetworkPolicy` API, `PortRange`)
const fn is_backwards(ports: &AdminPortRange) -> bool {
    ports.end > 0 && ports.start > ports.end
}

fn protocol(name: Option<&Name>) -> Result<Protocol, Refused> {
    let name = name.map_or("", Name::as_str);
    if name.is_empty() {
        return Ok(Protocol::Tcp);
    }
    Protocol::named(name).ok_or_else(|| format!("{name:?} is no protocol of policies").into())
}

fn range(protocol: Protocol, first: i32, last: i32) -> Result<Connections, Refused> {
    let number = |number: i32| u16::try_from(number).ok().filter(|number| *number > 0);
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(Connections::ports(protocol, first, last)),
        _ => Err(format!("{first} to {last} are no ports").into()),
    }
}

fn action(name: &Name, tier: Tier) -> Result<Action, Refused> {
    match name.as_str() {
        "Allow" => Ok(Action::Allow),
        "Deny" => Ok(Action::Deny),
        "Pass" if tier != Tier::Baseline => Ok(Action::Pass),
        other => Err(format!("{other:?} is no action of such a rule").into()),
    }
}

/// Pods of namespaces, or all pods of namespaces; none where neither is given.
fn namespaced(
    namespaces: Option<&AdminNamespaces>,
    pods: Option<&bulkhead_objects::NamespacedPods>,
) -> Result<Option<Pods>, Refused> {
    let matching = |namespaces: &AdminNamespaces| match namespaces {
        AdminNamespaces::Selected(selector) => {
            Ok::<_, Refused>(Namespaces::Matching(Selector::read(selector)?))
        }
        AdminNamespaces::Compared => Err(Refused::Here(
            "it compares labels with those of its subject, as releases before 0.1.2 could",
        )),
    };
    match (namespaces, pods) {
        (None, None) => Ok(None),
        (Some(namespaces), None) => {
            Ok(Some(Pods { namespaces: matching(namespaces)?, pods: Selector::everything() }))
        }
        (None, Some(pods)) => Ok(Some(Pods {
            namespaces: matching(&pods.namespaces)?,
            pods: Selector::read(&pods.pod_selector)?,
        })),
        (Some(_), Some(_)) => Err("it names namespaces and pods at once".into()),
    }
}

/// A peer with several networks is each of them; those that are not in the input are put on record.
fn egress_peer(
    written: &AdminEgressPeer,
    unknown: &mut Vec<&'static str>,
) -> Result<Vec<Peer>, Refused> {
    if let Some(pods) = namespaced(written.namespaces.as_ref(), written.pods.as_ref())? {
        return Ok(vec![Peer::Pods(pods)]);
    }
    if written.nodes.is_some() {
        unknown.push("addresses of nodes are not in the input");
        return Ok(Vec::new());
    }
    if !written.domain_names.is_empty() {
        unknown.push("addresses of domain names are not in the input");
        return Ok(Vec::new());
    }
    let mut addresses = Addresses::none();
    for network in &written.networks {
        let block = Addresses::block(network)
            .ok_or_else(|| format!("{network:?} is no range in CIDR notation"))?;
        addresses = addresses.union(&block);
    }
    if addresses.is_empty() {
        return Err("a peer of it is empty".into());
    }
    Ok(vec![Peer::Addresses(addresses)])
}
