//! The fewest edges that say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::Map;

/// Where an edge begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A card, by its index.
    Card(usize),
    /// All cards of a group, by its index.
    Group(usize),
}

/// A map with fewer edges.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reduced {
    /// Nodes that have the same edges, by their indices; of one group each.
    pub(super) cards: Vec<Vec<usize>>,
    /// From, to, label. From an end to itself: each of its nodes leads to each other.
    pub(super) edges: BTreeSet<(End, End, String)>,
    /// Groups whose nodes all lead to each other, within each group and across, and by what.
    pub(super) open: Vec<(BTreeSet<usize>, String)>,
}

/// From, to and label, by indices of nodes or of cards.
type Edges = BTreeSet<(usize, usize, String)>;

/// Groups that are all open to each other are marked from this many on; two are joined by lines.
const OPEN: usize = 3;

pub(super) fn reduce(map: &Map) -> Reduced {
    let edges: Edges = map
        .edges
        .iter()
        .filter(|edge| edge.from != edge.to && edge.from.max(edge.to) < map.nodes.len())
        .map(|edge| (edge.from, edge.to, edge.label.clone()))
        .collect();
    let mut reduced = Reduced { cards: cards(map, &edges), ..Reduced::default() };
    let of_node: BTreeMap<usize, usize> = reduced
        .cards
        .iter()
        .enumerate()
        .flat_map(|(card, nodes)| nodes.iter().map(move |node| (*node, card)))
        .collect();
    let between: Edges = edges
        .into_iter()
        .filter_map(|(from, to, label)| Some((*of_node.get(&from)?, *of_node.get(&to)?, label)))
        .collect();
    let groups = groups(map, &reduced.cards);
    let mut whole = whole_groups(&groups, &reduced.cards, &between);
    let single = |group: usize| match groups.get(&group).map(Vec::as_slice) {
        Some([card]) => reduced.cards.get(*card).is_some_and(|nodes| nodes.len() == 1),
        _ => false,
    };
    reduced.open = open_groups(&mut whole, single);
    let covered =
        |card: usize, group: usize| groups.get(&group).is_some_and(|it| it.contains(&card));
    let mut left: Edges = between;
    let opened = reduced.open.iter().flat_map(|(open, label)| {
        open.iter().flat_map(move |a| open.iter().map(move |b| (*a, *b, label.clone())))
    });
    for (from, to, label) in whole.iter().cloned().chain(opened.collect::<Vec<_>>()) {
        left.retain(|(a, b, it)| *it != label || !covered(*a, from) || !covered(*b, to));
    }
    let as_end = |group: usize| match groups.get(&group).map(Vec::as_slice) {
        Some([one]) => End::Card(*one),
        _ => End::Group(group),
    };
    reduced.edges = whole.into_iter().map(|(a, b, label)| (as_end(a), as_end(b), label)).collect();
    half_groups(&groups, &mut left, &mut reduced.edges);
    reduced.edges.extend(left.into_iter().map(|(a, b, label)| (End::Card(a), End::Card(b), label)));
    reduced
}

/// How many edges a node has: out or in, of which label, with which colour.
type View<'a> = BTreeMap<(bool, &'a str, usize), usize>;

/// Nodes of one group that no edge tells apart. Colours are refined until each node of a colour has as many
/// edges of each label with each colour; where edges between two colours are not all there, their nodes stay
/// alone.
fn cards(map: &Map, edges: &Edges) -> Vec<Vec<usize>> {
    let mut colours: Vec<usize> = map.nodes.iter().map(|node| node.group).collect();
    let mut count = 0;
    loop {
        let mut views: Vec<(usize, View<'_>)> =
            colours.iter().map(|colour| (*colour, BTreeMap::new())).collect();
        for (from, to, label) in edges {
            for (own, other, out) in [(*from, *to, true), (*to, *from, false)] {
                if let (Some((_, view)), Some(colour)) = (views.get_mut(own), colours.get(other)) {
                    *view.entry((out, label.as_str(), *colour)).or_default() += 1;
                }
            }
        }
        let numbers: BTreeSet<_> = views.iter().cloned().collect();
        let numbers: BTreeMap<_, usize> = numbers.into_iter().zip(0..).collect();
        colours = views.iter().map(|view| numbers[view]).collect();
        if numbers.len() == count {
            break;
        }
        count = numbers.len();
    }
    let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, colour) in colours.iter().enumerate() {
        alike.entry(*colour).or_default().push(node);
    }
    let mut between: BTreeMap<(usize, usize, &str), usize> = BTreeMap::new();
    for (from, to, label) in edges {
        *between.entry((colours[*from], colours[*to], label)).or_default() += 1;
    }
    let broken: BTreeSet<usize> = between
        .into_iter()
        .filter(|((a, b, _), edges)| *edges != pairs(alike[a].len(), alike[b].len(), a == b))
        .flat_map(|((a, b, _), _)| [a, b])
        .collect();
    let mut cards: Vec<Vec<usize>> = alike
        .into_iter()
        .flat_map(|(colour, nodes)| {
            if broken.contains(&colour) {
                nodes.into_iter().map(|node| vec![node]).collect()
            } else {
                vec![nodes]
            }
        })
        .collect();
    cards.sort();
    cards
}

