//! One image in every form that it may come in: the findings do not change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bulkhead_end_to_end::{Image, Layer, Packing, Tar, zip};
use serde_json::Value;

use crate::bulkhead::{Scan, database, run, text};
use crate::samples::{folder, holds, log4j, npm_package};
use crate::{debian, languages};

/// Packages of a system, one of them a Python library; of npm; a Go program; an archive in an
/// archive. A last layer hides, empties and replaces some of them.
#[test]
fn findings_do_not_depend_on_the_form() {
    let Some(database) = database() else { return };
    let Some(debian) = debian::root_with(&["python3-urllib3"]) else { return };
    let (Some(npm), Some(go)) = (languages::npm(), languages::go()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let packed = |name: &str| folder.path().join(name);
    let from_folder = |line: &str, root: &Path, at: &str, name: &str| {
        let tar = packed(name);
        (Layer::from_folder(line, root, at, &tar).expect("tar packs it"), tar)
    };
    let from_tar = |line: &str, tar: Tar, name: &str| {
        let file = packed(name);
        fs_err::write(&file, tar.finish()).expect("written");
        (Layer::from_file(line, &file), file)
    };
    let war = zip(&[("WEB-INF/lib/log4j-core-2.14.1.jar", &log4j())]);
    let changed = Tar::new()
        .file("srv/app/node_modules/.wh.handlebars", "")
        .file("srv/app/node_modules/express/.wh..wh..opq", "");
    let changed = npm_package(changed, "srv/app/node_modules/express", "express", "4.16.0");
    let changed = npm_package(changed, "srv/app/node_modules/axios", "axios", "0.21.0");
    let (layers, tars): (Vec<Layer>, Vec<PathBuf>) = [
        from_folder("debootstrap", &debian, "", "debian.tar"),
        from_folder("RUN npm install", &npm, "srv/app", "npm.tar"),
        from_folder("RUN go install", &go, "usr/local/bin", "go.tar"),
        from_tar("COPY shop.war", Tar::new().file("opt/shop.war", war), "war.tar"),
        from_tar("RUN npm install again", changed, "changed.tar"),
    ]
    .into_iter()
    .unzip();
    let image = Image::new(layers);
    let [layout, archive, root, document, whole] =
        ["layout", "image.tar", "root", "image.cdx.json", "layout.tar"].map(packed);
    image.write_layout(&layout).expect("an image");
    image.write_docker_archive(&archive).expect("an image");
    pack(&layout, &whole);
    unpack(&tars, &root);
    let layout = format!("oci-dir:{}", layout.display());
    let output = run(&["sbom", &layout, "-o", &format!("cyclonedx={}", document.display())]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let (packages, expected) = scanned(&layout, database);
    for ecosystem in ["deb", "npm", "maven", "golang"] {
        let prefix = format!("pkg:{ecosystem}/");
        assert!(expected.iter().any(|(_, purl, ..)| purl.starts_with(&prefix)), "{ecosystem}");
    }
    let versions = |name: &str| -> Vec<String> {
        let named = packages.iter().filter(|(_, it, _)| it == name);
        named.map(|(.., version)| version.clone()).collect()
    };
    assert!(packages.iter().any(|(kind, name, _)| kind == "pypi" && name == "urllib3"));
    assert_eq!(versions("handlebars"), [""; 0], "it is hidden");
    assert_eq!(versions("express"), ["4.16.0"], "the folder was emptied");
    assert_eq!(versions("axios"), ["0.21.0"], "the file was replaced");
    for (scheme, path) in [
        ("oci-archive", &whole),
        ("docker-archive", &archive),
        ("rootfs", &root),
        ("sbom", &document),
    ] {
        let (others, found) = scanned(&format!("{scheme}:{}", path.display()), database);
        let differences: Vec<_> = packages.symmetric_difference(&others).take(10).collect();
        assert!(differences.is_empty(), "{scheme} differs: {differences:#?}");
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

/// The packages and the findings of a target.
fn scanned(target: &str, database: &Path) -> (BTreeSet<(String, String, String)>, BTreeSet<Row>) {
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
    (scan.packages(), scan.list("/findings").map(row).collect())
}

fn pack(folder: &Path, file: &Path) {
    let mut tar = std::process::Command::new("tar");
    tar.arg("-cf").arg(file).arg("-C").arg(folder).arg(".");
    bulkhead_end_to_end::run(&mut tar).expect("tar packs it");
}

/// What a container of these layers would see: the system's tar, and marks by their definition
/// (image-spec, layer.md, Whiteouts).
fn unpack(layers: &[PathBuf], root: &Path) {
    fs_err::create_dir(root).expect("a folder");
    for layer in layers {
        let mut list = std::process::Command::new("tar");
        let names = bulkhead_end_to_end::run(list.arg("-tf").arg(layer)).expect("tar lists it");
        for name in String::from_utf8(names).expect("plain names").lines() {
            let path = root.join(name);
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { continue };
            let Some(hidden) = name.to_str().and_then(|it| it.strip_prefix(".wh.")) else {
                continue;
            };
            match hidden {
                ".wh..opq" => {
                    fs_err::remove_dir_all(folder).expect("a folder of a lower layer");
                    fs_err::create_dir(folder).expect("an empty folder");
                }
                hidden => fs_err::remove_dir_all(folder.join(hidden)).expect("a lower layer's"),
            }
        }
        let mut tar = std::process::Command::new("tar");
        tar.arg("-xf").arg(layer).arg("-C").arg(root).arg("--exclude=.wh.*");
        bulkhead_end_to_end::run(&mut tar).expect("tar unpacks it");
    }
}
