//! Which needs of escalations somebody fulfils, and by which rules.

use std::collections::BTreeMap;

use crate::escalation::{Escalation, Need, On, Scope};
use crate::policy::Role;

/// A rule through a binding, by their places in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    /// The binding; none where somebody would first bind the role to itself.
    pub(crate) binding: Option<usize>,
    pub(crate) role: usize,
    pub(crate) rule: usize,
}

/// On which objects a need is fulfilled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extent {
    /// On every one.
    pub(crate) all: Option<Held>,
    /// On those with these names.
    pub(crate) names: BTreeMap<String, Held>,
}

/// A need by the place of its escalation, and its own there.
pub(crate) type NeedPlace = (usize, usize);

/// What somebody fulfils in one scope.
#[derive(Debug, Clone, Default)]
pub(crate) struct Power(BTreeMap<NeedPlace, Extent>);

/// What the rules of one role fulfil: need, rule, and names unless it is every object.
pub(crate) type Summary = Vec<(NeedPlace, usize, Vec<String>)>;

/// What a role is good for, once for all of its bindings. Empty for nearly every role.
pub(crate) fn summary(role: &Role, escalations: &[Escalation]) -> Summary {
    let mut summary = Summary::new();
    for (place, escalation) in escalations.iter().enumerate() {
        for (index, need) in escalation.needs.iter().enumerate() {
            for (rule_index, rule) in role.rules.iter().enumerate() {
                let covers = |verb: &String| {
                    need.resources.iter().any(|resource| rule.covers(verb, resource))
                };
                if need.verbs.iter().any(covers) {
                    summary.push(((place, index), rule_index, rule.resource_names.clone()));
                }
            }
        }
    }
    summary
}

impl Extent {
    fn is_empty(&self) -> bool {
        self.all.is_none() && self.names.is_empty()
    }
}

impl Power {
    /// Adds what a role fulfils. The first rule that fulfils a need stays its reason.
    pub(crate) fn add(&mut self, summary: &Summary, binding: Option<usize>, role: usize) {
        for (need, rule, names) in summary {
            let held = Held { binding, role, rule: *rule };
            let extent = self.0.entry(*need).or_default();
            if names.is_empty() {
                extent.all.get_or_insert(held);
            }
            for name in names {
                extent.names.entry(name.clone()).or_insert(held);
            }
        }
    }
}

/// On which targets an escalation is possible, with the rules that make it so.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    /// On every one.
    pub(crate) all: Option<Vec<Held>>,
    /// On those with these names.
    pub(crate) names: BTreeMap<String, Vec<Held>>,
}

/// The targets of an escalation for somebody with these powers, all of which hold in one scope, `cluster`
/// in the cluster; the bindings of that scope are needed for [`On::Binding`].
pub(crate) fn targets<'a>(
    powers: &[&Power],
    cluster: &[&Power],
    place: usize,
    escalation: &Escalation,
    roles_of_bindings: impl Fn() -> Vec<(&'a str, &'a str)>,
) -> Targets {
    let mut fixed = Vec::new();
    let mut moving: Vec<Extent> = Vec::new();
    for (index, need) in escalation.needs.iter().enumerate() {
        let own = if need.scope == Some(Scope::Cluster) { cluster } else { powers };
        let extent = extent(own, (place, index));
        if extent.is_empty() {
            return Targets::default();
        }
        match need.on {
            On::Target => moving.push(extent),
            On::Binding => moving.push(by_role(&extent, &roles_of_bindings())),
            On::New | On::Any | On::Named => match witness(&extent, need) {
                Some(held) => fixed.push(held),
                None => return Targets::default(),
            },
        }
    }
    let Some((first, rest)) = moving.split_first() else {
        return Targets { all: Some(fixed), names: BTreeMap::new() };
    };
    let with = |name: Option<&str>| -> Option<Vec<Held>> {
        let mut all = fixed.clone();
        for extent in std::iter::once(first).chain(rest) {
            all.push(name.and_then(|name| extent.names.get(name)).copied().or(extent.all)?);
        }
        Some(all)
    };
    let names = moving.iter().flat_map(|extent| extent.names.keys());
    let names = names.filter_map(|name| Some((name.clone(), with(Some(name))?))).collect();
    Targets { all: with(None), names }
}

/// Whether the rights on bindings that an escalation needs are held at all.
pub(crate) fn changes_bindings(powers: &[&Power], place: usize, escalation: &Escalation) -> bool {
    let mut needs = escalation.needs.iter().enumerate();
    needs.any(|(index, need)| {
        need.on == On::Binding && powers.iter().any(|power| power.0.contains_key(&(place, index)))
    })
}

/// What several powers fulfil together.
fn extent(powers: &[&Power], need: NeedPlace) -> Extent {
    let mut sum = Extent::default();
    for extent in powers.iter().filter_map(|power| power.0.get(&need)) {
        sum.all = sum.all.or(extent.all);
        for (name, held) in &extent.names {
            sum.names.entry(name.clone()).or_insert(*held);
        }
    }
    sum
}

/// The rule by which a need is fulfilled that is not about the target.
fn witness(extent: &Extent, need: &Need) -> Option<Held> {
    extent.all.or_else(|| match need.on {
        On::Any => extent.names.values().next().copied(),
        On::Named => need.names.iter().find_map(|name| extent.names.get(name)).copied(),
        On::New | On::Target | On::Binding => None,
    })
}

/// Rights on bindings as rights on the roles that these grant.
fn by_role(extent: &Extent, roles_of_bindings: &[(&str, &str)]) -> Extent {
    let mut names = BTreeMap::new();
    for (binding, role) in roles_of_bindings {
        if let Some(held) = extent.names.get(*binding).copied().or(extent.all) {
            names.entry((*role).to_owned()).or_insert(held);
        }
    }
    Extent { all: None, names }
}
