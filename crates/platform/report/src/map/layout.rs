//! Where everything stands.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::card::{LINE, Line, LineKind, MARGIN, columns};
use super::reduce::{End, Reduced};
use super::{Map, Place};

/// Names on a card; the others are in its tooltip.
const NAMES: usize = 12;

/// Room for lines between two columns of groups.
const GAP: f64 = 150.0;

/// Between two groups of a column.
const BETWEEN: f64 = 26.0;

/// Between two cards of a group.
const CARDS: f64 = 10.0;

/// How much wider than high a picture is to be, about.
const SHAPE: f64 = 1.0;

/// A rectangle with lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Block {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) lines: Vec<Line>,
    /// All names, where the lines do not have them.
    pub(super) tooltip: Option<String>,
    column: usize,
}

/// A curve from one side of a block to one of another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    /// How far it goes straight on from its ends, to the right where it is positive.
    pub(super) pull: (f64, f64),
    /// The group in which it begins.
    pub(super) group: usize,
    pub(super) tooltip: String,
}

/// A finished picture.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Drawing {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Sentences below the title.
    pub(super) remarks: Vec<String>,
    pub(super) groups: Vec<Block>,
    pub(super) cards: Vec<Block>,
    pub(super) curves: Vec<Curve>,
}

pub(super) fn lay_out(map: &Map, reduced: &Reduced) -> Drawing {
    let remarks: Vec<String> = map.remarks.iter().cloned().chain(opened(map, reduced)).collect();
    let mut cards: Vec<Block> =
        (0..reduced.cards.len()).map(|card| card_block(map, reduced, card)).collect();
    let mut groups: Vec<Block> =
        (0..map.groups.len()).map(|group| group_block(map, reduced, group)).collect();
    let members = members(map, reduced);
    for (group, block) in groups.iter_mut().enumerate() {
        size(block, members.get(&group).into_iter().flatten().filter_map(|card| cards.get(*card)));
    }
    let top = 52.0 + LINE * f64::from(u32::try_from(remarks.len()).unwrap_or(0)) + BETWEEN;
    let mut x = BETWEEN;
    let mut bottom: f64 = top;
    for (number, column) in columns_of(map, reduced, &groups, &members).iter().enumerate() {
        let width =
            column.iter().filter_map(|it| groups.get(*it)).map(|it| it.width).fold(0.0, f64::max);
        let mut y = top;
        for group in column {
            let Some(block) = groups.get_mut(*group) else { continue };
            (block.x, block.y, block.width, block.column) = (x, y, width, number);
            let mut inner = y + MARGIN + LINE * lines(block);
            for card in members.get(group).into_iter().flatten() {
                let Some(card) = cards.get_mut(*card) else { continue };
                (card.x, card.y, card.column) = (x + MARGIN, inner, number);
                card.width = width - 2.0 * MARGIN;
                inner += card.height + CARDS;
            }
            y += block.height + BETWEEN;
        }
        bottom = bottom.max(y);
        x += width + GAP;
    }
    let widest = remarks.iter().chain([&map.title]).map(|text| columns(text)).fold(0.0, f64::max);
    let curves = reduced.edges.iter().filter_map(|edge| curve(map, reduced, &groups, &cards, edge));
    Drawing {
        curves: curves.collect(),
        width: (x - GAP + BETWEEN).max(widest + 2.0 * BETWEEN),
        height: bottom,
        remarks,
        groups: groups.into_iter().filter(|block| block.width > 0.0).collect(),
        cards,
    }
}

/// What is said of groups that are open to each other.
fn opened(map: &Map, reduced: &Reduced) -> Vec<String> {
    let sentence = |(number, (groups, label)): (usize, &(BTreeSet<usize>, String))| {
        let count =
            groups.iter().flat_map(|group| map.nodes.iter().filter(move |it| it.group == *group));
        let (count, groups) = (count.count(), groups.len());
        format!(
            "●{}  the {count} in these {groups} groups each lead to every other of them: {label}",
            number + 1
        )
    };
    reduced.open.iter().enumerate().map(sentence).collect()
}

fn members(map: &Map, reduced: &Reduced) -> BTreeMap<usize, Vec<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (card, nodes) in reduced.cards.iter().enumerate() {
        if let Some(node) = nodes.first().and_then(|node| map.nodes.get(*node)) {
            members.entry(node.group).or_default().push(card);
        }
    }
    let name = |card: &usize| {
        let node = reduced.cards.get(*card).and_then(|nodes| nodes.first());
        node.and_then(|node| map.nodes.get(*node)).map(|node| &node.name)
    };
    for cards in members.values_mut() {
        cards.sort_by(|a, b| name(a).cmp(&name(b)));
    }
    members
}

