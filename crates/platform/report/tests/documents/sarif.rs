//! SARIF: by the publisher's schema, by the rules of its validator, and by what GitHub documents.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use bulkhead_model::{Report, Severity};
use bulkhead_report::{Format, Listed, Style, render_all};
use serde_json::Value;

use crate::example;
use crate::hostile;
use crate::published;

/// Ships the schema of the OASIS committee, under the name of its last draft.
const SCHEMA: (&str, &str) = ("@microsoft/jest-sarif", "1.0.0-beta.0");

/// The validator of SARIF's editors, with the rules of GitHub's service.
const VALIDATOR: (&str, &str) = ("@microsoft/sarif-multitool-linux", "5.7.0");

/// What the validator would have otherwise, each with the reason why it is not.
const EXPECTED: [(&str, &str); 7] = [
    ("SARIF2002", "messages are texts: no catalogue of messages would be shorter"),
    ("SARIF2003", "an image has no repository that we know of"),
    ("SARIF2005", "the project has no page to point to"),
    ("SARIF2006", "the tests have no network to follow addresses with"),
    ("SARIF2010", "files of packages have no line that would tell more"),
    ("SARIF2011", "as above"),
    ("SARIF2012", "where nothing was found there is no rule"),
];

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&example::document(report, Format::Sarif)).unwrap()
}

#[test]
fn golden() {
    insta::assert_snapshot!("sarif", example::document(&example::report(), Format::Sarif));
}

