//! Network policies and Services.

use bulkhead_objects::{IpBlock, Labels, NetworkPolicy, Object, Peer, PolicyPort, Service};

use super::resources::is_system;
use crate::cluster::{cilium_selects, labels_of, selects};
use crate::control::{Control, View};
use crate::subject::Pod;
use crate::verdict::Reason::{Contains, Is, Number, Unset, Unused, Without};
use crate::{Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::namespace("namespace-without-network-policy", |namespace, sheet| {
        namespace_policies(namespace, sheet, |_| true, Some);
    }),
    Control::namespace("default-deny-missing", |namespace, sheet| {
        let denies = |policy: &NetworkPolicy| {
            let selector = &policy.pod_selector;
            let all = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
            all && policy.ingress.is_empty() && holds(policy, "Ingress")
        };
        // What the rules of Cilium let through is not read.
        namespace_policies(namespace, sheet, denies, |holds_all| (!holds_all).then_some(false));
    }),
    Control::pod("ingress-traffic-open", |pod, sheet| held(pod, sheet, "Ingress")),
    Control::pod("egress-traffic-open", |pod, sheet| held(pod, sheet, "Egress")),
    Control::network_policy("network-policy-allows-all-ingress", |policy, sheet| {
        if holds(policy.body, "Ingress") {
            sheet.applies();
            for (index, rule) in policy.body.ingress.iter().enumerate() {
                everybody(&rule.from, &rule.ports, Place::of("spec.ingress[]").at(index), sheet);
            }
        }
    }),
    Control::network_policy("network-policy-allows-all-egress", |policy, sheet| {
        if holds(policy.body, "Egress") {
            sheet.applies();
            for (index, rule) in policy.body.egress.iter().enumerate() {
                everybody(&rule.to, &rule.ports, Place::of("spec.egress[]").at(index), sheet);
            }
        }
    }),
    Control::network_policy("metadata-service-reachable", |policy, sheet| {
        if !holds(policy.body, "Egress") {
            return;
        }
        sheet.applies();
        for (index, rule) in policy.body.egress.iter().enumerate() {
            let by_http = rule.ports.is_empty() || rule.ports.iter().any(is_http);
            for (number, peer) in rule.to.iter().enumerate().filter(|_| by_http) {
                if let Some(block) = peer.ip_block.as_ref().filter(|block| reaches_metadata(block))
                {
                    let place =
                        Place::of("spec.egress[].to[].ipBlock.cidr").at_all([index, number, 0]);
                    sheet.fail(place, Is(&block.cidr));
                }
            }
            if rule.to.is_empty() && by_http {
                sheet.fail(Place::of("spec.egress[].to").at(index), Unset);
            }
        }
    }),
    Control::network_policy("network-policy-selects-nothing", |policy, sheet| {
        let selector = &policy.body.pod_selector;
        if !selector.match_labels.is_empty() || !selector.match_expressions.is_empty() {
            let inside = policy.cluster.around(policy.object);
            let some = inside.is_some_and(|inside| inside.selected(selector).next().is_some());
            sheet.fail_if(!some, Place::of("spec.podSelector"), Unused);
        }
    }),
    Control::service("service-node-port", |service, sheet| {
        let type_ = type_of(service.body);
        sheet.fail_if(type_ == "NodePort", Place::of("spec.type"), Is(type_));
    }),
    Control::service("service-load-balancer-open", |service, sheet| {
        if type_of(service.body) == "LoadBalancer" && !is_internal(service.object) {
            let ranges = &service.body.load_balancer_source_ranges;
            let place = Place::of("spec.loadBalancerSourceRanges");
            sheet.fail_if(ranges.is_empty(), place, Unset);
            for (index, range) in
                ranges.iter().enumerate().filter(|(_, range)| is_everything(range))
            {
                sheet.fail(Place::of("spec.loadBalancerSourceRanges[]").at(index), Is(range));
            }
        }
    }),
    Control::service("load-balancer-without-tls", load_balancer_without_tls),
    Control::service("service-ssh-port", |service, sheet| {
        use bulkhead_objects::IntOrString::Int;
        for (index, port) in service.body.ports.iter().enumerate() {
            let target = match &port.target_port {
                Some(Int(target)) => *target,
                _ => port.port,
            };
            let ssh = [port.port, target].into_iter().find(|port| [22, 222, 2222].contains(port));
            let place = Place::of("spec.ports[].port").at(index);
            sheet.fail_if(ssh.is_some(), place, Number(ssh.unwrap_or_default().into()));
        }
    }),
    Control::service("service-external-ips", |service, sheet| {
        sheet.applies();
        for (index, address) in service.body.external_ips.iter().enumerate() {
            sheet.fail(Place::of("spec.externalIPs[]").at(index), Is(address));
        }
    }),
    Control::service("service-external-name", |service, sheet| {
        let external = type_of(service.body) == "ExternalName";
        let name = service.body.external_name.as_deref().unwrap_or_default();
        sheet.fail_if(external, Place::of("spec.externalName"), Is(name));
    }),
    Control::service("service-without-workload", |service, sheet| {
        if !service.body.selector.is_empty() && type_of(service.body) != "ExternalName" {
            let inside = service.cluster.around(service.object);
            let workloads = inside.map_or(&[][..], |inside| &inside.workloads);
            let some = workloads.iter().any(|workload| is_behind(service.body, workload));
            sheet.fail_if(!some, Place::of("spec.selector"), Unused);
        }
    }),
    Control::pod("workload-exposed", workload_exposed),
];

