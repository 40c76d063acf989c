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

    fn is_ours(self) -> bool {
        matches!(self, Self::OurCycloneDx | Self::OurSpdx)
    }
}

/// A finding as far as it may depend on the form: vulnerability, package URL without qualifiers,
/// severity, state of the fix, versions that fix it.
type Row = (String, String, String, String, Vec<String>);

/// A difference that is right, and why.
struct Rule {
    reason: &'static str,
    concerns: fn(Document, &Row) -> bool,
}

const RULES: &[Rule] = &[];

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
        assert!(expected.iter().any(|row| row.1.starts_with(&prefix)), "no finding of {kind}");
    }
    let mut unused: Vec<&Rule> = RULES.iter().collect();
    for document in Document::ALL {
        let file = folder.path().join(format!("{document:?}.json"));
        document.write(&image, &file);
        let found = findings(&format!("sbom:{}", file.display()), database);
        let unexplained: Vec<&Row> = expected
            .symmetric_difference(&found)
            .filter(|row| {
                let explained = |rule: &&Rule| (rule.concerns)(document, row);
                unused.retain(|rule| !explained(rule));
                document.is_ours() || !RULES.iter().any(|rule| (rule.concerns)(document, row))
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
        Layer::from_folder("COPY part", root, at, &packed).expect("tar packs it")
    });
    let image = folder.join("image");
    Image::new(layers.collect()).write_layout(&image).expect("an image");
    Some(format!("oci-dir:{}", image.display()))
}

fn findings(target: &str, database: &Path) -> BTreeSet<Row> {
    let scan = Scan::of(target, &["--db", database.to_str().expect("a plain path")]);
    assert!(matches!(scan.code, Some(0 | 3)), "{target}: {:?} {}", scan.code, scan.errors);
    let row = |finding: &Value| {
        let fixes = finding.pointer("/detail/fixed_versions").and_then(Value::as_array);
        let fixes = fixes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let field = |pointer| text(finding, pointer);
        let severity =
            finding.pointer("/rating/severity").map(Value::to_string).unwrap_or_default();
        let purl = plain_purl(&field("/subject/purl"));
        (field("/rule"), purl, severity, field("/detail/state"), fixes.collect())
    };
    scan.list("/findings").map(row).collect()
}
