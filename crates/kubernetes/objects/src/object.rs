//! One object: what every kind has, and its typed body.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;

use crate::body::{
    AdminNetworkPolicy, AdmissionPolicy, AdmissionPolicyBinding, ApiService, Autoscaler, Binding,
    CiliumNetworkPolicy, ClusterNode, ConfigMap, ControlPlaneFile, Gateway, Ingress, LimitRange,
    NetworkPolicy, PersistentVolume, PersistentVolumeClaim, PodDisruptionBudget, PodSecurityPolicy,
    ReferenceGrant, ResourceQuota, Role, Route, Secret, Service, ServiceAccount, StorageClass,
    WebhookConfiguration, Workload,
};
use crate::name::Name;
use crate::objects::FileId;
use crate::path::FieldPath;
use crate::values::Labels;

/// A Kubernetes object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What it is.
    pub type_name: TypeName,
    /// Name, namespace, labels.
    pub metadata: Metadata,
    /// Where it was written.
    pub origin: Origin,
    /// What checks read of it.
    pub body: Body,
    /// What the API server would refuse, at most a few.
    pub mistakes: Box<[Mistake]>,
}

/// Group, version and kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeName {
    /// The group, empty for the core group.
    pub group: Name,
    /// The version: `v1`.
    pub version: Name,
    /// The kind: `Deployment`.
    pub kind: Name,
}

/// What every object has. (`apimachinery`, `metav1.ObjectMeta`)
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// The name.
    pub name: Name,
    /// The prefix of the name, where the server is to invent one.
    pub generate_name: Option<Name>,
    /// The namespace; none for objects of the cluster and where a file names none.
    pub namespace: Option<Name>,
    /// The server's identity of a live object.
    pub uid: Option<Box<str>>,
    /// Labels.
    pub labels: Labels,
    /// Annotations, without `kubectl.kubernetes.io/last-applied-configuration`.
    pub annotations: Labels,
    /// The objects that this one belongs to.
    pub owner_references: Box<[OwnerReference]>,
    /// When the server made it, as RFC 3339.
    pub creation_timestamp: Option<Box<str>>,
}

/// An owner of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    /// Group and version of the owner.
    pub api_version: Name,
    /// Its kind.
    pub kind: Name,
    /// Its name.
    pub name: Name,
    /// Its identity.
    pub uid: Box<str>,
    /// Whether it is the one that manages the object.
    pub controller: bool,
}

/// Where an object was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// The bytes of the document, or of what was read by itself of a long one.
    pub bytes: Range<u32>,
    /// The way from the root of what these bytes say to the object: into a list. The root, mostly.
    pub within: FieldPath,
    /// The line on which the object begins, from 1.
    pub line: u32,
    /// The template that a chart rendered it from (`chart/templates/web.yaml`).
    pub template: Option<Name>,
    /// The folder whose kustomization made it of what the document says.
    pub kustomization: Option<Name>,
}

/// What the API server would refuse about an object: a value of another type than its field.
/// Controls do not vouch for what such an object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field.
    pub path: FieldPath,
    /// What is wrong with it: `a text where true or false is expected`.
    pub message: String,
}

impl Mistake {
    /// Whether it names a kind in a version that has none such. Nothing of the object is unread then.
    pub fn is_about_the_version(&self) -> bool {
        self.path == FieldPath::ROOT.key("apiVersion")
    }
}

