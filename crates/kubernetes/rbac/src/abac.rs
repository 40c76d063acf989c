//! Policies of attributes (ABAC): a file of the API server (`--authorization-policy-file`) that allows what no role
//! shows. (Kubernetes, Using ABAC Authorization; `abac.authorization.kubernetes.io/v1beta1`)

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::request::{AUTHENTICATED, Identity, Request, Target};

const BETA: &str = "abac.authorization.kubernetes.io/v1beta1";
const OLD: &str = "abac.authorization.kubernetes.io/v0";

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

/// What a line says of itself.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Line {
    api_version: String,
    kind: String,
    spec: AttributePolicy,
}

/// The policies of a file, each with its line, and what is wrong with other lines: the API server does not start
/// with them.
pub type AttributePolicies = (Vec<(u64, AttributePolicy)>, Vec<(u64, String)>);

/// Reads the lines of a policy file.
pub fn read_attribute_policies(file: &[u8]) -> AttributePolicies {
    let (mut policies, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(file.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        match read(line) {
            Ok(policy) => policies.push((number, policy)),
            Err(reason) => problems.push((number, reason)),
        }
    }
    (policies, problems)
}

fn read(line: &[u8]) -> Result<AttributePolicy, String> {
    // Of a key that is there twice the last counts, and `null` is nothing said.
    let value: Option<Map<String, Value>> = typed(serde_json::from_slice(line))?;
    let value = Value::Object(value.unwrap_or_default());
    let said: Line = typed(serde_json::from_value(value.clone()))?;
    match (said.api_version.as_str(), said.kind.as_str()) {
        // Without a version, whatever its kind.
        ("", _) | (OLD, "Policy") => typed(serde_json::from_value(value)).map(of_old),
        (BETA, "Policy") => Ok(said.spec.of_everybody()),
        (version, kind) => Err(format!("{kind:?} of {version:?} is no Policy of {BETA}")),
    }
}

fn typed<T>(read: serde_json::Result<T>) -> Result<T, String> {
    read.map_err(|error| error.to_string())
}

/// A line without a version: what it leaves out stands for anything.
fn of_old(mut policy: AttributePolicy) -> AttributePolicy {
    let any = |field: &mut String| {
        if field.is_empty() {
            "*".clone_into(field);
        }
    };
    if policy.user.is_empty() && policy.group.is_empty() {
        any(&mut policy.user);
    }
    if policy.namespace.is_empty() && policy.resource.is_empty() {
        "*".clone_into(&mut policy.non_resource_path);
    }
    any(&mut policy.namespace);
    any(&mut policy.resource);
    "*".clone_into(&mut policy.api_group);
    policy.of_everybody()
}

impl AttributePolicy {
    /// Everybody are those who were authenticated: not the anonymous user.
    fn of_everybody(mut self) -> Self {
        if self.user == "*" || self.group == "*" {
            self.user.clear();
            AUTHENTICATED.clone_into(&mut self.group);
        }
        self
    }

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

    /// What it is about, for people: `everywhere`, `in shop`, `/version*`.
    pub fn scope(&self, request: &Request) -> String {
        match (&request.target, self.namespace.as_str()) {
            (Target::Url(_), _) => self.non_resource_path.clone(),
            (_, "*") => "everywhere".to_owned(),
            (_, "") => "outside of namespaces".to_owned(),
            (_, namespace) => format!("in {namespace}"),
        }
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
