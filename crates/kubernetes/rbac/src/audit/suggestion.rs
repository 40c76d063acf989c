//! The least that somebody needs, from what was used.

use std::collections::{BTreeMap, BTreeSet};

use super::uses::Uses;
use crate::graph::Graph;
use crate::policy::{Binding, Role, RoleReference, Rule, Subject};
use crate::request::{Identity, MASTERS, Request, Target, service_account};
use crate::source::Source;

/// Names that a rule lists before it stops telling objects apart.
const NAMES: usize = 5;

/// Objects whose names controllers invent: rules by name would hold until the next one only.
const INVENTED: [&str; 8] = [
    "certificatesigningrequests",
    "controllerrevisions",
    "endpointslices",
    "events",
    "jobs",
    "pods",
    "replicasets",
    "workloads",
];

/// Roles and bindings in the place of those that somebody has.
#[derive(Debug, Default)]
pub struct Suggestion {
    /// New roles.
    pub roles: Vec<Role>,
    /// New bindings, one for each role.
    pub bindings: Vec<Binding>,
    /// Who is left out, and why.
    pub left_out: BTreeMap<String, &'static str>,
    /// Whoever writes roles or bindings: the API server compares these with what their writer holds,
    /// which no log shows.
    pub writers_of_roles: BTreeSet<String>,
}

/// A log held against a suggestion.
#[derive(Debug, Default)]
pub struct Replay {
    /// Requests of those for whom there is a suggestion.
    pub requests: u64,
    /// Those that would be denied.
    pub denied: Vec<(Identity, Request)>,
}

impl Suggestion {
    /// Roles that allow what each user and service account did, apart from what it may do as a member
    /// of a group: such bindings stay.
    pub fn new(graph: &Graph, uses: &Uses) -> Self {
        let mut suggestion = Self::default();
        // What remains where nothing is suggested: bindings to groups.
        let kept = suggestion.graph(graph);
        let mut users: BTreeMap<&str, BTreeSet<&Request>> = BTreeMap::new();
        for (identity, requests) in &uses.allowed {
            if let Some(reason) = left_out(graph, identity) {
                suggestion.left_out.insert(identity.user.clone(), reason);
                continue;
            }
            let own = users.entry(&identity.user).or_default();
            own.extend(requests.keys().filter(|request| kept.allowed(identity, request).is_none()));
            if requests.keys().any(writes_roles) {
                suggestion.writers_of_roles.insert(identity.user.clone());
            }
        }
        let mut names = BTreeSet::new();
        for (user, requests) in users {
            let name = name_for(user, &mut names);
            suggestion.add(user, &name, &requests);
        }
        suggestion
    }

    /// The rights after the exchange: bindings to groups, and those that are suggested.
    pub fn graph(&self, graph: &Graph) -> Graph {
        let bindings = groups_only(graph).chain(self.bindings.iter().cloned()).collect();
        let roles = graph.roles().iter().chain(&self.roles).cloned().collect();
        Graph::new(roles, bindings, Source::Server)
    }

    fn add(&mut self, user: &str, name: &str, requests: &BTreeSet<&Request>) {
        let subject = match service_account(user) {
            Some((namespace, name)) => {
                Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
            }
            None => Subject::User(user.to_owned()),
        };
        let mut places: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
        for request in requests {
            let place = match &request.target {
                Target::Resource(resource) => resource.namespace.as_str(),
                Target::Url(_) => "",
            };
            places.entry(place).or_default().push(request);
        }
        for (place, requests) in places {
            let namespace = (!place.is_empty()).then(|| place.to_owned());
            let name = name.to_owned();
            let rules = rules(&requests);
            let role = if namespace.is_some() {
                RoleReference::Role(name.clone())
            } else {
                RoleReference::ClusterRole(name.clone())
            };
            self.roles.push(Role {
                namespace: namespace.clone(),
                name: name.clone(),
                rules,
                ..Role::default()
            });
            let subjects = vec![subject.clone()];
            self.bindings.push(Binding { namespace, name, role, subjects, is_built_in: false });
        }
    }
}

