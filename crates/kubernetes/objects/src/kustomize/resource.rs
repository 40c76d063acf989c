//! An object on its way through a build.

use crate::node::{Node, Value};
use crate::object::Origin;

/// A resource, with the names that it had.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) node: Node<'static>,
    pub(super) origin: Origin,
    /// What it was called before, the first name first; empty while it has its first name.
    pub(super) previous: Vec<Identity>,
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    /// The variables that have their value from it.
    pub(super) vars: Vec<String>,
    /// Its name gets a hash of its content.
    pub(super) hashed: bool,
}

/// What a resource is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
}

impl Resource {
    pub(super) fn new(node: Node<'static>, origin: Origin) -> Self {
        let (previous, prefixes, suffixes) = (Vec::new(), Vec::new(), Vec::new());
        Self { node, origin, previous, prefixes, suffixes, vars: Vec::new(), hashed: false }
    }

    pub(super) fn current(&self) -> Identity {
        Identity::of(&self.node)
    }

    pub(super) fn original(&self) -> Identity {
        self.previous.first().cloned().unwrap_or_else(|| self.current())
    }

    /// Every identity that it had or has.
    pub(super) fn identities(&self) -> Vec<Identity> {
        let mut all = self.previous.clone();
        all.push(self.current());
        all
    }

    /// Whether it is called so, or was. Names are compared first: most differ, and cost nothing to look at.
    pub(super) fn is_or_was(&self, wanted: &Identity) -> bool {
        let was = |it: &Identity| it.name == wanted.name && it.is_same(wanted);
        self.previous.iter().any(was)
            || (self.name() == wanted.name && self.current().is_same(wanted))
    }

    /// Remembers what it is called before that changes.
    pub(super) fn remember(&mut self) {
        let current = self.current();
        if !self.previous.contains(&current) {
            self.previous.push(current);
        }
    }

    /// Makes texts of the values of its annotations. kustomize keeps what it knows of a resource among
    /// them; where that is all that there is, nothing stays of the field.
    pub(super) fn settle_annotations(&mut self) {
        let changed = !self.previous.is_empty();
        let Some(metadata) = self.node.get_mut("metadata") else { return };
        let Some(annotations) = metadata.get_mut("annotations") else { return };
        if let Value::Map(entries) = &mut annotations.value {
            for entry in entries.iter_mut() {
                if let Some(value) = super::replace::as_text(&entry.node) {
                    entry.node.value = text(&value);
                }
            }
        }
        if changed && annotations.entries().is_empty() {
            metadata.remove("annotations");
        }
    }

    pub(super) fn name(&self) -> &str {
        self.node.get("metadata").map(|metadata| metadata.text("name")).unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.node.get("metadata").map(|metadata| metadata.text("namespace")).unwrap_or_default()
    }

    pub(super) fn set_name(&mut self, name: &str) {
        self.node.entry("metadata").entry("name").value = text(name);
    }
}

impl Identity {
    pub(super) fn of(node: &Node<'_>) -> Self {
        let api_version = node.text("apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let metadata = node.get("metadata");
        let text = |key| metadata.map(|metadata| metadata.text(key)).unwrap_or_default().to_owned();
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: node.text("kind").to_owned(),
            name: text("name"),
            namespace: text("namespace"),
        }
    }

    /// Whether both call the same object.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.clone().placed() == other.clone().placed()
    }

    /// The one name of an object: no namespace is `default`, and what lies in none has none.
    pub(super) fn placed(mut self) -> Self {
        if self.is_of_cluster() {
            self.namespace.clear();
        } else if self.namespace.is_empty() {
            "default".clone_into(&mut self.namespace);
        }
        self
    }

    pub(super) fn effective_namespace(&self) -> &str {
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }

    /// Whether its kind lies in no namespace. Kinds that Kubernetes does not have lie in one.
    pub(super) fn is_of_cluster(&self) -> bool {
        OF_CLUSTER
            .iter()
            .any(|(group, kinds)| self.group == *group && kinds.contains(&self.kind.as_str()))
    }
}

pub(super) fn text(value: &str) -> Value<'static> {
    Value::Text(value.to_owned().into())
}

const OF_CLUSTER: &[(&str, &[&str])] = &[
    ("", &["Namespace", "Node", "PersistentVolume", "ComponentStatus"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("storage.k8s.io", &["StorageClass", "CSIDriver", "CSINode", "VolumeAttachment"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("networking.k8s.io", &["IngressClass", "IPAddress", "ServiceCIDR"]),
    ("policy", &["PodSecurityPolicy"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
        ],
    ),
];
