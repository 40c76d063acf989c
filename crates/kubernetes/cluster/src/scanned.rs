//! What a scan reads of a cluster: what `deploy/kubernetes/scan-role.yaml` lets it list.

use crate::Collection;

const fn of(group: &'static str, version: &'static str, plural: &'static str) -> Collection {
    Collection { group, version, plural }
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// The groups of Kubernetes itself that are listed here.
const BUILT_IN: [&str; 10] = [
    "",
    ADMISSION,
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    RBAC,
    "storage.k8s.io",
];

/// The kinds of Kubernetes itself that decide who reaches whom.
const OF_THE_NETWORK: [&str; 12] = [
    "cronjobs",
    "daemonsets",
    "deployments",
    "ingresses",
    "jobs",
    "namespaces",
    "networkpolicies",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "services",
    "statefulsets",
];

impl Collection {
    /// Secrets, which no scan asks for by itself: who may list them reads their values.
    pub const SECRETS: Self = of("", "v1", "secrets");

    /// Everything that controls, rights and reachability are judged by, but for Secrets. Of a kind with
    /// several versions, the first that the server has is the one to list.
    pub const SCANNED: &'static [Self] = &[
        of("", "v1", "namespaces"),
        of("", "v1", "nodes"),
        of("", "v1", "configmaps"),
        of("", "v1", "limitranges"),
        of("", "v1", "persistentvolumeclaims"),
        of("", "v1", "persistentvolumes"),
        of("", "v1", "pods"),
        of("", "v1", "podtemplates"),
        of("", "v1", "replicationcontrollers"),
        of("", "v1", "resourcequotas"),
        of("", "v1", "serviceaccounts"),
        of("", "v1", "services"),
        of("apps", "v1", "daemonsets"),
        of("apps", "v1", "deployments"),
        of("apps", "v1", "replicasets"),
        of("apps", "v1", "statefulsets"),
        of("batch", "v1", "cronjobs"),
        of("batch", "v1", "jobs"),
        of(RBAC, "v1", "clusterroles"),
        of(RBAC, "v1", "clusterrolebindings"),
        of(RBAC, "v1", "roles"),
        of(RBAC, "v1", "rolebindings"),
        of("networking.k8s.io", "v1", "ingresses"),
        of("networking.k8s.io", "v1", "networkpolicies"),
        of(ADMISSION, "v1", "mutatingwebhookconfigurations"),
        of(ADMISSION, "v1", "validatingwebhookconfigurations"),
        of(ADMISSION, "v1", "validatingadmissionpolicies"),
        of(ADMISSION, "v1beta1", "validatingadmissionpolicies"),
        of(ADMISSION, "v1", "validatingadmissionpolicybindings"),
        of(ADMISSION, "v1beta1", "validatingadmissionpolicybindings"),
        of(ADMISSION, "v1", "mutatingadmissionpolicies"),
        of(ADMISSION, "v1beta1", "mutatingadmissionpolicies"),
        of(ADMISSION, "v1", "mutatingadmissionpolicybindings"),
        of(ADMISSION, "v1beta1", "mutatingadmissionpolicybindings"),
        of("apiregistration.k8s.io", "v1", "apiservices"),
        of("autoscaling", "v2", "horizontalpodautoscalers"),
        of("policy", "v1", "poddisruptionbudgets"),
        of("storage.k8s.io", "v1", "storageclasses"),
        // What others than Kubernetes bring. It decides who reaches whom, or makes pods, so that nothing is
        // said of the network without it.
        of("policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies"),
        of("policy.networking.k8s.io", "v1alpha1", "baselineadminnetworkpolicies"),
        of(GATEWAY, "v1", "gateways"),
        of(GATEWAY, "v1beta1", "gateways"),
        of(GATEWAY, "v1", "httproutes"),
        of(GATEWAY, "v1beta1", "httproutes"),
        of(GATEWAY, "v1", "grpcroutes"),
        of(GATEWAY, "v1alpha2", "grpcroutes"),
        of(GATEWAY, "v1", "tlsroutes"),
        of(GATEWAY, "v1alpha2", "tlsroutes"),
        of(GATEWAY, "v1alpha2", "tcproutes"),
        of(GATEWAY, "v1alpha2", "udproutes"),
        of(GATEWAY, "v1", "referencegrants"),
        of(GATEWAY, "v1beta1", "referencegrants"),
        of("policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies"),
        of("apps.kruise.io", "v1alpha1", "clonesets"),
        of("cilium.io", "v2", "ciliumclusterwidenetworkpolicies"),
        of("cilium.io", "v2", "ciliumnetworkpolicies"),
        of("crd.antrea.io", "v1beta1", "clusternetworkpolicies"),
        of("crd.antrea.io", "v1beta1", "networkpolicies"),
        of("crd.projectcalico.org", "v1", "globalnetworkpolicies"),
        of("crd.projectcalico.org", "v1", "networkpolicies"),
        of("k8s.cni.cncf.io", "v1", "network-attachment-definitions"),
        of("k8s.cni.cncf.io", "v1beta2", "multi-networkpolicies"),
        of("k8s.cni.cncf.io", "v1beta1", "multi-networkpolicies"),
        of("k8s.ovn.org", "v1", "clusternetworkconnects"),
        of("k8s.ovn.org", "v1", "clusteruserdefinednetworks"),
        of("k8s.ovn.org", "v1", "egressfirewalls"),
        of("k8s.ovn.org", "v1", "userdefinednetworks"),
        of("kubevirt.io", "v1", "virtualmachineinstancereplicasets"),
        of("kubevirt.io", "v1", "virtualmachineinstances"),
        of("kubevirt.io", "v1", "virtualmachines"),
        of("leaderworkerset.x-k8s.io", "v1", "leaderworkersets"),
        of("policy.linkerd.io", "v1alpha1", "authorizationpolicies"),
        of("policy.linkerd.io", "v1beta1", "serverauthorizations"),
        of("pool.kubevirt.io", "v1beta1", "virtualmachinepools"),
        of("pool.kubevirt.io", "v1alpha1", "virtualmachinepools"),
        of("route.openshift.io", "v1", "routes"),
        of("security.istio.io", "v1", "authorizationpolicies"),
        of("security.istio.io", "v1", "peerauthentications"),
        of("serving.knative.dev", "v1", "services"),
    ];

    /// Whether a cluster may do without the kind: others than Kubernetes bring it, or few versions have
    /// it. There are none of its objects then.
    pub fn is_optional(&self) -> bool {
        !self.is_built_in() || (self.group == ADMISSION && self.plural.contains("admissionpolic"))
    }

    /// Whether it is a kind of Kubernetes itself.
    fn is_built_in(&self) -> bool {
        BUILT_IN.contains(&self.group)
    }

    /// Whether both are of one kind, be it in other versions.
    pub fn is_of_kind(&self, other: &Self) -> bool {
        (self.group, self.plural) == (other.group, other.plural)
    }

    /// What decides who reaches whom.
    pub fn of_the_network() -> Vec<Self> {
        let is_wanted = |it: &&Self| !it.is_built_in() || OF_THE_NETWORK.contains(&it.plural);
        Self::SCANNED.iter().filter(is_wanted).copied().collect()
    }

    /// `secrets`, `networkpolicies.networking.k8s.io`.
    pub fn resource(&self) -> String {
        let Self { group, plural, .. } = self;
        if group.is_empty() { (*plural).to_owned() } else { format!("{plural}.{group}") }
    }
}
