//! Which kinds are known, in which versions, and how their bodies are read.

use serde::Deserialize;

use crate::body::{
    AnySecret, ControlPlaneFile, Controller, CronJob, Ingress, PodTemplate, ReplicationController,
    TemplateObject, Workload, WorkloadKind,
};
use crate::extract::{Mistakes, extract};
use crate::node::Node;
use crate::object::{Body, TypeName, Unknown};
use crate::path::FieldPath;

/// A kind of a group.
struct Kind {
    group: &'static str,
    name: &'static str,
    /// Versions whose fields are those of the newest, as far as they are read.
    versions: &'static [&'static str],
    read: fn(&Node<'_>, &Mistakes) -> Body,
}

impl Kind {
    /// A kind of Kubernetes that no other product is likely to mean by `v1`.
    fn named_alone(&self, name: &str) -> bool {
        self.name == name && !self.group.is_empty() && self.group != "cilium.io"
    }

    /// What the API server would say of the kind in `v1`.
    fn refusal(&self) -> String {
        let (name, group) = (self.name, self.group);
        let version = self.versions.first().copied().unwrap_or_default();
        format!("there is no {name} in v1; it is read as one of {group}/{version}")
    }
}

/// The body of an object.
pub(crate) fn read_body(type_name: &TypeName, root: &Node<'_>, mistakes: &Mistakes) -> Body {
    let mut unknown = Unknown::Kind;
    for kind in KINDS.iter().filter(|kind| type_name.kind == kind.name) {
        if type_name.group == kind.group {
            if kind.versions.contains(&type_name.version.as_str()) {
                return (kind.read)(root, mistakes);
            }
            unknown = Unknown::Version;
        }
    }
    if type_name.group.is_empty() && unknown == Unknown::Kind {
        // `v1` of a kind that lives elsewhere: the server refuses it, its author meant that one.
        if let Some(meant) = KINDS.iter().find(|kind| kind.named_alone(&type_name.kind)) {
            mistakes.note(FieldPath::ROOT.key("apiVersion"), meant.refusal());
            return (meant.read)(root, mistakes);
        }
    }
    let bare = BARE.iter().any(|(group, kinds)| {
        type_name.group == *group && kinds.contains(&type_name.kind.as_str())
    });
    if bare { Body::Bare } else { Body::Unknown(unknown) }
}

const fn kind(
    group: &'static str,
    name: &'static str,
    versions: &'static [&'static str],
    read: fn(&Node<'_>, &Mistakes) -> Body,
) -> Kind {
    Kind { group, name, versions, read }
}

/// `spec` of an object as a body.
macro_rules! spec {
    ($body:ident) => {
        |root, mistakes| Body::$body(Box::new(extract::<Specified<_>>(root, mistakes).spec))
    };
}

/// The object itself as a body.
macro_rules! whole {
    ($body:ident) => {
        |root, mistakes| Body::$body(Box::new(extract(root, mistakes)))
    };
}

/// A workload read by way of `$shape`.
macro_rules! workload {
    ($shape:ty) => {
        |root, mistakes| Body::Workload(Box::new(Workload::from(extract::<$shape>(root, mistakes))))
    };
    (Controller, $kind:ident) => {
        |root, mistakes| {
            let controller: Controller = extract(root, mistakes);
            Body::Workload(Box::new(controller.workload(WorkloadKind::$kind)))
        }
    };
}

