//! Random roles, bindings and questions from a small world, so that they meet.

use std::collections::BTreeMap;

use bulkhead_rbac::{
    Binding, Expression, Graph, Identity, MASTERS, Operator, Request, Resource, Role,
    RoleReference, Rule, Selector, Subject, Target,
};
use serde_json::json;

pub(crate) const NAMESPACES: [&str; 3] = ["red", "green", "blue"];
const USERS: [&str; 4] = ["ann", "bob", "system:serviceaccount:red:robot", "cy"];
const ACCOUNTS: [&str; 3] = ["default", "robot", "builder"];
const GROUPS: [&str; 6] = [
    "devs",
    "ops",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:green",
];
const VERBS: [&str; 8] =
    ["get", "list", "create", "delete", "update", "bind", "impersonate", "use"];
const API_GROUPS: [&str; 4] = ["", "apps", "batch", "rbac.authorization.k8s.io"];
const RESOURCES: [&str; 5] = ["pods", "secrets", "deployments", "jobs", "roles"];
const SUBRESOURCES: [&str; 4] = ["scale", "exec", "log", "status"];
const NAMES: [&str; 3] = ["one", "two", "three"];
const PATHS: [&str; 6] =
    ["/healthz", "/healthz/etcd", "/apis", "/apis/apps", "/metrics", "/logs/a"];
const URLS: [&str; 6] = ["/healthz", "/healthz/*", "/apis*", "/metrics", "*", "/logs/*"];