fn namespace_policies<'a>(
    namespace: &View<'a, Object>,
    sheet: &mut Sheet<'a>,
    wanted: impl Fn(&NetworkPolicy) -> bool,
    cilium: impl Fn(bool) -> Option<bool>,
) {
    let name = namespace.object.metadata.name.as_str();
    if is_system(name) {
        return;
    }
    let inside = namespace.cluster.namespace(name);
    let native = inside.is_some_and(|inside| inside.policies.iter().any(|policy| wanted(policy)));
    let of_cilium = any_of(namespace.cluster.cilium_rules(name).map(|rule| {
        let Some(selector) = rule.endpoint_selector.as_ref().filter(|_| rule.is_valid()) else {
            return Some(false);
        };
        // One of the namespace is about pods of it; one of the cluster may be about none.
        let own =
            inside.is_some_and(|inside| inside.cilium.iter().any(|own| std::ptr::eq(*own, rule)));
        if own { cilium(true) } else { cilium(cilium_selects(selector, &Labels::default(), name)?) }
    }));
    let foreign = namespace.cluster.has_foreign_policies(name);
    found(native, of_cilium, foreign, Place::of("metadata.name"), sheet);
}

/// Whether a policy is about a direction. (`networking.k8s.io/v1`, `policyTypes`)
pub(super) fn holds(policy: &NetworkPolicy, direction: &str) -> bool {
    match &policy.policy_types {
        Some(types) if !types.is_empty() => types.iter().any(|own| own == direction),
        _ => direction == "Ingress" || !policy.egress.is_empty(),
    }
}

fn held<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>, direction: &str) {
    // A pod in the node's network is not held by policies at all.
    if pod.spec.host_network {
        return;
    }
    let inside = pod.cluster.around(pod.object);
    let policies = inside.map_or(&[][..], |inside| &inside.policies);
    let native = policies
        .iter()
        .any(|policy| holds(policy, direction) && selects(&policy.pod_selector, pod.labels()));
    let namespace = pod.namespace();
    let of_cilium = any_of(pod.cluster.cilium_rules(namespace).map(|rule| {
        let holds = if direction == "Ingress" { rule.holds_ingress() } else { rule.holds_egress() };
        let selector = rule.endpoint_selector.as_ref().filter(|_| holds);
        selector.map_or(Some(false), |selector| cilium_selects(selector, pod.labels(), namespace))
    }));
    let foreign = pod.cluster.has_foreign_policies(namespace);
    found(native, of_cilium, foreign, pod.at_template("metadata.labels"), sheet);
}

/// Whether any is true; none where that is open.
fn any_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut any = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => any = None,
        }
    }
    any
}

/// Fails where no policy was found and no other may be there.
fn found<'a>(
    native: bool,
    of_cilium: Option<bool>,
    foreign: bool,
    place: Place<'a>,
    sheet: &mut Sheet<'a>,
) {
    let some = native || of_cilium == Some(true);
    if !some && (foreign || of_cilium.is_none()) {
        sheet.not_checkable(place, "an understanding of the network policies of another product");
    } else {
        sheet.fail_if(!some, place, Without("NetworkPolicy"));
    }
}

/// Fails where a rule lets everybody through, on every port.
fn everybody<'a>(peers: &'a [Peer], ports: &[PolicyPort], place: Place<'a>, sheet: &mut Sheet<'a>) {
    if !ports.is_empty() {
        return;
    }
    if peers.is_empty() {
        sheet.fail(place, Unset);
    }
    for peer in peers {
        let every_namespace = peer.namespace_selector.as_ref().is_some_and(|selector| {
            selector.match_labels.is_empty() && selector.match_expressions.is_empty()
        });
        let every_pod = peer.pod_selector.as_ref().is_none_or(|selector| {
            selector.match_labels.is_empty() && selector.match_expressions.is_empty()
        });
        let block = peer
            .ip_block
            .as_ref()
            .filter(|block| is_everything(&block.cidr) && block.except.is_empty());
        if every_namespace && every_pod {
            sheet.fail(place, Contains("every namespace"));
        } else if let Some(block) = block {
            sheet.fail(place, Contains(&block.cidr));
        }
    }
}

