//! Objects to roles, bindings and what they lead to.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_objects::{
    Binding as BindingBody, Body, LabelSelector, Labels, Name, Object, PodSpec, Role as RoleBody,
    VolumeSource, Workload, WorkloadKind,
};

use crate::policy::{Binding, Expression, Operator, Role, RoleReference, Rule, Selector, Subject};

/// Where objects come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From an API server: aggregated `ClusterRole`s hold the rules that its controller wrote into them,
    /// and the Pods are those that run.
    Server,
    /// From files: nobody has aggregated anything yet, and a workload stands for its Pods.
    Files,
}

/// What objects say of rights.
#[derive(Debug, Default)]
pub struct Policy {
    /// Roles and `ClusterRole`s.
    pub roles: Vec<Role>,
    /// `RoleBinding`s and `ClusterRoleBinding`s.
    pub bindings: Vec<Binding>,
    /// What rights lead to.
    pub inventory: Inventory,
    /// What was not understood, and is left out.
    pub oddities: Vec<Oddity>,
}

/// Service accounts, and where their tokens lie.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Namespace and name of each service account.
    pub accounts: BTreeSet<(String, String)>,
    /// Pods that hold a token of their service account.
    pub pods: Vec<Holding>,
    /// Secrets that hold a token of a service account.
    pub tokens: Vec<Holding>,
    /// Namespaces on which Pod Security admission enforces another level than `privileged`.
    pub guarded: BTreeSet<String>,
    /// Whether there is a namespace on which it does not.
    pub has_other_namespaces: bool,
}

/// An object that holds a token of a service account of its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The namespace.
    pub namespace: String,
    /// The name of the Pod or Secret.
    pub name: String,
    /// The name of the account.
    pub account: String,
    /// The node of a Pod that runs.
    pub node: Option<String>,
}

/// An object that is not taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// `RoleBinding shop/deployers`.
    pub object: String,
    /// What is odd, and what that means.
    pub message: String,
}

impl Policy {
    /// Takes what concerns rights from objects.
    pub fn of(objects: &[Object], source: Source) -> Self {
        let mut policy = Self::default();
        for object in objects {
            for mistake in &object.mistakes {
                if matches!(object.body, Body::Role(_) | Body::Binding(_)) {
                    policy.odd(object, format!("{}: {}", mistake.path, mistake.message));
                }
            }
            match &object.body {
                Body::Role(role) => policy.add_role(object, role),
                Body::Binding(binding) => policy.add_binding(object, binding),
                Body::ServiceAccount(_) => {
                    let account = (object.namespace().to_owned(), object.metadata.name.to_string());
                    policy.inventory.accounts.insert(account);
                }
                Body::Secret(secret) => {
                    let is_token = secret.type_.as_deref() == Some(TOKEN_SECRET);
                    let account = object.metadata.annotations.get(TOKEN_OF);
                    if let Some(account) = account.filter(|_| is_token) {
                        policy.inventory.tokens.push(holding(object, account, None));
                    }
                }
                Body::Namespace => {
                    let level = object.metadata.labels.get(ENFORCED);
                    if level.is_some_and(|level| *level != "privileged") {
                        policy.inventory.guarded.insert(object.metadata.name.to_string());
                    } else {
                        policy.inventory.has_other_namespaces = true;
                    }
                }
                _ => {}
            }
        }
        policy.add_pods(objects, source);
        if source == Source::Files {
            policy.add_administrator();
            // Files rarely make the accounts that they bind.
            let bound = policy.bindings.iter().flat_map(|binding| &binding.subjects);
            policy.inventory.accounts.extend(bound.filter_map(|subject| match subject {
                Subject::ServiceAccount { namespace, name } => {
                    Some((namespace.clone(), name.clone()))
                }
                Subject::User(_) | Subject::Group(_) => None,
            }));
        }
        policy
    }

    fn odd(&mut self, object: &Object, message: impl Into<String>) {
        self.oddities.push(Oddity { object: object.to_string(), message: message.into() });
    }

    fn add_role(&mut self, object: &Object, body: &RoleBody) {
        let aggregation = body.aggregation_rule.as_ref().map(|rule| {
            rule.cluster_role_selectors.iter().map(selector).collect::<Option<Vec<_>>>()
        });
        if aggregation == Some(None) {
            self.odd(object, "a selector of its aggregation is no selector; nothing is aggregated");
        }
        self.roles.push(Role {
            namespace: namespace(object, "Role"),
            name: object.metadata.name.to_string(),
            labels: pairs(&object.metadata.labels),
            rules: body
                .rules
                .iter()
                .map(|rule| Rule {
                    verbs: texts(&rule.verbs),
                    api_groups: texts(&rule.api_groups),
                    resources: texts(&rule.resources),
                    resource_names: texts(&rule.resource_names),
                    non_resource_urls: texts(&rule.non_resource_urls),
                })
                .collect(),
            aggregation: aggregation.flatten(),
        });
    }

    /// The API server makes the role at each start, and who binds it in files relies on that
    /// (Kubernetes documentation, "Using RBAC Authorization", User-facing roles).
    fn add_administrator(&mut self) {
        let mut roles = self.roles.iter();
        if roles.any(|role| role.namespace.is_none() && role.name == ADMINISTRATOR) {
            return;
        }
        let all = || vec!["*".to_owned()];
        let resources =
            Rule { verbs: all(), api_groups: all(), resources: all(), ..Rule::default() };
        let addresses = Rule { verbs: all(), non_resource_urls: all(), ..Rule::default() };
        let reference = RoleReference::ClusterRole(ADMINISTRATOR.to_owned());
        if self.bindings.iter().any(|binding| binding.role == reference) {
            self.roles.push(Role {
                name: ADMINISTRATOR.to_owned(),
                rules: vec![resources, addresses],
                ..Role::default()
            });
        }
    }

