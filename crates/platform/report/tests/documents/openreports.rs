//! `OpenReports`: one object a namespace, small enough for etcd, with what is left out counted.

use std::collections::BTreeSet;

use bulkhead_model::{Finding, FindingId, Report, Severity, Subject, VerdictCounts};
use bulkhead_report::{Format, OpenReport, ReportError, Style, open_reports, render};
use serde_json::Value;

use crate::example;

/// What etcd takes of a request, without what the server adds.
const MOST: usize = 1_400_000;

fn results(report: &OpenReport) -> &Vec<Value> {
    report.body["results"].as_array().unwrap()
}

/// The example's failures over and over, about as many objects of one namespace and controls.
fn many(objects: usize, controls: usize) -> Report {
    let mut report = example::objects();
    let model = report.findings[0].clone();
    let finding = |object: usize, control: usize| {
        let subject = Subject::Object {
            group: "apps".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: Some("big".to_owned()),
            name: format!("{object:0>200}"),
        };
        let rule = format!("control-{control}");
        let id = FindingId::new(model.kind, &rule, &subject, &model.location);
        let mut finding = Finding { id, rule, subject, ..model.clone() };
        finding.rating.severity = if control == 0 { Severity::Critical } else { Severity::Low };
        finding
    };
    let all = (0..objects).flat_map(|object| (0..controls).map(move |control| (object, control)));
    report.findings = all.map(|(object, control)| finding(object, control)).collect();
    let counts = VerdictCounts { fail: report.findings.len() as u64, ..VerdictCounts::default() };
    report.posture.as_mut().unwrap().namespaces = [("big".to_owned(), counts)].into();
    report
}

#[test]
fn each_namespace_has_one_object_and_each_control_one_result() {
    let report = example::objects();
    let objects = open_reports(&report);
    let places: BTreeSet<Option<&str>> = objects.iter().map(|it| it.namespace.as_deref()).collect();
    assert_eq!(places.len(), objects.len());
    assert_eq!(
        (objects[0].namespace.as_deref(), &objects[0].body["kind"]),
        (None, &"ClusterReport".into())
    );
    let listed: usize = objects.iter().map(|it| results(it).len()).sum();
    let known: BTreeSet<(&str, Option<&str>)> =
        report.findings.iter().map(|it| (it.rule.as_str(), namespace(&it.subject))).collect();
    let failed = objects.iter().flat_map(results).filter(|it| it["result"] == "fail").count();
    assert_eq!(failed, known.len());
    assert!(listed > failed, "answered, not checkable and not assessed, too");
    for result in objects.iter().flat_map(results) {
        assert!(!result["message"].as_str().unwrap().is_empty());
        assert_eq!(result["timestamp"]["nanos"], 0);
        assert!(result["timestamp"]["seconds"].as_i64().unwrap() > 1_700_000_000, "{result}");
    }
}

fn namespace(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Object { namespace, .. } => namespace.as_deref(),
        Subject::Package { .. } => None,
    }
}

#[test]
fn an_object_is_small_enough_and_says_what_it_leaves_out() {
    for (objects, controls) in [(300, 2), (2_000, 5), (3, 4_000)] {
        let report = many(objects, controls);
        let all = open_reports(&report);
        let big = all.iter().find(|it| it.namespace.is_some()).unwrap();
        let size = big.body.to_string().len();
        assert!(size < MOST, "{objects} × {controls}: {size}");
        assert_eq!(big.body["summary"]["fail"], (objects * controls) as u64);
        // The worst is there whatever is cut.
        assert_eq!(results(big)[0]["policy"], "control-0");
        let text = |value: &Value| value.as_str().map_or(0, |it| it.parse::<u64>().unwrap());
        let annotated = text(&big.body["metadata"]["annotations"]["bulkhead.io/omitted-results"]);
        assert_eq!(annotated, big.omitted);
        assert_eq!(results(big).len() as u64 + big.omitted, controls as u64);
        let (mut named, mut unnamed) = (0, 0);
        for result in results(big) {
            named += result["resources"].as_array().map_or(0, Vec::len) as u64;
            unnamed += text(&result["properties"]["objects-not-named"]);
            assert_eq!(text(&result["properties"]["objects"]), objects as u64);
        }
        assert_eq!(unnamed, big.unnamed);
        assert_eq!(named + unnamed, results(big).len() as u64 * objects as u64);
        assert!(big.unnamed > 0 || big.omitted > 0, "{objects} × {controls}");
    }
}

#[test]
fn software_has_no_such_objects() {
    let refused = render(&example::report(), Format::OpenReports, Style::PLAIN).unwrap_err();
    assert!(matches!(refused, ReportError::OtherTarget { .. }));
    assert!(refused.hint().unwrap().contains("k8s scan"));
}
