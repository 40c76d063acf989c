//! `ClusterRole`s that get their rules from others (RBAC, Aggregated `ClusterRole`s).

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::{Role, Rule, Selector};

/// Gives each aggregated `ClusterRole` the rules of those that it selects, as the controller does until
/// nothing changes: what it selects may be aggregated itself. Its own rules are overwritten.
pub(crate) fn aggregate(roles: &mut [Role]) {
    let index = Index::new(roles);
    let mut computed = Vec::new();
    for (place, role) in roles.iter().enumerate() {
        if role.namespace.is_none() && role.aggregation.is_some() {
            computed.push((place, rules(roles, &index, place)));
        }
    }
    for (place, rules) in computed {
        if let Some(role) = roles.get_mut(place) {
            role.rules = rules;
        }
    }
}

/// The rules of all plain `ClusterRole`s that one reaches by selectors, in the order of their names.
fn rules(roles: &[Role], index: &Index<'_>, start: usize) -> Vec<Rule> {
    let mut reached = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(place) = open.pop() {
        let Some(selectors) = roles.get(place).and_then(|role| role.aggregation.as_ref()) else {
            continue;
        };
        for found in selectors.iter().flat_map(|selector| index.selected(roles, selector)) {
            if reached.insert(found) {
                open.push(found);
            }
        }
    }
    let mut plain: Vec<&Role> = reached
        .iter()
        .filter_map(|place| roles.get(*place))
        .filter(|role| role.aggregation.is_none())
        .collect();
    plain.sort_by(|one, other| one.name.cmp(&other.name));
    let mut seen = BTreeSet::new();
    let rules = plain.into_iter().flat_map(|role| &role.rules);
    rules.filter(|rule| seen.insert(*rule)).cloned().collect()
}

/// `ClusterRole`s by each of their labels, so that a selector looks at few of them.
struct Index<'roles> {
    all: Vec<usize>,
    by_label: BTreeMap<(&'roles str, &'roles str), Vec<usize>>,
}

impl<'roles> Index<'roles> {
    fn new(roles: &'roles [Role]) -> Self {
        let mut index = Self { all: Vec::new(), by_label: BTreeMap::new() };
        for (place, role) in roles.iter().enumerate() {
            if role.namespace.is_some() {
                continue;
            }
            index.all.push(place);
            for (key, value) in &role.labels {
                index.by_label.entry((key, value)).or_default().push(place);
            }
        }
        index
    }

    fn selected(&self, roles: &[Role], selector: &Selector) -> Vec<usize> {
        let candidates = match selector.labels.first_key_value() {
            None => Some(&self.all),
            Some((key, value)) => self.by_label.get(&(key.as_str(), value.as_str())),
        };
        let selects =
            |place: &usize| roles.get(*place).is_some_and(|role| selector.selects(&role.labels));
        candidates.into_iter().flatten().copied().filter(selects).collect()
    }
}
