//! Odd layers, merged by containerd itself: what it shows in a container is what we report.
//!
//! Its native storage applies a layer to the whole tree below it, as the image specification has it.
//! Storage by overlayfs applies each to a folder of its own: there an entry behind a link of a lower
//! layer makes a folder in the link's place. Here it is the former that counts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_end_to_end::{Containerd, Image, Kind, Layer, Packing, Tar};
use serde_json::Value;

use crate::bulkhead::{Scan, text};
use crate::samples::{folder, npm_package};

/// Images that are made; containerd may refuse some as a whole.
const IMAGES: u64 = 40;

#[test]
fn layers_merge_as_in_containerd() {
    if ["containerd", "ctr"].iter().any(|tool| bulkhead_testing::tool(tool).is_none()) {
        return;
    }
    let containerd = Containerd::start().expect("a containerd");
    let mut compared = 0;
    for seed in 0..IMAGES {
        let (folder, root) = (folder(), folder());
        let layers = layers(&mut Dice(seed));
        Image::new(layers).write_layout(folder.path()).expect("an image");
        let archive = root.path().join("image.tar");
        let mut tar = Command::new("tar");
        tar.arg("-cf").arg(&archive).arg("-C").arg(folder.path()).arg(".");
        bulkhead_end_to_end::run(&mut tar).expect("tar packs it");
        let Some(expected) = shown(&containerd, &archive, seed) else { continue };
        compared += 1;
        let scan = Scan::of(&format!("oci-dir:{}", folder.path().display()), &[]);
        let (reported, problems) = (reported(&scan), &scan.report["problems"]);
        // What a mark behind a link hides is the storage driver's affair: here it hides nothing.
        if problems.to_string().contains("a mark behind a link") {
            assert!(reported.is_superset(&expected), "image {seed}: {problems:?}");
        } else {
            assert_eq!(reported, expected, "image {seed}: {problems:?}");
        }
    }
    assert!(compared > IMAGES / 4, "containerd took only {compared} of {IMAGES} images");
}

/// A package as the path of its file with its version, which says which layer wrote it.
type Package = (String, String);

fn reported(scan: &Scan) -> BTreeSet<Package> {
    let packages = scan.list("/inventory/packages");
    let of = |package: &Value| {
        let places = package["locations"].as_array().into_iter().flatten();
        let version = text(package, "/version");
        places.map(|place| (text(place, "/path"), version.clone())).collect::<Vec<_>>()
    };
    packages.flat_map(of).collect()
}

/// The packages in the tree that a container of this image would have; none where it refuses.
fn shown(containerd: &Containerd, archive: &Path, seed: u64) -> Option<BTreeSet<Package>> {
    let name = format!("test.local/odd{seed}");
    let archive = archive.to_str().expect("a plain path");
    let before = newest(containerd);
    let import = ["images", "import", "--snapshotter", "native", "--base-name", &name, archive];
    if containerd.ctr("default", &import).is_err() || newest(containerd) == before {
        return None;
    }
    let root = newest(containerd)?;
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(root.join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("a kind");
            let path = folder.join(entry.file_name());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && entry.file_name() == "package.json" {
                let content = fs_err::read(entry.path()).expect("a file");
                let content: Value = serde_json::from_slice(&content).expect("JSON");
                let path = path.to_str().expect("a plain path").to_owned();
                found.insert((path, text(&content, "/version")));
            }
        }
    }
    Some(found)
}

/// The tree of the layer that was unpacked last: native storage has a folder for each, with a
/// number for a name.
fn newest(containerd: &Containerd) -> Option<PathBuf> {
    let folder = containerd.root().join("io.containerd.snapshotter.v1.native/snapshots");
    let entries = fs_err::read_dir(&folder).ok()?;
    let numbers = entries.filter_map(|it| it.ok()?.file_name().to_str()?.parse::<u64>().ok());
    Some(folder.join(numbers.max()?.to_string()))
}

/// Numbers that look like chance and are the same again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's linear congruential generator; its high bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }
}

/// Folders, some of which are links in some layers, or files.
const FOLDERS: [&str; 6] = ["a", "b", "a/b", "lib", "usr/lib", "usr"];
const TARGETS: [&str; 6] = ["usr/lib", "/a", "../b", "/usr/../lib", "nowhere", "b"];
const NAMES: [&str; 2] = ["one", "two"];

/// Three layers of what layers may hold: packages, marks, links to folders and to files, folders
/// that become files and the other way round.
fn layers(dice: &mut Dice) -> Vec<Layer> {
    let mut layers = Vec::new();
    for number in 0..3 {
        let mut made = BTreeSet::new();
        let mut tar = Tar::new();
        // Marks are for lower layers only, so no layer marks what it makes itself: containerd's ways
        // of storing layers do not agree in what that means.
        for _ in 0..dice.roll(3) {
            let folder = dice.pick(&FOLDERS);
            let mark = match dice.roll(3) {
                0 => format!("{folder}/.wh..wh..opq"),
                1 => format!("{folder}/node_modules/.wh.{}", dice.pick(&NAMES)),
                _ => match folder.rsplit_once('/') {
                    Some((parent, name)) => format!("{parent}/.wh.{name}"),
                    None => format!(".wh.{folder}"),
                },
            };
            if made.insert(mark.clone()) {
                tar = tar.file(mark, "");
            }
        }
        for entry in 0..4 + dice.roll(4) {
            let folder = dice.pick(&FOLDERS);
            let package = format!("{folder}/node_modules/{}", dice.pick(&NAMES));
            let version = format!("{number}.{entry}.0");
            tar = match dice.roll(8) {
                0 if number > 0 => tar.link(folder, dice.pick(&TARGETS)),
                1 if number > 0 => tar.file(folder, "no folder any more"),
                2 => tar.folder(folder),
                3 => {
                    let other = format!("{}/node_modules/linked", dice.pick(&FOLDERS));
                    let target = format!("{package}/package.json");
                    npm_package(tar, package, "linked", &version).entry(
                        Kind::HardLink,
                        format!("{other}/package.json"),
                        target,
                        0,
                        "",
                    )
                }
                _ => npm_package(tar, package, "plain", &version),
            };
        }
        let mut layer = Layer::from_bytes("by chance", tar.finish());
        layer.packing = Packing::Plain;
        layers.push(layer);
    }
    layers
}
