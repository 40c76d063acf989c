//! Putting layers on top of each other as containerd does.
//!
//! The rules are those of the OCI image specification ("layer", applying changesets) and, where it
//! is silent, of containerd's `archive.Apply`: parents are resolved through links inside the root,
//! the last component is not; a directory over a directory keeps what is in it, everything else
//! replaces what was there; marks hide what is in lower layers only.
//!
//! Storage drivers differ in marks behind a link of a lower layer: the native one follows the link,
//! overlayfs makes a folder in the link's place, and what the mark names stays. Here such a mark hides
//! nothing, so that no container has what a scan has not seen, and is reported.

use bulkhead_model::{EntryPath, Location, Problem, ProblemKind};

use crate::resolve::{Follow, Step, Walker, walk};
use crate::tree::{Content, NodeId, Origin, Tree};
use crate::view::{HiddenBy, View};
use crate::{Entry, EntryKind, Layer};

/// Name prefix of a mark that hides one name of the lower layers.
const WHITEOUT: &[u8] = b".wh.";

/// A mark that hides everything that lower layers have in its directory.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// How names of AUFS's own bookkeeping begin: old images contain them, no runtime shows them.
const AUFS: &[u8] = b".wh..wh.";

/// Problems that are recorded one by one.
const PROBLEMS: usize = 200;

/// The tree that a container of these layers would see, bottom layer first.
pub fn merge(layers: Vec<Layer>) -> (View, Vec<Problem>) {
    let mut merging = Merging {
        tree: Tree::new(),
        layers: &layers,
        hidden: Vec::new(),
        problems: Vec::new(),
        more_problems: 0,
        last_parent: None,
    };
    for (number, layer) in (0u32..).zip(&layers) {
        merging.hide(number, layer);
        merging.apply(number, layer);
    }
    let Merging { tree, hidden, mut problems, more_problems, .. } = merging;
    if more_problems > 0 {
        let message = format!("{more_problems} more odd entries");
        problems.push(Problem::general(ProblemKind::Ambiguous, message));
    }
    (View::new(tree, layers, hidden), problems)
}

struct Merging<'a> {
    tree: Tree,
    layers: &'a [Layer],
    hidden: Vec<HiddenBy>,
    problems: Vec<Problem>,
    more_problems: u64,
    /// The parent path of the entry before, and its node: neighbours mostly share it.
    last_parent: Option<(&'a [u8], NodeId)>,
}

impl<'a> Merging<'a> {
    /// Applies the marks of a layer to what lies below it, before anything of its own is there.
    fn hide(&mut self, number: u32, layer: &Layer) {
        for entry in &layer.entries {
            let name = entry.path.file_name();
            if !name.starts_with(WHITEOUT) {
                continue;
            }
            let (parent, _) = split(entry.path.as_bytes());
            let Some(folder) = walk(&self.tree, self.layers, parent, Follow::All) else { continue };
            if self.is_behind_link(parent) {
                self.odd(&entry.path, "a mark behind a link: what it hides depends on the storage driver, so nothing is hidden");
                continue;
            }
            if name == OPAQUE {
                for child in self.tree.children(folder).collect::<Vec<NodeId>>() {
                    self.remove(child, number);
                }
            } else if !name.starts_with(AUFS)
                && let Some(child) =
                    self.tree.child(folder, name.get(WHITEOUT.len()..).unwrap_or(b""))
            {
                self.remove(child, number);
            }
        }
    }