/// A configuration file.
macro_rules! file {
    ($file:ident) => {
        |root, mistakes| {
            let file = ControlPlaneFile::$file(extract(root, mistakes));
            Body::ControlPlaneFile(Box::new(file))
        }
    };
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Specified<T: Default> {
    spec: T,
}

const APPS: &[&str] = &["v1", "v1beta2", "v1beta1"];
const RBAC: &[&str] = &["v1", "v1beta1", "v1alpha1"];
const BETA: &[&str] = &["v1", "v1beta1"];
const ALPHA: &[&str] = &["v1", "v1beta1", "v1alpha3", "v1alpha2"];
const V1: &[&str] = &["v1"];
const V1BETA1: &[&str] = &["v1beta1"];
const AUTOSCALING: &[&str] = &["v2", "v2beta2", "v2beta1", "v1"];
const ADMISSION_VERSIONS: &[&str] = &["v1", "v1beta1", "v1alpha1"];
const ADMISSION: &str = "admissionregistration.k8s.io";
const ROUTES: &str = "gateway.networking.k8s.io";
const ADMIN: &str = "policy.networking.k8s.io";
const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

const KINDS: &[Kind] = &[
    kind("", "Pod", V1, workload!(PodTemplate)),
    kind("", "PodTemplate", V1, workload!(TemplateObject)),
    kind("", "ReplicationController", V1, workload!(ReplicationController)),
    kind("apps", "Deployment", APPS, workload!(Controller, Deployment)),
    kind("apps", "ReplicaSet", APPS, workload!(Controller, ReplicaSet)),
    kind("apps", "StatefulSet", APPS, workload!(Controller, StatefulSet)),
    kind("apps", "DaemonSet", APPS, workload!(Controller, DaemonSet)),
    kind("extensions", "Deployment", V1BETA1, workload!(Controller, Deployment)),
    kind("extensions", "ReplicaSet", V1BETA1, workload!(Controller, ReplicaSet)),
    kind("extensions", "DaemonSet", V1BETA1, workload!(Controller, DaemonSet)),
    kind("batch", "Job", V1, workload!(Controller, Job)),
    kind("batch", "CronJob", &["v1", "v1beta1", "v2alpha1"], workload!(CronJob)),
    kind("", "ServiceAccount", V1, whole!(ServiceAccount)),
    kind(RBAC_GROUP, "Role", RBAC, whole!(Role)),
    kind(RBAC_GROUP, "ClusterRole", RBAC, whole!(Role)),
    kind(RBAC_GROUP, "RoleBinding", RBAC, whole!(Binding)),
    kind(RBAC_GROUP, "ClusterRoleBinding", RBAC, whole!(Binding)),
    kind("networking.k8s.io", "NetworkPolicy", V1, spec!(NetworkPolicy)),
    kind("extensions", "NetworkPolicy", V1BETA1, spec!(NetworkPolicy)),
    kind("cilium.io", "CiliumNetworkPolicy", &["v2"], whole!(CiliumNetworkPolicy)),
    kind("cilium.io", "CiliumClusterwideNetworkPolicy", &["v2"], whole!(CiliumNetworkPolicy)),
    kind(ADMIN, "AdminNetworkPolicy", &["v1alpha1"], spec!(AdminNetworkPolicy)),
    kind(ADMIN, "BaselineAdminNetworkPolicy", &["v1alpha1"], spec!(AdminNetworkPolicy)),
    kind("", "Service", V1, spec!(Service)),
    kind("networking.k8s.io", "Ingress", BETA, ingress),
    kind("extensions", "Ingress", V1BETA1, ingress),
    kind(ROUTES, "Gateway", ALPHA, spec!(Gateway)),
    kind(ROUTES, "HTTPRoute", ALPHA, spec!(Route)),
    kind(ROUTES, "GRPCRoute", ALPHA, spec!(Route)),
    kind(ROUTES, "TLSRoute", ALPHA, spec!(Route)),
    kind(ROUTES, "TCPRoute", ALPHA, spec!(Route)),
    kind(ROUTES, "UDPRoute", ALPHA, spec!(Route)),
    kind("", "Secret", V1, |root, mistakes| {
        Body::Secret(Box::new(extract::<AnySecret>(root, mistakes).into()))
    }),
    kind("", "ConfigMap", V1, whole!(ConfigMap)),
    kind("", "Namespace", V1, |_, _| Body::Namespace),
    kind("", "Node", V1, whole!(Node)),
    kind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", BETA, whole!(Webhooks)),
    kind("admissionregistration.k8s.io", "MutatingWebhookConfiguration", BETA, whole!(Webhooks)),
    kind("policy", "PodDisruptionBudget", BETA, spec!(PodDisruptionBudget)),
    kind("", "LimitRange", V1, spec!(LimitRange)),
    kind("", "ResourceQuota", V1, spec!(ResourceQuota)),
    kind("", "PersistentVolume", V1, spec!(PersistentVolume)),
    kind("", "PersistentVolumeClaim", V1, spec!(PersistentVolumeClaim)),
    kind("policy", "PodSecurityPolicy", V1BETA1, spec!(PodSecurityPolicy)),
    kind("extensions", "PodSecurityPolicy", V1BETA1, spec!(PodSecurityPolicy)),
    kind("autoscaling", "HorizontalPodAutoscaler", AUTOSCALING, spec!(Autoscaler)),
    kind("storage.k8s.io", "StorageClass", BETA, whole!(StorageClass)),
    kind(ROUTES, "ReferenceGrant", ALPHA, spec!(ReferenceGrant)),
    kind(ADMISSION, "ValidatingAdmissionPolicy", ADMISSION_VERSIONS, spec!(AdmissionPolicy)),
    kind(ADMISSION, "MutatingAdmissionPolicy", ADMISSION_VERSIONS, spec!(AdmissionPolicy)),
    kind(
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        ADMISSION_VERSIONS,
        spec!(AdmissionPolicyBinding),
    ),
    kind(
        ADMISSION,
        "MutatingAdmissionPolicyBinding",
        ADMISSION_VERSIONS,
        spec!(AdmissionPolicyBinding),
    ),
    kind("apiregistration.k8s.io", "APIService", BETA, spec!(ApiService)),
    kind("kubelet.config.k8s.io", "KubeletConfiguration", BETA, file!(Kubelet)),
    kind("apiserver.config.k8s.io", "EncryptionConfiguration", V1, file!(Encryption)),
    kind("audit.k8s.io", "Policy", BETA, file!(Audit)),
    kind("apiserver.config.k8s.io", "AdmissionConfiguration", V1, file!(Admission)),
];

/// Kinds of Kubernetes of which only the metadata is read, whatever their version.
const BARE: &[(&str, &[&str])] = &[
    ("", &["Endpoints", "Event", "ComponentStatus", "Binding"]),
    ("apps", &["ControllerRevision"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("coordination.k8s.io", &["Lease"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IngressClass", "IPAddress", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
    (
        "resource.k8s.io",
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
    ),
    ("gateway.networking.k8s.io", &["GatewayClass", "BackendTLSPolicy"]),
];

/// In `v1beta1` the default backend was `backend`.
fn ingress(root: &Node<'_>, mistakes: &Mistakes) -> Body {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Old {
        backend: Option<crate::body::Backend>,
    }
    let mut ingress = extract::<Specified<Ingress>>(root, mistakes).spec;
    if ingress.default_backend.is_none() {
        ingress.default_backend = extract::<Specified<Old>>(root, mistakes).spec.backend;
    }
    Body::Ingress(Box::new(ingress))
}
