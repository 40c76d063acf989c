//! SPDX by the tools of its project.

use std::path::PathBuf;
use std::process::Command;

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
        let output = Command::new("python3")
            .args(["-m", "spdx_tools.spdx.clitools.pyspdxtools", "--infile"])
            .arg(&file)
            .env("PYTHONPATH", &self.0)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success()).then_some(errors)
    }

    #[track_caller]
    fn check(&self, text: &str) {
        assert_eq!(self.errors(text), None, "{text}");
    }
}
