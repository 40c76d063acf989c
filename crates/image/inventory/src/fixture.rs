//! Trees for tests: the files of one layer, read and assembled as a scan does.

use std::path::Path;

use bulkhead_archive::ReadAt;
use bulkhead_layers::{Entry, EntryKind, File, FileFacts, Layer, Metadata, Want, merge};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::{Digest, EntryPath, Inventory, Problem};

use crate::{Mode, assemble, detectors};

/// Files and links, in order.
#[derive(Debug, Default)]
pub(crate) struct Tree(Vec<(EntryPath, Node)>);

#[derive(Debug)]
enum Node {
    File(Vec<u8>),
    Link(Vec<u8>),
}

/// An inventory in a form that is easily compared.
#[derive(Debug, PartialEq)]
pub(crate) struct Summary {
    /// `npm a@1.0`.
    pub(crate) packages: Vec<String>,
    /// `a@1.0 depends_on b@2.0`.
    pub(crate) relations: Vec<String>,
}

impl Tree {
    #[must_use]
    pub(crate) fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.0.push((path.into(), Node::File(content.as_ref().to_vec())));
        self
    }

    #[must_use]
    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.0.push((path.into(), Node::Link(target.as_bytes().to_vec())));
        self
    }

    /// The files and links below a folder of this machine.
    pub(crate) fn of_folder(root: &Path) -> Self {
        let mut tree = Self::default();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).unwrap() {
                let (path, kind) = entry.map(|e| (e.path(), e.file_type().unwrap())).unwrap();
                let name =
                    EntryPath::new(path.strip_prefix(root).unwrap().as_os_str().as_encoded_bytes());
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_symlink() {
                    let target = fs_err::read_link(&path).unwrap();
                    tree.0.push((name, Node::Link(target.as_os_str().as_encoded_bytes().to_vec())));
                } else if kind.is_file() {
                    tree.0.push((name, Node::File(fs_err::read(&path).unwrap())));
                }
            }
        }
        tree.0.sort_by(|(left, _), (right, _)| left.cmp(right));
        tree
    }

    pub(crate) fn assemble(&self, mode: Mode) -> (Inventory, Vec<Problem>) {
        let mut problems = Vec::new();
        let (view, _) = merge(vec![self.layer(&mut problems)]);
        let (inventory, more) = assemble(&view, mode);
        problems.extend(more);
        (inventory, problems)
    }

    /// What a worker makes of it.
    fn layer(&self, problems: &mut Vec<Problem>) -> Layer {
        let budget = Budget::new(Limits::DEFAULT);
        let mut layer = Layer { diff_id: None, entries: Vec::new(), facts: Vec::new() };
        for (number, (path, node)) in (0..).zip(&self.0) {
            let (kind, size) = match node {
                Node::File(content) => (EntryKind::File, content.len() as u64),
                Node::Link(target) => (EntryKind::Symlink(target.as_slice().into()), 0),
            };
            layer.entries.push(Entry { path: path.clone(), kind, mode: 0o644, size });
            let Node::File(content) = node else { continue };
            let metadata = Metadata { mode: 0o644, size };
            for detector in detectors() {
                if !wanted(detector.wants(path, &metadata), content) {
                    continue;
                }
                let content: &dyn ReadAt = &content.as_slice();
                let detected =
                    detector.facts(&File { path, metadata: &metadata, content }, &budget);
                problems.extend(detected.problems);
                let detector = detector.key().name.to_owned();
                let facts =
                    detected.facts.map(|facts| FileFacts { entry: number, detector, facts });
                layer.facts.extend(facts);
            }
        }
        layer
    }

    /// The inventory of an installed system, which must be without problems.
    pub(crate) fn installed(&self) -> Inventory {
        let (inventory, problems) = self.assemble(Mode::Installed);
        assert_eq!(problems, []);
        inventory
    }
}

/// The inventory of an installed system of several layers, the base first.
pub(crate) fn layered(trees: &[Tree]) -> (Inventory, Vec<Problem>) {
    let mut problems = Vec::new();
    let numbered = (0_u32..).zip(trees).map(|(number, tree)| {
        let diff_id = Some(Digest::of(&number.to_le_bytes()));
        Layer { diff_id, ..tree.layer(&mut problems) }
    });
    let (view, _) = merge(numbered.collect());
    let (inventory, more) = assemble(&view, Mode::Installed);
    problems.extend(more);
    (inventory, problems)
}

fn wanted(want: Want, content: &[u8]) -> bool {
    match want {
        Want::Skip => false,
        Want::Magic(magics) => magics.iter().any(|magic| content.starts_with(magic)),
        Want::Head(_) | Want::Whole | Want::Random => true,
    }
}

pub(crate) fn summary(inventory: &Inventory) -> Summary {
    let shown = |id| {
        let package = inventory.package(id).unwrap();
        format!("{}@{}", package.name, package.version)
    };
    Summary {
        packages: inventory
            .iter()
            .map(|(id, package)| format!("{} {}", package.package_type.name(), shown(id)))
            .collect(),
        relations: inventory
            .relations
            .iter()
            .map(|relation| {
                let kind = serde_json::to_value(relation.kind).unwrap();
                format!(
                    "{} {} {}",
                    shown(relation.from),
                    kind.as_str().unwrap(),
                    shown(relation.to)
                )
            })
            .collect(),
    }
}

/// A zip of stored entries.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = word(file.len());
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(content).to_le_bytes());
        common.extend([word(content.len()), word(content.len()), word(name.len())].concat());
        file.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &offset].concat());
        directory.extend(name.as_bytes());
    }
    let [low, high, ..] = word(entries.len());
    let end = [word(directory.len()), word(file.len())].concat();
    file.extend(directory);
    file.extend([b"PK\x05\x06\0\0\0\0", [low, high, low, high].as_slice(), &end, &[0; 2]].concat());
    file
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}
