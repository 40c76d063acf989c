//! Roles and bindings as the API has them (`rbac.authorization.k8s.io/v1`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A Role, or a `ClusterRole` where it lies in no namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// None for a `ClusterRole`.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// What aggregation selects it by.
    pub labels: BTreeMap<String, String>,
    /// What it allows.
    pub rules: Vec<Rule>,
    /// A `ClusterRole` with selectors gets the rules of the `ClusterRole`s that any of them selects.
    pub aggregation: Option<Vec<Selector>>,
}

/// What is allowed: verbs on resources, or verbs on addresses that are no resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// `get`, or `*`.
    pub verbs: Vec<String>,
    /// Empty for the core group; `*` for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// `pods`, `pods/log`, `*/scale`, or `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Any where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// `/healthz`, `/apis/*`, or `*`.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// A label selector (`meta/v1`): all of it must hold; an empty one holds for everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// Labels with exactly these values.
    pub labels: BTreeMap<String, String>,
    /// Further conditions.
    pub expressions: Vec<Expression>,
}

/// One condition of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The label.
    pub key: String,
    /// What must hold of it.
    pub operator: Operator,
    /// Values of `In` and `NotIn`.
    pub values: Vec<String>,
}

/// What must hold of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// It is there with one of the values.
    In,
    /// It is absent, or has another value.
    NotIn,
    /// It is there.
    Exists,
    /// It is absent.
    DoesNotExist,
}

/// A `RoleBinding`, or a `ClusterRoleBinding` where it lies in no namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// None for a `ClusterRoleBinding`.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Which role it grants.
    pub role: RoleReference,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// Whether the API server made it at its first start and mends it at each.
    pub is_built_in: bool,
}

/// Which role a binding grants. It may be absent: the binding is then without effect until somebody
/// makes the role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleReference {
    /// A `ClusterRole`.
    ClusterRole(String),
    /// A Role in the namespace of the binding.
    Role(String),
}

/// To whom a binding grants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A user by name.
    User(String),
    /// Every member of a group.
    Group(String),
    /// A service account.
    ServiceAccount {
        /// The namespace it lies in.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl Selector {
    /// Whether it holds for an object with these labels.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.expressions.iter().all(|expression| expression.holds(labels))
    }
}

impl Expression {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            Operator::In => listed,
            Operator::NotIn => !listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

impl RoleReference {
    /// The name of the role.
    pub fn name(&self) -> &str {
        match self {
            Self::ClusterRole(name) | Self::Role(name) => name,
        }
    }
}

impl fmt::Display for RoleReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterRole(name) => write!(formatter, "ClusterRole {name}"),
            Self::Role(name) => write!(formatter, "Role {name}"),
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            None => write!(formatter, "ClusterRoleBinding {}", self.name),
            Some(namespace) => write!(formatter, "RoleBinding {namespace}/{}", self.name),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(formatter, "user {name}"),
            Self::Group(name) => write!(formatter, "group {name}"),
            Self::ServiceAccount { namespace, name } => {
                write!(formatter, "service account {namespace}/{name}")
            }
        }
    }
}

/// As one would write it: `get, list pods, services`.
impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.verbs.join(", "))?;
        if !self.non_resource_urls.is_empty() {
            return write!(formatter, " {}", self.non_resource_urls.join(", "));
        }
        write!(formatter, " {}", self.resources.join(", "))?;
        let groups: Vec<&str> =
            self.api_groups.iter().map(String::as_str).filter(|group| !group.is_empty()).collect();
        if !groups.is_empty() {
            write!(formatter, " of {}", groups.join(", "))?;
        }
        if !self.resource_names.is_empty() {
            write!(formatter, " named {}", self.resource_names.join(", "))?;
        }
        Ok(())
    }
}
