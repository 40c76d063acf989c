//! Who asks, and for what: what the API server puts before its authorisers
//! (`authorization.k8s.io/v1`, `SubjectAccessReview`).

use std::fmt;

use crate::policy::{Rule, Subject};

/// The group that the API server obeys before it asks anybody.
pub const MASTERS: &str = "system:masters";

pub(crate) const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const ANONYMOUS: &str = "system:anonymous";
const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// Who makes a request, as authentication found it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Identity {
    /// The name of the user.
    pub user: String,
    /// Every group, those that authentication adds included.
    pub groups: Vec<String>,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// `get`.
    pub verb: String,
    /// Of what.
    pub target: Target,
}

/// What a request is about. Empty texts are as the API has them: the core group, no subresource, all
/// namespaces or none, no name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource.
    Resource(Resource),
    /// The path of an address that is no resource.
    Url(String),
}

/// A resource, or a collection of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Resource {
    /// The API group.
    pub group: String,
    /// The plural name: `pods`.
    pub resource: String,
    /// `exec`.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// The name of the object.
    pub name: String,
}

impl Identity {
    /// Somebody with this name, whose further groups are unknown.
    pub fn user(name: &str) -> Self {
        if let Some((namespace, _)) = service_account(name) {
            let groups = [
                SERVICE_ACCOUNTS.to_owned(),
                format!("{SERVICE_ACCOUNTS}:{namespace}"),
                AUTHENTICATED.to_owned(),
            ];
            return Self { user: name.to_owned(), groups: groups.into() };
        }
        let group = if name == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
        Self { user: name.to_owned(), groups: vec![group.to_owned()] }
    }

    /// Somebody of whom just the subject of a binding is known.
    pub fn of(subject: &Subject) -> Self {
        match subject {
            Subject::User(name) => Self::user(name),
            Subject::Group(name) => Self { user: String::new(), groups: groups_of_member(name) },
            Subject::ServiceAccount { .. } => Self::user(&username(subject)),
        }
    }

    /// Whether a binding to this subject is one to it.
    pub(crate) fn is_named_by(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Group(name) => self.groups.contains(name),
            _ => self.user == username(subject),
        }
    }
}

/// The groups that a member of this one is known to be in.
fn groups_of_member(group: &str) -> Vec<String> {
    let mut groups = vec![group.to_owned()];
    if group.starts_with(&format!("{SERVICE_ACCOUNTS}:")) {
        groups.push(SERVICE_ACCOUNTS.to_owned());
    }
    if group != UNAUTHENTICATED && group != AUTHENTICATED {
        groups.push(AUTHENTICATED.to_owned());
    }
    groups
}

impl Resource {
    /// A resource as `kubectl` names it, group and subresource included: `deployments.apps/scale`.
    pub fn named(name: &str) -> Self {
        let (name, subresource) = name.split_once('/').unwrap_or((name, ""));
        let (resource, group) = name.split_once('.').unwrap_or((name, ""));
        Self {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            ..Self::default()
        }
    }
}

/// The namespace and the name in the user name of a service account.
pub(crate) fn service_account(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')
}

/// The name under which a user or a service account makes requests; empty for a group.
pub(crate) fn username(subject: &Subject) -> String {
    match subject {
        Subject::User(name) => name.clone(),
        Subject::Group(_) => String::new(),
        Subject::ServiceAccount { namespace, name } => {
            format!("{SERVICE_ACCOUNT}{namespace}:{name}")
        }
    }
}

impl Rule {
    /// Whether it allows a request, as the API server's own authoriser decides it
    /// (`pkg/apis/rbac/v1`, `evaluation_helpers`). Where the binding holds is not its matter.
    pub fn allows(&self, request: &Request) -> bool {
        match &request.target {
            Target::Resource(target) => {
                self.covers(&request.verb, target)
                    && (self.resource_names.is_empty()
                        || self.resource_names.contains(&target.name))
            }
            Target::Url(path) => {
                has(&self.verbs, &request.verb)
                    && self.non_resource_urls.iter().any(|url| covers_url(url, path))
            }
        }
    }

    /// Whether it allows a verb on a resource of some name.
    pub(crate) fn covers(&self, verb: &str, target: &Resource) -> bool {
        has(&self.verbs, verb)
            && has(&self.api_groups, &target.group)
            && self.resources.iter().any(|resource| covers(resource, target))
    }
}

fn has(list: &[String], value: &str) -> bool {
    list.iter().any(|listed| listed == "*" || listed == value)
}

fn covers(listed: &str, target: &Resource) -> bool {
    if listed == "*" {
        return true;
    }
    if target.subresource.is_empty() {
        return listed == target.resource;
    }
    listed.split_once('/').is_some_and(|(resource, subresource)| {
        subresource == target.subresource && (resource == "*" || resource == target.resource)
    })
}

fn covers_url(listed: &str, path: &str) -> bool {
    listed == "*"
        || listed == path
        || (listed.ends_with('*') && path.starts_with(listed.trim_end_matches('*')))
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.verb)?;
        match &self.target {
            Target::Url(path) => write!(formatter, "{path}"),
            Target::Resource(target) => write!(formatter, "{target}"),
        }
    }
}

/// `pods/exec/NAME in NAMESPACE`, with the group as `kubectl` writes it: `deployments.apps`.
impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.resource)?;
        if !self.group.is_empty() {
            write!(formatter, ".{}", self.group)?;
        }
        if !self.subresource.is_empty() {
            write!(formatter, "/{}", self.subresource)?;
        }
        if !self.name.is_empty() {
            write!(formatter, " {}", self.name)?;
        }
        if !self.namespace.is_empty() {
            write!(formatter, " in {}", self.namespace)?;
        }
        Ok(())
    }
}
