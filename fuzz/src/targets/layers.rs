//! Merging layers: trees of hostile names, links and marks.

use bulkhead_layers::{Entry, EntryKind, Facts, FileFacts, Layer, merge};
use bulkhead_model::EntryPath;

use crate::Target;

pub(super) const TARGETS: &[Target] = &[Target {
    name: "layer-merge",
    run: merge_lines,
    seeds: || SEEDS.iter().map(|seed| seed.to_vec()).collect(),
    data: &[],
}];

/// A line per entry, an empty line between layers: kind, path, and for links a colon and a target.
const SEEDS: &[&[u8]] = &[
    b"d usr/bin\nl bin:usr/bin\nf bin/sh\n\nf bin/.wh.sh\nf usr/.wh..wh..opq\nf bin/env",
    b"l a:b\nl b:a\nf a/x\nh c:a/x\n\nd a\nf a",
    b"l a:../../..\nf a/etc/passwd\nh b:a/etc/passwd\n\nf b/c\nl d:/a/./b/../c\nf d/e",
    b"f .wh..wh.plnk/1\nf .wh.\nf .wh..wh..opq\nf .\nf ..\nf /",
];

/// Merges, then asks everything that a view can be asked.
fn merge_lines(bytes: &[u8]) -> bool {
    let mut layers = vec![Layer::default()];
    for line in bytes.split(|&byte| byte == b'\n').take(2_000) {
        match (line.split_at_checked(2), layers.last_mut()) {
            (Some((kind, rest)), Some(layer)) => add(layer, kind, rest),
            (None, _) => layers.push(Layer::default()),
            _ => {}
        }
    }
    let (view, _) = merge(layers);
    let paths: Vec<EntryPath> = view.facts("fuzz").map(|found| found.path.clone()).collect();
    for path in &paths {
        assert!(view.contains(path), "a visible file has its name: {path}");
        assert_eq!(view.resolve(path).as_ref(), Some(path), "a visible path holds no link");
    }
    view.hidden("fuzz").for_each(drop);
    !paths.is_empty()
}

fn add(layer: &mut Layer, kind: &[u8], rest: &[u8]) {
    let mut parts = rest.splitn(2, |&byte| byte == b':');
    let path = EntryPath::new(parts.next().unwrap_or_default());
    let target = parts.next().unwrap_or_default();
    let kind = match kind.first() {
        Some(b'd') => EntryKind::Directory,
        Some(b'l') => EntryKind::Symlink(target.into()),
        Some(b'h') => EntryKind::Hardlink(EntryPath::new(target)),
        Some(b's') => EntryKind::Special,
        _ => EntryKind::File,
    };
    if kind == EntryKind::File
        && let Some(facts) = Facts::encode(&())
        && let Ok(entry) = u32::try_from(layer.entries.len())
    {
        layer.facts.push(FileFacts { entry, detector: "fuzz".to_owned(), facts });
    }
    layer.entries.push(Entry { path, kind, mode: 0, size: 0 });
}
