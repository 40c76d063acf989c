//! One finding of a control together with what its report says of the control.

use bulkhead_model::{
    ControlDetail, ControlStatement, Finding, Report, Severity, Subject, Suppression,
};

use crate::text::printable;
use crate::words;

/// What stands before the anchor of a control on the page of Kubernetes' documentation, where there is
/// nothing better to point to: nothing of it is ours.
const STANDARDS: &str = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";

/// A finding about an object as the documents show it.
#[derive(Clone, Copy)]
pub(crate) struct ControlRow<'a> {
    pub(crate) report: &'a Report,
    pub(crate) finding: &'a Finding,
    pub(crate) detail: &'a ControlDetail,
    /// What people read about the control; none where the report has nothing.
    pub(crate) statement: Option<&'a ControlStatement>,
    /// The answer to it, where there is one.
    pub(crate) suppressed: Option<&'a Suppression>,
}

impl<'a> ControlRow<'a> {
    pub(crate) fn of(
        report: &'a Report,
        finding: &'a Finding,
        suppressed: Option<&'a Suppression>,
    ) -> Option<Self> {
        let statement = report.posture.as_ref().and_then(|it| it.control(&finding.rule));
        Some(Self { report, finding, detail: finding.control()?, statement, suppressed })
    }

    /// The findings of a report in its order.
    pub(crate) fn open(report: &'a Report) -> impl Iterator<Item = Self> {
        Self::all(report, &report.findings)
    }

    /// These findings.
    pub(crate) fn all(report: &'a Report, findings: &'a [Finding]) -> impl Iterator<Item = Self> {
        findings.iter().filter_map(|finding| Self::of(report, finding, None))
    }

    /// The findings that something answers.
    pub(crate) fn suppressed(report: &'a Report) -> impl Iterator<Item = Self> {
        report.suppressed.iter().filter_map(|it| Self::of(report, &it.finding, Some(&it.by)))
    }

    pub(crate) fn severity(self) -> Severity {
        self.finding.rating.severity
    }

    pub(crate) fn rule(self) -> &'a str {
        &self.finding.rule
    }

    /// What is wrong, in one line.
    pub(crate) fn title(self) -> &'a str {
        self.statement.map_or(&*self.finding.rule, |statement| &statement.title)
    }

    /// `Deployment shop/web`.
    pub(crate) fn object(self) -> String {
        self.finding.subject.object().unwrap_or_default()
    }

    /// The kind of the object.
    pub(crate) fn kind(self) -> &'a str {
        kind(self.finding)
    }

    /// The file with the line, where it has one: `web.yaml:15`.
    pub(crate) fn file(self) -> String {
        let path = &self.finding.location.path;
        match self.detail.line {
            Some(line) => format!("{path}:{line}"),
            None => path.to_string(),
        }
    }

    /// The field and what is there: `spec.hostPID is true`.
    pub(crate) fn said(self) -> String {
        let said = words::said(&self.finding.text);
        match self.detail.place.as_str() {
            "" => format!("the object {said}"),
            place => printable(&format!("{place} {said}")).into_owned(),
        }
    }

    /// Each document that asks for it with its clauses: `CIS Kubernetes Benchmark 1.12.0: 5.2.2`.
    pub(crate) fn clauses(self) -> impl Iterator<Item = String> {
        self.statement
            .into_iter()
            .flat_map(|statement| &statement.clauses)
            .map(|it| format!("{} {}: {}", it.document, it.version, it.clauses.join(", ")))
    }

    /// Where people read on: the standard, where the control is one of it.
    pub(crate) fn address(self) -> Option<&'static str> {
        let mut clauses = self.statement.into_iter().flat_map(|statement| &statement.clauses);
        clauses.any(|it| it.document.contains("Pod Security Standards")).then_some(STANDARDS)
    }
}

/// The kind of the object that a finding is about; empty where it is about none.
pub(crate) fn kind(finding: &Finding) -> &str {
    match &finding.subject {
        Subject::Object { kind, .. } => kind,
        Subject::Package { .. } => "",
    }
}