fn is_everything(range: &str) -> bool {
    range.trim().ends_with("/0")
}

/// The metadata service answers by HTTP on port 80.
fn is_http(port: &PolicyPort) -> bool {
    use bulkhead_objects::IntOrString::Int;
    let tcp = port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
    tcp && match &port.port {
        None => true,
        Some(Int(first)) => *first <= 80 && port.end_port.unwrap_or(*first) >= 80,
        Some(_) => false,
    }
}

/// Whether a range covers the address of the metadata service, and leaves it in.
fn reaches_metadata(block: &IpBlock) -> bool {
    let covers = |range: &str| {
        let (address, length) = range.trim().split_once('/').unwrap_or((range.trim(), "32"));
        let (Ok(address), Ok(length)) =
            (address.parse::<std::net::Ipv4Addr>(), length.parse::<u32>())
        else {
            return false;
        };
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
        let metadata = u32::from(std::net::Ipv4Addr::new(169, 254, 169, 254));
        u32::from(address) & mask == metadata & mask
    };
    covers(&block.cidr) && !block.except.iter().any(|range| covers(range))
}

pub(super) fn type_of(service: &Service) -> &str {
    service.type_.as_deref().filter(|type_| !type_.is_empty()).unwrap_or("ClusterIP")
}

/// Whether a Service sends its traffic to the pods of a workload.
pub(super) fn is_behind(service: &Service, workload: &Object) -> bool {
    let labels = labels_of(workload);
    let all = |labels: &bulkhead_objects::Labels| {
        service.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    !service.selector.is_empty() && labels.is_some_and(all)
}

/// Annotations by which clouds keep a load balancer inside.
const INTERNAL: [(&str, &[&str]); 8] = [
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("networking.gke.io/load-balancer-type", &["Internal", "internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", &["intranet"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
];

fn is_internal(service: &Object) -> bool {
    let annotations = &service.metadata.annotations;
    INTERNAL.iter().any(|(key, values)| {
        annotations.get(key).is_some_and(|value| values.contains(&value.as_str()))
    })
}

fn load_balancer_without_tls<'a>(service: &View<'a, Service>, sheet: &mut Sheet<'a>) {
    if type_of(service.body) != "LoadBalancer" {
        return;
    }
    let certificate = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert";
    let named =
        service.object.metadata.annotations.get(certificate).is_some_and(|value| !value.is_empty());
    // Ports of TLS end it in the pods.
    let plain = service.body.ports.iter().position(|port| {
        let protocol = port.app_protocol.as_deref().unwrap_or_default().to_ascii_lowercase();
        let name = port.name.as_deref().unwrap_or_default();
        let tls = ["https", "tls", "ssl"]
            .iter()
            .any(|word| protocol.contains(word) || name.contains(word));
        !tls && ![443, 8443, 6443].contains(&port.port)
    });
    match plain.filter(|_| !named) {
        Some(index) => {
            let port = service.body.ports.get(index).map_or(0, |port| port.port);
            sheet.fail(Place::of("spec.ports[]").at(index), Number(port.into()));
        }
        None => sheet.applies(),
    }
}

fn workload_exposed<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    // What keeps the pod is judged in its stead.
    if pod.owned() {
        return;
    }
    sheet.applies();
    let Some(inside) = pod.cluster.around(pod.object) else { return };
    let place = pod.at_template("metadata.labels");
    for (name, service) in &inside.services {
        if !is_behind(service, pod.object) {
            continue;
        }
        let by_ingress = inside.ingresses.iter().any(|ingress| {
            let paths =
                ingress.rules.iter().flat_map(|rule| &rule.http.paths).map(|path| &path.backend);
            paths
                .chain(&ingress.default_backend)
                .any(|backend| backend.service.as_deref() == Some(*name))
        });
        let by_route = inside.routes.iter().any(|route| {
            let backends = route.rules.iter().flat_map(|rule| &rule.backend_refs);
            backends.into_iter().any(|backend| backend.name == *name && backend.namespace.is_none())
        });
        let by_type = matches!(type_of(service), "NodePort" | "LoadBalancer");
        if by_type || by_ingress || by_route {
            sheet.fail(place, Is(name));
        }
    }
}
