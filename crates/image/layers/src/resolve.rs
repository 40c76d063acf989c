//! Walking a path through links, inside the root.

use crate::tree::{Content, NodeId, Tree};
use crate::{EntryKind, Layer};

/// Links that one walk follows at most: the kernel's own limit, of the page `path_resolution(7)`.
const LINKS: u32 = 40;

/// Components that one walk takes at most, links unfolded: twice what the kernel's longest name,
/// 4,096 bytes, can hold.
const STEPS: u32 = 4_096;

/// How a walk treats a link at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Goes on behind it.
    All,
    /// Ends at it.
    Parents,
}

/// The node at `path`; none where there is no such name, or only a loop of links.
pub(crate) fn walk(tree: &Tree, layers: &[Layer], path: &[u8], follow: Follow) -> Option<NodeId> {
    let mut walker = Walker::new(path);
    loop {
        match walker.step(tree, layers, follow) {
            Step::Entered => {}
            Step::Ended(node) => return Some(node),
            Step::Missing { .. } | Step::Blocked(_) | Step::Loop => return None,
        }
    }
}

/// What one step of a walk met.
pub(crate) enum Step<'a> {
    /// A folder, or a link to follow: the walk goes on.
    Entered,
    /// The end of the path.
    Ended(NodeId),
    /// A name that the folder lacks. Whoever adds it goes on with [`Walker::enter`].
    Missing { folder: NodeId, name: &'a [u8] },
    /// Something that is no folder, with more of the path to go.
    Blocked(NodeId),
    /// Too many links or components.
    Loop,
}

/// A walk in progress.
pub(crate) struct Walker<'a> {
    /// Components still to go, the next one last: a link's own components go on top.
    pending: Vec<&'a [u8]>,
    current: NodeId,
    links: u32,
    steps: u32,
}

impl<'a> Walker<'a> {
    /// A walk from the root.
    pub(crate) fn new(path: &'a [u8]) -> Self {
        let mut walker = Self { pending: Vec::new(), current: Tree::ROOT, links: 0, steps: 0 };
        walker.push(path);
        walker
    }

    /// Goes on from a folder that now stands where a name was missing or blocked.
    pub(crate) fn enter(&mut self, folder: NodeId) {
        self.current = folder;
    }

    pub(crate) fn step(&mut self, tree: &Tree, layers: &'a [Layer], follow: Follow) -> Step<'a> {
        let Some(name) = self.pending.pop() else { return Step::Ended(self.current) };
        self.steps = self.steps.saturating_add(1);
        if self.steps > STEPS {
            return Step::Loop;
        }
        if name == b".." {
            self.current = tree.parent(self.current);
            return Step::Entered;
        }
        let folder = self.current;
        let Some(child) = tree.child(folder, name) else { return Step::Missing { folder, name } };
        let is_last = self.pending.is_empty();
        match tree.content(child) {
            Content::Symlink(origin) if !is_last || follow == Follow::All => {
                self.links = self.links.saturating_add(1);
                if self.links > LINKS {
                    return Step::Loop;
                }
                let target = link_target(layers, origin.layer, origin.entry);
                if target.starts_with(b"/") {
                    self.current = Tree::ROOT;
                }
                self.push(target);
                Step::Entered
            }
            Content::Directory(_) => {
                self.current = child;
                Step::Entered
            }
            _ if is_last => Step::Ended(child),
            _ => Step::Blocked(child),
        }
    }

    /// Puts the components of `path` on the stack, the first one on top. A path with more of them
    /// than a walk takes ends as a loop, so no more than that are kept.
    fn push(&mut self, path: &'a [u8]) {
        let components = path.split(|&byte| byte == b'/');
        let components = components.filter(|name| !matches!(*name, b"" | b"."));
        let start = self.pending.len();
        self.pending.extend(components.take(STEPS as usize));
        if let Some(added) = self.pending.get_mut(start..) {
            added.reverse();
        }
    }
}

/// The target of a symbolic link as written.
fn link_target(layers: &[Layer], layer: u32, entry: u32) -> &[u8] {
    let entry = layers.get(layer as usize).and_then(|layer| layer.entries.get(entry as usize));
    match entry.map(|entry| &entry.kind) {
        Some(EntryKind::Symlink(target)) => target,
        _ => b"",
    }
}
