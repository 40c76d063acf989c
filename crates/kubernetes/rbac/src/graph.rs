//! Roles and bindings of a cluster, joined, and the answers to who may do what.

use std::collections::HashMap;

use crate::aggregation::aggregate;
use crate::policy::{Binding, Role, RoleReference, Rule, Subject};
use crate::request::{Identity, MASTERS, Request, Target, username};
use crate::source::Source;

/// All roles and bindings of a cluster.
#[derive(Debug)]
pub struct Graph {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
    /// The role of each binding; none where it dangles.
    role_of: Vec<Option<usize>>,
    users: Grants,
    groups: Grants,
}

/// Bindings by the name they grant to, ordered by namespace: those of none, which are
/// `ClusterRoleBinding`s, first.
type Grants = HashMap<String, Vec<usize>>;

/// Why a request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason<'graph> {
    /// A member of `system:masters`: the API server asks nobody.
    Superuser,
    /// A rule of a role grants it.
    Granted(Grant<'graph>),
}

/// A rule that somebody has through a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant<'graph> {
    /// The binding.
    pub binding: &'graph Binding,
    /// Its role.
    pub role: &'graph Role,
    /// The rule of the role.
    pub rule: &'graph Rule,
    /// Where the rule stands in the role.
    pub index: usize,
    /// Where the binding stands in [`Graph::bindings`].
    pub binding_index: usize,
}

/// Somebody who may do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder<'graph> {
    /// Who.
    pub subject: &'graph Subject,
    /// Why, and where: in every namespace, or in that of the binding.
    pub grant: Grant<'graph>,
}

impl Graph {
    /// Joins roles and bindings.
    pub fn new(mut roles: Vec<Role>, bindings: Vec<Binding>, source: Source) -> Self {
        if source == Source::Files {
            aggregate(&mut roles);
        }
        let role_of = role_of(&roles, &bindings);
        let (mut users, mut groups) = (Grants::new(), Grants::new());
        for (index, binding) in bindings.iter().enumerate() {
            for subject in &binding.subjects {
                let places = match subject {
                    Subject::Group(name) => groups.entry(name.clone()).or_default(),
                    // A service account is known by its user name alone.
                    _ => users.entry(username(subject)).or_default(),
                };
                if places.last() != Some(&index) {
                    places.push(index);
                }
            }
        }
        let namespace = |index: &usize| bindings.get(*index).and_then(|it| it.namespace.as_deref());
        for places in users.values_mut().chain(groups.values_mut()) {
            places.sort_by_key(namespace);
        }
        Self { roles, bindings, role_of, users, groups }
    }

