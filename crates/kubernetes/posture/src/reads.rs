//! Which other objects a control reads, and where: whose change may change its verdict, and whose
//! absence leaves it without one.

use bulkhead_objects::{Body, Object};

use crate::Control;

/// The kinds of objects that controls about others read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Related {
    /// Pods, and whatever has a template of them.
    Workload,
    /// `ServiceAccount`.
    ServiceAccount,
    /// `Role` and `ClusterRole`.
    Role,
    /// `RoleBinding` and `ClusterRoleBinding`.
    Binding,
    /// `NetworkPolicy`.
    NetworkPolicy,
    /// Policies of administrators and of other products.
    OtherPolicy,
    /// `Service`.
    Service,
    /// `Ingress`.
    Ingress,
    /// Routes of the Gateway API.
    Route,
    /// `Gateway`.
    Gateway,
    /// `Secret`.
    Secret,
    /// `PodDisruptionBudget`.
    Budget,
    /// `HorizontalPodAutoscaler`.
    Autoscaler,
    /// `LimitRange`.
    LimitRange,
    /// `ResourceQuota`.
    ResourceQuota,
    /// `StorageClass`.
    StorageClass,
    /// Bindings of admission policies.
    AdmissionPolicyBinding,
}

/// Where a control looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Where {
    /// In the namespace of its own object.
    Same,
    /// Bindings whose subjects lie in that namespace, and the roles that these name.
    Subjects,
    /// Everywhere.
    Anywhere,
}

/// What a control reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reads {
    /// It fails because of something that is there; otherwise for want of something.
    pub(crate) fails_by_presence: bool,
    pub(crate) objects: &'static [(Related, Where)],
}

const fn absence(objects: &'static [(Related, Where)]) -> Reads {
    Reads { fails_by_presence: false, objects }
}

const fn presence(objects: &'static [(Related, Where)]) -> Reads {
    Reads { fails_by_presence: true, objects }
}

impl Related {
    /// What an object is to others.
    pub fn of(object: &Object) -> Option<Self> {
        Some(match &object.body {
            Body::Workload(_) => Self::Workload,
            Body::ServiceAccount(_) => Self::ServiceAccount,
            Body::Role(_) => Self::Role,
            Body::Binding(_) => Self::Binding,
            Body::NetworkPolicy(_) => Self::NetworkPolicy,
            Body::AdminNetworkPolicy(_) | Body::CiliumNetworkPolicy(_) => Self::OtherPolicy,
            Body::Unknown(_) if object.type_name.kind.ends_with("NetworkPolicy") => {
                Self::OtherPolicy
            }
            Body::Service(_) => Self::Service,
            Body::Ingress(_) => Self::Ingress,
            Body::Route(_) => Self::Route,
            Body::Gateway(_) => Self::Gateway,
            Body::Secret(_) => Self::Secret,
            Body::PodDisruptionBudget(_) => Self::Budget,
            Body::Autoscaler(_) => Self::Autoscaler,
            Body::LimitRange(_) => Self::LimitRange,
            Body::ResourceQuota(_) => Self::ResourceQuota,
            Body::StorageClass(_) => Self::StorageClass,
            Body::AdmissionPolicyBinding(_) => Self::AdmissionPolicyBinding,
            _ => return None,
        })
    }

    /// Those whose lists are of this resource: `deployments`.
    pub fn of_resource(plural: &str) -> Option<Self> {
        Some(match plural {
            "pods"
            | "podtemplates"
            | "replicationcontrollers"
            | "daemonsets"
            | "deployments"
            | "replicasets"
            | "statefulsets"
            | "cronjobs"
            | "jobs" => Self::Workload,
            "serviceaccounts" => Self::ServiceAccount,
            "roles" | "clusterroles" => Self::Role,
            "rolebindings" | "clusterrolebindings" => Self::Binding,
            "networkpolicies" => Self::NetworkPolicy,
            "adminnetworkpolicies" | "baselineadminnetworkpolicies" => Self::OtherPolicy,
            "services" => Self::Service,
            "ingresses" => Self::Ingress,
            "gateways" => Self::Gateway,
            plural if plural.ends_with("routes") => Self::Route,
            "secrets" => Self::Secret,
            "poddisruptionbudgets" => Self::Budget,
            "horizontalpodautoscalers" => Self::Autoscaler,
            "limitranges" => Self::LimitRange,
            "resourcequotas" => Self::ResourceQuota,
            "storageclasses" => Self::StorageClass,
            plural if plural.ends_with("admissionpolicybindings") => Self::AdmissionPolicyBinding,
            _ => return None,
        })
    }

