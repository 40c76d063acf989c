//! How requests come in: Services, Ingresses, Gateways.

use serde::Deserialize;

use crate::name::Name;
use crate::values::{IntOrString, Labels};

/// `Service`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`; the first where it is absent.
    #[serde(rename = "type")]
    pub type_: Option<Name>,
    /// The Pods behind it; none where it is empty.
    pub selector: Labels,
    /// Its ports.
    pub ports: Box<[ServicePort]>,
    /// Its address; `None` for a headless one.
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Option<Box<str>>,
    /// Addresses outside at which it answers, too.
    #[serde(rename = "externalIPs")]
    pub external_ips: Box<[Box<str>]>,
    /// The name that it stands for.
    pub external_name: Option<Box<str>>,
    /// Who may use the load balancer; everybody where it is empty.
    pub load_balancer_source_ranges: Box<[Box<str>]>,
    /// The address that is asked for.
    #[serde(rename = "loadBalancerIP")]
    pub load_balancer_ip: Option<Box<str>>,
    /// `Local` keeps the client's address.
    pub external_traffic_policy: Option<Name>,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// Its name.
    pub name: Option<Name>,
    /// `TCP` where it is absent.
    pub protocol: Option<Name>,
    /// The port.
    pub port: i32,
    /// The port of the Pod or its name; the same port where it is absent.
    pub target_port: Option<IntOrString>,
    /// The port of every node; 0 for none.
    pub node_port: i32,
    /// The protocol above.
    pub app_protocol: Option<Name>,
}

/// `Ingress`, in the shape of `networking.k8s.io/v1`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    /// The controller's class.
    pub ingress_class_name: Option<Name>,
    /// Where everything else goes; `backend` in `v1beta1`.
    pub default_backend: Option<Backend>,
    /// Certificates.
    pub tls: Box<[IngressTls]>,
    /// Rules by host.
    pub rules: Box<[IngressHost]>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTls {
    /// Its hosts; every one where it is empty.
    pub hosts: Box<[Box<str>]>,
    /// The Secret with it; the controller's own where it is absent.
    pub secret_name: Option<Name>,
}

/// Rules for a host.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressHost {
    /// The host; every one where it is absent.
    pub host: Option<Box<str>>,
    /// Its paths.
    pub http: IngressPaths,
}

/// Paths of a host.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressPaths {
    /// The paths.
    pub paths: Box<[IngressPath]>,
}

/// Where requests for a path go.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressPath {
    /// The path.
    pub path: Option<Box<str>>,
    /// `Exact`, `Prefix` or `ImplementationSpecific`.
    pub path_type: Option<Name>,
    /// Where they go.
    pub backend: Backend,
}

/// `Gateway` of `gateway.networking.k8s.io`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Gateway {
    /// The controller's class.
    pub gateway_class_name: Name,
    /// What it listens on.
    pub listeners: Box<[Listener]>,
}

/// What a Gateway listens on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Listener {
    /// Its name.
    pub name: Name,
    /// The host; every one where it is absent.
    pub hostname: Option<Box<str>>,
    /// The port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TLS`, `TCP` or `UDP`.
    pub protocol: Name,
    /// How TLS ends.
    pub tls: Option<ListenerTls>,
    /// Whose routes it takes.
    pub allowed_routes: AllowedRoutes,
}

/// Whose routes a listener takes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AllowedRoutes {
    /// Namespaces.
    pub namespaces: RouteNamespaces,
}

/// Namespaces whose routes a listener takes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteNamespaces {
    /// `Same`, `All` or `Selector`; the first where it is absent.
    pub from: Option<Name>,
    /// For `Selector`.
    pub selector: Option<super::network::LabelSelector>,
}

/// How TLS ends at a listener.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListenerTls {
    /// `Terminate` or `Passthrough`.
    pub mode: Option<Name>,
    /// Secrets with certificates.
    pub certificate_refs: Box<[RouteBackend]>,
}

/// A route of `gateway.networking.k8s.io`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Route {
    /// The Gateways that it belongs to.
    pub parent_refs: Box<[ParentReference]>,
    /// Hosts; every one of the listener where it is empty.
    pub hostnames: Box<[Box<str>]>,
    /// Where requests go.
    pub rules: Box<[RouteRule]>,
}

/// A Gateway, or a Service, that a route belongs to.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParentReference {
    /// Its group; that of Gateways where it is absent.
    pub group: Option<Name>,
    /// Its kind; `Gateway` where it is absent.
    pub kind: Option<Name>,
    /// Its namespace; the route's where it is absent.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: Name,
    /// The listener; every one where it is absent.
    pub section_name: Option<Name>,
    /// The listener's port; every one where it is absent.
    pub port: Option<i32>,
}

/// Where requests of a route go.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteRule {
    /// Where to.
    pub backend_refs: Box<[RouteBackend]>,
}

/// An object that a route or a listener names.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteBackend {
    /// Its group.
    pub group: Option<Name>,
    /// Its kind.
    pub kind: Option<Name>,
    /// Its namespace; that of the one who names it where it is absent.
    pub namespace: Option<Name>,
    /// Its name.
    pub name: Name,
    /// Its port.
    pub port: Option<i32>,
}

/// Where an Ingress sends requests.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(from = "AnyBackend")]
pub struct Backend {
    /// The Service; none where requests go to something else.
    pub service: Option<Name>,
    /// The Service's port or its name.
    pub port: Option<IntOrString>,
}

/// A backend of `v1` and one of `v1beta1` in one.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnyBackend {
    service: Option<BackendService>,
    service_name: Option<Name>,
    service_port: Option<IntOrString>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BackendService {
    name: Name,
    port: BackendPort,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BackendPort {
    name: Option<Name>,
    number: Option<i32>,
}

impl From<AnyBackend> for Backend {
    fn from(any: AnyBackend) -> Self {
        match any.service {
            Some(service) => Self {
                service: Some(service.name),
                port: match (service.port.number, service.port.name) {
                    (Some(number), _) => Some(IntOrString::Int(number)),
                    (None, name) => name.map(IntOrString::Text),
                },
            },
            None => Self { service: any.service_name, port: any.service_port },
        }
    }
}
