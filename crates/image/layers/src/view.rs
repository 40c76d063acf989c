//! The merged tree, asked by those who assemble what detectors found.

use std::collections::BTreeMap;

use bulkhead_model::{EntryPath, LayerReference, Location};
use rustc_hash::FxHashMap;

use crate::resolve::{Follow, walk};
use crate::tree::{Content, Origin, Tree};
use crate::{Detector, Entry, Facts, Layer, Metadata, Want};

/// The tree that a container would see, with the facts about its files.
pub struct View {
    tree: Tree,
    layers: Vec<Layer>,
    hidden: Vec<HiddenBy>,
    /// Facts by detector and by the path under which the tree shows the file.
    visible: BTreeMap<String, BTreeMap<EntryPath, Source>>,
    /// Facts from second reads.
    later: Vec<(Origin, Facts)>,
}

/// A file that a later layer took away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HiddenBy {
    pub(crate) origin: Origin,
    pub(crate) layer: u32,
}

/// Where facts are kept.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// In [`Layer::facts`] of a layer.
    Layer { layer: u32, position: usize },
    /// In [`View::later`].
    Later { position: usize },
}

/// Facts about a file that the tree shows.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The path under which the tree shows it.
    pub path: &'a EntryPath,
    /// The same path with the layer that brought the content.
    pub location: Location,
    /// What the detector found.
    pub facts: &'a Facts,
}

/// Facts about a file that a later layer hides or replaces.
#[derive(Debug, Clone)]
pub struct Hidden<'a> {
    /// The path in its own layer.
    pub location: Location,
    /// The layer that hid it.
    pub by: u32,
    /// What the detector found.
    pub facts: &'a Facts,
}

/// A file that a detector wants under a name other than the one it has in its layer: behind a link,
/// or in a folder that is one. To be read once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondRead {
    /// The layer that has the content.
    pub layer: u32,
    /// The entry in it.
    pub entry: u32,
    /// The path by which it is wanted.
    pub path: EntryPath,
    /// The detector that wants it.
    pub detector: &'static str,
}

impl View {
    pub(crate) fn new(tree: Tree, layers: Vec<Layer>, hidden: Vec<HiddenBy>) -> Self {
        let mut view = Self { tree, layers, hidden, visible: BTreeMap::new(), later: Vec::new() };
        view.collect_visible();
        view
    }

