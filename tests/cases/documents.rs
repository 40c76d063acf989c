//! One image, and what documents make of it: the findings are the same but for what a document cannot
//! carry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_end_to_end::{Image, Layer, plain_purl, run as run_program};
use serde_json::Value;

use crate::bulkhead::{Scan, database, run, text};
use crate::samples::folder;
use crate::{debian, languages};

/// A document of an image, by who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Document {
    OurCycloneDx,
    OurSpdx,
    SyftJson,
    SyftSpdx,
}

impl Document {
    const ALL: [Self; 4] = [Self::OurCycloneDx, Self::OurSpdx, Self::SyftJson, Self::SyftSpdx];

    /// What writes it into a file.
    fn write(self, image: &str, file: &Path) {
        let output = |form: &str| format!("{form}={}", file.display());
        let form = match self {
            Self::OurCycloneDx | Self::OurSpdx => {
                let form = if self == Self::OurSpdx { "spdx" } else { "cyclonedx" };
                let output = run(&["sbom", image, "-o", &output(form)]);
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                return;
            }
            Self::SyftJson => "syft-json",
            Self::SyftSpdx => "spdx-json",
        };
        run_program(
            Command::new("syft")
                .args(["scan", "--quiet", image, "-o", &output(form)])
                .env("SYFT_CHECK_FOR_APP_UPDATE", "false"),
        )
        .expect("syft reads the image");
    }
}

/// What is compared of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Aspect {
    /// Severity, state of the fix, versions that fix it.
    Verdict,
    /// The file of the package.
    Place,
    /// The command that made the file's layer.
    Layer,
}

/// An aspect, the vulnerability, the package's URL without qualifiers, and what is said.
type Row = (Aspect, String, String, Vec<String>);

/// A difference that is right, and why.
struct Rule {
    reason: &'static str,
    concerns: fn(Document, &Row) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        reason: "it names all files of a package, and not which of them proves it",
        concerns: |document, (aspect, _, purl, _)| {
            let has_several = purl.starts_with("pkg:deb/") || purl.starts_with("pkg:pypi/");
            document == Document::SyftSpdx && *aspect == Aspect::Place && has_several
        },
    },
    Rule {
        reason: "it has no list of layers",
        concerns: |document, (aspect, ..)| {
            document == Document::SyftSpdx && *aspect == Aspect::Layer
        },
    },
];

#[test]
fn findings_are_those_of_the_image() {
    let Some(database) = database() else { return };
    if bulkhead_testing::tool("syft").is_none() {
        return;
    }
    let folder = folder();
    let Some(image) = image(folder.path()) else { return };
    let expected = findings(&image, database);
    for kind in ["deb", "npm", "pypi", "maven", "golang"] {
        let prefix = format!("pkg:{kind}/");
        assert!(expected.iter().any(|row| row.2.starts_with(&prefix)), "no finding of {kind}");
    }
    let mut unused: Vec<&Rule> = RULES.iter().collect();
    for document in Document::ALL {
        let file = folder.path().join(format!("{document:?}.json"));
        document.write(&image, &file);
        let found = findings(&format!("sbom:{}", file.display()), database);
        let unexplained: Vec<&Row> = expected
            .symmetric_difference(&found)
            .filter(|row| {
                unused.retain(|rule| !(rule.concerns)(document, row));
                !RULES.iter().any(|rule| (rule.concerns)(document, row))
            })
            .collect();
        assert!(
            unexplained.is_empty(),
            "{document:?} differs in {} of {}: {:#?}",
            unexplained.len(),
            expected.len(),
            &unexplained[..unexplained.len().min(20)]
        );
    }
    let unused: Vec<&str> = unused.iter().map(|rule| rule.reason).collect();
    assert_eq!(unused, [""; 0], "rules that explain nothing");
}

/// A Debian with packages of every language that is installed here.
fn image(folder: &Path) -> Option<String> {
    let parts: [(PathBuf, &str); 5] = [
        (debian::root()?, ""),
        (languages::npm()?, "srv/app"),
        (languages::python()?, "usr/local/lib/python3.11/dist-packages"),
        (languages::jars()?, "opt/app/lib"),
        (languages::go()?, "usr/local/bin"),
    ];
    let layers = parts.iter().enumerate().map(|(index, (root, at))| {
        let packed = folder.join(format!("{index}.tar"));
        Layer::from_folder(&format!("COPY part {index}"), root, at, &packed).expect("tar packs it")
    });
    let image = folder.join("image");
    Image::new(layers.collect()).write_layout(&image).expect("an image");
    Some(format!("oci-dir:{}", image.display()))
}

fn findings(target: &str, database: &Path) -> BTreeSet<Row> {
    let scan = Scan::of(target, &["--db", database.to_str().expect("a plain path")]);
    assert!(matches!(scan.code, Some(0 | 3)), "{target}: {:?} {}", scan.code, scan.errors);
    scan.list("/findings").flat_map(|finding| rows(&scan, finding)).collect()
}

fn rows(scan: &Scan, finding: &Value) -> [Row; 3] {
    let field = |pointer| text(finding, pointer);
    let texts = |pointer| {
        let list = finding.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned)
    };
    let severity = finding.pointer("/rating/severity").map(Value::to_string).unwrap_or_default();
    let verdict = [severity, field("/detail/state")].into_iter();
    let place = std::iter::once(field("/location/path")).chain(texts("/location/inside"));
    let layer = finding.pointer("/location/layer/index").and_then(Value::as_u64);
    let layer = layer.and_then(|index| {
        scan.report.pointer(&format!("/target/image/layers/{index}/created_by"))?.as_str()
    });
    let row = |aspect, said| (aspect, field("/rule"), plain_purl(&field("/subject/purl")), said);
    [
        row(Aspect::Verdict, verdict.chain(texts("/detail/fixed_versions")).collect()),
        row(Aspect::Place, place.collect()),
        row(Aspect::Layer, layer.map(str::to_owned).into_iter().collect()),
    ]
}
