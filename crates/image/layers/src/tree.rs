//! A tree of names: the file system as it grows from layer to layer.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// The position of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

/// Where an entry stands: which layer, and its position there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    pub(crate) layer: u32,
    pub(crate) entry: u32,
}

/// What a node is. A hard link is the file that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A directory; none where no entry names it and only its children imply it.
    Directory(Option<Origin>),
    File(Origin),
    Symlink(Origin),
    Special(Origin),
}

impl Content {
    pub(crate) fn origin(self) -> Option<Origin> {
        match self {
            Self::Directory(origin) => origin,
            Self::File(origin) | Self::Symlink(origin) | Self::Special(origin) => Some(origin),
        }
    }
}

struct Node {
    name: Box<[u8]>,
    parent: NodeId,
    content: Content,
    /// The layer that made this name: hard links have a content of another origin.
    layer: u32,
    removed: bool,
    first_child: Option<NodeId>,
    next_sibling: Option<NodeId>,
}

/// Nodes are never taken out of the arena, only marked: each is removed once at most, so merging
/// stays linear in the number of entries.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Living nodes by parent and name. The names are hostile, so the hash is keyed by chance.
    index: HashTable<NodeId>,
    hasher: RandomState,
}

impl Tree {
    pub(crate) const ROOT: NodeId = NodeId(0);

    pub(crate) fn new() -> Self {
        let root = Node {
            name: Box::default(),
            parent: Self::ROOT,
            content: Content::Directory(None),
            layer: 0,
            removed: false,
            first_child: None,
            next_sibling: None,
        };
        Self { nodes: vec![root], index: HashTable::new(), hasher: RandomState::new() }
    }

    pub(crate) fn child(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let hash = self.hasher.hash_one((parent, name));
        self.index.find(hash, |&id| self.is_named(id, parent, name)).copied()
    }

    /// Adds a child under a name that is free.
    pub(crate) fn add(
        &mut self,
        parent: NodeId,
        name: &[u8],
        content: Content,
        layer: u32,
    ) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let next_sibling = self.node(parent).and_then(|node| node.first_child);
        self.nodes.push(Node {
            name: name.into(),
            parent,
            content,
            layer,
            removed: false,
            first_child: None,
            next_sibling,
        });
        if let Some(node) = self.node_mut(parent) {
            node.first_child = Some(id);
        }
        let hash = self.hasher.hash_one((parent, name));
        let Self { nodes, index, hasher } = self;
        index.insert_unique(hash, id, |&id| {
            nodes.get(id.0 as usize).map_or(0, |node| hasher.hash_one((node.parent, &*node.name)))
        });
        id
    }

    /// Removes a node with all that is below it; gives the contents that are gone.
    pub(crate) fn remove(&mut self, id: NodeId) -> Vec<Content> {
        let mut gone = Vec::new();
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            pending.extend(self.children(id));
            let Some(node) = self.node_mut(id) else { continue };
            node.removed = true;
            gone.push(node.content);
            let (parent, name) = (node.parent, std::mem::take(&mut node.name));
            let hash = self.hasher.hash_one((parent, &*name));
            if let Ok(occupied) = self.index.find_entry(hash, |&found| found == id) {
                occupied.remove();
            }
        }
        gone
    }

    pub(crate) fn set(&mut self, id: NodeId, content: Content, layer: u32) {
        if let Some(node) = self.node_mut(id) {
            node.content = content;
            node.layer = layer;
        }
    }

    pub(crate) fn content(&self, id: NodeId) -> Content {
        self.node(id).map_or(Content::Directory(None), |node| node.content)
    }

    /// The layer that made the name, which a hard link does not share with its content.
    pub(crate) fn layer(&self, id: NodeId) -> u32 {
        self.node(id).map_or(0, |node| node.layer)
    }

    pub(crate) fn parent(&self, id: NodeId) -> NodeId {
        self.node(id).map_or(Self::ROOT, |node| node.parent)
    }

    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let first = self.node(id).and_then(|node| node.first_child);
        std::iter::successors(first, |&id| self.node(id).and_then(|node| node.next_sibling))
            .filter(|&id| self.node(id).is_some_and(|node| !node.removed))
    }

    /// Every living node but the root.
    pub(crate) fn iter(&self) -> impl Iterator<Item = NodeId> {
        (0u32..)
            .zip(&self.nodes)
            .skip(1)
            .filter(|(_, node)| !node.removed)
            .map(|(id, _)| NodeId(id))
    }

    /// The path from the root, `usr/bin/env`.
    pub(crate) fn path(&self, id: NodeId) -> Vec<u8> {
        let mut names = Vec::new();
        let mut current = id;
        while current != Self::ROOT {
            let Some(node) = self.node(current) else { break };
            names.push(&*node.name);
            current = node.parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    fn is_named(&self, id: NodeId, parent: NodeId, name: &[u8]) -> bool {
        self.node(id).is_some_and(|node| node.parent == parent && *node.name == *name)
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }
}
