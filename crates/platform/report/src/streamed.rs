//! Reports whose findings are made while they are written, for more of them than memory holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;

use bulkhead_model::{Finding, Report, Severity};

use crate::control::kind;
use crate::map::Map;
use crate::{Format, Listed, ReportError, Style, html, json, junit, markdown, sarif, table};

/// Who takes findings in, and says whether it takes more.
pub type Take<'t> = dyn FnMut(&Finding) -> Result<ControlFlow<()>, ReportError> + 't;

/// Findings that can be had again and again, from somewhere else than a report.
pub trait Findings {
    /// Gives each that is about objects of a kind, or about anything, in the order of reports: the worst
    /// first.
    ///
    /// # Errors
    /// Those of `take`, which end it.
    fn each(&self, kind: Option<&str>, take: &mut Take<'_>) -> Result<(), ReportError>;

    /// Gives those of each object together, by itself or with others, the object with the worst finding first.
    ///
    /// # Errors
    /// Those of `take`, which end it.
    fn by_object(
        &self,
        take: &mut dyn FnMut(&[Finding]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError>;
}

/// What is said of findings before any is shown.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub(crate) severities: BTreeMap<Severity, u64>,
    /// How many there are about objects of each kind.
    pub(crate) kinds: BTreeMap<String, u64>,
    pub(crate) rules: BTreeSet<String>,
    /// The rule of the first one.
    pub(crate) first: Option<(Severity, String)>,
}

impl Tally {
    /// Counts a finding. Of equally bad ones the one that a report names first comes first.
    pub fn add(&mut self, finding: &Finding) {
        let severity = finding.rating.severity;
        let count = self.severities.entry(severity).or_default();
        *count = count.saturating_add(1);
        let kind = kind(finding);
        match self.kinds.get_mut(kind) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                self.kinds.insert(kind.to_owned(), 1);
            }
        }
        if !self.rules.contains(&finding.rule) {
            self.rules.insert(finding.rule.clone());
        }
        if self.first.as_ref().is_none_or(|(worst, _)| severity > *worst) {
            self.first = Some((severity, finding.rule.clone()));
        }
    }

    /// How many findings there are of a severity.
    pub(crate) fn of_severity(&self, severity: Severity) -> u64 {
        self.severities.get(&severity).copied().unwrap_or_default()
    }

    /// How many findings there are about objects of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> u64 {
        self.kinds.get(kind).copied().unwrap_or_default()
    }

    /// How many findings there are.
    pub fn total(&self) -> u64 {
        self.severities.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    pub(crate) fn of(findings: &[Finding]) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.add(finding);
        }
        tally.first = findings.first().map(|it| (it.rating.severity, it.rule.clone()));
        tally
    }
}

/// The first of them.
pub(crate) fn first(findings: &dyn Findings, count: usize) -> Result<Vec<Finding>, ReportError> {
    let mut first = Vec::new();
    findings.each(None, &mut |finding| {
        if first.len() < count {
            first.push(finding.clone());
        }
        Ok(if first.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(first)
}

/// Those that a report holds.
impl Findings for Report {
    fn each(&self, wanted: Option<&str>, take: &mut Take<'_>) -> Result<(), ReportError> {
        let is_wanted = |it: &&Finding| wanted.is_none_or(|wanted| kind(it) == wanted);
        for finding in self.findings.iter().filter(is_wanted) {
            if take(finding)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn by_object(
        &self,
        take: &mut dyn FnMut(&[Finding]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        take(&self.findings)
    }
}

/// Whether [`write`] knows the form; the others need all findings at once.
pub const fn is_streamed(format: Format) -> bool {
    !matches!(format, Format::CycloneDx | Format::Spdx | Format::OpenReports)
}

/// Writes a report, which holds no findings itself, as [`crate::render_all`] would write it with them. A page
/// for a browser has the worst of them, as many as a browser bears.
///
/// # Errors
/// Where it cannot be written, or the form needs all findings at once.
pub fn write(
    report: &Report,
    (findings, tally): (&dyn Findings, &Tally),
    format: Format,
    listed: Listed,
    (style, maps): (Style, &[Map]),
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    match format {
        Format::Table => table::stream(report, (findings, tally), listed, style, out),
        Format::Json => json::stream(report, findings, out),
        Format::Sarif => sarif::stream(report, (findings, tally), out),
        Format::Junit => junit::stream(report, (findings, tally), out),
        Format::Markdown => markdown::stream(report, (findings, tally), out),
        Format::Html => html::stream(report, (findings, tally), maps, out),
        format => Err(ReportError::OtherTarget { format, target: "findings that come one by one" }),
    }
}