    /// Whether somebody may do something, and the first reason for it: `ClusterRoleBinding`s before
    /// `RoleBinding`s. None where no rule allows it, which is the API server's denial.
    pub fn allowed(&self, identity: &Identity, request: &Request) -> Option<Reason<'_>> {
        if identity.groups.iter().any(|group| group == MASTERS) {
            return Some(Reason::Superuser);
        }
        self.grants(identity, request).next().map(Reason::Granted)
    }

    /// Every rule that lets somebody do something.
    pub fn grants<'graph>(
        &'graph self,
        identity: &Identity,
        request: &Request,
    ) -> impl Iterator<Item = Grant<'graph>> {
        // A rule on addresses holds only where a ClusterRoleBinding grants it.
        let namespace = match &request.target {
            Target::Resource(resource) => resource.namespace.as_str(),
            Target::Url(_) => "",
        };
        let places = if namespace.is_empty() { vec![""] } else { vec!["", namespace] };
        let bindings = places.into_iter().flat_map(|place| self.bindings_of(identity, place));
        bindings
            .flat_map(|binding| self.rules_of(binding))
            .filter(|grant| grant.rule.allows(request))
    }

    /// Who may do something: the subjects of bindings. A request without a namespace is answered for
    /// every namespace, each holder with the binding that says where.
    ///
    /// Members of `system:masters` may do everything and stand in no binding for it.
    pub fn who_can<'graph>(
        &'graph self,
        request: &Request,
    ) -> impl Iterator<Item = Holder<'graph>> {
        let namespace = match &request.target {
            Target::Resource(resource) => Some(resource.namespace.as_str()),
            Target::Url(_) => None,
        };
        let holds = move |binding: &Binding| match (&binding.namespace, namespace) {
            (None, _) | (Some(_), Some("")) => true,
            (Some(place), Some(namespace)) => place == namespace,
            (Some(_), None) => false,
        };
        let request = request.clone();
        (0..self.bindings.len())
            .filter(move |index| self.bindings.get(*index).is_some_and(holds))
            .filter_map(move |index| self.rules_of(index).find(|grant| grant.rule.allows(&request)))
            .flat_map(|grant| {
                grant.binding.subjects.iter().map(move |subject| Holder { subject, grant })
            })
    }

    /// Every role, those of the cluster and those of namespaces.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Every binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Bindings whose role is absent: they take effect once somebody makes it.
    pub fn dangling(&self) -> impl Iterator<Item = &Binding> {
        let bindings = self.bindings.iter().zip(&self.role_of);
        bindings.filter(|(_, role)| role.is_none()).map(|(binding, _)| binding)
    }

    /// The bindings that name somebody, groups left out, in whichever namespace.
    pub(crate) fn bindings_to(&self, identity: &Identity) -> impl Iterator<Item = &Binding> {
        let places = self.users.get(&identity.user).into_iter().flatten();
        places.filter_map(|index| self.bindings.get(*index))
    }

    /// The places of the bindings that name a subject itself, in whichever namespace.
    pub(crate) fn places_of(&self, subject: &Subject) -> &[usize] {
        let places = match subject {
            Subject::Group(name) => self.groups.get(name),
            _ => self.users.get(&username(subject)),
        };
        places.map_or(&[], Vec::as_slice)
    }

    /// The role that a binding at this place grants, and the place of the role.
    pub(crate) fn role_at(&self, binding: usize) -> Option<(usize, &Role)> {
        let role = self.role_of.get(binding).copied().flatten()?;
        Some((role, self.roles.get(role)?))
    }

    /// The places of the bindings that hold for somebody in a namespace; in the empty one, those that
    /// hold everywhere.
    fn bindings_of<'graph>(
        &'graph self,
        identity: &Identity,
        namespace: &str,
    ) -> impl Iterator<Item = usize> + use<'graph> {
        let own = Some(namespace).filter(|namespace| !namespace.is_empty());
        let within = |places: &'graph Vec<usize>| {
            let place = |index: &usize| self.bindings.get(*index)?.namespace.as_deref();
            let from = places.partition_point(|index| place(index) < own);
            let to = places.partition_point(|index| place(index) <= own);
            places.get(from..to).unwrap_or_default()
        };
        let user = self.users.get(&identity.user).map(within);
        let groups = identity.groups.iter().filter_map(|group| self.groups.get(group));
        let groups: Vec<_> = groups.map(within).collect();
        user.into_iter().chain(groups).flatten().copied()
    }

    fn rules_of(&self, binding: usize) -> impl Iterator<Item = Grant<'_>> {
        let granted = self.bindings.get(binding).zip(self.role_at(binding));
        let binding_index = binding;
        granted.into_iter().flat_map(move |(binding, (_, role))| {
            let rules = role.rules.iter().enumerate();
            rules.map(move |(index, rule)| Grant { binding, role, rule, index, binding_index })
        })
    }
}

/// The place of the role of each binding.
fn role_of(roles: &[Role], bindings: &[Binding]) -> Vec<Option<usize>> {
    let places: HashMap<(&str, &str), usize> = roles
        .iter()
        .enumerate()
        .map(|(index, role)| {
            ((role.namespace.as_deref().unwrap_or_default(), role.name.as_str()), index)
        })
        .collect();
    let place = |binding: &Binding| match (&binding.role, &binding.namespace) {
        (RoleReference::ClusterRole(name), _) => places.get(&("", name.as_str())).copied(),
        (RoleReference::Role(name), Some(namespace)) => {
            places.get(&(namespace.as_str(), name.as_str())).copied()
        }
        (RoleReference::Role(_), None) => None,
    };
    bindings.iter().map(place).collect()
}
