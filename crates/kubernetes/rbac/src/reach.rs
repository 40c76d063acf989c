//! Whom and what rights lead to: a graph of steps, each with the rules that allow it.

mod context;
mod expand;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::escalation::Escalation;
use crate::graph::{Grant, Graph};
use crate::place::{Place, Where};
use crate::power::Held;
use crate::source::Inventory;

use context::Context;

/// The steps from everybody to whatever they lead to.
#[derive(Debug)]
pub struct Reach<'graph> {
    graph: &'graph Graph,
    escalations: &'graph [Escalation],
    places: Vec<Arc<Place>>,
    ids: HashMap<Arc<Place>, usize>,
    /// The steps that leave each place.
    edges: Vec<Vec<Edge>>,
}

#[derive(Debug)]
struct Edge {
    to: usize,
    /// The place of the escalation; none where the one is a part or a member of the other.
    escalation: Option<usize>,
    held: Vec<Held>,
}

/// A way from somebody to a goal.
#[derive(Debug)]
pub struct Path<'reach> {
    /// Where it begins.
    pub start: &'reach Place,
    /// Its steps. Empty where it begins at the goal.
    pub steps: Vec<Step<'reach>>,
}

/// One step of a way.
#[derive(Debug)]
pub struct Step<'reach> {
    /// What is done; none where what was reached holds, or is a member of, the next place anyway.
    pub escalation: Option<&'reach Escalation>,
    /// Whom or what it gives.
    pub to: &'reach Place,
    /// The rules that allow it, each with its binding; none where it holds the role only since a step
    /// before.
    pub rights: Vec<Right<'reach>>,
}

/// A rule that allows a step.
#[derive(Debug, Clone, Copy)]
pub enum Right<'reach> {
    /// Granted already.
    Granted(Grant<'reach>),
    /// Of a role that a step before gives.
    Gained(&'reach crate::policy::Role, &'reach crate::policy::Rule),
}

impl<'graph> Reach<'graph> {
    /// Follows every right of everybody.
    pub fn new(
        graph: &'graph Graph,
        inventory: &Inventory,
        escalations: &'graph [Escalation],
    ) -> Self {
        let mut reach =
            Self { graph, escalations, places: Vec::new(), ids: HashMap::new(), edges: Vec::new() };
        let context = Context::new(graph, inventory, escalations);
        reach.id(Place::Everything(Where::Cluster));
        for subject in &context.subjects {
            reach.id(Place::Subject(subject.clone().into_owned()));
        }
        // Places that are found on the way are looked at in their turn.
        let mut next = 0_usize;
        while let Some(place) = reach.places.get(next).cloned() {
            expand::expand(&mut reach, &context, next, &place);
            next = next.saturating_add(1);
        }
        reach
    }

    /// The shortest way of each subject of a binding and each service account to a goal, in the order
    /// of their names; those without a way are left out.
    pub fn paths(&self, goal: &Place) -> Vec<Path<'_>> {
        let Some(goal) = self.ids.get(goal) else { return Vec::new() };
        let next = self.next_steps(*goal);
        let mut paths: Vec<Path<'_>> = self
            .places
            .iter()
            .enumerate()
            .filter(|(_, place)| matches!(***place, Place::Subject(_)))
            .filter_map(|(id, place)| {
                Some(Path { start: place, steps: self.follow(id, *goal, &next)? })
            })
            .collect();
        paths.sort_by(|one, other| one.start.cmp(other.start));
        paths
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.edges.iter().map(Vec::len).sum()
    }

    /// For each place the step that is nearest to the goal: breadth first from the goal, where being
    /// a member or a part costs nothing. Of equally near ones it is that which the table has first.
    fn next_steps(&self, goal: usize) -> Vec<Option<(usize, usize)>> {
        let mut back: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.places.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for (index, edge) in edges.iter().enumerate() {
                if let Some(back) = back.get_mut(edge.to) {
                    back.push((from, index));
                }
            }
        }
        let mut distances: Vec<usize> = vec![usize::MAX; self.places.len()];
        let mut next = vec![None; self.places.len()];
        let mut open = VecDeque::from([(goal, 0_usize)]);
        if let Some(distance) = distances.get_mut(goal) {
            *distance = 0;
        }
        while let Some((place, distance)) = open.pop_front() {
            if distances.get(place).is_none_or(|known| *known < distance) {
                continue;
            }
            for (from, index) in back.get(place).into_iter().flatten() {
                let Some(edge) = self.edges.get(*from).and_then(|edges| edges.get(*index)) else {
                    continue;
                };
                let is_free = edge.escalation.is_none();
                let through = distance.saturating_add(usize::from(!is_free));
                let (Some(known), Some(step)) = (distances.get_mut(*from), next.get_mut(*from))
                else {
                    continue;
                };
                let other = |(_, index): (usize, usize)| self.edges.get(*from)?.get(index);
                let is_earlier =
                    step.and_then(other).is_some_and(|it| it.escalation > edge.escalation);
                if through == *known && !is_free && is_earlier {
                    *step = Some((edge.to, *index));
                }
                if through < *known {
                    *known = through;
                    *step = Some((edge.to, *index));
                    if is_free {
                        open.push_front((*from, through));
                    } else {
                        open.push_back((*from, through));
                    }
                }
            }
        }
        next
    }

    fn follow(
        &self,
        start: usize,
        goal: usize,
        next: &[Option<(usize, usize)>],
    ) -> Option<Vec<Step<'_>>> {
        let mut steps = Vec::new();
        let mut at = start;
        while at != goal {
            let (to, index) = (*next.get(at)?)?;
            let edge = self.edges.get(at)?.get(index)?;
            steps.push(Step {
                escalation: edge.escalation.and_then(|place| self.escalations.get(place)),
                to: self.places.get(to)?,
                rights: edge.held.iter().filter_map(|held| self.right(*held)).collect(),
            });
            at = to;
        }
        Some(steps)
    }

    fn right(&self, held: Held) -> Option<Right<'_>> {
        let role = self.graph.roles().get(held.role)?;
        let rule = role.rules.get(held.rule)?;
        Some(match held.binding {
            None => Right::Gained(role, rule),
            Some(binding) => Right::Granted(Grant {
                binding: self.graph.bindings().get(binding)?,
                role,
                rule,
                index: held.rule,
                binding_index: binding,
            }),
        })
    }

    fn id(&mut self, place: Place) -> usize {
        if let Some(id) = self.ids.get(&place) {
            return *id;
        }
        let (id, place) = (self.places.len(), Arc::new(place));
        self.ids.insert(Arc::clone(&place), id);
        self.places.push(place);
        self.edges.push(Vec::new());
        id
    }

    fn edge(&mut self, from: usize, to: Place, escalation: Option<usize>, held: Vec<Held>) {
        let to = self.id(to);
        if let Some(edges) = self.edges.get_mut(from).filter(|_| to != from) {
            edges.push(Edge { to, escalation, held });
        }
    }
}
