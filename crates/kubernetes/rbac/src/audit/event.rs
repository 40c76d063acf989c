//! One document of an audit log (`audit.k8s.io/v1`, Event and `EventList`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::request::{Identity, Request, Resource, Target, service_account};

/// What one line says: somebody's requests that were allowed, in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who asked for what. Where somebody impersonated another, both stand here, each with what it
    /// asked for.
    pub requests: Vec<(Identity, Request)>,
    /// When it came, as it is written: RFC 3339.
    pub time: String,
}

/// Why a line is about no use of a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skipped {
    /// The request was not allowed.
    Denied,
    /// The request had just come: nobody had decided yet. Later lines have the decision.
    Undecided,
    /// It is no event of an audit log; the reason.
    Malformed(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    api_version: String,
    #[serde(default, rename = "requestURI")]
    request_uri: String,
    #[serde(default)]
    verb: String,
    user: Option<User>,
    impersonated_user: Option<User>,
    object_ref: Option<ObjectReference>,
    response_status: Option<Status>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    request_received_timestamp: String,
    /// Of a list.
    #[serde(default)]
    items: Vec<Self>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User {
    username: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ObjectReference {
    resource: String,
    namespace: String,
    name: String,
    api_group: String,
    subresource: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    code: u16,
}

/// Reads an event, or the events of a list, which is what webhooks are sent.
///
/// # Errors
/// For each that is about no use of a right, why.
pub fn read_events(document: &[u8]) -> Vec<Result<Event, Skipped>> {
    let line: Line = match serde_json::from_slice(document) {
        Ok(line) => line,
        Err(error) => return vec![Err(Skipped::Malformed(error.to_string()))],
    };
    let is_audit = line.api_version.starts_with("audit.k8s.io/");
    match line.kind.as_str() {
        // Those of a list are not called by their kind.
        "EventList" if is_audit => line.items.into_iter().map(event).collect(),
        "Event" if is_audit => vec![event(line)],
        _ => {
            let reason = "no Event or EventList of audit.k8s.io";
            vec![Err(Skipped::Malformed(reason.to_owned()))]
        }
    }
}

fn event(line: Line) -> Result<Event, Skipped> {
    let Some(user) = line.user.as_ref().filter(|_| !line.verb.is_empty()) else {
        let reason = "an Event without a user or a verb";
        return Err(Skipped::Malformed(reason.to_owned()));
    };
    let code = line.response_status.as_ref().map_or(0, |status| status.code);
    match (line.annotations.get("authorization.k8s.io/decision").map(String::as_str), code) {
        (Some("allow"), _) => {}
        (Some(_), _) | (None, 401 | 403) => return Err(Skipped::Denied),
        (None, 0) => return Err(Skipped::Undecided),
        // Lines of servers that do not annotate: what was answered was allowed.
        (None, _) => {}
    }
    let asked = asked(&line, code);
    let requests = match &line.impersonated_user {
        None => asked.into_iter().map(|request| (identity(user), request)).collect(),
        Some(other) => {
            let needed = impersonation(other).into_iter().map(|it| (identity(user), it));
            needed.chain(asked.into_iter().map(|it| (identity(other), it))).collect()
        }
    };
    Ok(Event { requests, time: line.request_received_timestamp })
}

fn identity(user: &User) -> Identity {
    let mut groups = user.groups.clone();
    groups.sort();
    groups.dedup();
    Identity { user: user.username.clone(), groups }
}

/// What was put before the authorisers.
fn asked(line: &Line, code: u16) -> Vec<Request> {
    let verb = line.verb.clone();
    let Some(object) = &line.object_ref else {
        let path = line.request_uri.split(['?', '#']).next().unwrap_or_default().to_owned();
        return vec![Request { verb, target: Target::Url(path) }];
    };
    let mut resource = Resource {
        group: object.api_group.clone(),
        resource: object.resource.clone(),
        subresource: object.subresource.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
    };
    // The log fills in the name of a new object; when it was asked for it had none.
    let is_nameless = match verb.as_str() {
        "create" => resource.subresource.is_empty(),
        "deletecollection" => true,
        _ => false,
    };
    if is_nameless {
        resource.name.clear();
    }
    let made = code == 201 && ["update", "patch"].contains(&verb.as_str());
    let mut requests = vec![Request { verb, target: Target::Resource(resource.clone()) }];
    if made {
        // An update of what was not there also had to be allowed to create it.
        let verb = "create".to_owned();
        requests.push(Request { verb, target: Target::Resource(resource) });
    }
    requests
}

/// What had to be allowed to act as somebody. Groups that the server adds by itself were not asked
/// for.
fn impersonation(other: &User) -> Vec<Request> {
    let request = |group: &str, resource: &str, subresource: &str, namespace: &str, name: &str| {
        let target = Target::Resource(Resource {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
        Request { verb: "impersonate".to_owned(), target }
    };
    let authentication = "authentication.k8s.io";
    let mut requests = vec![match service_account(&other.username) {
        Some((namespace, name)) => request("", "serviceaccounts", "", namespace, name),
        None => request("", "users", "", "", &other.username),
    }];
    let added = Identity::user(&other.username).groups;
    let asked = other.groups.iter().filter(|group| !added.contains(group));
    requests.extend(asked.map(|group| request("", "groups", "", "", group)));
    for (key, values) in &other.extra {
        let values = values.iter();
        requests.extend(values.map(|value| request(authentication, "userextras", key, "", value)));
    }
    if !other.uid.is_empty() {
        requests.push(request(authentication, "uids", "", "", &other.uid));
    }
    requests
}
