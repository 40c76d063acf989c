//! SPDX by the tools of its project.

use std::path::{Path, PathBuf};
use std::process::Command;

use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Package;
use bulkhead_sbom::{Contents, spdx};

use crate::python;
use crate::samples::{empty, example};

/// The package of the Python index by which the SPDX project ships its validator.
const PUBLISHED: &str = "spdx-tools==0.8.5";

#[test]
fn a_report_with_everything_is_valid() {
    let Some(validator) = Validator::published() else { return };
    let mut report = example();
    let licences = [&["MIT"][..], &["GPL-2+ and others", "Zlib OR (MIT AND X11)"], &["ünïcode"]];
    let mut more: Vec<Package> = Vec::new();
    for (package, licences) in report.inventory.packages.iter().zip(licences.iter().cycle()) {
        let licences = licences.iter().map(|text| (*text).to_owned()).collect();
        more.push(Package { licences, purl: "no URL".to_owned(), ..package.clone() });
        more.push(Package { purl: String::new(), ..package.clone() });
    }
    assert!(!more.is_empty(), "the example has packages");
    // Behind the others: findings and relations point to those by their position.
    report.inventory.packages.extend(more);
    validator.check(&spdx::write(Contents::from(&report)).unwrap());
}

#[test]
fn an_empty_report_is_valid() {
    let Some(validator) = Validator::published() else { return };
    validator.check(&spdx::write(Contents::from(&empty())).unwrap());
}

/// The SPDX project's own tool gives the document in its other form, and both say the same.
#[test]
fn tags_and_values_are_read_as_json_is() {
    let Some(validator) = Validator::published() else { return };
    let report = example();
    let text = spdx::write(Contents::from(&report)).unwrap();
    let tagged = validator.convert(&text);
    assert!(tagged.contains("SPDXVersion: SPDX-2.3"), "{tagged}");
    let read =
        |text: &str| bulkhead_sbom::read(text.as_bytes(), &Budget::new(Limits::DEFAULT)).unwrap();
    assert_eq!(read(&tagged), read(&text));
    assert_eq!(read(&tagged).inventory, report.inventory);
}

/// The check itself works: the validator refuses what the specification refuses.
#[test]
fn the_validator_refuses_invalid_documents() {
    let Some(validator) = Validator::published() else { return };
    let valid = spdx::write(Contents::from(&example())).unwrap();
    for (part, instead) in [
        ("\"CC0-1.0\"", "\"MIT\""),
        ("\"relatedSpdxElement\": \"SPDXRef-Target\"", "\"relatedSpdxElement\": \"SPDXRef-x\""),
        ("\"pkg:", "\"kg:"),
    ] {
        assert!(valid.contains(part), "{part}");
        assert!(validator.errors(&valid.replace(part, instead)).is_some(), "{part}");
    }
}

struct Validator(PathBuf);

impl Validator {
    fn published() -> Option<Self> {
        python::package(PUBLISHED, &[]).map(Self)
    }

    fn errors(&self, text: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("document.spdx.json");
        fs_err::write(&file, text).unwrap();
        let output = self.tool(&file).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success()).then_some(errors)
    }

    /// The document of tags and values that the tool makes of one in JSON.
    fn convert(&self, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["document.spdx.json", "document.spdx"].map(|it| folder.path().join(it));
        fs_err::write(&from, text).unwrap();
        let status = self.tool(&from).arg("--outfile").arg(&to).status().unwrap();
        assert!(status.success());
        fs_err::read_to_string(&to).unwrap()
    }

    fn tool(&self, file: &Path) -> Command {
        let mut tool = Command::new("python3");
        tool.args(["-m", "spdx_tools.spdx.clitools.pyspdxtools", "--infile"]).arg(file);
        tool.env("PYTHONPATH", &self.0);
        tool
    }

    #[track_caller]
    fn check(&self, text: &str) {
        assert_eq!(self.errors(text), None, "{text}");
    }
}
