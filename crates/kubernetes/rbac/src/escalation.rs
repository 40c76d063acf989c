//! What rights lead to, as `content/escalations.yaml` has it.

use serde::Deserialize;

use crate::error::RbacError;
use crate::request::Resource;

/// One step: who holds what it needs becomes what it gives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// A name for machines.
    pub id: String,
    /// What somebody does: `creates a token of a service account`.
    pub title: String,
    /// Why that leads there.
    pub why: String,
    /// Where its needs must be held.
    pub scope: Scope,
    /// Whether Pod Security admission refuses its Pods at every level but `privileged`.
    #[serde(default)]
    pub privileged: bool,
    /// All of them.
    pub needs: Vec<Need>,
    /// What it leads to.
    pub gives: Gives,
}

/// Where the needs of a step must be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// By a `ClusterRoleBinding`: its objects lie in no namespace.
    Cluster,
    /// In one namespace, or by a `ClusterRoleBinding` in all of them.
    Namespace,
}

/// A right: any of these verbs on any of these resources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Verbs.
    pub verbs: Vec<String>,
    /// `RESOURCE.GROUP/SUBRESOURCE`.
    #[serde(deserialize_with = "resources")]
    pub resources: Vec<Resource>,
    /// On which object.
    pub on: On,
    /// Where it must be held, if elsewhere than the other needs.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// The names of [`On::Named`].
    #[serde(default)]
    pub names: Vec<String>,
}

/// Which object a right must be held on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// The one that the step gives.
    Target,
    /// One without a name yet, or all of them: rules with names do not count.
    New,
    /// Whichever.
    Any,
    /// A binding that grants the role which the step gives.
    Binding,
    /// One of the names that the need lists.
    Named,
}

/// What a step leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// The whole cluster.
    Everything,
    /// A service account.
    Account,
    /// Every service account of the namespace.
    Accounts,
    /// A user.
    User,
    /// A group.
    Group,
    /// Every user, group and service account but `system:masters`.
    Anybody,
    /// The service account of a Pod.
    Pod,
    /// The service account whose token a Secret holds.
    TokenSecret,
    /// The service accounts of the Pods on a node.
    Node,
    /// The service accounts of the Pods on every node.
    Nodes,
    /// The rights of a `ClusterRole`.
    ClusterRole,
    /// The rights of a Role.
    Role,
    /// Every right where a `ClusterRole` is held.
    OwnClusterRole,
    /// Every right where a Role is held.
    OwnRole,
    /// Every right where an aggregated `ClusterRole` is held.
    OwnAggregatedRole,
    /// Every right where a `ClusterRole` is bound that is absent.
    OwnMissingClusterRole,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    escalations: Vec<Escalation>,
}

/// The steps that are built in.
///
/// # Errors
/// Where the built-in file is not as its schema has it.
pub fn escalations() -> Result<Vec<Escalation>, RbacError> {
    let text = include_str!("../../../../content/escalations.yaml");
    let file: File =
        serde_saphyr::from_str(text).map_err(|error| RbacError::Content(error.to_string()))?;
    Ok(file.escalations)
}

fn resources<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Vec<Resource>, D::Error> {
    let names: Vec<String> = Vec::deserialize(source)?;
    Ok(names.iter().map(|name| Resource::named(name)).collect())
}
