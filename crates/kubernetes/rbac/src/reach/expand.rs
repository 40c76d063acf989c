//! The steps that leave one place.

use std::collections::BTreeSet;

use crate::escalation::{Escalation, Gives, On, Scope};
use crate::place::{Place, Where};
use crate::policy::{RoleReference, Subject};
use crate::power::{Held, Power, Targets, changes_bindings, targets};
use crate::request::MASTERS;

use super::Reach;
use super::context::{Context, Located, Powers, account};

pub(super) fn expand(reach: &mut Reach<'_>, context: &Context<'_>, id: usize, place: &Place) {
    match place {
        Place::Subject(subject) => expand_subject(reach, context, id, subject),
        Place::Role(role, held) => expand_role(reach, context, id, *role, held),
        other => {
            for part in parts(context, other) {
                reach.edge(id, part, None, Vec::new());
            }
        }
    }
}

/// What a place consists of.
fn parts(context: &Context<'_>, place: &Place) -> Vec<Place> {
    match place {
        // Nothing is beyond the whole cluster.
        Place::Everything(Where::Cluster) | Place::Subject(_) | Place::Role(..) => Vec::new(),
        Place::Everything(place) => vec![Place::Accounts(place.clone())],
        Place::Accounts(place) => located_parts(&context.accounts, place, Place::Accounts),
        Place::Pods(place) => located_parts(&context.pods, place, Place::Pods),
        Place::Tokens(place) => located_parts(&context.tokens, place, Place::Tokens),
        Place::Node(name) => {
            let accounts = context.nodes.get(name.as_str()).into_iter().flatten();
            accounts.cloned().map(Place::Subject).collect()
        }
        Place::Users => subjects(context, |subject| matches!(subject, Subject::User(_))),
        Place::Anybody => subjects(context, |subject| !is_masters(subject)),
        Place::AnyClusterRole(place) => {
            // One that holds every right says it all.
            let useful = || context.useful.get(&None).cloned().unwrap_or_default();
            let roles = context.whole.map_or_else(useful, |role| vec![role]);
            roles.into_iter().map(|role| Place::Role(role, place.clone())).collect()
        }
        Place::AnyRole(place) => context
            .useful
            .iter()
            .filter_map(|(namespace, roles)| Some(((*namespace)?, roles)))
            .filter(|(namespace, _)| place.namespace().is_none_or(|place| place == *namespace))
            .flat_map(|(namespace, roles)| {
                roles.iter().map(|role| Place::Role(*role, Where::of(Some(namespace))))
            })
            .collect(),
    }
}

/// The accounts in a namespace, or the namespaces of all.
fn located_parts(located: &Located<'_>, place: &Where, kind: fn(Where) -> Place) -> Vec<Place> {
    match place.namespace() {
        Some(namespace) => {
            let accounts = located.get(namespace).into_iter().flat_map(|names| names.values());
            let accounts: BTreeSet<&str> = accounts.copied().collect();
            accounts.into_iter().map(|name| Place::Subject(account(namespace, name))).collect()
        }
        None => located.keys().map(|namespace| kind(Where::of(Some(namespace)))).collect(),
    }
}

fn subjects(context: &Context<'_>, holds: impl Fn(&Subject) -> bool) -> Vec<Place> {
    let subjects = context.subjects.iter().filter(|subject| holds(subject));
    subjects.map(|subject| Place::Subject(subject.clone().into_owned())).collect()
}

fn is_masters(subject: &Subject) -> bool {
    matches!(subject, Subject::Group(name) if name == MASTERS)
}

