//! The forms of a report, written by the real binary.

use std::path::Path;

use bulkhead_end_to_end::{Image, Layer, Tar, write_index};
use serde_json::Value;

use crate::bulkhead::{Scan, run};
use crate::samples::{folder, layout, lodash, log4j};

/// The forms that speak of vulnerabilities, each in a file of its own.
const FORMS: [&str; 5] = ["sarif", "junit", "markdown", "html", "cyclonedx"];

#[test]
fn every_form_says_the_same() {
    let folder = folder();
    let tar = lodash().file("opt/app/log4j.jar", log4j());
    let (_, target) = layout(folder.path(), vec![tar.finish()]);
    let file = |form: &str| folder.path().join(form);
    let outputs: Vec<String> =
        FORMS.iter().map(|form| format!("{form}={}", file(form).display())).collect();
    let arguments: Vec<&str> = outputs.iter().flat_map(|output| ["-o", output]).collect();
    let scan = Scan::of(&target, &arguments);
    assert!(scan.findings().len() > 2, "{}", scan.errors);
    for form in FORMS {
        let text = fs_err::read_to_string(file(form)).expect("the document is written");
        for (rule, _) in scan.findings() {
            assert!(text.contains(&rule), "{form} lacks {rule}");
        }
    }
    let sarif = json(&file("sarif"));
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), scan.list("/findings").count());
    let files: Vec<&Value> = results
        .iter()
        .map(|it| &it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        .collect();
    assert!(files.iter().any(|file| *file == "opt/app/log4j.jar"), "{files:?}");
}

#[test]
fn platforms_share_a_document_or_have_their_own() {
    let folder = folder();
    let image = |architecture| {
        let mut image = Image::new(vec![Layer::from_bytes(architecture, lodash().finish())]);
        image.architecture = architecture;
        image
    };
    write_index(folder.path(), &[image("amd64"), image("arm64")]).expect("an index");
    let target = format!("oci-dir:{}", folder.path().display());
    let scan =
        |output: &str| run(&["scan", &target, "--platform", "all", "--no-cache", "-o", output]);

    let sarif: Value = serde_json::from_slice(&scan("sarif").stdout).expect("SARIF");
    let categories: Vec<&Value> = sarif["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| &run["automationDetails"]["id"])
        .collect();
    assert_eq!(categories, ["bulkhead/linux/amd64/", "bulkhead/linux/arm64/"]);
    for form in ["html", "markdown", "junit", "table"] {
        let text = String::from_utf8(scan(form).stdout).expect("text");
        assert!(text.contains("linux/amd64") && text.contains("linux/arm64"), "{form}: {text}");
    }
    let refused = scan("cyclonedx");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("{platform}"));

    let pattern = folder.path().join("report-{platform}.html");
    scan(&format!("html={}", pattern.display()));
    for platform in ["linux-amd64", "linux-arm64"] {
        let file = folder.path().join(format!("report-{platform}.html"));
        let text = fs_err::read_to_string(file).expect("a file for each platform");
        assert!(!text.contains("<nav"), "it is about one platform");
    }
}

/// A target that nobody can judge must not look clean in any form.
#[test]
fn what_was_not_assessed_is_in_every_form() {
    let folder = folder();
    let tar = Tar::new().file("etc/os-release", "ID=nobody-knows\nVERSION_ID=1\n").file(
        "var/lib/dpkg/status",
        "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n",
    );
    let (_, target) = layout(folder.path(), vec![tar.finish()]);
    for (form, statement) in [
        ("sarif", "\"not-assessed\""),
        ("junit", "<error type=\"not-assessed\""),
        ("markdown", "**Not assessed**"),
        ("html", "Not assessed</h2>"),
        ("table", "NOT ASSESSED"),
    ] {
        let output = run(&["scan", &target, "-o", form]);
        assert_eq!(output.status.code(), Some(3), "{form}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(statement) && text.contains("nobody-knows"), "{form}: {text}");
    }
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&fs_err::read(file).expect("a document")).expect("JSON")
}
