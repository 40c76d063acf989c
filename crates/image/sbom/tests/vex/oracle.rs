//! The library of OpenVEX itself, which shares no code.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use bulkhead_limits::{Budget, Limits};
use bulkhead_sbom::vex;

use crate::world::{World, open_vex};

/// Packages, and parts that a statement about one may name otherwise.
const PACKAGES: [&str; 6] = [
    "pkg:npm/lodash@4.17.4",
    "pkg:npm/%40babel/core@7.0.0",
    "pkg:maven/org.apache/log4j-core@2.14.1?type=war",
    "pkg:golang/github.com/a/b@v1.0.0",
    "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12",
    "pkg:apk/alpine/busybox@1.36.1-r0?arch=x86_64",
];

/// The URL itself, less of it, and others that are like it.
fn variants(purl: &str) -> Vec<String> {
    let (coordinates, qualifiers) = purl.split_once('?').unwrap_or((purl, ""));
    let (name, version) = coordinates.rsplit_once('@').unwrap();
    let (before, last) = name.rsplit_once('/').unwrap();
    let names = [
        name.to_owned(),
        format!("{name}x"),
        format!("{before}/x/{last}"),
        name.replace("pkg:", "pkg:generic/"),
        name.replace("pkg:npm", "pkg:gem").replace("pkg:deb", "pkg:rpm"),
    ];
    let versions = [format!("@{version}"), String::new(), format!("@{version}.1")];
    let qualifiers = [
        String::new(),
        format!("?{qualifiers}"),
        "?arch=arm64".to_owned(),
        "?arch=amd64".to_owned(),
        "?vcs_url=x".to_owned(),
    ];
    let mut variants = Vec::new();
    for name in &names {
        for version in &versions {
            variants.extend(qualifiers.iter().map(|it| format!("{name}{version}{it}")));
        }
    }
    // A question mark with nothing behind it.
    variants.retain(|purl| !purl.ends_with('?'));
    variants.sort();
    variants.dedup();
    variants
}

#[test]
fn packages_are_those_of_the_library() {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let pairs: Vec<(String, &str)> = PACKAGES
        .iter()
        .flat_map(|package| variants(package).into_iter().map(move |it| (it, *package)))
        .collect();
    let lines: Vec<String> = pairs.iter().map(|(one, other)| format!("{one}\t{other}")).collect();
    let lines = lines.join("\n");
    let mut child = Command::new(go)
        .args(["run", "."])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-vex"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), pairs.len());
    let mut matched = 0;
    for ((product, package), answer) in pairs.iter().zip(answers.lines()) {
        let products = format!(r#"{{"@id": "{product}"}}"#);
        let text = open_vex("not_affected", &products, "");
        let document = vex::read("x", text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
        let outcomes = World::with(package, "CVE-2019-10744").outcomes(&[document]);
        assert_eq!(outcomes == ["suppresses"], answer == "true", "{product} on {package}");
        matched += u32::from(answer == "true");
    }
    assert!(matched > 10, "only {matched} pairs match at all");
}
