//! Images in registries: Debian's own with every kind of access, and servers that misbehave.

mod access;
mod faults;
mod tokens;

use bulkhead_end_to_end::{Image, Layer, Tar, write_index};
use serde_json::Value;
use tempfile::TempDir;

use crate::bulkhead::Scan;
use crate::samples::{folder, npm_package};

/// Vulnerable packages of the starter set, and a version without the vulnerability.
const PACKAGES: [(&str, &str); 3] =
    [("lodash", "4.17.4"), ("minimist", "0.0.8"), ("lodash", "4.17.21")];

/// A layout with an image of a layer for each package, the upper hiding nothing.
fn layout() -> TempDir {
    let folder = folder();
    image("amd64").write_layout(folder.path()).expect("an image");
    folder
}

fn image(architecture: &'static str) -> Image {
    let layers = PACKAGES.iter().enumerate().map(|(number, (name, version))| {
        let at = format!("srv/{architecture}{number}/node_modules/{name}");
        // Layers of different sizes, larger than what is told at once.
        let filler: Vec<u8> = noise(300_000 * (number + 1));
        let tar = npm_package(Tar::new().file("filler", filler), at, name, version);
        Layer::from_bytes("by hand", tar.finish())
    });
    let mut image = Image::new(layers.collect());
    image.architecture = architecture;
    image
}

/// A layout with an index over two platforms.
fn index() -> TempDir {
    let folder = folder();
    write_index(folder.path(), &[image("amd64"), image("arm64")]).expect("an index");
    folder
}

/// Bytes that do not compress.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..count).map(|_| next()).collect()
}

/// What a report says that must not depend on where the image was.
fn essence(scan: &Scan) -> Vec<Value> {
    let parts = ["/findings", "/inventory", "/not_assessed", "/problems", "/target/image/layers"];
    let parts = parts.map(|part| scan.report.pointer(part).cloned().unwrap_or_default());
    parts.into_iter().chain(scan.report.pointer("/target/image/manifest").cloned()).collect()
}
