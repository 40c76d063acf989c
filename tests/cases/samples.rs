//! Small images made by hand.

use std::path::{Path, PathBuf};

use bulkhead_end_to_end::{Image, Layer, Tar, zip};
use serde_json::Value;

use crate::bulkhead::Scan;

/// A folder for one test's files.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A layer with one npm package that has known vulnerabilities, and no distribution.
pub(crate) fn lodash() -> Tar {
    npm_package(Tar::new(), "srv/app/node_modules/lodash", "lodash", "4.17.4")
}

/// Adds an installed npm package.
pub(crate) fn npm_package(tar: Tar, folder: impl AsRef<[u8]>, name: &str, version: &str) -> Tar {
    let path = [folder.as_ref(), b"/package.json"].concat();
    tar.file(path, format!(r#"{{"name":"{name}","version":"{version}"}}"#))
}

/// Whether the package of [`lodash`] is in the report.
pub(crate) fn holds_lodash(scan: &Scan) -> bool {
    holds(scan, "lodash", "4.17.4")
}

/// Whether an npm package is in the report.
pub(crate) fn holds(scan: &Scan, name: &str, version: &str) -> bool {
    let package = ["npm", name, version].map(str::to_owned);
    scan.packages().contains(&package.into())
}

/// A jar that says that it is log4j-core 2.14.1.
pub(crate) fn log4j() -> Vec<u8> {
    let properties = b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n";
    zip(&[("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", properties)])
}

/// An image layout with these layers, and its target.
pub(crate) fn layout(folder: &Path, layers: Vec<Vec<u8>>) -> (PathBuf, String) {
    let layers = layers.into_iter().map(|tar| Layer::from_bytes("by hand", tar)).collect();
    let path = folder.join("image");
    Image::new(layers).write_layout(&path).expect("an image");
    let target = format!("oci-dir:{}", path.display());
    (path, target)
}

/// The blob of a layer, counted from the bottom.
pub(crate) fn layer_blob(layout: &Path, index: usize) -> PathBuf {
    let document = |path: &Path| -> Value {
        serde_json::from_slice(&fs_err::read(path).expect("a document")).expect("JSON")
    };
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().expect("a digest").replace("sha256:", "");
        layout.join("blobs/sha256").join(digest)
    };
    let top = document(&layout.join("index.json"));
    let manifest = document(&blob(&top["manifests"][0]));
    blob(&manifest["layers"][index])
}
