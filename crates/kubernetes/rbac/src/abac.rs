//! Policies of attributes (ABAC): a file of the API server (`--authorization-policy-file`) that allows what no role
//! shows. (Kubernetes, Using ABAC Authorization; `abac.authorization.kubernetes.io/v1beta1`)

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::request::{AUTHENTICATED, Identity, Request, Target};

const GROUP: &str = "abac.authorization.kubernetes.io/";

/// One line of the file. An empty field asks for an empty value, `*` for any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributePolicy {
    /// The name of the user. With a group, both must be met.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// One of the user's groups.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Whether only `get`, `list` and `watch` are allowed.
    pub readonly: bool,
    /// The API group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_group: String,
    /// The plural name of the resource, subresources included.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource: String,
    /// The namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// A path that is no resource; a `*` at its end stands for anything.
    #[serde(rename = "nonResourcePath", skip_serializing_if = "String::is_empty")]
    pub non_resource_path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    spec: Option<AttributePolicy>,
}

/// The policies of a file, each with its line, and what is wrong with other lines: the API server does not start
/// with them.
pub type AttributePolicies = (Vec<(u64, AttributePolicy)>, Vec<(u64, String)>);

/// Reads the lines of a policy file.
pub fn read_attribute_policies(text: &str) -> AttributePolicies {
    let (mut policies, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match read(line) {
            Ok(policy) => policies.push((number, policy)),
            Err(reason) => problems.push((number, reason)),
        }
    }
    (policies, problems)
}

fn read(line: &str) -> Result<AttributePolicy, String> {
    let read: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if read.api_version.is_empty() && read.kind.is_empty() {
        return serde_json::from_str(line).map(of_old).map_err(|error| error.to_string());
    }
    if read.kind != "Policy" || !read.api_version.starts_with(GROUP) {
        return Err(format!("{} {} is no policy of attributes", read.api_version, read.kind));
    }
    let mut policy = read.spec.ok_or("it has no `spec`")?;
    if policy.user == "*" || policy.group == "*" {
        // Not the anonymous user, who is in another group.
        policy.user.clear();
        AUTHENTICATED.clone_into(&mut policy.group);
    }
    Ok(policy)
}

/// A line without a version: what it leaves out stands for anything.
fn of_old(mut policy: AttributePolicy) -> AttributePolicy {
    let any = |field: &mut String| {
        if field.is_empty() {
            "*".clone_into(field);
        }
    };
    let is_anybody = policy.user == "*" || policy.group == "*";
    if is_anybody || (policy.user.is_empty() && policy.group.is_empty()) {
        policy.user.clear();
        AUTHENTICATED.clone_into(&mut policy.group);
    }
    if policy.namespace.is_empty() && policy.resource.is_empty() {
        "*".clone_into(&mut policy.non_resource_path);
    }
    any(&mut policy.namespace);
    any(&mut policy.resource);
    "*".clone_into(&mut policy.api_group);
    policy
}

impl AttributePolicy {
    /// Whether it allows somebody a request, as the API server decides it (`pkg/auth/authorizer/abac`).
    pub fn allows(&self, identity: &Identity, request: &Request) -> bool {
        let is_user = self.user.is_empty() || self.user == identity.user;
        let is_member = self.group.is_empty() || identity.groups.contains(&self.group);
        self.names_somebody() && is_user && is_member && self.covers(request)
    }

    /// Whether it allows a request to whom it names; one in no namespace is one in whichever.
    pub fn allows_somebody(&self, request: &Request) -> bool {
        let mut request = request.clone();
        if let Target::Resource(resource) = &mut request.target
            && resource.namespace.is_empty()
        {
            self.namespace.clone_into(&mut resource.namespace);
        }
        self.names_somebody() && self.covers(&request)
    }

    /// Nobody is not everybody.
    fn names_somebody(&self) -> bool {
        !self.user.is_empty() || !self.group.is_empty()
    }

    fn covers(&self, request: &Request) -> bool {
        let reads = ["get", "list", "watch"].contains(&request.verb.as_str());
        let is = |wanted: &str, value: &str| wanted == "*" || wanted == value;
        (reads || !self.readonly)
            && match &request.target {
                Target::Resource(target) => {
                    is(&self.namespace, &target.namespace)
                        && is(&self.resource, &target.resource)
                        && is(&self.api_group, &target.group)
                }
                Target::Url(path) => {
                    let wanted = &self.non_resource_path;
                    wanted == path
                        || (wanted.ends_with('*') && path.starts_with(wanted.trim_end_matches('*')))
                }
            }
    }
}

/// Whom it names: `user alice in group admins`.
impl fmt::Display for AttributePolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.user.as_str(), self.group.as_str()) {
            (user, "") => write!(formatter, "user {user}"),
            ("", group) => write!(formatter, "group {group}"),
            (user, group) => write!(formatter, "user {user} in group {group}"),
        }
    }
}