fn expand_subject(reach: &mut Reach<'_>, context: &Context<'_>, id: usize, subject: &Subject) {
    if is_masters(subject) {
        return reach.edge(id, Place::Everything(Where::Cluster), None, Vec::new());
    }
    let groups = context.groups_of(subject);
    for group in groups.iter() {
        reach.edge(id, Place::Subject(group.clone()), None, Vec::new());
    }
    let inherited: Vec<&Powers> =
        groups.iter().filter_map(|group| context.powers.get(group)).collect();
    let nothing = Powers::default();
    let own = match context.powers.get(subject) {
        Some(own) => own,
        // It may hold a role that its groups may widen.
        None if !inherited.is_empty() && !context.graph.places_of(subject).is_empty() => &nothing,
        None => return,
    };
    let names_it = context.graph.places_of(subject);
    let bindings: BTreeSet<usize> = std::iter::once(names_it)
        .chain(groups.iter().map(|group| context.graph.places_of(group)))
        .flatten()
        .copied()
        .collect();
    let own_bindings: BTreeSet<usize> = names_it.iter().copied().collect();
    let owned = |binding: usize| own_bindings.contains(&binding);
    let holder = Holder {
        powers: std::iter::once(own).chain(inherited).collect(),
        bound: bindings
            .into_iter()
            .filter_map(|index| context.graph.bindings().get(index))
            .map(|binding| (&binding.role, Where::of(binding.namespace.as_deref())))
            .collect(),
        // What it can do by its groups alone leaves from these.
        counts: &|held| held.binding.is_some_and(owned),
    };
    escalate(reach, context, id, &holder);
}

fn expand_role(reach: &mut Reach<'_>, context: &Context<'_>, id: usize, role: usize, held: &Where) {
    let (Some(summary), Some(body)) =
        (context.summaries.get(role), context.graph.roles().get(role))
    else {
        return;
    };
    let mut powers = Powers::default();
    powers.add(summary, held, None, role);
    let reference = if body.namespace.is_some() {
        RoleReference::Role(body.name.clone())
    } else {
        RoleReference::ClusterRole(body.name.clone())
    };
    let holder = Holder {
        powers: vec![&powers],
        bound: vec![(&reference, held.clone())],
        counts: &|_| true,
    };
    escalate(reach, context, id, &holder);
}

/// Somebody with rights of several origins.
struct Holder<'a> {
    powers: Vec<&'a Powers>,
    /// Roles, absent ones too, and where it holds them.
    bound: Vec<(&'a RoleReference, Where)>,
    /// Whether a step that this right is part of is worth a step of its own.
    counts: &'a dyn Fn(&Held) -> bool,
}

fn escalate(reach: &mut Reach<'_>, context: &Context<'_>, id: usize, holder: &Holder<'_>) {
    let cluster: Vec<&Power> = holder.powers.iter().map(|powers| &powers.cluster).collect();
    let each: Vec<&Power> =
        cluster.iter().copied().chain(holder.powers.iter().map(|powers| &powers.each)).collect();
    let namespaces: BTreeSet<&str> = holder
        .powers
        .iter()
        .flat_map(|powers| powers.namespaces.keys())
        .map(String::as_str)
        .collect();
    for (index, escalation) in context.escalations.iter().enumerate() {
        let widens = is_widening(escalation.gives);
        let mut step = |powers: &[&Power], place: &Where| {
            if escalation.privileged && !context.is_open(place) {
                return false;
            }
            let namespace = place.namespace();
            let bindings = || context.roles_of_bindings(namespace, escalation.gives);
            let found = targets(powers, &cluster, index, escalation, bindings);
            let is_whole = found.all.is_some();
            for (to, held) in given(context, escalation, found, place, holder) {
                if widens || held.iter().any(|held| (holder.counts)(held)) {
                    reach.edge(id, to, Some(index), held);
                }
            }
            is_whole
        };
        if escalation.scope == Scope::Cluster {
            step(&cluster, &Where::Cluster);
            continue;
        }
        // Bindings lie in one namespace each, whatever their editor may do elsewhere.
        let by_binding = escalation.needs.iter().any(|need| need.on == On::Binding);
        if !by_binding && step(&each, &Where::EachNamespace) {
            continue;
        }
        let wide = changes_bindings(&each, index, escalation);
        let all = || context.in_namespace.keys().copied().flatten();
        let all = wide.then(all).into_iter().flatten();
        for namespace in namespaces.iter().copied().chain(all).collect::<BTreeSet<_>>() {
            let own = holder.powers.iter().filter_map(|powers| powers.namespaces.get(namespace));
            let powers: Vec<&Power> = own.chain(each.iter().copied()).collect();
            step(&powers, &Where::of(Some(namespace)));
        }
    }
}

/// Whether it gives every right where a role is held already.
const fn is_widening(gives: Gives) -> bool {
    matches!(
        gives,
        Gives::OwnClusterRole
            | Gives::OwnRole
            | Gives::OwnAggregatedRole
            | Gives::OwnMissingClusterRole
    )
}