    fn add_binding(&mut self, object: &Object, body: &BindingBody) {
        let namespace = namespace(object, "RoleBinding");
        let name = body.role_ref.name.to_string();
        let role = match body.role_ref.kind.as_str() {
            "ClusterRole" => RoleReference::ClusterRole(name),
            "Role" if namespace.is_some() => RoleReference::Role(name),
            other => {
                return self.odd(object, format!("it cannot grant a {other}: it grants nothing"));
            }
        };
        let mut subjects = Vec::new();
        for subject in &body.subjects {
            let name = subject.name.to_string();
            let place = subject.namespace.as_deref().filter(|place| !place.is_empty());
            match (subject.kind.as_str(), place.or(namespace.as_deref())) {
                (_, _) if name.is_empty() => self.odd(object, "a subject without a name is nobody"),
                ("User", _) => subjects.push(Subject::User(name)),
                ("Group", _) => subjects.push(Subject::Group(name)),
                ("ServiceAccount", Some(place)) => {
                    subjects.push(Subject::ServiceAccount { namespace: place.to_owned(), name });
                }
                ("ServiceAccount", None) => {
                    self.odd(
                        object,
                        format!("service account {name} has no namespace: it is nobody"),
                    );
                }
                (kind, _) => self.odd(object, format!("a subject of the kind {kind} is nobody")),
            }
        }
        let name = object.metadata.name.to_string();
        let made_by = object.metadata.labels.get("kubernetes.io/bootstrapping");
        let is_built_in = made_by.is_some_and(|made_by| *made_by == "rbac-defaults");
        self.bindings.push(Binding { namespace, name, role, subjects, is_built_in });
    }

    /// The Pods that hold tokens: a Pod's own word counts before that of its account.
    fn add_pods(&mut self, objects: &[Object], source: Source) {
        let silent: BTreeSet<(&str, &str)> = objects
            .iter()
            .filter(|object| match &object.body {
                Body::ServiceAccount(account) => {
                    account.automount_service_account_token == Some(false)
                }
                _ => false,
            })
            .map(|object| (object.namespace(), object.metadata.name.as_str()))
            .collect();
        for object in objects {
            let Some(Workload { kind, template, .. }) = object.workload() else { continue };
            let runs = match source {
                Source::Server => *kind == WorkloadKind::Pod,
                Source::Files => *kind != WorkloadKind::PodTemplate,
            };
            let spec = &template.spec;
            let account = [&spec.service_account_name, &spec.service_account]
                .into_iter()
                .find_map(|name| name.as_deref().filter(|name| !name.is_empty()))
                .unwrap_or("default");
            let default = !silent.contains(&(object.namespace(), account));
            let mounts = spec.automount_service_account_token.unwrap_or(default);
            if runs && (mounts || projects_token(spec)) {
                let node = spec.node_name.as_deref();
                self.inventory.pods.push(holding(object, account, node));
            }
        }
    }
}

/// Whether a volume asks for a token that the API server takes. One for others is none of its own.
fn projects_token(spec: &PodSpec) -> bool {
    let sources = spec.volumes.iter().flat_map(|volume| &volume.sources);
    let projected = sources.filter_map(|source| match source {
        VolumeSource::Projected(projected) => Some(&projected.sources),
        _ => None,
    });
    let mut tokens = projected.flatten().filter_map(|source| source.service_account_token.as_ref());
    tokens.any(|token| token.audience.as_deref().is_none_or(str::is_empty))
}

/// The `ClusterRole` that may do everything.
const ADMINISTRATOR: &str = "cluster-admin";

/// The label of a namespace by which Pod Security admission refuses Pods. Values that it does not know
/// count as the strictest.
const ENFORCED: &str = "pod-security.kubernetes.io/enforce";

/// The type of Secrets that hold tokens.
const TOKEN_SECRET: &str = "kubernetes.io/service-account-token";

/// Whose token it is.
const TOKEN_OF: &str = "kubernetes.io/service-account.name";

fn holding(object: &Object, account: &str, node: Option<&str>) -> Holding {
    Holding {
        namespace: object.namespace().to_owned(),
        name: object.metadata.name.to_string(),
        account: account.to_owned(),
        node: node.filter(|node| !node.is_empty()).map(str::to_owned),
    }
}

/// The namespace of an object of this kind; none for the other kind, which lies in none.
fn namespace(object: &Object, kind: &str) -> Option<String> {
    (object.type_name.kind == kind).then(|| object.namespace().to_owned())
}

fn selector(selector: &LabelSelector) -> Option<Selector> {
    let expression = |requirement: &bulkhead_objects::SelectorRequirement| {
        let operator = match requirement.operator.as_str() {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let (key, values) = (requirement.key.to_string(), texts(&requirement.values));
        Some(Expression { key, operator, values })
    };
    let expressions = selector.match_expressions.iter().map(expression).collect::<Option<_>>()?;
    Some(Selector { labels: pairs(&selector.match_labels), expressions })
}

fn pairs(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn texts(names: &[Name]) -> Vec<String> {
    names.iter().map(Name::to_string).collect()
}
