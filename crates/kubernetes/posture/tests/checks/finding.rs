//! Answers as findings of a report.

use bulkhead_model::{Detail, Severity, Subject};
use bulkhead_posture::{Catalogue, Cluster, Settings, Verdict};

use crate::common::objects;

#[test]
fn a_failure_is_a_finding_with_its_line() {
    let read = objects(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  \
         template:\n    spec:\n      containers:\n      - name: a\n        securityContext:\n          \
         privileged: true\n",
    );
    let (settings, catalogue) = (Settings::default(), Catalogue::built_in().unwrap());
    let cluster = Cluster::new(&read.objects, &settings);
    let mut places = read.places();
    let mut findings = Vec::new();
    cluster.judge_all(&read.objects, |judgement| {
        if judgement.verdict == Verdict::Fail {
            let text = catalogue.get(judgement.control.id).unwrap();
            findings.extend(judgement.findings(text, &read, &mut places));
        }
    });
    let found = findings.iter().find(|finding| finding.rule == "privileged-container").unwrap();
    assert_eq!(found.rating.severity, Severity::Critical);
    assert!(matches!(&found.subject, Subject::Object { kind, namespace, name, .. }
        if kind == "Deployment" && namespace.as_deref() == Some("shop") && name == "web"));
    let Detail::Control(detail) = &found.detail else { panic!("{found:?}") };
    assert_eq!(detail.place, "spec.template.spec.containers[0].securityContext.privileged");
    assert_eq!(detail.line, Some(10));
    assert_eq!(
        (found.text.id.as_str(), found.text.arguments["value"].as_str()),
        ("control.is", "true")
    );
    let ids: std::collections::BTreeSet<_> = findings.iter().map(|finding| &finding.id).collect();
    assert_eq!(ids.len(), findings.len(), "two findings with one id");
}
