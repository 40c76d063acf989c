//! Objects of tests, and clients that act on them.

use std::path::Path;

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::Kubernetes;
use bulkhead_rbac::{Binding, Role, RoleReference, Subject};
use serde_json::{Value, json};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// A client of a user without groups, who may act as somebody else where that is allowed.
pub(crate) fn client(
    kubernetes: &Kubernetes,
    user: &str,
    acts_as: Option<(&str, &[&str])>,
) -> Cluster {
    let path = kubernetes.kubeconfig(user, &[]).unwrap();
    if let Some((name, groups)) = acts_as {
        act_as(&path, name, groups);
    }
    Cluster::connect(Some(&path), None).unwrap()
}

/// Lets the user of a client configuration act as somebody else.
pub(crate) fn act_as(kubeconfig: &Path, name: &str, groups: &[&str]) {
    let text = fs_err::read_to_string(kubeconfig).unwrap();
    let mut configuration: Value = serde_json::from_str(&text).unwrap();
    configuration["users"][0]["user"]["as"] = json!(name);
    configuration["users"][0]["user"]["as-groups"] = json!(groups);
    fs_err::write(kubeconfig, configuration.to_string()).unwrap();
}

pub(crate) fn create_namespace(cluster: &Cluster, name: &str) {
    let body = json!({ "metadata": { "name": name } });
    cluster.ask::<Value>(Method::Post, "/api/v1/namespaces", Some(&body)).unwrap();
}

pub(crate) fn create_role(cluster: &Cluster, role: &Role) {
    let path = path(role.namespace.as_deref(), "role");
    cluster.ask::<Value>(Method::Post, &path, Some(&role_object(role))).unwrap();
}

pub(crate) fn create_binding(cluster: &Cluster, binding: &Binding) {
    let path = path(binding.namespace.as_deref(), "rolebinding");
    cluster.ask::<Value>(Method::Post, &path, Some(&binding_object(binding))).unwrap();
}

pub(crate) fn delete_binding(cluster: &Cluster, binding: &Binding) {
    let path = format!("{}/{}", path(binding.namespace.as_deref(), "rolebinding"), binding.name);
    cluster.ask::<Value>(Method::Delete, &path, None).unwrap();
}

/// Where objects of a kind lie: those of a namespace, or those of the cluster.
fn path(namespace: Option<&str>, kind: &str) -> String {
    match namespace {
        Some(namespace) => format!("{RBAC}/namespaces/{namespace}/{kind}s"),
        None => format!("{RBAC}/cluster{kind}s"),
    }
}

fn role_object(role: &Role) -> Value {
    let mut object = json!({
        "metadata": { "name": role.name, "labels": role.labels },
        "rules": role.rules,
    });
    if let Some(selectors) = &role.aggregation {
        let selectors: Vec<Value> = selectors
            .iter()
            .map(|selector| {
                let expressions: Vec<Value> = selector
                    .expressions
                    .iter()
                    .map(|expression| {
                        json!({
                            "key": expression.key,
                            "operator": format!("{:?}", expression.operator),
                            "values": expression.values,
                        })
                    })
                    .collect();
                json!({ "matchLabels": selector.labels, "matchExpressions": expressions })
            })
            .collect();
        object["aggregationRule"] = json!({ "clusterRoleSelectors": selectors });
    }
    object
}

fn binding_object(binding: &Binding) -> Value {
    let api = "rbac.authorization.k8s.io";
    let kind = match &binding.role {
        RoleReference::ClusterRole(_) => "ClusterRole",
        RoleReference::Role(_) => "Role",
    };
    let subjects: Vec<Value> = binding
        .subjects
        .iter()
        .map(|subject| match subject {
            Subject::User(name) => json!({ "kind": "User", "apiGroup": api, "name": name }),
            Subject::Group(name) => json!({ "kind": "Group", "apiGroup": api, "name": name }),
            Subject::ServiceAccount { namespace, name } => {
                json!({ "kind": "ServiceAccount", "namespace": namespace, "name": name })
            }
        })
        .collect();
    json!({
        "metadata": { "name": binding.name },
        "roleRef": { "apiGroup": api, "kind": kind, "name": binding.role.name() },
        "subjects": subjects,
    })
}
