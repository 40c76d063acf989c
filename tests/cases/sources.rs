//! One image in every form that it may come in: the findings do not change.

use std::collections::BTreeSet;
use std::path::Path;

use bulkhead_end_to_end::{Image, Layer, Packing, Tar};
use serde_json::Value;

use crate::bulkhead::{Scan, database, run, text};
use crate::samples::{folder, holds, npm_package};
use crate::{debian, languages};

#[test]
fn findings_do_not_depend_on_the_form() {
    let Some(database) = database() else { return };
    let Some(debian) = debian::root() else { return };
    let Some(npm) = languages::npm() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let [debian_tar, npm_tar] = ["debian.tar", "npm.tar"].map(|name| folder.path().join(name));
    let layers = vec![
        Layer::from_folder("debootstrap", &debian, "", &debian_tar).expect("tar packs it"),
        Layer::from_folder("RUN npm install", &npm, "srv/app", &npm_tar).expect("tar packs it"),
    ];
    let image = Image::new(layers);
    let [layout, archive, root, document, packed] =
        ["layout", "image.tar", "root", "image.cdx.json", "layout.tar"]
            .map(|name| folder.path().join(name));
    image.write_layout(&layout).expect("an image");
    image.write_docker_archive(&archive).expect("an image");
    pack(&layout, &packed);
    unpack(&[&debian_tar, &npm_tar], &root);
    let layout = format!("oci-dir:{}", layout.display());
    let output = run(&["sbom", &layout, "-o", &format!("cyclonedx={}", document.display())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let expected = findings(&layout, database);
    assert!(expected.iter().any(|(_, purl, ..)| purl.starts_with("pkg:deb/")), "{expected:?}");
    assert!(expected.iter().any(|(_, purl, ..)| purl.starts_with("pkg:npm/")), "{expected:?}");
    for (scheme, path) in [
        ("oci-archive", &packed),
        ("docker-archive", &archive),
        ("rootfs", &root),
        ("sbom", &document),
    ] {
        let found = findings(&format!("{scheme}:{}", path.display()), database);
        let differences: Vec<_> = expected.symmetric_difference(&found).take(10).collect();
        assert!(differences.is_empty(), "{scheme} differs: {differences:#?}");
    }
}

#[test]
fn layers_may_be_packed_in_any_way() {
    let packings = [Packing::Plain, Packing::Gzip, Packing::Zstd];
    let layers = packings.map(|packing| {
        let name = format!("{packing:?}").to_lowercase();
        let tar = npm_package(Tar::new(), format!("app/node_modules/{name}"), &name, "1.0.0");
        let mut layer = Layer::from_bytes("by hand", tar.finish());
        layer.packing = packing;
        layer
    });
    let folder = folder();
    Image::new(layers.to_vec()).write_layout(folder.path()).expect("an image");
    let scan = Scan::of(&format!("oci-dir:{}", folder.path().display()), &[]);
    assert_eq!(scan.code, Some(0), "{}", scan.errors);
    for name in ["plain", "gzip", "zstd"] {
        assert!(holds(&scan, name, "1.0.0"), "{name}");
    }
}

/// Vulnerability, package, severity, state of the fix, versions that fix it.
type Row = (String, String, String, String, Vec<String>);

fn findings(target: &str, database: &Path) -> BTreeSet<Row> {
    let scan = Scan::of(target, &["--db", database.to_str().expect("a plain path")]);
    assert!(matches!(scan.code, Some(0 | 3)), "{target}: {:?} {}", scan.code, scan.errors);
    let row = |finding: &Value| {
        let fixes = finding.pointer("/detail/fixed_versions").and_then(Value::as_array);
        let fixes = fixes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let field = |pointer| text(finding, pointer);
        let severity =
            finding.pointer("/rating/severity").map(Value::to_string).unwrap_or_default();
        (field("/rule"), field("/subject/purl"), severity, field("/detail/state"), fixes.collect())
    };
    scan.list("/findings").map(row).collect()
}

fn pack(folder: &Path, file: &Path) {
    let mut tar = std::process::Command::new("tar");
    tar.arg("-cf").arg(file).arg("-C").arg(folder).arg(".");
    bulkhead_end_to_end::run(&mut tar).expect("tar packs it");
}

fn unpack(layers: &[&Path], root: &Path) {
    fs_err::create_dir(root).expect("a folder");
    for layer in layers {
        let mut tar = std::process::Command::new("tar");
        tar.arg("-xf").arg(layer).arg("-C").arg(root);
        bulkhead_end_to_end::run(&mut tar).expect("tar unpacks it");
    }
}