impl Replay {
    /// Holds every request of a log against the rights after the exchange; `graph` has those before it. Requests
    /// that are alike get one answer, and are counted each.
    pub fn new(suggestion: &Suggestion, graph: &Graph, uses: &Uses) -> Self {
        let after = suggestion.graph(graph);
        let mut replay = Self::default();
        for (identity, requests) in &uses.allowed {
            if suggestion.left_out.contains_key(&identity.user) {
                continue;
            }
            for (request, used) in requests {
                replay.requests = replay.requests.saturating_add(used.lines);
                if after.allowed(identity, request).is_none() {
                    replay.denied.push((identity.clone(), request.clone()));
                }
            }
        }
        replay
    }
}

/// A name for the roles of somebody that nobody else's have.
fn name_for(user: &str, taken: &mut BTreeSet<String>) -> String {
    // What no name of an object may hold (`apimachinery`, `path.IsValidPathSegmentName`).
    let base = format!("least:{}", user.replace(['/', '%'], "-"));
    let others = (2..).map(|number: u64| format!("{base}:{number}"));
    let name = std::iter::once(base.clone()).chain(others).find(|name| !taken.contains(name));
    let name = name.unwrap_or(base);
    taken.insert(name.clone());
    name
}

/// Bindings to groups, without their other subjects.
fn groups_only(graph: &Graph) -> impl Iterator<Item = Binding> {
    graph.bindings().iter().filter_map(|binding| {
        let groups = binding.subjects.iter().filter(|it| matches!(it, Subject::Group(_)));
        let subjects: Vec<Subject> = groups.cloned().collect();
        (!subjects.is_empty()).then(|| Binding { subjects, ..binding.clone() })
    })
}

/// Why somebody gets no suggestion.
fn left_out(graph: &Graph, identity: &Identity) -> Option<&'static str> {
    if identity.groups.iter().any(|group| group == MASTERS) {
        return Some("a member of system:masters, whom no role restricts");
    }
    if identity.user.starts_with("system:") && service_account(&identity.user).is_none() {
        return Some("a name of Kubernetes' own");
    }
    let mut own = graph.bindings_to(identity).peekable();
    let is_built_in = own.peek().is_some() && own.all(|binding| binding.is_built_in);
    is_built_in.then_some("a controller of Kubernetes, with the role that it is delivered with")
}

fn writes_roles(request: &Request) -> bool {
    let Target::Resource(resource) = &request.target else { return false };
    resource.group == "rbac.authorization.k8s.io"
        && ["create", "update", "patch"].contains(&request.verb.as_str())
}

/// Sorted, each once.
type Texts<'a> = BTreeSet<&'a str>;

/// The fewest rules that allow just these requests, but for names that are invented or many.
fn rules(requests: &[&Request]) -> Vec<Rule> {
    let mut urls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    // By group and resource: the names that each verb was used on.
    let mut resources: BTreeMap<(&str, String), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for request in requests {
        match &request.target {
            Target::Url(path) => {
                urls.entry(&request.verb).or_default().insert(path);
            }
            Target::Resource(target) => {
                let resource = if target.subresource.is_empty() {
                    target.resource.clone()
                } else {
                    format!("{}/{}", target.resource, target.subresource)
                };
                let verbs = resources.entry((&target.group, resource)).or_default();
                verbs.entry(&request.verb).or_default().insert(&target.name);
            }
        }
    }
    // Resources of a group with the same verbs on the same names share a rule.
    let mut shared: BTreeMap<(&str, Texts<'_>, Texts<'_>), Vec<String>> = BTreeMap::new();
    for ((group, resource), verbs) in resources {
        let plural = resource.split('/').next().unwrap_or_default();
        let mut by_names: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
        for (verb, names) in verbs {
            let is_listed =
                names.len() <= NAMES && !names.contains("") && !INVENTED.contains(&plural);
            let names = if is_listed { names } else { BTreeSet::new() };
            by_names.entry(names).or_default().insert(verb);
        }
        for (names, verbs) in by_names {
            shared.entry((group, verbs, names)).or_default().push(resource.clone());
        }
    }
    let mut by_paths: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (verb, paths) in urls {
        by_paths.entry(paths).or_default().push(verb.to_owned());
    }
    let resources = shared.into_iter().map(|((group, verbs, names), resources)| Rule {
        verbs: owned(&verbs),
        api_groups: vec![group.to_owned()],
        resources,
        resource_names: owned(&names),
        non_resource_urls: Vec::new(),
    });
    let urls = by_paths.into_iter().map(|(paths, verbs)| Rule {
        verbs,
        non_resource_urls: owned(&paths),
        ..Rule::default()
    });
    resources.chain(urls).collect()
}

fn owned(texts: &BTreeSet<&str>) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
