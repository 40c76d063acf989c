//! References to names that changed.
//!
//! The table is kustomize's own (its documentation, Transformer Configurations, Name Reference), gaps
//! included: what kustomize leaves dangling dangles in the cluster, too.

use super::Failed;
use super::fields::FieldSpec;
use super::resource::{Identity, Resource, text};
use crate::node::{Node, Value};

/// Who refers to a kind.
struct Referrers {
    group: &'static str,
    kind: &'static str,
    /// Workloads that do, and where below the specification of their Pods.
    workloads: &'static [&'static str],
    pod_paths: &'static [&'static str],
    /// Other kinds that do: group, kind and path.
    others: &'static [(&'static str, &'static str, &'static str)],
}

const CONFIGURED: &[&str] = &[
    "Pod",
    "PodTemplate",
    "Deployment",
    "ReplicaSet",
    "DaemonSet",
    "StatefulSet",
    "Job",
    "CronJob",
];
const RUN: &[&str] =
    &["Pod", "StatefulSet", "Deployment", "ReplicationController", "CronJob", "Job", "DaemonSet"];
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const SCALED: &[(&str, &str, &str)] =
    &[("", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name")];

const fn scaled(kind: &'static str) -> Referrers {
    Referrers { group: "", kind, workloads: &[], pod_paths: &[], others: SCALED }
}

const REFERRERS: &[Referrers] = &[
    scaled("Deployment"),
    scaled("ReplicationController"),
    scaled("ReplicaSet"),
    scaled("StatefulSet"),
    Referrers {
        group: "",
        kind: "ConfigMap",
        workloads: CONFIGURED,
        pod_paths: &[
            "volumes/configMap/name",
            "containers/env/valueFrom/configMapKeyRef/name",
            "initContainers/env/valueFrom/configMapKeyRef/name",
            "containers/envFrom/configMapRef/name",
            "initContainers/envFrom/configMapRef/name",
            "volumes/projected/sources/configMap/name",
        ],
        others: &[
            ("", "Node", "spec/configSource/configMap"),
            ("", "Role", "rules/resourceNames"),
            ("", "ClusterRole", "rules/resourceNames"),
            (
                "",
                "Ingress",
                "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",
            ),
        ],
    },
    Referrers {
        group: "",
        kind: "Secret",
        workloads: CONFIGURED,
        pod_paths: &[
            "volumes/secret/secretName",
            "containers/env/valueFrom/secretKeyRef/name",
            "initContainers/env/valueFrom/secretKeyRef/name",
            "containers/envFrom/secretRef/name",
            "initContainers/envFrom/secretRef/name",
            "imagePullSecrets/name",
            "volumes/projected/sources/secret/name",
        ],
        others: &[
            ("", "Ingress", "spec/tls/secretName"),
            ("", "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
            ("", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
            ("", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
            ("", "ServiceAccount", "imagePullSecrets/name"),
            ("", "StorageClass", "parameters/secretName"),
            ("", "StorageClass", "parameters/adminSecretName"),
            ("", "StorageClass", "parameters/userSecretName"),
            ("", "StorageClass", "parameters/secretRef"),
            ("", "Role", "rules/resourceNames"),
            ("", "ClusterRole", "rules/resourceNames"),
            ("", "PersistentVolume", "spec/azureFile/secretName"),
        ],
    },
    Referrers {
        group: "",
        kind: "Service",
        workloads: &[],
        pod_paths: &[],
        others: &[
            ("apps", "StatefulSet", "spec/serviceName"),
            ("", "Ingress", "spec/rules/http/paths/backend/serviceName"),
            ("", "Ingress", "spec/backend/serviceName"),
            ("", "Ingress", "spec/rules/http/paths/backend/service/name"),
            ("", "Ingress", "spec/defaultBackend/service/name"),
            ("apiregistration.k8s.io", "APIService", "spec/service/name"),
            (ADMISSION, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
            (ADMISSION, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
        ],
    },
    Referrers {
        group: RBAC,
        kind: "Role",
        workloads: &[],
        pod_paths: &[],
        others: &[(RBAC, "RoleBinding", "roleRef/name")],
    },
    Referrers {
        group: RBAC,
        kind: "ClusterRole",
        workloads: &[],
        pod_paths: &[],
        others: &[
            (RBAC, "RoleBinding", "roleRef/name"),
            (RBAC, "ClusterRoleBinding", "roleRef/name"),
        ],
    },
    Referrers {
        group: "",
        kind: "ServiceAccount",
        workloads: RUN,
        pod_paths: &["serviceAccountName"],
        others: &[(RBAC, "RoleBinding", "subjects"), (RBAC, "ClusterRoleBinding", "subjects")],
    },
    Referrers {
        group: "",
        kind: "PersistentVolumeClaim",
        workloads: RUN,
        pod_paths: &["volumes/persistentVolumeClaim/claimName"],
        others: &[],
    },
    Referrers {
        group: "",
        kind: "PersistentVolume",
        workloads: &[],
        pod_paths: &[],
        others: &[
            ("", "PersistentVolumeClaim", "spec/volumeName"),
            ("", "ClusterRole", "rules/resourceNames"),
        ],
    },
    Referrers {
        group: "storage.k8s.io",
        kind: "StorageClass",
        workloads: &[],
        pod_paths: &[],
        others: &[
            ("", "PersistentVolume", "spec/storageClassName"),
            ("", "PersistentVolumeClaim", "spec/storageClassName"),
            ("", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
        ],
    },
    Referrers {
        group: "scheduling.k8s.io",
        kind: "PriorityClass",
        workloads: RUN,
        pod_paths: &["priorityClassName"],
        others: &[],
    },
    Referrers {
        group: ADMISSION,
        kind: "ValidatingAdmissionPolicy",
        workloads: &[],
        pod_paths: &[],
        others: &[(ADMISSION, "ValidatingAdmissionPolicyBinding", "spec/policyName")],
    },
];

/// Changes every reference to a resource whose name or namespace changed.
pub(super) fn follow(resources: &mut [Resource]) -> Result<(), Failed> {
    // Candidates are looked up while their referrers change; names and namespaces do not.
    let candidates: Vec<Resource> =
        resources.iter().filter(|resource| !resource.previous.is_empty()).map(bare).collect();
    for resource in resources {
        for referrers in REFERRERS {
            referrers.follow(resource, &candidates)?;
        }
    }
    Ok(())
}

/// A resource without its content.
fn bare(resource: &Resource) -> Resource {
    let mut node = Node::unplaced(Value::Map(Vec::new()));
    for key in ["apiVersion", "kind"] {
        node.entry(key).value = text(resource.node.text(key));
    }
    node.entry("metadata").entry("name").value = text(resource.name());
    node.entry("metadata").entry("namespace").value = text(resource.namespace());
    Resource { node, ..resource.clone() }
}

impl Referrers {
    fn follow(&self, resource: &mut Resource, candidates: &[Resource]) -> Result<(), Failed> {
        let identity = resource.current();
        let mut paths: Vec<String> = Vec::new();
        if self.workloads.contains(&&*identity.kind) {
            let spec = pod_spec(&identity.kind);
            paths.extend(self.pod_paths.iter().map(|path| format!("{spec}/{path}")));
        }
        let others = self.others.iter().filter(|(group, kind, _)| {
            *kind == identity.kind && (group.is_empty() || *group == identity.group)
        });
        paths.extend(others.map(|(_, _, path)| (*path).to_owned()));
        for path in paths {
            let search = Search {
                referrers: self,
                referrer: &bare(resource),
                role: role(resource, &path),
                bound: namespaces_of_accounts(resource),
                candidates,
            };
            let mut failed = None;
            let field = FieldSpec { group: "", version: "", kind: "", path: &path, create: false };
            field.visit(&mut resource.node, &mut |node| {
                if let Err(message) = search.set(node) {
                    failed = Some(message);
                }
            });
            if let Some(message) = failed {
                return Err(message);
            }
        }
        Ok(())
    }
}

fn pod_spec(kind: &str) -> &'static str {
    match kind {
        "Pod" => "spec",
        "PodTemplate" => "template/spec",
        "CronJob" => "spec/jobTemplate/spec/template/spec",
        _ => "spec/template/spec",
    }
}

/// Group and kind that a binding names beside its role.
fn role(resource: &Resource, path: &str) -> Option<(String, String)> {
    let reference = resource.node.get("roleRef").filter(|_| path.ends_with("roleRef/name"))?;
    Some((reference.text("apiGroup").to_owned(), reference.text("kind").to_owned()))
}

/// The namespaces that a binding writes beside the accounts among its subjects.
fn namespaces_of_accounts(resource: &Resource) -> Vec<String> {
    let subjects =
        resource.node.get("subjects").filter(|_| resource.node.text("kind") == "RoleBinding");
    let accounts = subjects.map(Node::elements).unwrap_or_default().iter();
    let accounts = accounts.filter(|subject| subject.text("kind") == "ServiceAccount");
    accounts.filter_map(|it| it.get("namespace")?.as_text().map(ToOwned::to_owned)).collect()
}

/// The search for what one field refers to.
struct Search<'a> {
    referrers: &'a Referrers,
    referrer: &'a Resource,
    role: Option<(String, String)>,
    /// Namespaces of the accounts that it binds: nothing but a binding refers to accounts elsewhere.
    bound: Vec<String>,
    candidates: &'a [Resource],
}

impl Search<'_> {
    fn set(&self, node: &mut Node<'static>) -> Result<(), Failed> {
        match &mut node.value {
            Value::Text(name) => {
                if let Some(found) = self.find(name, None)? {
                    node.value = text(found.name());
                }
            }
            Value::List(elements) => {
                for element in elements {
                    self.set(element)?;
                }
            }
            // A name and a namespace beside each other.
            Value::Map(_) => {
                if node.get("name").is_none() {
                    return Ok(());
                }
                let namespace = node.get("namespace").and_then(Node::as_text);
                let Some(found) = self.find(node.text("name"), namespace)? else { return Ok(()) };
                node.entry("name").value = text(found.name());
                if !found.namespace().is_empty() {
                    node.entry("namespace").value = text(found.namespace());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn find(&self, name: &str, namespace: Option<&str>) -> Result<Option<&Resource>, Failed> {
        let mut found: Vec<&Resource> =
            self.candidates.iter().filter(|it| self.may_mean(it, name)).collect();
        if let Some(namespace) = namespace {
            let began = |it: &&Resource| it.original().effective_namespace() == namespace;
            if self.candidates.iter().any(|it| began(&it)) {
                found.retain(began);
            } else {
                found.retain(|it| it.current().effective_namespace() == namespace);
            }
        }
        if found.len() > 1 {
            found.retain(|it| self.shares_names(it, true));
        }
        if found.len() > 1 {
            found.retain(|it| self.shares_names(it, false));
        }
        let Some(first) = found.first() else { return Ok(None) };
        let differs = |it: &&Resource| {
            it.name() != first.name()
                || (namespace.is_some() && it.namespace() != first.namespace())
        };
        if found.iter().any(differs) {
            return Err(format!("{name} may refer to {} resources", found.len()));
        }
        Ok(Some(first))
    }

    fn may_mean(&self, candidate: &Resource, name: &str) -> bool {
        let is_kind = |identity: &Identity, group: &str, kind: &str| {
            identity.kind == kind && (group.is_empty() || identity.group == group)
        };
        let previous = &candidate.previous;
        if !previous.iter().any(|identity| identity.name == name) {
            return false;
        }
        let (current, own) = (candidate.current(), self.referrer.current());
        previous.iter().any(|identity| is_kind(identity, self.referrers.group, self.referrers.kind))
            && self.role.as_ref().is_none_or(|(group, kind)| {
                previous.iter().any(|identity| is_kind(identity, group, kind))
            })
            && (own.is_of_cluster()
                || current.is_of_cluster()
                || (current.kind == "ServiceAccount" && self.bound.contains(&current.namespace))
                || own.effective_namespace() == current.effective_namespace())
    }

    /// Whether both were renamed by the same folders: the shorter list ends the longer one.
    fn shares_names(&self, candidate: &Resource, allow_none: bool) -> bool {
        let shares = |one: &[String], two: &[String]| {
            if one.is_empty() || two.is_empty() {
                return allow_none || one.len() == two.len();
            }
            one.iter().rev().zip(two.iter().rev()).all(|(one, two)| one == two)
        };
        shares(&self.referrer.prefixes, &candidate.prefixes)
            && shares(&self.referrer.suffixes, &candidate.suffixes)
    }
}