/// A source of random things: xorshift, the same for the same seed.
pub(crate) struct Maker(u64);

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Roles and bindings: aggregated, dangling, of every kind.
    pub(crate) fn policy(&mut self) -> (Vec<Role>, Vec<Binding>) {
        let mut roles = Vec::new();
        for index in 0..60 {
            let namespace = self.one_in(2).then(|| self.pick(&NAMESPACES).to_owned());
            let is_cluster = namespace.is_none();
            let count = 1 + self.below(3);
            let rules = (0..count).map(|_| self.rule(is_cluster)).collect();
            let mut labels = BTreeMap::new();
            if is_cluster && self.one_in(2) {
                labels.insert("tier".to_owned(), self.pick(&["a", "b", "c"]).to_owned());
            }
            let name = format!("role-{index}");
            roles.push(Role { namespace, name, labels, rules, aggregation: None });
        }
        for (index, selectors) in aggregations().into_iter().enumerate() {
            // The last ones are aggregated by others in turn.
            let labels = [("chain".to_owned(), format!("{index}"))].into();
            let name = format!("sum-{index}");
            let aggregation = Some(selectors);
            roles.push(Role { namespace: None, name, labels, rules: Vec::new(), aggregation });
        }
        let bindings = (0..70).map(|index| self.binding(index, &roles)).collect();
        (roles, bindings)
    }

    /// Lines of a policy file of ABAC, of both versions.
    pub(crate) fn attributes(&mut self, count: usize) -> String {
        let mut lines = String::new();
        for _ in 0..count {
            let mut policy = json!({ "readonly": self.one_in(2) });
            let mut set = |field: &str, value: &str| policy[field] = value.into();
            if self.one_in(2) {
                set("user", self.pick(&USERS));
            }
            if self.one_in(2) {
                set("group", if self.one_in(4) { "*" } else { self.pick(&GROUPS) });
            }
            if self.one_in(4) {
                set("nonResourcePath", self.pick(&URLS));
            } else {
                let mut or_all = |all| if self.one_in(3) { "*" } else { self.pick(all) };
                set("namespace", or_all(&NAMESPACES));
                set("resource", or_all(&RESOURCES));
                set("apiGroup", or_all(&API_GROUPS));
            }
            let version = "abac.authorization.kubernetes.io/v1beta1";
            let is_old = self.one_in(4);
            let new = || json!({ "apiVersion": version, "kind": "Policy", "spec": policy });
            let line = if is_old { policy.clone() } else { new() };
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        lines
    }

    /// Half of them near what somebody may do, so that many are allowed.
    pub(crate) fn questions(&mut self, graph: &Graph, count: usize) -> Vec<(Identity, Request)> {
        (0..count)
            .map(|_| if self.one_in(3) { self.question() } else { self.near(graph) })
            .collect()
    }

    fn rule(&mut self, is_cluster: bool) -> Rule {
        if is_cluster && self.one_in(4) {
            let urls = self.some(&URLS, 2);
            return Rule {
                verbs: self.some_or_all(&["get", "post", "head"]),
                non_resource_urls: urls,
                ..Rule::default()
            };
        }
        let mut resources = self.some_or_all(&RESOURCES);
        if self.one_in(3) {
            let subresource = self.pick(&SUBRESOURCES);
            let resource = if self.one_in(2) { "*" } else { self.pick(&RESOURCES) };
            resources.push(format!("{resource}/{subresource}"));
        }
        let names = if self.one_in(4) { self.some(&NAMES, 2) } else { Vec::new() };
        Rule {
            verbs: self.some_or_all(&VERBS),
            api_groups: self.some_or_all(&API_GROUPS),
            resources,
            resource_names: names,
            non_resource_urls: Vec::new(),
        }
    }

    fn binding(&mut self, index: usize, roles: &[Role]) -> Binding {
        let role = &roles[self.below(roles.len())];
        let namespace = match &role.namespace {
            Some(namespace) => Some(namespace.clone()),
            None => self.one_in(2).then(|| self.pick(&NAMESPACES).to_owned()),
        };
        let is_dangling = self.one_in(8);
        let name = if is_dangling { "absent".to_owned() } else { role.name.clone() };
        let role = if role.namespace.is_some() {
            RoleReference::Role(name)
        } else {
            RoleReference::ClusterRole(name)
        };
        let count = 1 + self.below(2);
        let subjects = (0..count).map(|_| self.subject()).collect();
        Binding { namespace, name: format!("binding-{index}"), role, subjects, is_built_in: false }
    }

    fn subject(&mut self) -> Subject {
        match self.below(3) {
            0 => Subject::User(self.pick(&USERS).to_owned()),
            1 => Subject::Group(self.pick(&GROUPS).to_owned()),
            _ => Subject::ServiceAccount {
                namespace: self.pick(&NAMESPACES).to_owned(),
                name: self.pick(&ACCOUNTS).to_owned(),
            },
        }
    }

    fn identity(&mut self) -> Identity {
        if self.one_in(40) {
            return Identity { user: "root".to_owned(), groups: vec![MASTERS.to_owned()] };
        }
        let mut identity = Identity::of(&self.subject());
        if self.one_in(3) {
            identity.groups.push(self.pick(&GROUPS).to_owned());
        }
        identity
    }

    fn question(&mut self) -> (Identity, Request) {
        let identity = self.identity();
        if self.one_in(6) {
            let verb = self.pick(&["get", "post", "delete"]).to_owned();
            let path = self.pick(&PATHS).to_owned();
            return (identity, Request { verb, target: Target::Url(path) });
        }
        let subresource = if self.one_in(3) { self.pick(&SUBRESOURCES) } else { "" };
        let namespace = if self.one_in(4) { "" } else { self.pick(&NAMESPACES) };
        let name = if self.one_in(2) { self.pick(&NAMES) } else { "" };
        let target = Resource {
            group: self.pick(&API_GROUPS).to_owned(),
            resource: self.pick(&RESOURCES).to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        (identity, Request { verb: self.pick(&VERBS).to_owned(), target: Target::Resource(target) })
    }

    /// A question that a rule of a binding answers, but for what is then changed at random.
    fn near(&mut self, graph: &Graph) -> (Identity, Request) {
        let binding = &graph.bindings()[self.below(graph.bindings().len())];
        let role = graph.roles().iter().find(|role| role.name == binding.role.name());
        let rule = role.and_then(|role| {
            (!role.rules.is_empty()).then(|| role.rules[self.below(role.rules.len())].clone())
        });
        let (mut identity, mut request) = self.question();
        let Some(rule) = rule else { return (identity, request) };
        if !self.one_in(6) && !binding.subjects.is_empty() {
            let subject = &binding.subjects[self.below(binding.subjects.len())];
            identity = Identity::of(subject);
        }
        let concrete = |listed: &str, other: &str| {
            if listed == "*" { other.to_owned() } else { listed.to_owned() }
        };
        if !self.one_in(6) {
            request.verb = concrete(&rule.verbs[self.below(rule.verbs.len())], "get");
        }
        if !rule.non_resource_urls.is_empty() {
            let url = &rule.non_resource_urls[self.below(rule.non_resource_urls.len())];
            let path = format!("{}{}", url.trim_end_matches('*'), self.pick(&["", "a", "/b"]));
            let path = if path.starts_with('/') { path } else { format!("/{path}") };
            request.target = Target::Url(path);
            return (identity, request);
        }
        let listed = rule.resources[self.below(rule.resources.len())].clone();
        let (resource, subresource) = listed.split_once('/').unwrap_or((&listed, ""));
        let mut target = Resource {
            group: concrete(&rule.api_groups[self.below(rule.api_groups.len())], "apps"),
            resource: concrete(resource, self.pick(&RESOURCES)),
            subresource: subresource.to_owned(),
            namespace: binding
                .namespace
                .clone()
                .unwrap_or_else(|| self.pick(&NAMESPACES).to_owned()),
            name: rule.resource_names.first().cloned().unwrap_or_default(),
        };
        match self.below(12) {
            0 => self.pick(&NAMESPACES).clone_into(&mut target.namespace),
            1 => target.namespace = String::new(),
            2 => self.pick(&NAMES).clone_into(&mut target.name),
            3 => self.pick(&SUBRESOURCES).clone_into(&mut target.subresource),
            4 => self.pick(&API_GROUPS).clone_into(&mut target.group),
            _ => {}
        }
        request.target = Target::Resource(target);
        (identity, request)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn some(&mut self, list: &[&str], most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        (0..count).map(|_| self.pick(list).to_owned()).collect()
    }

    fn some_or_all(&mut self, list: &[&str]) -> Vec<String> {
        if self.one_in(8) { vec!["*".to_owned()] } else { self.some(list, 3) }
    }
}

/// How many of the questions are about each thing that the API server treats in a way of its own.
pub(crate) fn kinds(questions: &[(Identity, Request)]) -> Vec<(&'static str, usize)> {
    let count = |name, holds: fn(&Identity, &Request) -> bool| {
        (name, questions.iter().filter(|(identity, request)| holds(identity, request)).count())
    };
    vec![
        count("masters", |identity, _| identity.groups.iter().any(|group| group == MASTERS)),
        count("service accounts", |identity, _| identity.user.starts_with("system:service")),
        count(
            "scale",
            |_, request| matches!(&request.target, Target::Resource(it) if it.subresource == "scale"),
        ),
        count(
            "names",
            |_, request| matches!(&request.target, Target::Resource(it) if !it.name.is_empty()),
        ),
        count(
            "cluster",
            |_, request| matches!(&request.target, Target::Resource(it) if it.namespace.is_empty()),
        ),
        count("addresses", |_, request| matches!(request.target, Target::Url(_))),
    ]
}

/// Selectors by every operator, and of roles that are aggregated themselves.
fn aggregations() -> Vec<Vec<Selector>> {
    let label = |key: &str, value: &str| Selector {
        labels: [(key.to_owned(), value.to_owned())].into(),
        expressions: Vec::new(),
    };
    let expression = |operator, values: &[&str]| Selector {
        labels: BTreeMap::new(),
        expressions: vec![Expression {
            key: "tier".to_owned(),
            operator,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }],
    };
    // Roles of the server itself have no such label: what selects by absence must ask for another.
    let absent = |key: &str| Expression {
        key: key.to_owned(),
        operator: Operator::DoesNotExist,
        values: Vec::new(),
    };
    let mut without = expression(Operator::NotIn, &["a", "b"]);
    without.expressions.push(Expression {
        key: "tier".to_owned(),
        operator: Operator::Exists,
        values: Vec::new(),
    });
    let mut two = label("tier", "b");
    two.expressions.push(absent("chain"));
    vec![
        vec![label("tier", "a")],
        vec![expression(Operator::In, &["b", "c"])],
        vec![without],
        vec![label("chain", "0"), two],
        vec![label("chain", "3"), label("chain", "2")],
        vec![label("tier", "nothing")],
    ]
}