#[test]
fn valid_by_the_schema() {
    let Some(validator) = schema() else { return };
    let reports = hostile::TEXTS.into_iter().map(hostile::poisoned);
    for report in [example::report(), empty()].into_iter().chain(reports) {
        let document = parsed(&report);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    // The check itself works.
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

pub(crate) fn schema() -> Option<jsonschema::Validator> {
    let folder = published::npm(SCHEMA.0, SCHEMA.1)?;
    let text = fs_err::read_to_string(folder.join("lib/schemas/sarif-2.1.0-rtm.5.json")).unwrap();
    // The committee's pattern of a language has a bracket too many, which not every reader takes.
    let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
}

#[test]
fn accepted_by_the_validator() {
    let Some(folder) = published::npm(VALIDATOR.0, VALIDATOR.1) else { return };
    let program = folder.join("Sarif.Multitool");
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let several = [example::report(), example::report()];
    let several = render_all(&several, Format::Sarif, Listed::Findings, Style::PLAIN, &[]).unwrap();
    fs_err::write(folder.path().join("several.sarif"), several).unwrap();
    let empty = example::document(&empty(), Format::Sarif);
    fs_err::write(folder.path().join("empty.sarif"), empty).unwrap();

    let output = Command::new(program)
        .current_dir(folder.path())
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .args(["validate", "several.sarif", "empty.sarif", "--rule-kind", "Sarif;Ghas"])
        .args(["--level", "Error;Warning;Note", "--output", "answer", "--log", "ForceOverwrite"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("2 files scanned"), "{said}");
    let is_expected = |line: &&str| EXPECTED.iter().any(|(rule, _)| line.contains(rule));
    let levels = [": error ", ": warning ", ": note "];
    let remarks = said.lines().filter(|line| levels.iter().any(|level| line.contains(level)));
    let unexpected: Vec<&str> = remarks.filter(|line| !is_expected(line)).collect();
    assert_eq!(unexpected, Vec::<&str>::new());
}

/// What GitHub documents for uploads: required fields, and how much of everything.
#[test]
fn accepted_by_github() {
    for report in [example::report(), example::large(26_000)] {
        let document = parsed(&report);
        let runs = document["runs"].as_array().unwrap();
        assert!(runs.len() <= 20);
        let mut categories = BTreeSet::new();
        let mut results_of_all = 0;
        for run in runs {
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            let results = run["results"].as_array().unwrap();
            results_of_all += results.len();
            assert!(results.len() <= 25_000 && rules.len() <= 25_000);
            assert!(
                categories.insert(run["automationDetails"]["id"].as_str()),
                "two of a category"
            );
            for rule in rules {
                github_takes_rule(rule);
            }
            for result in results {
                let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                assert_eq!(rules[index]["id"], result["ruleId"]);
                github_takes_result(result);
            }
        }
        assert_eq!(results_of_all, report.findings.len() + report.suppressed.len());
    }
}

fn github_takes_rule(rule: &Value) {
    assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
    assert!(rule["name"].as_str().unwrap().len() <= 255);
    for text in ["/shortDescription/text", "/fullDescription/text"] {
        let text = rule.pointer(text).unwrap().as_str().unwrap();
        assert!((1..=1024).contains(&text.chars().count()), "{text}");
    }
    assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
    let severity = &rule["properties"]["security-severity"];
    match severity.as_str() {
        Some(score) => assert!((0.0..=10.0).contains(&score.parse::<f64>().unwrap())),
        None => assert_eq!(rule["properties"]["severity"], "unknown", "{rule}"),
    }
}

fn github_takes_result(result: &Value) {
    assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    let locations = result["locations"].as_array().unwrap();
    assert!((1..=1000).contains(&locations.len()));
    for location in locations {
        let file = &location["physicalLocation"];
        let uri = file["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.starts_with('/') && uri.is_ascii(), "{uri}");
        assert!(file["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
}

#[test]
fn levels_and_scores_follow_the_severity() {
    let report = example::report();
    let document = parsed(&report);
    let results = document["runs"][0]["results"].as_array().unwrap();
    for (finding, result) in report.findings.iter().zip(results) {
        let level = match finding.rating.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium | Severity::Unknown => "warning",
            Severity::Low | Severity::Negligible => "note",
        };
        assert_eq!(result["level"], level);
        assert_eq!(result["partialFingerprints"]["findingId/v1"], finding.id.as_str());
        assert_eq!(result.get("suppressions"), None);
    }
}

/// A publisher's own severity outranks the score that came along.
#[test]
fn the_score_never_contradicts_the_severity() {
    let mut report = example::report();
    report.findings.truncate(1);
    report.suppressed.clear();
    report.findings[0].rating.score = Some(9.8);
    for severity in Severity::DESCENDING {
        report.findings[0].rating.severity = severity;
        let document = parsed(&report);
        let score = &document["runs"][0]["tool"]["driver"]["rules"][0]["properties"];
        let score = score["security-severity"].as_str().map(|it| it.parse::<f64>().unwrap());
        match severity {
            Severity::Unknown => assert_eq!(score, None),
            severity => assert_eq!(Severity::from_score(score.unwrap()), severity),
        }
    }
}

#[test]
fn what_is_answered_is_there_as_answered() {
    let report = example::report();
    let document = parsed(&report);
    let results = document["runs"][0]["results"].as_array().unwrap();
    let answered: Vec<&Value> =
        results.iter().filter(|result| result.get("suppressions").is_some()).collect();
    assert_eq!(answered.len(), report.suppressed.len());
    for result in answered {
        let suppression = &result["suppressions"][0];
        assert_eq!(suppression["kind"], "external");
        assert!(!suppression["justification"].as_str().unwrap().is_empty());
    }
}

#[test]
fn what_was_not_assessed_is_said() {
    let report = example::report();
    let document = parsed(&report);
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["exitCode"], report.outcome.exit_code);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    let of = |id: &str| notifications.iter().filter(|it| it["descriptor"]["id"] == id).count();
    assert_eq!(of("not-assessed"), report.not_assessed.len());
    assert_eq!(of("problem"), report.problems.len());
    assert_eq!(of("end-of-life"), report.end_of_life.len());
    let descriptors = document["runs"][0]["tool"]["driver"]["notifications"].as_array().unwrap();
    for notification in notifications {
        let index = notification["descriptor"]["index"].as_u64().unwrap();
        let descriptor = &descriptors[usize::try_from(index).unwrap()];
        assert_eq!(descriptor["id"], notification["descriptor"]["id"]);
    }
}

fn empty() -> Report {
    Report {
        schema_version: Report::SCHEMA_VERSION.to_owned(),
        tool: "bulkhead 0.1.0".to_owned(),
        created: String::new(),
        target: bulkhead_model::Target::default(),
        databases: Vec::new(),
        outcome: bulkhead_model::Outcome::default(),
        findings: Vec::new(),
        filtered: 0,
        overruled: Vec::new(),
        suppressed: Vec::new(),
        answers: Vec::new(),
        end_of_life: Vec::new(),
        not_assessed: Vec::new(),
        problems: Vec::new(),
        inventory: bulkhead_model::Inventory::default(),
        posture: None,
    }
}