/// The places that an escalation gives on its targets, with the rights that each takes.
fn given(
    context: &Context<'_>,
    escalation: &Escalation,
    found: Targets,
    place: &Where,
    holder: &Holder<'_>,
) -> Vec<(Place, Vec<Held>)> {
    let everything = || Place::Everything(Where::Cluster);
    if is_widening(escalation.gives) {
        return widened(context, escalation.gives, &found, holder);
    }
    let whole = match escalation.gives {
        Gives::Everything | Gives::Group => Some(everything()),
        Gives::Anybody => Some(Place::Anybody),
        Gives::Account | Gives::Accounts => Some(Place::Accounts(place.clone())),
        Gives::User => Some(Place::Users),
        Gives::Pod => Some(Place::Pods(place.clone())),
        Gives::TokenSecret => Some(Place::Tokens(place.clone())),
        Gives::Node | Gives::Nodes => Some(Place::Pods(Where::EachNamespace)),
        Gives::ClusterRole => Some(Place::AnyClusterRole(place.clone())),
        Gives::Role => Some(Place::AnyRole(place.clone())),
        _ => None,
    };
    let mut places: Vec<_> = whole.zip(found.all).into_iter().collect();
    for (name, held) in found.names {
        let named = match escalation.gives {
            Gives::Account => at_name(&context.accounts, place, &name),
            Gives::Pod => at_name(&context.pods, place, &name),
            Gives::TokenSecret => at_name(&context.tokens, place, &name),
            Gives::User => vec![Place::Subject(Subject::User(name))],
            Gives::Group if name == MASTERS => vec![everything()],
            Gives::Group => vec![Place::Subject(Subject::Group(name))],
            Gives::Node => vec![Place::Node(name)],
            Gives::ClusterRole => {
                let role = context.role(None, &name);
                role.map(|role| Place::Role(role, place.clone())).into_iter().collect()
            }
            Gives::Role => context
                .role(place.namespace(), &name)
                .map(|role| Place::Role(role, place.clone()))
                .into_iter()
                .collect(),
            _ => Vec::new(),
        };
        places.extend(named.into_iter().map(|place| (place, held.clone())));
    }
    places
}

/// The account for an object of this name in a namespace, or in any.
fn at_name(located: &Located<'_>, place: &Where, name: &str) -> Vec<Place> {
    let namespaces = located
        .iter()
        .filter(|(namespace, _)| place.namespace().is_none_or(|place| place == **namespace));
    let accounts = namespaces.filter_map(|(place, names)| Some((place, names.get(name)?)));
    accounts.map(|(namespace, name)| Place::Subject(account(namespace, name))).collect()
}

/// Every right where the holder has a role whose rules it may choose.
fn widened(
    context: &Context<'_>,
    gives: Gives,
    found: &Targets,
    holder: &Holder<'_>,
) -> Vec<(Place, Vec<Held>)> {
    let mut places = Vec::new();
    if found.all.is_none() && found.names.is_empty() {
        return places;
    }
    for (reference, held_in) in &holder.bound {
        let (namespace, name) = match reference {
            RoleReference::ClusterRole(name) => (None, name),
            RoleReference::Role(name) => (held_in.namespace(), name),
        };
        let role = context.role(namespace, name);
        let is_aggregated = role
            .and_then(|role| context.graph.roles().get(role))
            .is_some_and(|role| role.aggregation.as_ref().is_some_and(|all| !all.is_empty()));
        let is_cluster_role = matches!(reference, RoleReference::ClusterRole(_));
        let fits = match gives {
            Gives::OwnClusterRole => is_cluster_role && role.is_some(),
            Gives::OwnRole => !is_cluster_role && role.is_some(),
            Gives::OwnAggregatedRole => is_cluster_role && is_aggregated,
            _ => is_cluster_role && role.is_none(),
        };
        // An aggregated role takes over the rules of any other.
        let target = match gives {
            Gives::OwnAggregatedRole => found.names.values().next(),
            _ => found.names.get(name),
        };
        if let (true, Some(held)) = (fits, target.or(found.all.as_ref())) {
            places.push((Place::Everything(held_in.clone()), held.clone()));
        }
    }
    places
}
