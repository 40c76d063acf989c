//! Typed bodies: the fields that checks read, in the shape of the newest version of each kind.
//!
//! Names are those of the API in `snake_case`; what they mean stands in the API's reference, and is
//! repeated here only where it is easily got wrong. A field that is absent, `null` or empty is the
//! same to the API server, and here; where it tells absent from given, the field is an [`Option`].

mod access;
mod admin;
mod cilium;
mod cluster;
mod configuration;
mod container;
mod extension;
mod network;
mod pod;
mod policy;
mod probe;
mod routing;
mod security;
mod storage;
mod volume;
mod webhook;
mod workload;

pub use access::{AggregationRule, Binding, Role, RoleReference, Rule, ServiceAccount, Subject};
pub use admin::{
    AdminEgressPeer, AdminEgressRule, AdminIngressPeer, AdminIngressRule, AdminNamespaces,
    AdminNetworkPolicy, AdminPort, AdminPortNumber, AdminPortRange, AdminSubject, NamespacedPods,
};
pub use cilium::{CiliumDefault, CiliumNetworkPolicy, CiliumRule};
pub use cluster::{
    ClusterNode, ConfigMap, NodeAddress, NodeInfo, NodeSpec, NodeStatus, Secret, SecretEntry, Taint,
};
pub use configuration::{
    AdmissionConfiguration, AdmissionPlugin, AuditPolicy, AuditResources, AuditRule,
    ControlPlaneFile, EncryptionConfiguration, EncryptionProvider, EncryptionRule,
    KubeletAuthentication, KubeletAuthorization, KubeletCertificates, KubeletConfiguration, Switch,
};
pub use container::{
    Container, ContainerPort, EnvironmentSource, EnvironmentVariable, FieldReference, ResourceList,
    Resources, SourceReference, ValueSource, VolumeMount,
};
pub use extension::{
    AdmissionPolicy, AdmissionPolicyBinding, ApiService, Autoscaler, GrantedFrom, GrantedTo,
    ReferenceGrant, ScaleTarget, StorageClass,
};
pub use network::{
    EgressRule, IngressRule, IpBlock, LabelSelector, NetworkPolicy, Peer, PolicyPort,
    SelectorRequirement,
};
pub use pod::{
    Affinity, HostAlias, OperatingSystem, PodSpec, PodTemplate, TemplateMetadata, Toleration,
};
pub use policy::{
    AllowedHostPath, IdRange, LimitRange, LimitRangeItem, PodDisruptionBudget, PodSecurityPolicy,
    PolicyRule, ResourceQuota,
};
pub use probe::{HttpGet, Lifecycle, Probe, TcpSocket};
pub use routing::{
    AllowedRoutes, Backend, Gateway, Ingress, IngressHost, IngressPath, IngressPaths, IngressTls,
    Listener, ListenerTls, ParentReference, Route, RouteBackend, RouteNamespaces, RouteRule,
    Service, ServicePort,
};
pub use security::{
    AppArmorProfile, Capabilities, PodSecurityContext, SeLinuxOptions, SeccompProfile,
    SecurityContext, Sysctl, WindowsOptions,
};
pub use storage::{CsiVolume, PersistentVolume, PersistentVolumeClaim};
pub use volume::{
    Claim, Driver, EmptyDir, HostPath, NamedSource, Projected, ProjectedSource, ProjectedToken,
    Volume, VolumeSource,
};
pub use webhook::{
    ClientConfiguration, Webhook, WebhookConfiguration, WebhookRule, WebhookService,
};
pub use workload::{Conduct, Workload, WorkloadKind};

pub(crate) use cluster::AnySecret;
pub(crate) use workload::{Controller, CronJob, ReplicationController, TemplateObject};
