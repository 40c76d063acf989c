//! Objects of tests, and clients that act on them.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use bulkhead_cluster::{Cluster, Method};
use bulkhead_end_to_end::Kubernetes;
use bulkhead_rbac::{Binding, Role, RoleReference, Rule, Subject};
use serde_json::{Value, json};

use crate::command::wait_until_allowed;

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

fn delete_role(cluster: &Cluster, role: &Role) {
    let path = format!("{}/{}", path(role.namespace.as_deref(), "role"), role.name);
    cluster.ask::<Value>(Method::Delete, &path, None).unwrap();
}

/// A binding that grants a role under its own name.
pub(crate) fn binding_of(role: &Role, subjects: Vec<Subject>) -> Binding {
    let (namespace, name) = (role.namespace.clone(), role.name.clone());
    let role = match namespace {
        None => RoleReference::ClusterRole(name.clone()),
        Some(_) => RoleReference::Role(name.clone()),
    };
    Binding { namespace, name, role, subjects, is_built_in: false }
}

/// Waits until the authoriser has seen all roles and bindings of now. It watches each of their four kinds by itself, and of a
/// kind sees last what was made last.
pub(crate) fn wait_for_authoriser(admin: &Cluster) {
    static MADE: AtomicU32 = AtomicU32::new(0);
    for namespace in [None, Some("default".to_owned())] {
        let name = format!("last-{}", MADE.fetch_add(1, Ordering::Relaxed));
        let rule = Rule {
            verbs: vec!["get".to_owned()],
            api_groups: vec!["test".to_owned()],
            resources: vec!["last".to_owned()],
            ..Rule::default()
        };
        let role = Role { namespace, name, rules: vec![rule], ..Role::default() };
        let binding = binding_of(&role, vec![Subject::User(role.name.clone())]);
        create_role(admin, &role);
        create_binding(admin, &binding);
        let attributes =
            json!({ "group": "test", "resource": "last", "verb": "get", "namespace": "default" });
        wait_until_allowed(admin, &role.name, &attributes);
        delete_binding(admin, &binding);
        delete_role(admin, &role);
    }
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
