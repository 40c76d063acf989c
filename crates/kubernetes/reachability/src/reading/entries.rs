//! Ways in: what ingress controllers and gateways send to which pods, by way of Services.

use std::collections::BTreeMap;

use bulkhead_objects::{Backend, Body, IntOrString, Name, Object, Service, ServicePort};
use serde::Deserialize;

use super::Reading;
use crate::{Connections, Entry, Pod, Protocol, Selector};

/// `Route` of `route.openshift.io`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenShiftRoute {
    spec: OpenShiftSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OpenShiftSpec {
    to: OpenShiftTarget,
    alternate_backends: Vec<OpenShiftTarget>,
    port: Option<OpenShiftPort>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenShiftTarget {
    kind: Name,
    name: Name,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OpenShiftPort {
    target_port: Option<IntOrString>,
}

/// What an entry asks of a Service.
struct Wanted {
    /// Its namespace, where it is another than the entry's.
    namespace: Option<Name>,
    service: Name,
    ports: WantedPorts,
    protocol: Protocol,
}

enum WantedPorts {
    /// Every one.
    All,
    /// The Service's port of that number or name (networking/v1 `ServiceBackendPort`).
    OfService(IntOrString),
    /// The port of the pods, or the Service's of that name (route/v1 `RoutePort`).
    Target(IntOrString),
}

impl<'a> Reading<'a> {
    pub(super) fn entries(&mut self) {
        let mut services = BTreeMap::new();
        for object in self.all() {
            if let Body::Service(service) = &object.body {
                services.insert((object.namespace(), &*object.metadata.name), &**service);
            }
        }
        let mut pods: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (index, pod) in self.cluster.pods.iter().enumerate() {
            if let Some(workload) = self.cluster.workloads.get(pod.workload) {
                pods.entry(workload.namespace.clone()).or_default().push(index);
            }
        }
        for object in self.all() {
            for wanted in self.wanted(object) {
                self.enter(object, &wanted, &services, &pods);
            }
        }
        for (object, route) in self.shaped::<OpenShiftRoute>("Route") {
            for wanted in self.of_open_shift(object, &route) {
                self.enter(object, &wanted, &services, &pods);
            }
        }
    }

    fn enter(
        &mut self,
        object: &Object,
        wanted: &Wanted,
        services: &BTreeMap<(&str, &str), &Service>,
        pods: &BTreeMap<Name, Vec<usize>>,
    ) {
        let namespace = wanted.namespace.as_deref().unwrap_or_else(|| object.namespace());
        let key = (namespace, &*wanted.service);
        let Some(service) = services.get(&key) else {
            let reason =
                format!("it sends to Service {}, which the input does not have", wanted.service);
            self.note(object, reason);
            return;
        };
        if service.selector.is_empty() {
            let reason = format!(
                "it sends to Service {}, which selects no pods: where it leads is not known",
                wanted.service
            );
            self.note(object, reason);
            return;
        }
        let selector = Selector::of_labels(service.selector.iter());
        for index in pods.get(namespace).into_iter().flatten() {
            let Some(pod) = self.cluster.pods.get(*index) else { continue };
            let ports = wanted.at(service, pod);
            if selector.selects(&pod.labels) && !ports.is_empty() {
                let origin = object.to_string();
                self.cluster.entries.push(Entry { origin, pod: *index, ports });
            }
        }
    }

    fn wanted(&mut self, object: &'a Object) -> Vec<Wanted> {
        match &object.body {
            Body::Ingress(ingress) => {
                let paths = ingress.rules.iter().flat_map(|rule| &rule.http.paths);
                let backends =
                    ingress.default_backend.iter().chain(paths.map(|path| &path.backend));
                backends.filter_map(|backend| self.of_backend(object, backend)).collect()
            }
            Body::Route(route) => self.of_gateway_route(object, route),
            _ => Vec::new(),
        }
    }

    fn of_backend(&mut self, object: &Object, backend: &Backend) -> Option<Wanted> {
        let Some(service) = &backend.service else {
            self.note(object, "a backend of it is no Service: where it leads is not known");
            return None;
        };
        let ports = backend.port.clone().map_or(WantedPorts::All, WantedPorts::OfService);
        let (namespace, service) = (None, service.clone());
        Some(Wanted { namespace, service, ports, protocol: Protocol::Tcp })
    }

    fn of_gateway_route(
        &mut self,
        object: &Object,
        route: &bulkhead_objects::Route,
    ) -> Vec<Wanted> {
        let is_gateway =
            |kind: &Option<Name>| kind.as_deref().is_none_or(|it| it.is_empty() || it == "Gateway");
        if !route.parent_refs.iter().any(|parent| is_gateway(&parent.kind)) {
            return Vec::new();
        }
        let protocol =
            if object.type_name.kind == "UDPRoute" { Protocol::Udp } else { Protocol::Tcp };
        let mut wanted = Vec::new();
        for backend in route.rules.iter().flat_map(|rule| &rule.backend_refs) {
            let elsewhere = backend.namespace.clone();
            let elsewhere = elsewhere.filter(|it| !it.is_empty() && **it != *object.namespace());
            let service = backend.kind.as_deref().is_none_or(|it| it.is_empty() || it == "Service");
            let refused =
                elsewhere.as_ref().is_some_and(|it| !self.is_granted(object, it, &backend.name));
            if !service {
                self.note(object, "a backend of it is no Service: where it leads is not known");
            } else if refused {
                self.note(
                    object,
                    "a backend of it is in another namespace, and no ReferenceGrant of the input allows it",
                );
            } else {
                let port = backend.port.map(IntOrString::Int);
                let ports = port.map_or(WantedPorts::All, WantedPorts::OfService);
                let (namespace, service) = (elsewhere, backend.name.clone());
                wanted.push(Wanted { namespace, service, ports, protocol });
            }
        }
        wanted
    }

    /// Whether a namespace lets a route refer to a Service of its own. (gateway-api, `ReferenceGrantSpec`)
    fn is_granted(&self, route: &Object, namespace: &str, service: &str) -> bool {
        let grants = self.all().filter(|grant| grant.namespace() == namespace);
        grants
            .filter_map(|grant| match &grant.body {
                Body::ReferenceGrant(grant) => Some(grant),
                _ => None,
            })
            .any(|grant| {
                let own = &route.type_name;
                grant.from.iter().any(|from| {
                    from.group == own.group
                        && from.kind == own.kind
                        && *from.namespace == *route.namespace()
                }) && grant.to.iter().any(|to| {
                    let is_named =
                        to.name.as_deref().is_none_or(|name| name.is_empty() || name == service);
                    to.group.is_empty() && to.kind == "Service" && is_named
                })
            })
    }

    fn of_open_shift(&mut self, object: &Object, route: &OpenShiftRoute) -> Vec<Wanted> {
        if object.type_name.group != "route.openshift.io" {
            return Vec::new();
        }
        let mut wanted = Vec::new();
        for target in std::iter::once(&route.spec.to).chain(&route.spec.alternate_backends) {
            if !target.kind.is_empty() && target.kind != "Service" {
                self.note(object, "a target of it is no Service: where it leads is not known");
                continue;
            }
            let port = route.spec.port.as_ref().and_then(|port| port.target_port.clone());
            let ports = port.map_or(WantedPorts::All, WantedPorts::Target);
            let (namespace, service) = (None, target.name.clone());
            wanted.push(Wanted { namespace, service, ports, protocol: Protocol::Tcp });
        }
        wanted
    }
}

impl Wanted {
    /// The ports of a pod behind the Service that this is about.
    fn at(&self, service: &Service, pod: &Pod) -> Connections {
        let matching = |meets: &dyn Fn(&ServicePort) -> bool| {
            service.ports.iter().filter(|port| meets(port)).collect::<Vec<&ServicePort>>()
        };
        let ports = match &self.ports {
            WantedPorts::All => matching(&|_| true),
            WantedPorts::OfService(wanted) => matching(&|port| is_called(port, wanted)),
            WantedPorts::Target(wanted) => {
                let targets = matching(&|port| target(port) == *wanted);
                if targets.is_empty() { matching(&|port| is_called(port, wanted)) } else { targets }
            }
        };
        let reached = ports.into_iter().filter(|port| {
            let protocol = port.protocol.as_deref().filter(|name| !name.is_empty());
            protocol.unwrap_or("TCP") == self.protocol.name()
        });
        reached.fold(Connections::none(), |all, port| all.union(&self.listened(&target(port), pod)))
    }

    /// A pod that lists ports answers on these; one that lists none may answer on any, as virtual machines
    /// do, whose ports no field lists.
    fn listened(&self, target: &IntOrString, pod: &Pod) -> Connections {
        let own = pod.ports.iter().filter(|port| port.protocol == self.protocol);
        match target {
            IntOrString::Text(name) => own
                .filter(|port| port.name.as_ref() == Some(name))
                .fold(Connections::none(), |all, port| {
                    all.union(&Connections::port(self.protocol, port.port))
                }),
            IntOrString::Int(number) => {
                let Ok(number) = u16::try_from(*number) else { return Connections::none() };
                let listed = own.map(|port| port.port).any(|port| port == number);
                if listed || pod.ports.is_empty() {
                    Connections::port(self.protocol, number)
                } else {
                    Connections::none()
                }
            }
        }
    }
}

fn is_called(port: &ServicePort, wanted: &IntOrString) -> bool {
    match wanted {
        IntOrString::Int(number) => port.port == *number,
        IntOrString::Text(name) => port.name.as_ref() == Some(name),
    }
}

/// The port of the pods; the Service's own number where it names none.
fn target(port: &ServicePort) -> IntOrString {
    match &port.target_port {
        None | Some(IntOrString::Int(0)) => IntOrString::Int(port.port),
        Some(IntOrString::Text(name)) if name.is_empty() => IntOrString::Int(port.port),
        Some(target) => target.clone(),
    }
}
