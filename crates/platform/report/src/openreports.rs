//! Objects of `openreports.io/v1alpha1`, as other tools of a cluster read them: one for each namespace and one
//! for the cluster, never one for a finding, which would fill etcd. (github.com/openreports/reports-api)
//!
//! An object sums up verdicts and has a result for each control with what came of it; the objects that it is
//! about are named as far as there is room.

mod results;

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_model::{Report, Subject, VerdictCounts};
use serde_json::{Value, json};

use crate::ReportError;
use results::Results;

/// What each object is called.
pub const NAME: &str = "bulkhead-posture";

/// How many bytes an object may have: etcd takes 1.5 MiB a request, of which the server's own fields take some.
/// (etcd, system limits)
const LIMIT: usize = 1 << 20;

/// How many objects a result names: the first of these with which the whole is small enough.
const NAMED: [usize; 4] = [100, 20, 5, 0];

/// An object, and what of the report it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenReport {
    /// Where it lies; none for that of the cluster.
    pub namespace: Option<String>,
    /// The object.
    pub body: Value,
    /// How many names of objects are left out.
    pub unnamed: u64,
    /// How many results are left out, of the least severe.
    pub omitted: u64,
}

/// All of them as one `List`, in JSON.
pub(crate) fn write_all(reports: &[Report]) -> Result<String, ReportError> {
    let items: Vec<Value> =
        reports.iter().flat_map(open_reports).map(|report| report.body).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// The objects of a report: that of the cluster first, then those of its namespaces.
pub fn open_reports(report: &Report) -> Vec<OpenReport> {
    let mut all = Results::of(report);
    let counts = report.posture.as_ref().map(|posture| &posture.namespaces);
    let known = counts.into_iter().flat_map(BTreeMap::keys).cloned();
    let namespaces: BTreeSet<String> = known.chain(all.namespaces()).collect();
    let own = namespaces.into_iter().filter(|name| !name.is_empty()).map(Some);
    let object = |namespace: Option<String>| {
        let key = namespace.as_deref().unwrap_or_default();
        let counts = counts.and_then(|counts| counts.get(key)).copied().unwrap_or_default();
        fit(report, namespace.as_deref(), counts, all.take(key))
    };
    std::iter::once(None).chain(own).map(object).collect()
}

/// The object with as many names and results as there is room for.
fn fit(
    report: &Report,
    namespace: Option<&str>,
    counts: VerdictCounts,
    mut results: Vec<results::Entry>,
) -> OpenReport {
    let skipped = results::skipped(&results);
    let summary = json!({
        "pass": counts.pass,
        "fail": counts.fail.saturating_sub(skipped),
        "warn": 0,
        "error": counts.not_checkable,
        "skip": skipped,
    });
    let mut omitted = 0;
    loop {
        for named in NAMED {
            let (listed, unnamed) = results::list(&results, report, named);
            let body = body(report, namespace, &summary, &listed, omitted);
            if body.to_string().len() <= LIMIT || (results.is_empty() && named == 0) {
                let namespace = namespace.map(str::to_owned);
                return OpenReport { namespace, body, unnamed, omitted };
            }
        }
        // The last are the least severe.
        let kept = results.len() / 2;
        omitted += results.len().saturating_sub(kept) as u64;
        results.truncate(kept);
    }
}

fn body(
    report: &Report,
    namespace: Option<&str>,
    summary: &Value,
    results: &[Value],
    omitted: u64,
) -> Value {
    let mut body = json!({
        "apiVersion": "openreports.io/v1alpha1",
        "kind": if namespace.is_some() { "Report" } else { "ClusterReport" },
        "metadata": {
            "name": NAME,
            "labels": { "app.kubernetes.io/managed-by": "bulkhead" },
            "annotations": { "bulkhead.io/scanned-at": report.created, "bulkhead.io/tool": report.tool },
        },
        "source": "bulkhead",
        "summary": summary,
        "results": results,
    });
    if let Some(namespace) = namespace {
        body["metadata"]["namespace"] = json!(namespace);
        body["scope"] = json!({ "apiVersion": "v1", "kind": "Namespace", "name": namespace });
    }
    if omitted > 0 {
        body["metadata"]["annotations"]["bulkhead.io/omitted-results"] = json!(omitted.to_string());
    }
    body
}

/// The namespace that an object lies in; empty for one of the cluster.
fn namespace(subject: &Subject) -> &str {
    match subject {
        Subject::Object { namespace: Some(namespace), .. } => namespace,
        // What is said of a namespace belongs to it.
        Subject::Object { group, kind, name, .. } if group.is_empty() && kind == "Namespace" => {
            name
        }
        _ => "",
    }
}
