//! Rights that nobody used.

use std::collections::{BTreeMap, BTreeSet};

use super::uses::Uses;
use crate::graph::Graph;
use crate::policy::{Binding, Role, Rule, Subject};
use crate::request::Request;

/// A binding that grants more than was used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle<'graph> {
    /// The binding.
    pub binding: &'graph Binding,
    /// Its role; none where it is absent.
    pub role: Option<&'graph Role>,
    /// Whether nothing of it was used.
    pub is_whole: bool,
    /// Whom it names, and who used nothing of it; all of them where it is whole.
    pub subjects: Vec<&'graph Subject>,
    /// What was not used: whole rules, and parts of others.
    pub rules: Vec<Rule>,
}

/// Bindings that grant what nobody used in the time of a log, those that the API server itself keeps
/// left out. A right that two bindings grant counts as used in both.
pub fn idle<'graph>(graph: &'graph Graph, uses: &Uses) -> Vec<Idle<'graph>> {
    let mut used: BTreeMap<usize, BTreeMap<usize, Vec<&Request>>> = BTreeMap::new();
    let mut users: BTreeMap<usize, BTreeSet<&Subject>> = BTreeMap::new();
    for (identity, request) in uses.requests() {
        for grant in graph.grants(identity, request) {
            let rules = used.entry(grant.binding_index).or_default();
            rules.entry(grant.index).or_default().push(request);
            let named = grant.binding.subjects.iter().filter(|it| identity.is_named_by(it));
            users.entry(grant.binding_index).or_default().extend(named);
        }
    }
    let nothing = BTreeMap::new();
    let bindings = graph.bindings().iter().enumerate();
    bindings
        .filter(|(_, binding)| !binding.is_built_in)
        .filter_map(|(index, binding)| {
            let used = used.get(&index).unwrap_or(&nothing);
            let role = graph.role_at(index).map(|(_, role)| role);
            let rules = role.into_iter().flat_map(|role| role.rules.iter().enumerate());
            let rules: Vec<Rule> = rules
                .flat_map(|(place, rule)| match used.get(&place) {
                    None => vec![rule.clone()],
                    Some(requests) => rest(rule, requests),
                })
                .collect();
            let is_whole = used.is_empty();
            let active = users.get(&index);
            let is_idle = |subject: &&Subject| active.is_none_or(|it| !it.contains(subject));
            let subjects: Vec<_> = binding.subjects.iter().filter(is_idle).collect();
            let has_rest = is_whole || !rules.is_empty() || !subjects.is_empty();
            has_rest.then_some(Idle { binding, role, is_whole, subjects, rules })
        })
        .collect()
}

/// The parts of a rule that none of the requests used: verbs by resource, and names of objects. A wildcard
/// that was used is used whole.
fn rest(rule: &Rule, requests: &[&Request]) -> Vec<Rule> {
    let one = Rule { resources: Vec::new(), non_resource_urls: Vec::new(), ..rule.clone() };
    let mut parts: Vec<Rule> = Vec::new();
    let mut add = |part: Rule| {
        if part.verbs.is_empty() {
            return;
        }
        match parts.last_mut().filter(|last| last.verbs == part.verbs) {
            Some(last) => {
                last.resources.extend(part.resources);
                last.non_resource_urls.extend(part.non_resource_urls);
            }
            None => parts.push(part),
        }
    };
    for resource in &rule.resources {
        add(idle_verbs(&Rule { resources: vec![resource.clone()], ..one.clone() }, requests));
    }
    for url in &rule.non_resource_urls {
        add(idle_verbs(&Rule { non_resource_urls: vec![url.clone()], ..one.clone() }, requests));
    }
    let is_idle = |name: &&String| {
        let named = Rule { resource_names: vec![(*name).clone()], ..rule.clone() };
        !requests.iter().any(|request| named.allows(request))
    };
    let names: Vec<String> = rule.resource_names.iter().filter(is_idle).cloned().collect();
    if !names.is_empty() {
        parts.push(Rule { resource_names: names, ..rule.clone() });
    }
    parts
}

/// A rule with the verbs alone that none of the requests used.
fn idle_verbs(rule: &Rule, requests: &[&Request]) -> Rule {
    let is_idle = |verb: &&String| {
        let one = Rule { verbs: vec![(*verb).clone()], ..rule.clone() };
        !requests.iter().any(|request| one.allows(request))
    };
    Rule { verbs: rule.verbs.iter().filter(is_idle).cloned().collect(), ..rule.clone() }
}
