//! Which layer brought a package, and which line of the history made that layer.

use bulkhead_end_to_end::{Image, Layer, Tar};
use serde_json::Value;

use crate::bulkhead::{Scan, run, text};
use crate::samples::{folder, npm_package};

const OS_RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\n";

/// A base, an installation that writes the database of the base anew, and an application; between
/// them lines that made no layer.
fn image() -> Image {
    let status = |names: &[&str]| -> String {
        let paragraph = |name: &&str| {
            format!("Package: {name}\nStatus: install ok installed\nVersion: 1.0\n\n")
        };
        names.iter().map(paragraph).collect()
    };
    let base = Tar::new()
        .file("etc/os-release", OS_RELEASE)
        .file("var/lib/dpkg/status", status(&["base-files", "bash"]));
    let base = npm_package(base, "usr/lib/node_modules/minimist", "minimist", "0.0.8");
    let installed = Tar::new().file("var/lib/dpkg/status", status(&["base-files", "bash", "curl"]));
    let application = npm_package(Tar::new(), "srv/node_modules/lodash", "lodash", "4.17.4");
    Image::new(vec![
        Layer::from_bytes("ADD base", base.finish()).followed_by("ENV A=1").followed_by("ENV B=2"),
        Layer::from_bytes("RUN apt-get install curl", installed.finish()).followed_by("WORKDIR /"),
        Layer::from_bytes("COPY application", application.finish()).followed_by("CMD node"),
    ])
}

const EXPECT: [(&str, &str); 5] = [
    ("base-files", "ADD base"),
    ("bash", "ADD base"),
    ("curl", "RUN apt-get install curl"),
    ("lodash", "COPY application"),
    ("minimist", "ADD base"),
];

#[test]
fn packages_belong_to_the_lines_that_brought_them() {
    let folder = folder();
    let [layout, archive] = ["layout", "image.tar"].map(|name| folder.path().join(name));
    image().write_layout(&layout).expect("an image");
    image().write_docker_archive(&archive).expect("an image");
    for target in
        [format!("oci-dir:{}", layout.display()), format!("docker-archive:{}", archive.display())]
    {
        let scan = Scan::of(&target, &[]);
        let layers: Vec<&Value> = scan.list("/target/image/layers").collect();
        let line = |package: &Value| {
            let place = &package["locations"][0]["layer"];
            let index = usize::try_from(place["index"].as_u64().expect("a layer")).expect("few");
            assert_eq!(place["diff_id"], layers[index]["diff_id"], "{target}");
            (text(package, "/name"), text(layers[index], "/created_by"))
        };
        let mut found: Vec<(String, String)> = scan.list("/inventory/packages").map(line).collect();
        found.sort();
        let expect = EXPECT.map(|(name, line)| (name.to_owned(), line.to_owned()));
        assert_eq!(found, expect, "{target}");
    }
}

#[test]
fn the_table_shows_the_lines() {
    let folder = folder();
    image().write_layout(folder.path()).expect("an image");
    let output = run(&["scan", &format!("oci-dir:{}", folder.path().display())]);
    let table = String::from_utf8_lossy(&output.stdout);
    for (path, layer) in [
        ("usr/lib/node_modules/minimist", "layer 1 of 3: ADD base"),
        ("srv/node_modules/lodash", "layer 3 of 3: COPY application"),
    ] {
        let line = table.lines().find(|line| line.contains(path));
        assert!(line.is_some_and(|line| line.contains(layer)), "{path}: {table}");
    }
}