    /// The facts of a detector about visible files, ordered by path.
    pub fn facts(&self, detector: &str) -> impl Iterator<Item = Found<'_>> {
        self.visible.get(detector).into_iter().flatten().filter_map(|(path, source)| {
            let (layer, facts) = match *source {
                Source::Layer { layer, position } => {
                    (layer, &self.layers.get(layer as usize)?.facts.get(position)?.facts)
                }
                Source::Later { position } => {
                    let (origin, facts) = self.later.get(position)?;
                    (origin.layer, facts)
                }
            };
            Some(Found { path, location: self.location(path, layer), facts })
        })
    }

    /// The facts of a detector about files of lower layers that are hidden, in the order in which
    /// they were hidden.
    pub fn hidden(&self, detector: &str) -> impl Iterator<Item = Hidden<'_>> {
        self.hidden.iter().filter_map(move |hidden| {
            let facts = self.found(hidden.origin, detector)?;
            let entry = self.entry(hidden.origin)?;
            let location = self.location(&entry.path, hidden.origin.layer);
            Some(Hidden { location, by: hidden.layer, facts })
        })
    }

    /// Whether something has exactly this path, links on the way followed, the last one not.
    pub fn contains(&self, path: &EntryPath) -> bool {
        walk(&self.tree, &self.layers, path.as_bytes(), Follow::Parents).is_some()
    }

    /// The path without links that this one leads to; none where it leads nowhere.
    pub fn resolve(&self, path: &EntryPath) -> Option<EntryPath> {
        let node = walk(&self.tree, &self.layers, path.as_bytes(), Follow::All)?;
        Some(EntryPath::new(self.tree.path(node)))
    }

    /// The place of a path in the report: with the layer that brought its content.
    pub fn locate(&self, path: &EntryPath) -> Location {
        let node = walk(&self.tree, &self.layers, path.as_bytes(), Follow::All);
        match node.and_then(|node| self.tree.content(node).origin()) {
            Some(origin) => self.location(path, origin.layer),
            None => Location::of(path.clone()),
        }
    }

    /// How many names the tree shows.
    pub fn size(&self) -> usize {
        self.tree.iter().count()
    }

    /// What detectors want under names that no layer offered them, each once.
    pub fn second_reads(&self, detectors: &[Box<dyn Detector>]) -> Vec<SecondRead> {
        let mut reads = Vec::new();
        for node in self.tree.iter() {
            let wanted = match self.tree.content(node) {
                Content::File(origin) => {
                    let path = self.tree.path(node);
                    let moved = self.entry(origin).is_some_and(|e| e.path.as_bytes() != path);
                    moved.then(|| (EntryPath::new(path), origin))
                }
                Content::Symlink(_) => {
                    let path = EntryPath::new(self.tree.path(node));
                    self.file_behind(&path).map(|origin| (path, origin))
                }
                Content::Directory(_) | Content::Special(_) => None,
            };
            if let Some((path, origin)) = wanted {
                self.want(&path, origin, detectors, &mut reads);
            }
        }
        for detector in detectors {
            for place in detector.places() {
                let path = EntryPath::from(*place);
                if let Some(origin) = self.file_behind(&path) {
                    self.want(&path, origin, std::slice::from_ref(detector), &mut reads);
                }
            }
        }
        reads.sort_by(|a, b| {
            (a.layer, a.entry, &a.path, a.detector).cmp(&(b.layer, b.entry, &b.path, b.detector))
        });
        reads.dedup();
        reads
    }

    /// The path that the file of a second read has in its own layer.
    pub fn own_path(&self, read: &SecondRead) -> Option<EntryPath> {
        let origin = Origin { layer: read.layer, entry: read.entry };
        self.entry(origin).map(|entry| entry.path.clone())
    }

    /// Adds what a second read found.
    pub fn add(&mut self, read: &SecondRead, facts: Facts) {
        let position = self.later.len();
        self.later.push((Origin { layer: read.layer, entry: read.entry }, facts));
        self.visible
            .entry(read.detector.to_owned())
            .or_default()
            .insert(read.path.clone(), Source::Later { position });
    }

    /// Adds a read for each detector that wants the file by this path and would not read it, or did
    /// not, by the path without links.
    fn want(
        &self,
        path: &EntryPath,
        origin: Origin,
        detectors: &[Box<dyn Detector>],
        reads: &mut Vec<SecondRead>,
    ) {
        let Some(entry) = self.entry(origin) else { return };
        let metadata = Metadata { mode: entry.mode, size: entry.size };
        let real = self.resolve(path);
        for detector in detectors {
            let wanted = detector.wants(path, &metadata);
            if wanted == Want::Skip {
                continue;
            }
            let name = detector.key().name;
            let known = |path: &EntryPath| {
                self.visible.get(name).is_some_and(|facts| facts.contains_key(path))
            };
            let in_vain = || {
                detector.is_blind_to_names()
                    && matches!(wanted, Want::Magic(_))
                    && detector.wants(&entry.path, &metadata) == wanted
                    && self.found(origin, name).is_none()
            };
            let already = known(path)
                || real.as_ref().is_some_and(|real| {
                    known(real) || (real != path && detector.wants(real, &metadata) != Want::Skip)
                });
            if !already && !in_vain() {
                reads.push(SecondRead {
                    layer: origin.layer,
                    entry: origin.entry,
                    path: path.clone(),
                    detector: name,
                });
            }
        }
    }

    /// The regular file that a path leads to.
    fn file_behind(&self, path: &EntryPath) -> Option<Origin> {
        let node = walk(&self.tree, &self.layers, path.as_bytes(), Follow::All)?;
        match self.tree.content(node) {
            Content::File(origin) => Some(origin),
            _ => None,
        }
    }

    /// Facts belong to the name they were read under. A hard link of another name shows the same
    /// content but not these facts: whether they mean anything there is for [`View::second_reads`].
    fn collect_visible(&mut self) {
        let mut shown: FxHashMap<Origin, EntryPath> = FxHashMap::default();
        for node in self.tree.iter() {
            if let Content::File(origin) = self.tree.content(node) {
                let path = EntryPath::new(self.tree.path(node));
                let own = self.entry(origin).is_some_and(|entry| entry.path == path);
                if own || !shown.contains_key(&origin) {
                    shown.insert(origin, path);
                }
            }
        }
        for (number, layer) in (0u32..).zip(&self.layers) {
            for (position, facts) in layer.facts.iter().enumerate() {
                let origin = Origin { layer: number, entry: facts.entry };
                if let Some(path) = shown.get(&origin) {
                    let source = Source::Layer { layer: number, position };
                    let of_detector = self.visible.entry(facts.detector.clone()).or_default();
                    of_detector.insert(path.clone(), source);
                }
            }
        }
    }

    /// What a detector found in the file when its layer was read.
    fn found(&self, origin: Origin, detector: &str) -> Option<&Facts> {
        let facts = &self.layers.get(origin.layer as usize)?.facts;
        let first = facts.partition_point(|facts| facts.entry < origin.entry);
        let mut of_entry = facts.iter().skip(first).take_while(|it| it.entry == origin.entry);
        of_entry.find(|facts| facts.detector == detector).map(|facts| &facts.facts)
    }

    fn entry(&self, origin: Origin) -> Option<&Entry> {
        self.layers.get(origin.layer as usize)?.entries.get(origin.entry as usize)
    }

    fn location(&self, path: &EntryPath, layer: u32) -> Location {
        let diff_id = self.layers.get(layer as usize).and_then(|layer| layer.diff_id.clone());
        Location {
            path: path.clone(),
            inside: Vec::new(),
            layer: diff_id.map(|diff_id| LayerReference { index: layer, diff_id }),
        }
    }
}