fn card_block(map: &Map, reduced: &Reduced, card: usize) -> Block {
    let nodes = reduced.cards.get(card).map_or(&[] as &[usize], Vec::as_slice);
    let mut names: Vec<&str> = nodes
        .iter()
        .filter_map(|node| map.nodes.get(*node))
        .map(|node| node.name.as_str())
        .collect();
    names.sort_unstable();
    let mut lines: Vec<Line> =
        names.iter().take(NAMES).map(|name| Line::new(name, LineKind::Name)).collect();
    let more = names.len().saturating_sub(NAMES);
    if more > 0 {
        lines.push(Line::new(&format!("and {more} more"), LineKind::Name));
    }
    lines.extend(ends_at(reduced, End::Card(card)));
    block(lines, (more > 0).then(|| names.join(", ")))
}

fn group_block(map: &Map, reduced: &Reduced, group: usize) -> Block {
    let name = map.groups.get(group).map_or("", |group| group.name.as_str());
    let mut lines = vec![Line::new(name, LineKind::Name)];
    for (number, (groups, label)) in reduced.open.iter().enumerate() {
        if groups.contains(&group) {
            lines.push(Line::new(&format!("●{} open: {label}", number + 1), LineKind::Among));
        }
    }
    lines.extend(ends_at(reduced, End::Group(group)));
    block(lines, None)
}

/// What holds among the members of an end, and what arrives at it.
fn ends_at(reduced: &Reduced, end: End) -> Vec<Line> {
    let to = || reduced.edges.iter().filter(move |(_, to, _)| *to == end);
    let among = to()
        .filter(|(from, _, _)| *from == end)
        .map(|(_, _, label)| Line::new(&format!("↔ each other: {label}"), LineKind::Among));
    let arriving: BTreeSet<&str> =
        to().filter(|(from, _, _)| *from != end).map(|(_, _, label)| label.as_str()).collect();
    among.chain(arriving.into_iter().map(|label| Line::new(label, LineKind::Arriving))).collect()
}

fn block(lines: Vec<Line>, tooltip: Option<String>) -> Block {
    let width = lines.iter().map(Line::width).fold(0.0, f64::max) + 2.0 * MARGIN;
    let mut block = Block { width, lines, tooltip, ..Block::default() };
    block.height = lines_height(&block) + MARGIN;
    block
}

fn lines(block: &Block) -> f64 {
    u32::try_from(block.lines.len()).map_or(0.0, f64::from)
}

fn lines_height(block: &Block) -> f64 {
    LINE * lines(block)
}

/// Makes a group large enough for its cards; one without any has no size.
fn size<'a>(group: &mut Block, cards: impl Iterator<Item = &'a Block>) {
    let mut height = MARGIN + lines_height(group);
    let mut empty = true;
    for card in cards {
        empty = false;
        height += card.height + CARDS;
        group.width = group.width.max(card.width + 2.0 * MARGIN);
    }
    group.height = height;
    if empty {
        group.width = 0.0;
    }
}

/// Groups in columns from left to right, so that most edges do so, too.
fn columns_of(
    map: &Map,
    reduced: &Reduced,
    groups: &[Block],
    members: &BTreeMap<usize, Vec<usize>>,
) -> Vec<Vec<usize>> {
    let of_end = |end: &End| match end {
        End::Group(group) => Some(*group),
        End::Card(card) => {
            let node = reduced.cards.get(*card)?.first()?;
            map.nodes.get(*node).map(|node| node.group)
        }
    };
    let edges: BTreeSet<(usize, usize)> = reduced
        .edges
        .iter()
        .filter_map(|(from, to, _)| Some((of_end(from)?, of_end(to)?)))
        .filter(|(from, to)| from != to)
        .collect();
    let at = |place: Place| -> Vec<usize> {
        let all = map.groups.iter().enumerate();
        let mut all: Vec<usize> = all
            .filter(|(index, group)| group.place == place && members.contains_key(index))
            .map(|(index, _)| index)
            .collect();
        all.sort_by_key(|index| map.groups.get(*index).map(|group| &group.name));
        all
    };
    let between = at(Place::Between);
    let layers = layers(&between, &edges);
    let height_of = |group: &usize| groups.get(*group).map_or(0.0, |it| it.height + BETWEEN);
    let area: f64 = between
        .iter()
        .filter_map(|group| groups.get(*group))
        .map(|it| (it.height + BETWEEN) * (it.width + GAP))
        .sum();
    let tallest = between.iter().map(height_of).fold(0.0, f64::max);
    let limit = (area / SHAPE).sqrt().max(tallest);
    let mut placed = vec![at(Place::First)];
    for layer in layers {
        let mut column = Vec::new();
        let mut height = 0.0;
        for group in layer {
            if height + height_of(&group) > limit && !column.is_empty() {
                placed.push(std::mem::take(&mut column));
                height = 0.0;
            }
            height += height_of(&group);
            column.push(group);
        }
        placed.push(column);
    }
    placed.push(at(Place::Last));
    placed.retain(|column| !column.is_empty());
    untangle(&mut placed, &edges);
    placed
}

