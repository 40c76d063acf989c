//! What is looked up again and again while rights are followed.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::escalation::{Escalation, Gives};
use crate::graph::Graph;
use crate::place::Where;
use crate::policy::{Role, RoleReference, Subject};
use crate::power::{Power, Summary, summary};
use crate::request::{Identity, Resource, service_account};
use crate::source::{Holding, Inventory};

pub(super) struct Context<'a> {
    pub(super) graph: &'a Graph,
    pub(super) escalations: &'a [Escalation],
    /// What the rules of each role fulfil.
    pub(super) summaries: Vec<Summary>,
    /// Every subject of a binding and every service account, in order.
    pub(super) subjects: Vec<Cow<'a, Subject>>,
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
    /// Namespaces that admit no privileged Pods.
    guarded: &'a BTreeSet<String>,
    /// Whether there is any that may.
    any_open: bool,
    /// Roles by namespace and name, once somebody asks.
    roles: OnceCell<HashMap<(Option<&'a str>, &'a str), usize>>,
    /// The groups of bindings that hold the service accounts of a namespace.
    groups: BTreeMap<&'a str, Vec<Subject>>,
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

/// Names of accounts by namespace, then by the name of the object that stands for them.
pub(super) type Located<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

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
            subjects: Vec::new(),
            powers: HashMap::new(),
            accounts: Located::new(),
            pods: located(&inventory.pods),
            tokens: located(&inventory.tokens),
            nodes: BTreeMap::new(),
            useful: BTreeMap::new(),
            whole: graph.roles().iter().position(is_whole),
            guarded: &inventory.guarded,
            any_open: true,
            roles: OnceCell::new(),
            groups: BTreeMap::new(),
            in_namespace: BTreeMap::new(),
        };
        for (namespace, name) in &inventory.accounts {
            context.subjects.push(Cow::Owned(account(namespace, name)));
            context.accounts.entry(namespace).or_default().insert(name, name);
        }
        for pod in &inventory.pods {
            if let Some(node) = &pod.node {
                let on_node = context.nodes.entry(node).or_default();
                on_node.insert(account(&pod.namespace, &pod.account));
            }
        }
        for (index, role) in graph.roles().iter().enumerate() {
            let namespace = role.namespace.as_deref();
            if context.summaries.get(index).is_some_and(|summary| !summary.is_empty()) {
                context.useful.entry(namespace).or_default().push(index);
            }
        }
        context.add_bindings();
        context.subjects.sort();
        context.subjects.dedup();
        let accounts = context.subjects.iter().filter_map(|subject| match subject {
            Cow::Borrowed(Subject::ServiceAccount { namespace, .. }) => Some(namespace.as_str()),
            _ => None,
        });
        let namespaces: BTreeSet<&str> = accounts.chain(context.accounts.keys().copied()).collect();
        let bound = context.in_namespace.keys().flatten();
        let known = || namespaces.iter().chain(context.pods.keys()).chain(bound.clone());
        context.any_open = known().next().is_none()
            || known().any(|namespace| !inventory.guarded.contains(*namespace))
            || inventory.has_other_namespaces;
        context.groups = namespaces
            .into_iter()
            .map(|namespace| (namespace, context.bound_groups(&account(namespace, ""))))
            .collect();
        context
    }

    fn add_bindings(&mut self) {
        for (index, binding) in self.graph.bindings().iter().enumerate() {
            let namespace = binding.namespace.as_deref();
            let listed = self.in_namespace.entry(namespace).or_default();
            listed.push((&binding.name, &binding.role));
            let role = self.graph.role_at(index).map(|(role, _)| role);
            let role = role.and_then(|role| Some((role, self.summaries.get(role)?)));
            for subject in binding.subjects.iter().map(plain) {
                if let Some((role, summary)) = role.filter(|(_, summary)| !summary.is_empty()) {
                    let powers = self.powers.entry(subject.clone().into_owned()).or_default();
                    powers.add(summary, &Where::of(namespace), Some(index), role);
                }
                self.subjects.push(subject);
            }
        }
    }

    /// The groups of bindings that a subject is in, itself left out.
    pub(super) fn groups_of(&self, subject: &Subject) -> Cow<'_, [Subject]> {
        match subject {
            Subject::ServiceAccount { namespace, .. } => {
                match self.groups.get(namespace.as_str()) {
                    Some(groups) => Cow::Borrowed(groups),
                    None => Cow::Owned(self.bound_groups(subject)),
                }
            }
            _ => Cow::Owned(self.bound_groups(subject)),
        }
    }

    fn bound_groups(&self, subject: &Subject) -> Vec<Subject> {
        let groups = Identity::of(subject).groups.into_iter().map(Subject::Group);
        let others = groups.filter(|group| group != subject);
        others.filter(|group| !self.graph.places_of(group).is_empty()).collect()
    }

    /// Whether privileged Pods may run there, as far as Pod Security admission goes.
    pub(super) fn is_open(&self, place: &Where) -> bool {
        match place.namespace() {
            Some(namespace) => !self.guarded.contains(namespace),
            None => self.any_open,
        }
    }

    /// Where a role stands in the graph.
    pub(super) fn role(&self, namespace: Option<&str>, name: &str) -> Option<usize> {
        let roles = self.roles.get_or_init(|| {
            let roles = self.graph.roles().iter().zip(0_usize..);
            roles.map(|(role, at)| ((role.namespace.as_deref(), role.name.as_str()), at)).collect()
        });
        roles.get(&(namespace, name)).copied()
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
fn plain(subject: &Subject) -> Cow<'_, Subject> {
    let account = match subject {
        Subject::User(user) => service_account(user).map(|(place, name)| account(place, name)),
        _ => None,
    };
    account.map_or(Cow::Borrowed(subject), Cow::Owned)
}

pub(super) fn account(namespace: &str, name: &str) -> Subject {
    Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
}

fn located(holdings: &[Holding]) -> Located<'_> {
    let mut located = Located::new();
    for holding in holdings {
        let names = located.entry(&holding.namespace).or_default();
        names.insert(&holding.name, &holding.account);
    }
    located
}
