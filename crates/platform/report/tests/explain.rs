//! Why a finding is there, or why it is not.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use bulkhead_advisories::Knowledge;
use bulkhead_model::{NotAssessed, NotAssessedReason, Report};
use bulkhead_report::{Style, explain, json};

const STYLE: Style = Style { width: 100, colour: false };

fn example() -> Report {
    let path = bulkhead_testing::repository().join("content/schemas/examples/report-1.json");
    json::read(&fs_err::read(path).unwrap()).unwrap().remove(0)
}

/// What the embedded advisories know of an id.
fn knowledge(id: &str) -> Vec<Knowledge> {
    vec![bulkhead_advisories::starter().unwrap().search(id).unwrap()]
}

fn why(report: &Report, id: &str) -> String {
    // Wide, so that no line breaks within what is looked for.
    explain::finding(report, id, &knowledge(id), Style { width: 1000, ..STYLE })
}

#[test]
fn the_whole_chain_of_a_finding() {
    insta::assert_snapshot!("chain", explain::finding(&example(), "CVE-2021-44228", &[], STYLE));
    insta::assert_snapshot!("vendor", explain::finding(&example(), "CVE-2021-35042", &[], STYLE));
}

#[test]
fn any_name_of_the_vulnerability_finds_it() {
    for id in ["CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q", "cve-2021-44228"] {
        let text = explain::finding(&example(), id, &[], STYLE);
        assert!(text.contains("One finding in"), "{id}: {text}");
        assert!(text.contains("BOOT-INF/lib/log4j-core-2.14.1.jar"), "{id}: {text}");
    }
}

#[test]
fn every_reason_for_no_finding_is_told() {
    let mut report = example();
    report.findings.clear();
    report.filtered = 0;
    let check = |report: &Report, id: &str, reasons: &[&str]| {
        let text = why(report, id);
        for reason in reasons {
            assert!(text.contains(reason), "{id}: {reason}: {text}");
        }
    };
    check(&report, "CVE-1900-0001", &["No database that was asked knows this id"]);
    check(&report, "CVE-2021-23337", &["Overruled", "not affected", "vendor"]);
    // Log4j is installed in an affected version, and the report has no finding.
    check(&report, "CVE-2021-44228", &["not by that of the report"]);
    let mut filtered = report.clone();
    filtered.filtered = 1;
    check(&filtered, "CVE-2021-44228", &["--severity or --only-fixed", "lies in"]);
    let mut upgraded = report.clone();
    for package in &mut upgraded.inventory.packages {
        package.version = "99.0.0".to_owned();
    }
    check(&upgraded, "CVE-2021-44228", &["not affected", "99.0.0 lies outside"]);
    let mut removed = report.clone();
    removed.inventory.packages.clear();
    check(&removed, "CVE-2021-44228", &["none of the packages", "log4j-core"]);
    let mut unassessed = report.clone();
    unassessed.not_assessed = vec![NotAssessed {
        reason: NotAssessedReason::Layer { index: 0, digest: None, cause: "cut off".to_owned() },
        count: 0,
        hint: None,
    }];
    check(&unassessed, "CVE-2021-44228", &["layer 1 of 4: cut off"]);
}

#[test]
fn without_a_report_the_records_are_shown() {
    let text = explain::vulnerability("CVE-2021-44228", &knowledge("CVE-2021-44228"), STYLE);
    assert!(text.contains("log4j-core"), "{text}");
    let text = explain::vulnerability("CVE-1900-0001", &knowledge("CVE-1900-0001"), STYLE);
    assert!(text.contains("No database that was asked knows this id"), "{text}");
}