/// Groups by how many steps lead to them, after edges that would close a circle are left out: those that go
/// back in an order with few of them (Eades, Lin and Smyth 1993).
fn layers(groups: &[usize], edges: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<usize> = groups.iter().copied().collect();
    let mut order = Vec::new();
    let mut end = Vec::new();
    while !left.is_empty() {
        let count = |group: usize, out: bool| {
            let ends = edges.iter().map(|(a, b)| if out { (*a, *b) } else { (*b, *a) });
            ends.filter(|(own, other)| *own == group && left.contains(other)).count()
        };
        let sink = left.iter().copied().find(|group| count(*group, true) == 0);
        let best = || {
            left.iter().copied().max_by_key(|group| {
                let signed = |out| i64::try_from(count(*group, out)).unwrap_or(0);
                (signed(true) - signed(false), std::cmp::Reverse(*group))
            })
        };
        let Some(next) = sink.or_else(best) else { break };
        left.remove(&next);
        if sink.is_some() { end.push(next) } else { order.push(next) }
    }
    order.extend(end.into_iter().rev());
    let mut steps: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, group) in order.iter().enumerate() {
        let before = order.iter().take(index).filter(|it| edges.contains(&(**it, *group)));
        let step = before.filter_map(|it| steps.get(it)).map(|step| step + 1).max().unwrap_or(0);
        steps.insert(*group, step);
    }
    let mut layers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for group in groups {
        layers.entry(steps.get(group).copied().unwrap_or(0)).or_default().push(*group);
    }
    layers.into_values().collect()
}

/// Orders each column by where the neighbours of its groups stand (Sugiyama, Tagawa and Toda 1981).
fn untangle(columns: &mut [Vec<usize>], edges: &BTreeSet<(usize, usize)>) {
    for _ in 0..6 {
        let mut rank: BTreeMap<usize, f64> = BTreeMap::new();
        for column in columns.iter() {
            let length = u32::try_from(column.len()).map_or(1.0, f64::from);
            for (index, group) in column.iter().enumerate() {
                rank.insert(*group, (u32::try_from(index).map_or(0.0, f64::from) + 0.5) / length);
            }
        }
        for column in columns.iter_mut() {
            let centre = |group: &usize| {
                let others = edges.iter().filter_map(|(a, b)| match (a == group, b == group) {
                    (true, false) => rank.get(b),
                    (false, true) => rank.get(a),
                    _ => None,
                });
                let (sum, count) =
                    others.fold((0.0, 0.0), |(sum, count), it| (sum + it, count + 1.0));
                let own = rank.get(group).copied().unwrap_or(0.5);
                if count == 0.0 { own } else { f64::midpoint(sum / count, own) }
            };
            let mut keyed: Vec<(f64, usize)> =
                column.iter().map(|group| (centre(group), *group)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *column = keyed.into_iter().map(|(_, group)| group).collect();
        }
    }
}

fn curve(
    map: &Map,
    reduced: &Reduced,
    groups: &[Block],
    cards: &[Block],
    (from, to, label): &(End, End, String),
) -> Option<Curve> {
    if from == to {
        return None;
    }
    let block = |end: &End| match end {
        End::Card(card) => cards.get(*card),
        End::Group(group) => groups.get(*group),
    };
    let (source, target) = (block(from)?, block(to)?);
    let arriving = Line::new(label, LineKind::Arriving);
    let line = target.lines.iter().position(|line| *line == arriving)?;
    let middle = |block: &Block, line: usize| {
        block.y + MARGIN / 2.0 + LINE * (u32::try_from(line).map_or(0.0, f64::from) + 0.5)
    };
    let (y1, y2) = (middle(source, 0), middle(target, line));
    let right = |block: &Block| block.x + block.width;
    let across = |gap: f64| (gap / 2.0).clamp(40.0, 160.0);
    let (x1, x2, pull) = match source.column.cmp(&target.column) {
        Ordering::Less => {
            let pull = across(target.x - right(source));
            (right(source), target.x, (pull, -pull))
        }
        Ordering::Greater => {
            let pull = across(source.x - right(target));
            (source.x, right(target), (-pull, pull))
        }
        Ordering::Equal => {
            let pull = (30.0 + (y2 - y1).abs() * 0.12).min(GAP * 0.6);
            (right(source), right(target), (pull, pull))
        }
    };
    let name = |end: &End| match end {
        End::Group(group) => map.groups.get(*group).map(|it| it.name.clone()),
        End::Card(card) => {
            let nodes = reduced.cards.get(*card)?;
            let names: Vec<&str> = nodes
                .iter()
                .filter_map(|it| map.nodes.get(*it))
                .map(|it| it.name.as_str())
                .collect();
            Some(names.join(", "))
        }
    };
    let group = match from {
        End::Group(group) => *group,
        End::Card(card) => map.nodes.get(*reduced.cards.get(*card)?.first()?)?.group,
    };
    let tooltip = format!("{} → {}: {label}", name(from)?, name(to)?);
    Some(Curve { from: (x1, y1), to: (x2, y2), pull, group, tooltip })
}
