//! Maps: who leads to whom, as a picture that stands alone.
//!
//! A [`Map`] is nodes in groups and labelled edges between them. Before it is drawn, what is alike becomes
//! one: nodes with the same edges share a card, edges between all cards of two groups become one edge, and
//! groups that are all open to each other are marked and not joined by lines. Nothing is left out by that:
//! the picture can be read back to every edge. The SVG needs no font, script or address of its own; it
//! follows the reader's light or dark scheme.

mod card;
mod layout;
mod reduce;
mod svg;

/// Nodes in groups, and what leads from one to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// What it is a map of.
    pub title: String,
    /// Lines below the title: dates, what was not assessed.
    pub remarks: Vec<String>,
    /// The groups, namespaces mostly.
    pub groups: Vec<Group>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges. Of several with the same ends and label one counts; ends that do not exist are left out.
    pub edges: Vec<Edge>,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Where it has its place.
    pub place: Place,
}

/// Where a group has its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the beginning of the ways: the internet as a source, a subject of RBAC.
    First,
    /// Where its edges want it.
    Between,
    /// At their end: the internet as a destination, what can be had in the end.
    Last,
}

/// A point of the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its group, by its index.
    pub group: usize,
    /// Its name.
    pub name: String,
}

/// A way from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins, by the node's index.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it is: ports, a verb.
    pub label: String,
}

impl Map {
    /// The picture.
    pub fn svg(&self) -> String {
        svg::document(self, &self.drawing())
    }

    /// The picture as a part of a page with [`style_of_page`]; `number` tells it apart from others there.
    pub(crate) fn part(&self, number: usize) -> String {
        svg::part(self, &self.drawing(), number)
    }

    fn drawing(&self) -> layout::Drawing {
        layout::lay_out(self, &reduce::reduce(self))
    }
}

/// The look of pictures in a page.
pub(crate) fn style_of_page() -> String {
    svg::style_of_page()
}