fn pairs(from: usize, to: usize, same: bool) -> usize {
    if same { from * (from - 1) } else { from * to }
}

/// The cards of each group.
fn groups(map: &Map, cards: &[Vec<usize>]) -> BTreeMap<usize, Vec<usize>> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (card, nodes) in cards.iter().enumerate() {
        if let Some(node) = nodes.first().and_then(|node| map.nodes.get(*node)) {
            groups.entry(node.group).or_default().push(card);
        }
    }
    groups
}

/// Pairs of groups that are joined whole: each card of one with each of the other.
fn whole_groups(
    groups: &BTreeMap<usize, Vec<usize>>,
    cards: &[Vec<usize>],
    edges: &Edges,
) -> Edges {
    let labels: BTreeSet<&String> = edges.iter().map(|(_, _, label)| label).collect();
    let mut whole = Edges::new();
    for (a, ours) in groups {
        for (b, theirs) in groups {
            for label in &labels {
                let wanted = ours.iter().flat_map(|from| theirs.iter().map(move |to| (*from, *to)));
                // A card of one node has no edge with itself.
                let mut wanted =
                    wanted.filter(|(from, to)| from != to || cards[*from].len() > 1).peekable();
                if wanted.peek().is_some()
                    && wanted.all(|(from, to)| edges.contains(&(from, to, (*label).clone())))
                {
                    whole.insert((*a, *b, (*label).clone()));
                }
            }
        }
    }
    whole
}

/// Takes groups out of the edges between groups that are all open to each other. Each edge is counted to the first
/// such set that is found, the largest by greed.
fn open_groups(
    whole: &mut Edges,
    single: impl Fn(usize) -> bool,
) -> Vec<(BTreeSet<usize>, String)> {
    let mut found = Vec::new();
    let labels: BTreeSet<String> = whole.iter().map(|(_, _, label)| label.clone()).collect();
    for label in labels {
        loop {
            let both = |a: usize, b: usize| {
                whole.contains(&(a, b, label.clone())) && whole.contains(&(b, a, label.clone()))
            };
            let within = |a: usize| single(a) || whole.contains(&(a, a, label.clone()));
            let members: BTreeSet<usize> = whole
                .iter()
                .filter(|(a, b, it)| a != b && *it == label && within(*a))
                .map(|(a, _, _)| *a)
                .collect();
            let degree = |a: usize| members.iter().filter(|b| both(a, **b)).count();
            let mut order: Vec<usize> = members.iter().copied().collect();
            order.sort_by_key(|group| (std::cmp::Reverse(degree(*group)), *group));
            let mut open: BTreeSet<usize> = BTreeSet::new();
            for group in order {
                if open.iter().all(|other| both(group, *other)) {
                    open.insert(group);
                }
            }
            if open.len() < OPEN {
                break;
            }
            whole.retain(|(a, b, it)| *it != label || !open.contains(a) || !open.contains(b));
            found.push((open, label.clone()));
        }
    }
    found
}