    /// Whether a component of the path is a link.
    fn is_behind_link(&self, path: &[u8]) -> bool {
        let mut node = Tree::ROOT;
        for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
            let Some(child) = self.tree.child(node, name) else { return false };
            if matches!(self.tree.content(child), Content::Symlink(_)) {
                return true;
            }
            node = child;
        }
        false
    }

    fn apply(&mut self, number: u32, layer: &'a Layer) {
        self.last_parent = None;
        for (position, entry) in (0u32..).zip(&layer.entries) {
            let is_mark = entry.path.file_name().starts_with(WHITEOUT);
            let is_aufs = entry.path.as_bytes().starts_with(AUFS);
            if is_mark || is_aufs || entry.path.as_bytes().is_empty() {
                continue;
            }
            self.apply_entry(Origin { layer: number, entry: position }, entry);
        }
    }

    fn apply_entry(&mut self, origin: Origin, entry: &'a Entry) {
        let (parent, name) = split(entry.path.as_bytes());
        let folder = match self.last_parent {
            Some((path, node)) if path == parent => node,
            _ => match self.make_parents(parent, origin.layer, &entry.path) {
                Some(node) => node,
                None => return self.odd(&entry.path, "its folder lies behind a loop of links"),
            },
        };
        let Some(content) = self.content_of(origin, entry) else {
            return self.odd(&entry.path, "a hard link to a name that does not exist");
        };
        let existing = self.tree.child(folder, name);
        self.report_duplicate(existing, origin, entry);
        match existing {
            Some(node)
                if matches!(content, Content::Directory(_))
                    && matches!(self.tree.content(node), Content::Directory(_)) =>
            {
                self.tree.set(node, content, origin.layer);
            }
            Some(node) => {
                self.remove(node, origin.layer);
                self.tree.add(folder, name, content, origin.layer);
            }
            None => {
                self.tree.add(folder, name, content, origin.layer);
            }
        }
        self.last_parent = Some((parent, folder));
    }

    /// What a new name stands for; none for a hard link to nothing.
    fn content_of(&self, origin: Origin, entry: &Entry) -> Option<Content> {
        Some(match &entry.kind {
            EntryKind::File => Content::File(origin),
            EntryKind::Directory => Content::Directory(Some(origin)),
            EntryKind::Symlink(_) => Content::Symlink(origin),
            EntryKind::Special => Content::Special(origin),
            EntryKind::Hardlink(target) => {
                let target = target.as_bytes();
                let node = walk(&self.tree, self.layers, target, Follow::Parents)?;
                match self.tree.content(node) {
                    Content::Directory(_) => return None,
                    content => content,
                }
            }
        })
    }

    /// The folder at `path`, through links; what is missing is made, what is in the way is replaced.
    fn make_parents(&mut self, path: &'a [u8], layer: u32, of: &EntryPath) -> Option<NodeId> {
        let mut walker = Walker::new(path);
        loop {
            match walker.step(&self.tree, self.layers, Follow::All) {
                Step::Entered => {}
                Step::Ended(node) => {
                    self.make_folder(node, layer, of);
                    return Some(node);
                }
                Step::Blocked(node) => {
                    self.make_folder(node, layer, of);
                    walker.enter(node);
                }
                Step::Missing { folder, name } => {
                    let content = Content::Directory(None);
                    walker.enter(self.tree.add(folder, name, content, layer));
                }
                Step::Loop => return None,
            }
        }
    }

    /// Turns what is no folder into one, for an entry that is to lie in it.
    fn make_folder(&mut self, node: NodeId, layer: u32, of: &EntryPath) {
        let content = self.tree.content(node);
        if !matches!(content, Content::Directory(_)) {
            self.odd(of, "a file stands where its folder should be, and gives way");
            self.note_hidden(content, layer);
            self.tree.set(node, Content::Directory(None), layer);
        }
    }

    fn remove(&mut self, node: NodeId, by: u32) {
        for content in self.tree.remove(node) {
            self.note_hidden(content, by);
        }
    }

    fn note_hidden(&mut self, content: Content, by: u32) {
        if let Content::File(origin) = content {
            self.hidden.push(HiddenBy { origin, layer: by });
        }
    }

    /// Two entries of one name in one layer: readers differ in which one they take, so a hostile
    /// image can show a scanner another file than the runtime. The last one wins in containerd.
    fn report_duplicate(&mut self, existing: Option<NodeId>, origin: Origin, entry: &Entry) {
        let Some(node) = existing else { return };
        let folders = matches!(entry.kind, EntryKind::Directory)
            && matches!(self.tree.content(node), Content::Directory(_));
        let named = self.tree.content(node).origin().is_some();
        if self.tree.layer(node) == origin.layer && named && !folders {
            self.odd(&entry.path, "the layer has this name twice; the last entry counts");
        }
    }

    fn odd(&mut self, path: &EntryPath, message: &str) {
        if self.problems.len() < PROBLEMS {
            let location = Location::of(path.clone());
            self.problems.push(Problem::new(ProblemKind::Ambiguous, location, message));
        } else {
            self.more_problems = self.more_problems.saturating_add(1);
        }
    }
}

/// The folder part and the last component.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => {
            (path.get(..slash).unwrap_or(b""), path.get(slash.saturating_add(1)..).unwrap_or(b""))
        }
        None => (b"", path),
    }
}
