//! The result of a scan as objects of the cluster.

use bulkhead_cluster::{ClusterError, Method};
use bulkhead_model::Report;
use bulkhead_report::{OPEN_REPORT, OpenReport, open_reports, printable};
use serde_json::Value;

use crate::arguments::Connection;
use crate::commands::k8s::objects;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Where the server keeps them.
const API: &str = "/apis/openreports.io/v1alpha1";

/// Who the fields of these objects belong to. (Kubernetes, Server-Side Apply, Field management)
const MANAGER: &str = "bulkhead-posture";

/// Writes an object for the cluster and one for each namespace, in place of what was there from the last time.
pub(super) fn publish(
    report: &Report,
    connection: &Connection,
    terminal: Terminal,
) -> Result<(), Failure> {
    let cluster = objects::connect(connection)?;
    if let Err(ClusterError::Refused { code: 404, .. }) =
        cluster.ask::<Value>(Method::Get, API, None)
    {
        return Err(Failure::new(
            "the result is not published: the cluster has no openreports.io/v1alpha1",
            "install the custom resources of github.com/openreports/reports-api",
        ));
    }
    let reports = open_reports(report);
    let (mut written, mut refused) = (0_usize, Vec::new());
    for report in &reports {
        match cluster.ask::<Value>(Method::Apply, &path(report), Some(&report.body)) {
            Ok(_) => written = written.saturating_add(1),
            // The namespace has gone since it was listed.
            Err(ClusterError::Refused { code: 404, .. }) if report.namespace.is_some() => {}
            Err(error) => refused.push(error),
        }
    }
    tell_what_is_left_out(&reports, terminal);
    terminal.note(&format!("{written} objects called {OPEN_REPORT} were written"));
    match refused.into_iter().next() {
        None => Ok(()),
        Some(ClusterError::Refused { code: 403, message, .. }) => Err(Failure::new(
            format!("not all of the result is published: {}", printable(&message)),
            "deploy/kubernetes/report-role.yaml holds the rights that publishing needs",
        )),
        Some(error) => Err(error.into()),
    }
}

/// Where the object is applied. It is of our own making, so that fields of others in it are taken over.
fn path(report: &OpenReport) -> String {
    let place = match &report.namespace {
        Some(namespace) => format!("namespaces/{namespace}/reports"),
        None => "clusterreports".to_owned(),
    };
    format!("{API}/{place}/{OPEN_REPORT}?fieldManager={MANAGER}&force=true")
}

fn tell_what_is_left_out(reports: &[OpenReport], terminal: Terminal) {
    let unnamed: u64 = reports.iter().map(|report| report.unnamed).sum();
    let omitted: u64 = reports.iter().map(|report| report.omitted).sum();
    if unnamed > 0 || omitted > 0 {
        let message = format!(
            "the objects in the cluster leave out {unnamed} names of objects and {omitted} results for lack of room"
        );
        terminal.warning(&message, Some("the JSON report has them all"));
    }
}
