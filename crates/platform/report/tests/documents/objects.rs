//! Findings of controls in every form: by the publishers' validators, pointing at file, line and columns,
//! and with nothing of an object as markup.

use bulkhead_model::{Detail, Finding, NotAssessed, NotAssessedReason, Report, Subject};
use bulkhead_report::map::{Edge, Group, Map, Node, Place};
use bulkhead_report::streamed::{self, Tally};
use bulkhead_report::{Format, Listed, ReportError, Style, explain, render, render_all};
use serde_json::Value;

use crate::hostile::TEXTS;
use crate::{example, html, junit, markdown, published, sarif};

/// The example with one text in every place that text of a manifest reaches.
fn poisoned(text: &str) -> Report {
    let mut report = example::objects();
    let hostile = || text.to_owned();
    report.target.name = hostile();
    let posture = report.posture.as_mut().unwrap();
    posture.objects = [(hostile(), 1)].into();
    let count = report.not_assessed.len();
    let reason = NotAssessedReason::Manifest { file: hostile(), line: Some(1), cause: hostile() };
    report.not_assessed = vec![NotAssessed { reason, count: 0, hint: None }; count];
    let poison = |finding: &mut Finding| {
        finding.subject = Subject::Object {
            group: hostile(),
            kind: hostile(),
            namespace: Some(hostile()),
            name: hostile(),
        };
        finding.location.path = text.into();
        finding.text.arguments = [("value".to_owned(), hostile())].into();
        if let Detail::Control(detail) = &mut finding.detail {
            detail.place = hostile();
        }
    };
    report.findings.iter_mut().for_each(poison);
    posture.not_checkable.iter_mut().for_each(poison);
    report.suppressed.iter_mut().for_each(|suppressed| poison(&mut suppressed.finding));
    report
}

fn all() -> impl Iterator<Item = Report> {
    std::iter::once(example::objects()).chain(TEXTS.into_iter().map(poisoned))
}

#[test]
fn sarif_is_valid_and_points_at_lines_and_columns() {
    let report = example::objects();
    let document: Value = serde_json::from_str(&example::document(&report, Format::Sarif)).unwrap();
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len() + report.suppressed.len());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for (result, finding) in results.iter().zip(&report.findings) {
        let Detail::Control(detail) = &finding.detail else { panic!("{finding:?}") };
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"].as_u64(), detail.line.map(u64::from));
        let columns = (region["startColumn"].as_u64(), region["endColumn"].as_u64());
        let (start, end) = detail.columns.unwrap();
        assert_eq!(columns, (Some(start.into()), Some(end.into())));
        assert_eq!(result["partialFingerprints"]["findingId/v1"], finding.id.as_str());
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], *finding.rule);
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("**Risk**") && help.contains("**Fix**"), "{help}");
        assert!(rule["properties"]["security-severity"].is_string());
    }
    let Some(validator) = sarif::schema() else { return };
    for report in all() {
        let document = serde_json::from_str(&example::document(&report, Format::Sarif)).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn junit_is_valid_and_counts_the_same() {
    for report in all() {
        let text = example::document(&report, Format::Junit);
        let of = |name: &str| text.matches(&format!("<{name} ")).count();
        assert_eq!(of("failure"), report.findings.len());
        assert_eq!(of("error"), report.not_assessed.len());
        assert_eq!(text.matches("<skipped>").count(), report.suppressed.len());
        if let Some(valid) = junit::valid(&text) {
            assert_eq!(valid, Ok(()));
        }
    }
}

#[test]
fn pages_are_valid_with_maps_too() {
    let map = |text: &str| Map {
        title: text.to_owned(),
        groups: vec![Group { name: text.to_owned(), place: Place::Between }],
        nodes: ["a", text].map(|name| Node { group: 0, name: name.to_owned() }).into(),
        edges: vec![Edge { from: 0, to: 1, label: text.to_owned() }],
        ..Map::default()
    };
    let pages: Vec<String> = all()
        .zip(std::iter::once("map").chain(TEXTS))
        // The checker takes its time.
        .step_by(3)
        .map(|(report, text)| {
            let maps = [map("rights"), map(text)];
            render_all(&[report], Format::Html, Listed::Findings, Style::PLAIN, &maps).unwrap()
        })
        .collect();
    for page in &pages {
        assert_eq!(page.matches("<svg class=\"map\"").count(), 2);
        assert_eq!(page.matches("<style>").count(), 1, "the policy allows one style");
        assert_eq!(page.matches("<script>").count(), 1);
    }
    html::expect_valid(&pages);
}

#[test]
fn cells_of_markdown_stay_cells() {
    let report = example::objects();
    let total = report.findings.len();
    let Some(folder) = published::python(markdown::RENDERER) else { return };
    for report in all() {
        let page = markdown::rendered(&folder, &example::document(&report, Format::Markdown));
        let cells = page.matches("<td").count();
        assert!(cells.is_multiple_of(5) && cells <= 5 * total && cells > 0, "{cells}: {page}");
        for markup in ["<a ", "<img", "<em>", "<script", "<h1", "<h3", "<ol", "<del>"] {
            assert!(!page.contains(markup), "{markup}: {page}");
        }
    }
}

#[test]
fn bills_of_materials_are_refused() {
    for format in [Format::CycloneDx, Format::Spdx] {
        let error = render(&example::objects(), format, Style::PLAIN).unwrap_err();
        assert!(matches!(error, ReportError::OtherTarget { .. }) && error.hint().is_some());
    }
}

#[test]
fn an_explanation_has_the_control_and_each_place() {
    let report = example::objects();
    let text = explain::finding(&report, "privileged-container", &[], Style::PLAIN);
    for part in ["why  ", "risk  ", "fix  ", "Pod Security Standards", "web.yaml:", "is true"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let by_id = explain::finding(&report, report.findings[0].id.as_str(), &[], Style::PLAIN);
    assert!(by_id.contains("One finding"), "{by_id}");
    let absent = explain::finding(&report, "host-pid", &[], Style::PLAIN);
    assert!(absent.contains("objects were judged"), "{absent}");
}

/// A page has room for the worst 20,000, and says how many there are beside.
#[test]
fn a_page_says_what_it_has_no_room_for() {
    let mut report = example::objects();
    let first = report.findings.first().unwrap().clone();
    report.findings = vec![first; 20_007];
    let mut page = Vec::new();
    let empty = Report { findings: Vec::new(), ..report.clone() };
    let mut tally = Tally::default();
    report.findings.iter().for_each(|finding| tally.add(finding));
    streamed::write(
        &empty,
        (&report, &tally),
        Format::Html,
        Listed::Findings,
        (Style::PLAIN, &[]),
        &mut page,
    )
    .unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("<p>7 more are left out here, none of them worse"), "{}", page.len());
    assert!(page.contains("20,007") || page.contains("20007"));
    assert!(!example::document(&example::objects(), Format::Html).contains("are left out here"));
}