    /// What verdicts lack without them.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Workload => "the workloads of the cluster",
            Self::ServiceAccount => "the service accounts of the cluster",
            Self::Role => "the roles of the cluster",
            Self::Binding => "the bindings of the cluster",
            Self::NetworkPolicy => "the network policies of the cluster",
            Self::OtherPolicy => "the administrators' network policies of the cluster",
            Self::Service => "the services of the cluster",
            Self::Ingress => "the Ingresses of the cluster",
            Self::Route => "the routes of the cluster",
            Self::Gateway => "the gateways of the cluster",
            Self::Secret => "the secrets of the cluster",
            Self::Budget => "the disruption budgets of the cluster",
            Self::Autoscaler => "the autoscalers of the cluster",
            Self::LimitRange => "the limit ranges of the cluster",
            Self::ResourceQuota => "the quotas of the cluster",
            Self::StorageClass => "the storage classes of the cluster",
            Self::AdmissionPolicyBinding => "the bindings of admission policies",
        }
    }
}

impl Control {
    /// What it reads beside its own object.
    pub(crate) fn reads(&self) -> Reads {
        use Related::{
            AdmissionPolicyBinding, Autoscaler, Binding, Budget, Gateway, Ingress, LimitRange,
            NetworkPolicy, OtherPolicy, ResourceQuota, Role, Route, Secret, Service,
            ServiceAccount, StorageClass, Workload,
        };
        use Where::{Anywhere, Same, Subjects};
        match self.id {
            "single-replica" => absence(&[(Autoscaler, Same)]),
            "disruption-budget-missing" => absence(&[(Budget, Same)]),
            "disruption-budget-above-replicas" => presence(&[(Workload, Same), (Autoscaler, Same)]),
            "autoscaler-target-missing"
            | "network-policy-selects-nothing"
            | "service-without-workload" => absence(&[(Workload, Same)]),
            "workload-exposed" => presence(&[(Service, Same), (Ingress, Same), (Route, Same)]),
            "ingress-traffic-open"
            | "egress-traffic-open"
            | "namespace-without-network-policy"
            | "default-deny-missing" => absence(&[(NetworkPolicy, Same), (OtherPolicy, Same)]),
            "service-account-unused" => absence(&[(Workload, Same), (Binding, Subjects)]),
            "service-account-missing" => absence(&[(ServiceAccount, Same)]),
            "secret-unused" => absence(&[
                (Workload, Same),
                (ServiceAccount, Same),
                (Ingress, Same),
                (Gateway, Same),
            ]),
            "secret-missing" | "ingress-tls-secret-missing" => absence(&[(Secret, Same)]),
            "ingress-backend-missing" => absence(&[(Service, Same)]),
            "ingress-host-claimed-twice" => presence(&[(Ingress, Anywhere)]),
            "route-backend-missing" | "webhook-service-missing" | "api-service-missing" => {
                absence(&[(Service, Anywhere)])
            }
            "storage-class-without-encryption" => absence(&[(StorageClass, Anywhere)]),
            "etcd-shares-authority" => presence(&[(Workload, Anywhere)]),
            "limit-range-missing" => absence(&[(LimitRange, Same)]),
            "resource-quota-missing" => absence(&[(ResourceQuota, Same)]),
            "role-unused" => absence(&[(Binding, Anywhere)]),
            "binding-role-missing" => absence(&[(Role, Anywhere)]),
            "binding-full-access"
            | "binding-full-access-disguised"
            | "binding-executes-in-pods" => presence(&[(Role, Anywhere)]),
            "binding-subject-missing" => absence(&[(ServiceAccount, Anywhere)]),
            "workload-takes-over-cluster" => presence(&[(Binding, Subjects), (Role, Subjects)]),
            "admission-policy-unbound" => absence(&[(AdmissionPolicyBinding, Anywhere)]),
            _ => absence(&[]),
        }
    }
}
