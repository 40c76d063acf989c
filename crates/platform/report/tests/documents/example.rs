//! The report that the documents are made of.

use bulkhead_model::{
    Detail, EndOfLife, ExploitPrediction, Finding, Report, Scope, Suppressed, Suppression,
    SuppressionSource, VulnerabilityDetail,
};
use bulkhead_report::{Format, Style, json, render};

/// The example of the report's own schema, with every kind of statement in it.
pub(crate) fn report() -> Report {
    let path = bulkhead_testing::repository().join("content/schemas/examples/report-1.json");
    let mut report = json::read(&fs_err::read(path).unwrap()).unwrap().remove(0);
    if report.suppressed.is_empty() {
        report.suppressed = suppressed(&report);
    }
    if report.end_of_life.is_empty() {
        report.end_of_life = vec![
            end_of_life("debian", "10", "2024-06-30", true),
            end_of_life("debian", "12", "2028-06-30", false),
        ];
    }
    let first = detail(&mut report.findings[0]);
    first.epss.get_or_insert(ExploitPrediction {
        source: "epss".to_owned(),
        score: 0.943_58,
        percentile: Some(0.999_7),
        date: Some("2026-11-19".to_owned()),
    });
    report
}

/// The example of a report on Kubernetes objects, as the program wrote it.
pub(crate) fn objects() -> Report {
    let path =
        bulkhead_testing::repository().join("content/schemas/examples/report-1-objects.json");
    json::read(&fs_err::read(path).unwrap()).unwrap().remove(0)
}

/// The report in one form.
pub(crate) fn document(report: &Report, format: Format) -> String {
    render(report, format, Style::PLAIN).unwrap()
}

pub(crate) fn detail(finding: &mut Finding) -> &mut VulnerabilityDetail {
    let Detail::Vulnerability(detail) = &mut finding.detail else {
        panic!("no vulnerability of a package")
    };
    detail
}

/// A report with so many findings, each about another vulnerability of one of the example's packages.
pub(crate) fn large(findings: usize) -> Report {
    let mut report = report();
    let pattern = report.findings.clone();
    report.findings = (0..findings)
        .map(|number| {
            let mut finding = pattern[number % pattern.len()].clone();
            finding.rule = format!("CVE-2024-{number:05}");
            finding
        })
        .collect();
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.rating.severity));
    report
}

fn suppressed(report: &Report) -> Vec<Suppressed> {
    let answers = [
        Suppression {
            source: SuppressionSource::IgnoreFile {
                file: ".trivyignore".to_owned(),
                line: Some(3),
            },
            owner: Some("payments".to_owned()),
            reason: Some("accepted by the team".to_owned()),
            expires: Some("2027-03-31".to_owned()),
        },
        Suppression {
            source: SuppressionSource::Vex {
                document: "https://example.org/vex/2026-1".to_owned(),
                author: Some("Example".to_owned()),
                status: "not_affected".to_owned(),
                justification: Some("vulnerable_code_not_in_execute_path".to_owned()),
            },
            owner: None,
            reason: None,
            expires: None,
        },
    ];
    let answered = report.findings.iter().rev().zip(answers).zip(1..);
    answered
        .map(|((finding, by), number)| {
            let mut finding = finding.clone();
            finding.rule = format!("CVE-2020-1000{number}");
            Suppressed { finding, by }
        })
        .collect()
}

fn end_of_life(id: &str, release: &str, day: &str, ended: bool) -> EndOfLife {
    let source = "endoflife".to_owned();
    EndOfLife { scope: Scope::distribution(id, release), day: day.to_owned(), source, ended }
}