/// What checks read of an object, by its kind. Old versions of a kind have the same body.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// Pod and everything that has a template of one.
    Workload(Box<Workload>),
    /// `ServiceAccount`.
    ServiceAccount(Box<ServiceAccount>),
    /// `Role` and `ClusterRole`.
    Role(Box<Role>),
    /// `RoleBinding` and `ClusterRoleBinding`.
    Binding(Box<Binding>),
    /// `NetworkPolicy`.
    NetworkPolicy(Box<NetworkPolicy>),
    /// `CiliumNetworkPolicy` and `CiliumClusterwideNetworkPolicy`.
    CiliumNetworkPolicy(Box<CiliumNetworkPolicy>),
    /// `AdminNetworkPolicy` and `BaselineAdminNetworkPolicy`.
    AdminNetworkPolicy(Box<AdminNetworkPolicy>),
    /// `Service`.
    Service(Box<Service>),
    /// `Ingress`.
    Ingress(Box<Ingress>),
    /// `Gateway` of `gateway.networking.k8s.io`.
    Gateway(Box<Gateway>),
    /// `HTTPRoute`, `GRPCRoute`, `TLSRoute`, `TCPRoute` and `UDPRoute` of `gateway.networking.k8s.io`.
    Route(Box<Route>),
    /// `Secret`, without its values.
    Secret(Box<Secret>),
    /// `ConfigMap`.
    ConfigMap(Box<ConfigMap>),
    /// `Namespace`.
    Namespace,
    /// `Node`.
    Node(Box<ClusterNode>),
    /// `ValidatingWebhookConfiguration` and `MutatingWebhookConfiguration`.
    Webhooks(Box<WebhookConfiguration>),
    /// `PodDisruptionBudget`.
    PodDisruptionBudget(Box<PodDisruptionBudget>),
    /// `LimitRange`.
    LimitRange(Box<LimitRange>),
    /// `ResourceQuota`.
    ResourceQuota(Box<ResourceQuota>),
    /// `PersistentVolume`.
    PersistentVolume(Box<PersistentVolume>),
    /// `PersistentVolumeClaim`.
    PersistentVolumeClaim(Box<PersistentVolumeClaim>),
    /// `PodSecurityPolicy`, gone since Kubernetes 1.25.
    PodSecurityPolicy(Box<PodSecurityPolicy>),
    /// `HorizontalPodAutoscaler`.
    Autoscaler(Box<Autoscaler>),
    /// `StorageClass`.
    StorageClass(Box<StorageClass>),
    /// `ReferenceGrant` of `gateway.networking.k8s.io`.
    ReferenceGrant(Box<ReferenceGrant>),
    /// `ValidatingAdmissionPolicy` and `MutatingAdmissionPolicy`.
    AdmissionPolicy(Box<AdmissionPolicy>),
    /// Their bindings.
    AdmissionPolicyBinding(Box<AdmissionPolicyBinding>),
    /// `APIService`.
    ApiService(Box<ApiService>),
    /// A configuration file of a control plane or kubelet, which is no object of the API.
    ControlPlaneFile(Box<ControlPlaneFile>),
    /// A kind of Kubernetes of which no check reads more than its metadata.
    Bare,
    /// Nothing that checks know.
    Unknown(Unknown),
}

/// Why the body of an object was not read: it is not checkable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The group has no such kind that Bulkhead knows.
    Kind,
    /// The kind is known, the version of it is not.
    Version,
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kind => "an unknown kind",
            Self::Version => "an unknown version of its kind",
        })
    }
}

impl TypeName {
    /// Of `apiVersion` and `kind`.
    pub fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group: Name::new(group), version: Name::new(version), kind: Name::new(kind) }
    }

    /// Group and version, as objects name them.
    pub fn api_version(&self) -> String {
        let (group, version) = (&self.group, &self.version);
        if group.is_empty() { version.to_string() } else { format!("{group}/{version}") }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.api_version(), self.kind)
    }
}

impl Object {
    /// The namespace it lies in: `default` where a file names none.
    pub fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().filter(|name| !name.is_empty()).unwrap_or("default")
    }

    /// Whether it lies in a namespace: one that names none does, where its kind is known to.
    pub fn is_namespaced(&self) -> bool {
        let kind = self.type_name.kind.as_str();
        self.metadata.namespace.is_some()
            || match &self.body {
                Body::Workload(_)
                | Body::ServiceAccount(_)
                | Body::NetworkPolicy(_)
                | Body::Service(_)
                | Body::Ingress(_)
                | Body::Gateway(_)
                | Body::Route(_)
                | Body::Secret(_)
                | Body::ConfigMap(_)
                | Body::PodDisruptionBudget(_)
                | Body::LimitRange(_)
                | Body::ResourceQuota(_)
                | Body::PersistentVolumeClaim(_)
                | Body::Autoscaler(_)
                | Body::ReferenceGrant(_) => true,
                Body::CiliumNetworkPolicy(_) => kind == "CiliumNetworkPolicy",
                Body::Role(_) => kind == "Role",
                Body::Binding(_) => kind == "RoleBinding",
                _ => false,
            }
    }

    /// The Pod's template, where it has one.
    pub fn workload(&self) -> Option<&Workload> {
        match &self.body {
            Body::Workload(workload) => Some(workload),
            _ => None,
        }
    }
}

impl fmt::Display for Object {
    /// `Deployment shop/web`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.type_name.kind)?;
        if let Some(namespace) = &self.metadata.namespace {
            write!(formatter, "{namespace}/")?;
        }
        match (&self.metadata.generate_name, self.metadata.name.is_empty()) {
            (Some(prefix), true) => write!(formatter, "{prefix}*"),
            _ => write!(formatter, "{}", self.metadata.name),
        }
    }
}
