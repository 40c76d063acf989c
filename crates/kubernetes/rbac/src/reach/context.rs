//! What is looked up again and again while rights are followed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::escalation::{Escalation, Gives};
use crate::graph::Graph;
use crate::place::Where;
use crate::policy::{Role, RoleReference, Subject};
use crate::power::{Power, Summary, summary};
use crate::request::{Resource, service_account};
use crate::source::{Holding, Inventory};

pub(super) struct Context<'a> {
    pub(super) graph: &'a Graph,
    pub(super) escalations: &'a [Escalation],
    /// What the rules of each role fulfil.
    pub(super) summaries: Vec<Summary>,
    /// Every subject of a binding and every service account.
    pub(super) subjects: BTreeSet<Subject>,
    /// The bindings of each subject.
    pub(super) bindings: HashMap<Subject, Vec<usize>>,
    /// Those who fulfil anything.
    pub(super) powers: HashMap<Subject, Powers>,
    pub(super) accounts: Located<'a>,
    pub(super) pods: Located<'a>,
    pub(super) tokens: Located<'a>,
    /// Accounts of the Pods on each node.
    pub(super) nodes: BTreeMap<&'a str, BTreeSet<Subject>>,
    /// Roles that fulfil anything, by their namespace: none for `ClusterRole`s.
    pub(super) useful: BTreeMap<Option<&'a str>, Vec<usize>>,
    /// A `ClusterRole` that holds every right.
    pub(super) whole: Option<usize>,
    /// Roles by namespace and name.
    pub(super) roles: HashMap<(Option<&'a str>, &'a str), usize>,
    /// Bindings by their namespace: name and role.
    pub(super) in_namespace: BTreeMap<Option<&'a str>, Vec<(&'a str, &'a RoleReference)>>,
}

/// What somebody fulfils, by where it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Powers {
    pub(super) cluster: Power,
    pub(super) each: Power,
    pub(super) namespaces: BTreeMap<String, Power>,
}

/// Accounts by namespace, then by the name of the object that stands for them.
pub(super) type Located<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Subject>>;

impl<'a> Context<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        inventory: &'a Inventory,
        escalations: &'a [Escalation],
    ) -> Self {
        let mut context = Self {
            graph,
            escalations,
            summaries: graph.roles().iter().map(|role| summary(role, escalations)).collect(),
            subjects: BTreeSet::new(),
            bindings: HashMap::new(),
            powers: HashMap::new(),
            accounts: Located::new(),
            pods: located(&inventory.pods),
            tokens: located(&inventory.tokens),
            nodes: BTreeMap::new(),
            useful: BTreeMap::new(),
            whole: graph.roles().iter().position(is_whole),
            roles: HashMap::new(),
            in_namespace: BTreeMap::new(),
        };
        for (namespace, name) in &inventory.accounts {
            let account = account(namespace, name);
            context.subjects.insert(account.clone());
            context.accounts.entry(namespace).or_default().insert(name, account);
        }
        for pod in &inventory.pods {
            if let Some(node) = &pod.node {
                let on_node = context.nodes.entry(node).or_default();
                on_node.insert(account(&pod.namespace, &pod.account));
            }
        }
        for (index, role) in graph.roles().iter().enumerate() {
            let namespace = role.namespace.as_deref();
            context.roles.insert((namespace, &role.name), index);
            if context.summaries.get(index).is_some_and(|summary| !summary.is_empty()) {
                context.useful.entry(namespace).or_default().push(index);
            }
        }
        context.add_bindings();
        context
    }

    fn add_bindings(&mut self) {
        for (index, binding) in self.graph.bindings().iter().enumerate() {
            let namespace = binding.namespace.as_deref();
            let listed = self.in_namespace.entry(namespace).or_default();
            listed.push((&binding.name, &binding.role));
            for subject in binding.subjects.iter().map(plain) {
                self.subjects.insert(subject.clone());
                let Some((role, _)) = self.graph.role_at(index) else {
                    self.bindings.entry(subject).or_default().push(index);
                    continue;
                };
                if let Some(summary) = self.summaries.get(role).filter(|it| !it.is_empty()) {
                    let powers = self.powers.entry(subject.clone()).or_default();
                    powers.add(summary, &Where::of(namespace), Some(index), role);
                }
                self.bindings.entry(subject).or_default().push(index);
            }
        }
    }

    /// Names and roles of the bindings in a namespace, or of the cluster, for roles of the kind that an
    /// escalation gives.
    pub(super) fn roles_of_bindings(
        &self,
        namespace: Option<&str>,
        gives: Gives,
    ) -> Vec<(&'a str, &'a str)> {
        let bindings = self.in_namespace.get(&namespace).into_iter().flatten();
        bindings
            .filter_map(|(name, role)| match (role, gives) {
                (RoleReference::ClusterRole(role), Gives::ClusterRole)
                | (RoleReference::Role(role), Gives::Role) => Some((*name, role.as_str())),
                _ => None,
            })
            .collect()
    }
}

impl Powers {
    pub(super) fn add(
        &mut self,
        summary: &Summary,
        place: &Where,
        binding: Option<usize>,
        role: usize,
    ) {
        let power = match place {
            Where::Cluster => &mut self.cluster,
            Where::EachNamespace => &mut self.each,
            Where::Namespace(name) => self.namespaces.entry(name.clone()).or_default(),
        };
        power.add(summary, binding, role);
    }
}

fn is_whole(role: &Role) -> bool {
    let everything = Resource::named("*.*");
    let mut rules = role.rules.iter();
    role.namespace.is_none()
        && rules.any(|rule| rule.resource_names.is_empty() && rule.covers("*", &everything))
}

/// A service account, also where a binding names it by its user name.
fn plain(subject: &Subject) -> Subject {
    match subject {
        Subject::User(user) => match service_account(user) {
            Some((namespace, name)) => account(namespace, name),
            None => subject.clone(),
        },
        _ => subject.clone(),
    }
}

fn account(namespace: &str, name: &str) -> Subject {
    Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
}

fn located(holdings: &[Holding]) -> Located<'_> {
    let mut located = Located::new();
    for holding in holdings {
        let account = account(&holding.namespace, &holding.account);
        located.entry(&holding.namespace).or_default().insert(&holding.name, account);
    }
    located
}
