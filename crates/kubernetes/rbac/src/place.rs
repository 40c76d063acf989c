//! What rights lead to.

use crate::graph::Graph;
use crate::policy::Subject;

/// Somebody, or something, that rights lead to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Every right there is; in [`Where::Cluster`] the whole cluster.
    Everything(Where),
    /// A user, a group, a service account.
    Subject(Subject),
    /// The rights of a role that somebody binds to itself: where it stands in [`Graph::roles`].
    Role(usize, Where),
    /// Whichever `ClusterRole`.
    AnyClusterRole(Where),
    /// Whichever Role.
    AnyRole(Where),
    /// Every service account.
    Accounts(Where),
    /// The tokens in Pods.
    Pods(Where),
    /// The tokens in Secrets.
    Tokens(Where),
    /// The tokens in the Pods of a node.
    Node(String),
    /// Every user.
    Users,
    /// Every user, every service account, and every group but `system:masters`.
    Anybody,
}

/// Where rights hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// Everywhere, on what lies in no namespace, too.
    Cluster,
    /// In every namespace, but not on what lies in none.
    EachNamespace,
    /// In one namespace.
    Namespace(String),
}

impl Where {
    /// Where a binding grants: in its namespace, or in the cluster.
    pub(crate) fn of(namespace: Option<&str>) -> Self {
        namespace.map_or(Self::Cluster, |name| Self::Namespace(name.to_owned()))
    }

    /// The one namespace.
    pub(crate) fn namespace(&self) -> Option<&str> {
        match self {
            Self::Namespace(name) => Some(name),
            Self::Cluster | Self::EachNamespace => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Cluster => "in the cluster".to_owned(),
            Self::EachNamespace => "in every namespace".to_owned(),
            Self::Namespace(name) => format!("in namespace {name}"),
        }
    }
}

impl Place {
    /// For people: `service account shop/web`.
    pub fn describe(&self, graph: &Graph) -> String {
        let (what, place) = match self {
            Self::Subject(subject) => return subject.to_string(),
            Self::Node(name) => return format!("the tokens of every Pod on node {name}"),
            Self::Users => return "every user".to_owned(),
            Self::Anybody => return "everybody but members of system:masters".to_owned(),
            Self::Role(role, place) => (role_name(graph, *role), place),
            Self::Everything(place) => ("every right".to_owned(), place),
            Self::AnyClusterRole(place) => ("every ClusterRole".to_owned(), place),
            Self::AnyRole(place) => ("every Role".to_owned(), place),
            Self::Accounts(place) => ("every service account".to_owned(), place),
            Self::Pods(place) => ("the tokens of every Pod".to_owned(), place),
            Self::Tokens(place) => ("the tokens in Secrets".to_owned(), place),
        };
        format!("{what} {}", place.describe())
    }
}

fn role_name(graph: &Graph, role: usize) -> String {
    let Some(role) = graph.roles().get(role) else { return String::new() };
    let kind = if role.namespace.is_some() { "Role" } else { "ClusterRole" };
    format!("{kind} {}", role.name)
}
