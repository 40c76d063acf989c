//! What was said about findings, in the forms that people read.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use bulkhead_model::{
    Answer, AnswerOutcome, Report, Suppressed, Suppression, SuppressionSource, Verdict, Void,
};
use bulkhead_report::{Format, Listed, Style, explain, json, render, render_all};

const HOSTILE: &str = "\x1b]0;owned\x07\u{202e}evil\r\nsecond";

/// The committed example, its first finding suppressed; and entries that came to nothing.
fn example() -> Report {
    let path = bulkhead_testing::repository().join("content/schemas/examples/report-1.json");
    let mut report = json::read(&fs_err::read(path).unwrap()).unwrap().remove(0);
    let finding = report.findings.remove(0);
    let by = Suppression {
        source: SuppressionSource::IgnoreFile { file: format!(".trivy{HOSTILE}"), line: Some(3) },
        reason: Some(format!("never called {HOSTILE}")),
        owner: Some("shop".to_owned()),
        expires: Some("2027-03-31".to_owned()),
    };
    let answer = |void, outcome: Option<AnswerOutcome>| Answer {
        says: by.clone(),
        vulnerabilities: vec!["CVE-1".to_owned()],
        time: None,
        void,
        verdicts: outcome
            .map(|outcome| Verdict {
                finding: finding.id.clone(),
                outcome,
                stated: Some("1.0".to_owned()),
                found: Some(HOSTILE.to_owned()),
            })
            .into_iter()
            .collect(),
    };
    report.answers = vec![
        answer(None, Some(AnswerOutcome::Suppresses)),
        answer(None, None),
        answer(Some(Void::Expired), Some(AnswerOutcome::Expired)),
        answer(Some(Void::NotJudged { criterion: "namespace: x".to_owned() }), None),
        answer(Some(Void::OtherScanner { scanner: "secrets".to_owned() }), None),
        answer(None, Some(AnswerOutcome::OtherVersion)),
    ];
    report.suppressed = vec![Suppressed { finding, by }];
    report
}

#[test]
fn what_is_suppressed_is_counted_and_listed_on_request() {
    let report = example();
    let counted = render(&report, Format::Table, Style::PLAIN).unwrap();
    assert!(counted.contains("1 suppressed"), "{counted}");
    assert!(!counted.contains("Suppressed (1)"), "{counted}");
    assert!(counted.contains("Exceptions without effect (4)"), "{counted}");
    for text in [
        "matched nothing",
        "expired 2027-03-31, and the finding is there",
        "cannot be judged here: namespace: x",
        "it is about another version",
    ] {
        assert!(counted.contains(text), "{text}: {counted}");
    }
    let listed = render_all(
        std::slice::from_ref(&report),
        Format::Table,
        Listed::Suppressed,
        Style::PLAIN,
        &[],
    )
    .unwrap();
    assert!(listed.contains("Suppressed (1)"), "{listed}");
    assert!(listed.contains("owner: shop · until 2027-03-31"), "{listed}");
}

#[test]
fn explanations_name_every_answer_and_nothing_hostile_is_shown() {
    let report = example();
    let rule = &report.suppressed[0].finding.rule;
    let explained = explain::finding(&report, rule, &[], Style::PLAIN);
    assert!(explained.contains("applies: the finding is suppressed"), "{explained}");
    assert!(explained.contains("does not apply: it has expired"), "{explained}");
    let table = render_all(
        std::slice::from_ref(&report),
        Format::Table,
        Listed::Suppressed,
        Style::PLAIN,
        &[],
    )
    .unwrap();
    for text in [explained, table] {
        assert!(
            !text.chars().any(|it| it != '\n' && (it.is_control() || it == '\u{202e}')),
            "{text:?}"
        );
    }
}

#[test]
fn answers_are_read_back_as_they_were_written() {
    let report = example();
    let text = render(&report, Format::Json, Style::PLAIN).unwrap();
    assert_eq!(json::read(text.as_bytes()).unwrap(), [report]);
}
