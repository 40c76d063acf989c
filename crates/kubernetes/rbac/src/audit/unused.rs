//! Rights that nobody used.

use std::collections::{BTreeMap, BTreeSet};

use super::uses::Uses;
use crate::graph::Graph;
use crate::policy::{Binding, Role, Rule};
use crate::request::{Request, Target};

/// A binding that grants more than was used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle<'graph> {
    /// The binding.
    pub binding: &'graph Binding,
    /// Its role; none where it is absent.
    pub role: Option<&'graph Role>,
    /// Whether nothing of it was used.
    pub is_whole: bool,
    /// What was not used: whole rules, and parts of others.
    pub rules: Vec<Rule>,
}

/// Bindings that grant what nobody used in the time of a log, those that the API server itself keeps
/// left out. A right that two bindings grant counts as used in both.
pub fn idle<'graph>(graph: &'graph Graph, uses: &Uses) -> Vec<Idle<'graph>> {
    let mut used: BTreeMap<usize, BTreeMap<usize, Vec<&Request>>> = BTreeMap::new();
    for (identity, request) in uses.requests() {
        for grant in graph.grants(identity, request) {
            let rules = used.entry(grant.binding_index).or_default();
            rules.entry(grant.index).or_default().push(request);
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
            (is_whole || !rules.is_empty()).then_some(Idle { binding, role, is_whole, rules })
        })
        .collect()
}

/// The parts of a rule that none of the requests used: verbs, and resources of verbs that were. A
/// wildcard that was used is used whole.
fn rest(rule: &Rule, requests: &[&Request]) -> Vec<Rule> {
    let verbs: BTreeSet<&str> = requests.iter().map(|request| request.verb.as_str()).collect();
    let is_used = |verb: &&String| *verb == "*" || verbs.contains(verb.as_str());
    let (kept, idle): (Vec<&String>, Vec<&String>) = rule.verbs.iter().partition(is_used);
    let of =
        |verbs: Vec<&String>| Rule { verbs: verbs.into_iter().cloned().collect(), ..rule.clone() };
    let mut parts = Vec::new();
    if !idle.is_empty() {
        parts.push(of(idle));
    }
    let touches = |listed: &str| {
        let one = Rule { resources: vec![listed.to_owned()], ..rule.clone() };
        requests.iter().any(|request| one.allows(request))
    };
    let resources: Vec<String> =
        rule.resources.iter().filter(|listed| !touches(listed)).cloned().collect();
    let urls: Vec<String> = rule
        .non_resource_urls
        .iter()
        .filter(|url| {
            let one = Rule { non_resource_urls: vec![(*url).clone()], ..rule.clone() };
            !requests.iter().any(|it| matches!(it.target, Target::Url(_)) && one.allows(it))
        })
        .cloned()
        .collect();
    if !resources.is_empty() || !urls.is_empty() {
        parts.push(Rule { resources, non_resource_urls: urls, ..of(kept) });
    }
    parts
}
