//! Suggested roles and bindings as the API server takes them.

use serde::Serialize;

use super::suggestion::Suggestion;
use crate::error::RbacError;
use crate::policy::{Binding, RoleReference, Rule, Subject};

const GROUP: &str = "rbac.authorization.k8s.io";

const VERSION: &str = "rbac.authorization.k8s.io/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<&'a [Rule]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_ref: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<Reference<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_group: Option<&'static str>,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
}

impl Suggestion {
    /// All of it as YAML documents that `kubectl apply` takes.
    ///
    /// # Errors
    /// Where a text cannot be written as YAML.
    pub fn manifests(&self) -> Result<String, RbacError> {
        let roles = self.roles.iter().map(|role| Manifest {
            api_version: VERSION,
            kind: if role.namespace.is_none() { "ClusterRole" } else { "Role" },
            metadata: Metadata { name: &role.name, namespace: role.namespace.as_deref() },
            rules: Some(&role.rules),
            role_ref: None,
            subjects: Vec::new(),
        });
        let documents = roles.chain(self.bindings.iter().map(binding));
        let mut text = String::new();
        for document in documents {
            let document = serde_saphyr::to_string(&document)
                .map_err(|error| RbacError::Manifest(error.to_string()))?;
            text.push_str("---\n");
            text.push_str(&document);
        }
        Ok(text)
    }
}

fn binding(binding: &Binding) -> Manifest<'_> {
    let subjects = binding.subjects.iter().map(|subject| match subject {
        Subject::User(name) => {
            Reference { api_group: Some(GROUP), kind: "User", name, namespace: None }
        }
        Subject::Group(name) => {
            Reference { api_group: Some(GROUP), kind: "Group", name, namespace: None }
        }
        Subject::ServiceAccount { namespace, name } => {
            Reference { api_group: None, kind: "ServiceAccount", name, namespace: Some(namespace) }
        }
    });
    let role_kind = match &binding.role {
        RoleReference::ClusterRole(_) => "ClusterRole",
        RoleReference::Role(_) => "Role",
    };
    Manifest {
        api_version: VERSION,
        kind: if binding.namespace.is_none() { "ClusterRoleBinding" } else { "RoleBinding" },
        metadata: Metadata { name: &binding.name, namespace: binding.namespace.as_deref() },
        rules: None,
        role_ref: Some(Reference {
            api_group: Some(GROUP),
            kind: role_kind,
            name: binding.role.name(),
            namespace: None,
        }),
        subjects: subjects.collect(),
    }
}