/// Edges of one card with each of a group.
fn half_groups(
    groups: &BTreeMap<usize, Vec<usize>>,
    left: &mut Edges,
    edges: &mut BTreeSet<(End, End, String)>,
) {
    let ends: BTreeSet<(usize, String)> =
        left.iter().flat_map(|(a, b, label)| [(*a, label.clone()), (*b, label.clone())]).collect();
    for (card, label) in ends {
        for (group, members) in groups {
            let others: Vec<usize> = members.iter().copied().filter(|it| *it != card).collect();
            if others.len() < 2 || others.len() < members.len() {
                continue;
            }
            let ways: [(bool, End, End); 2] = [
                (true, End::Card(card), End::Group(*group)),
                (false, End::Group(*group), End::Card(card)),
            ];
            for (out, from, to) in ways {
                let edge = |other: &usize| {
                    let (a, b) = if out { (card, *other) } else { (*other, card) };
                    (a, b, label.clone())
                };
                if others.iter().all(|other| left.contains(&edge(other))) {
                    for other in &others {
                        left.remove(&edge(other));
                    }
                    edges.insert((from, to, label.clone()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Edge, Group, Node, Place};
    use super::*;

    fn map(groups: &[usize], edges: &[(usize, usize, u8)]) -> Map {
        let group = |number: usize| Group { name: format!("g{number}"), place: Place::Between };
        let node =
            |(number, group): (usize, &usize)| Node { group: *group, name: format!("n{number}") };
        let edge = |(from, to, label): &(usize, usize, u8)| Edge {
            from: *from,
            to: *to,
            label: label.to_string(),
        };
        Map {
            groups: (0..4).map(group).collect(),
            nodes: groups.iter().enumerate().map(node).collect(),
            edges: edges.iter().map(edge).collect(),
            ..Map::default()
        }
    }

    /// Every edge that a reduced map speaks of, between nodes.
    fn expanded(map: &Map, reduced: &Reduced) -> Edges {
        let of_group = |group: usize| -> Vec<usize> {
            (0..map.nodes.len()).filter(|node| map.nodes[*node].group == group).collect()
        };
        let nodes = |end: &End| match end {
            End::Card(card) => reduced.cards[*card].clone(),
            End::Group(group) => of_group(*group),
        };
        let mut all = Edges::new();
        let mut join = |from: &[usize], to: &[usize], label: &String| {
            for a in from {
                all.extend(to.iter().filter(|b| *b != a).map(|b| (*a, *b, label.clone())));
            }
        };
        for (from, to, label) in &reduced.edges {
            join(&nodes(from), &nodes(to), label);
        }
        for (groups, label) in &reduced.open {
            let them: Vec<usize> = groups.iter().flat_map(|group| of_group(*group)).collect();
            join(&them, &them, label);
        }
        all
    }

    fn given(map: &Map) -> Edges {
        let edges = map.edges.iter().filter(|edge| edge.from != edge.to);
        edges.map(|edge| (edge.from, edge.to, edge.label.clone())).collect()
    }

    proptest! {
        #[test]
        fn a_reduced_map_says_the_same(
            groups in prop::collection::vec(0..4_usize, 8),
            edges in prop::collection::vec((0..8_usize, 0..8_usize, 0..2_u8), 0..70),
        ) {
            let map = map(&groups, &edges);
            prop_assert_eq!(expanded(&map, &reduce(&map)), given(&map));
        }

        /// Dense maps: whole groups joined to whole groups, with a few edges missing.
        #[test]
        fn and_so_does_one_of_whole_groups(
            joined in prop::collection::vec((0..4_usize, 0..4_usize), 0..16),
            missing in prop::collection::vec((0..9_usize, 0..9_usize), 0..3),
        ) {
            let groups = [0, 0, 0, 1, 1, 2, 2, 2, 3];
            let all = (0..9).flat_map(|a| (0..9).map(move |b| (a, b)));
            let edges: Vec<(usize, usize, u8)> = all
                .filter(|(a, b)| joined.contains(&(groups[*a], groups[*b])) && !missing.contains(&(*a, *b)))
                .map(|(a, b)| (a, b, 0))
                .collect();
            let map = map(&groups, &edges);
            prop_assert_eq!(expanded(&map, &reduce(&map)), given(&map));
        }
    }

    #[test]
    fn everything_open_is_no_line_at_all() {
        let groups = [0, 0, 1, 1, 2, 2, 3, 3];
        let all: Vec<(usize, usize, u8)> =
            (0..8).flat_map(|a| (0..8).map(move |b| (a, b, 0))).collect();
        let reduced = reduce(&map(&groups, &all));
        assert_eq!((reduced.edges.len(), reduced.open.len(), reduced.cards.len()), (0, 1, 4));
    }
}
